import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Parent chains")

with app.setup:
    import marimo as mo

    from genaudit import charts
    from genaudit.workbench import panels
    from genaudit.workbench.choice import picked, values_of
    from genaudit.workbench.page import Page, started


@app.cell
def arguments():
    data_root, output = started()
    return data_root, output


@app.cell
def page_frame(data_root, output):
    page = Page("parents", data_root, output)
    get_chosen, set_chosen = mo.state(page.chosen)
    root_field, again = page.controls(set_chosen)
    page.top
    return again, get_chosen, page, root_field, set_chosen


@app.cell
def navigation(get_chosen, page, root_field):
    page.navigation(root_field.value, get_chosen())
    return


@app.cell
def verdict(again, page, root_field):
    session = page.open(root_field.value, again=again.value)
    result = session.run.parents
    section = session.sections["parents"]
    mo.vstack([panels.when_read(session), panels.sentences(section)])
    return result, section, session


@app.cell
def link_filters(page, session):
    stage = page.chooser("Stage", "stage", session.stages)
    status = page.chooser("Link to the parent", "status", values_of(session.generations, "status"))
    mo.hstack([stage, status], justify="start", gap=2, wrap=True)
    return stage, status


@app.cell
def link_chart(result, section):
    links = panels.chart_widget(charts.clickable(charts.link_states(result.frame), "stage", "status"))
    panels.figure(
        links,
        section.figure("links"),
        "Click a bar to keep its generations in the table.",
        "Every link that can be followed holds.",
    )
    return (links,)


@app.cell
def generation_table(links, page, session, set_chosen, stage, status):
    rows = page.narrow(session.generations, {"stage": stage.value, "status": status.value}, picked(links.selections))
    _columns = ("stage", "gen_id", "status", "parent_gen_id", "reaches_root", "children", "descendants", "findings")
    table = panels.table_of(rows, _columns, "Generations; pick one to look at its chain", set_chosen)
    table
    return rows, table


@app.cell
def chain_chart(result, section, set_chosen):
    broken = panels.chain_chart(charts.broken_chains(result.frame), set_chosen)
    panels.figure(broken, section.figure("chains"), "Click a point to look at its generation.", "No chain is broken.")
    return (broken,)


@app.cell
def repair_list(session, set_chosen):
    _repairs = session.repairs
    _columns = ("stage", "gen_id", "status", "parent_gen_id", "found_stage", "near_miss", "descendants")
    repair_table = panels.table_of(
        _repairs, _columns, "Links to repair, those with the most below them first", set_chosen, "link"
    )
    repair_table
    return (repair_table,)


@app.cell
def generation_detail(get_chosen, page, session, set_chosen):
    page.look(session, get_chosen(), set_chosen)
    return


@app.cell
def downloads(page, rows):
    write, _shown = page.downloads(rows, "links")
    _shown
    return (write,)


@app.cell
def report_files(page, result, session, write):
    page.report(write, session, {"parents": result})
    return


if __name__ == "__main__":
    app.run()
