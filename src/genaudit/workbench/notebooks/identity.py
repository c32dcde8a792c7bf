import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Identity")

with app.setup:
    import marimo as mo

    from genaudit import charts
    from genaudit.workbench import panels
    from genaudit.workbench.choice import narrow, picked, values_of
    from genaudit.workbench.page import Page, started


@app.cell
def arguments():
    data_root, output = started()
    return data_root, output


@app.cell
def page_frame(data_root, output):
    page = Page("identity", data_root, output)
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
    result = session.run.recompute
    section = session.sections["recompute"]
    mo.vstack([panels.when_read(session), panels.sentences(section)])
    return result, section, session


@app.cell
def class_chart(result, section):
    classes = panels.chart_widget(charts.clickable(charts.classes(result.frame), "stage", "class"))
    panels.figure(
        classes,
        section.figure("classes"),
        "Click a bar to keep its generations in the table.",
        "There are no ids to recompute.",
    )
    return (classes,)


@app.cell
def cause_chart(result, section):
    causes = panels.chart_widget(charts.clickable(charts.causes(result.frame), "stage", "cause"))
    panels.figure(
        causes,
        section.figure("causes"),
        "Click a bar to keep its generations in the table.",
        "A migration would change no id.",
    )
    return (causes,)


@app.cell
def mapping_filters(page, session):
    stage = page.chooser("Stage", "stage", session.stages)
    kind = page.chooser("Class of the id", "class", values_of(session.generations, "class"))
    cause = page.chooser("Cause of the change", "cause", values_of(session.generations, "cause"))
    mo.vstack([mo.md("## From old ids to new"), mo.hstack([stage, kind, cause], justify="start", gap=2, wrap=True)])
    return cause, kind, stage


@app.cell
def mapping_table(cause, causes, classes, kind, page, session, set_chosen, stage):
    rows = page.narrow(
        narrow(session.generations, {}, picked(classes.selections)),
        {"stage": stage.value, "class": kind.value, "cause": cause.value},
        picked(causes.selections),
    )
    _columns = ("stage", "gen_id", "class", "recomputed_id", "migrated_id", "cause", "findings")
    table = panels.table_of(rows, _columns, "Generations; pick one to look at it", set_chosen)
    table
    return rows, table


@app.cell
def generation_detail(get_chosen, page, session, set_chosen):
    page.look(session, get_chosen(), set_chosen)
    return


@app.cell
def downloads(page, rows):
    write, _shown = page.downloads(rows, "mapping")
    _shown
    return (write,)


@app.cell
def report_files(page, result, session, write):
    page.report(write, session, {"recompute": result})
    return


if __name__ == "__main__":
    app.run()
