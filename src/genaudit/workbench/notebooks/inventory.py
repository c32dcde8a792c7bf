import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Inventory")

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
    page = Page("inventory", data_root, output)
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
    section = session.sections["inventory"]
    artifacts = panels.plain_table(section.tables[0])
    mo.vstack([panels.when_read(session), panels.sentences(section), artifacts])
    return artifacts, section, session


@app.cell
def stage_filters(page, session):
    stage = mo.ui.radio(
        session.stages,
        value=page.filter("stage", session.stages) or session.stages[-1],
        label="Stage",
        inline=True,
    )
    kind = page.chooser("Class of the id", "class", values_of(session.generations, "class"))
    mo.vstack([mo.md("## Lengths of ids"), mo.hstack([stage, kind], justify="start", gap=2, wrap=True)])
    return kind, stage


@app.cell
def length_chart(section, session, stage):
    lengths = panels.chart_widget(
        charts.brushable(charts.lengths(session.run.inventory.frame, stage.value)),
    )
    panels.figure(
        lengths,
        section.figure(f"lengths-{stage.value}"),
        "Drag along the bars to keep some lengths in the table.",
        f"The store has no {stage.value} yet.",
    )
    return (lengths,)


@app.cell
def generation_table(kind, lengths, page, session, set_chosen, stage):
    rows = page.narrow(session.generations, {"stage": stage.value, "class": kind.value}, picked(lengths.selections))
    _columns = ("stage", "gen_id", "length", "class", "template_id", "llm_model_id", "replicate", "findings")
    table = panels.table_of(rows, _columns, "Generations; pick one to look at it", set_chosen)
    table
    return rows, table


@app.cell
def generation_detail(get_chosen, page, session, set_chosen):
    page.look(session, get_chosen(), set_chosen)
    return


@app.cell
def downloads(page, rows):
    write, _shown = page.downloads(rows, "generations")
    _shown
    return (write,)


@app.cell
def report_files(page, session, write):
    page.report(write, session, {"inventory": session.run.inventory})
    return


if __name__ == "__main__":
    app.run()
