import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Parent chains")

with app.setup:
    import marimo as mo

    from genaudit import charts
    from genaudit.workbench import panels
    from genaudit.workbench.choice import picked, values_of
    from genaudit.workbench.listings import listing
    from genaudit.workbench.page import Page


@app.cell
def page_frame():
    page = Page("parents")
    page.title
    return (page,)


@app.cell
def parameter_data_root(page):
    data_root = page.started.data_root
    return (data_root,)


@app.cell
def parameter_output(page):
    output = page.started.output
    return (output,)


@app.cell
def chosen_generation(page):
    get_chosen, set_chosen = mo.state(page.chosen)
    return get_chosen, set_chosen


@app.cell
def store_bar(data_root, page, set_chosen):
    root_field, again, find, _shown = page.store_bar(data_root, set_chosen)
    _shown
    return again, find, root_field


@app.cell
def navigation(get_chosen, page, root_field):
    page.navigation(root_field.value, get_chosen())
    return


@app.cell
def open_store(again, page, root_field):
    session = page.open(root_field.value, again=again.value)
    panels.when_read(session)
    return (session,)


@app.cell
def verdict(session):
    result = session.run.parents
    section = session.sections["parents"]
    figures = {figure.key: figure for figure in section.figures}
    panels.paragraph(*section.sentences, section.good or "")
    return figures, result, section


@app.cell
def link_filters(page, session):
    stage = page.chooser("Stage", "stage", session.stages)
    status = page.chooser("Link to the parent", "status", values_of(session.generations, "status"))
    mo.hstack([stage, status], justify="start", gap=2, wrap=True)
    return stage, status


@app.cell
def link_chart(figures, result):
    _figure = figures.get("links")
    links = panels.chart_widget(charts.clickable(charts.link_states(result.frame), "stage", "status"))
    panels.captioned(
        links if _figure else panels.paragraph("Every link that can be followed holds."),
        f"{_figure.caption} Click a bar to keep its generations in the table." if _figure else "",
        _figure,
    )
    return (links,)


@app.cell
def generation_table(links, page, session, set_chosen, stage, status):
    rows = page.narrow(session.generations, {"stage": stage.value, "status": status.value}, picked(links.selections))
    _columns = ("stage", "gen_id", "status", "parent_gen_id", "reaches_root", "children", "descendants", "findings")
    _listing = listing(rows, _columns)
    table = panels.table_of(_listing, "Generations; pick one to look at its chain", set_chosen)
    mo.vstack([table, panels.paragraph(_listing.said)])
    return rows, table


@app.cell
def chain_chart(figures, result, set_chosen):
    _figure = figures.get("chains")
    broken = panels.chain_chart(charts.broken_chains(result.frame), set_chosen)
    panels.captioned(
        broken if _figure else panels.paragraph("No chain is broken."),
        f"{_figure.caption} Click a point to look at its generation." if _figure else "",
    )
    return (broken,)


@app.cell
def repair_list(session, set_chosen):
    _repairs = session.repairs
    _columns = ("stage", "gen_id", "status", "parent_gen_id", "found_stage", "near_miss", "descendants")
    _listing = listing(_repairs, _columns, "link")
    repair_table = panels.table_of(_listing, "Links to repair, those with the most below them first", set_chosen)
    mo.vstack([repair_table, panels.paragraph(_listing.said)])
    return (repair_table,)


@app.cell
def generation_detail(get_chosen, page, session, set_chosen):
    seen, look = page.look(session, get_chosen(), set_chosen)
    look.shown
    return look, seen


@app.cell
def downloads(page, rows):
    write, _shown = page.downloads(rows, "links")
    _shown
    return (write,)


@app.cell
def report_files(output, page, result, session, write):
    written, _shown = page.report(write, session, {"parents": result}, output)
    _shown
    return (written,)


if __name__ == "__main__":
    app.run()
