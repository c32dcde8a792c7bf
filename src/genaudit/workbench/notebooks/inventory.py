import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Inventory")

with app.setup:
    import marimo as mo

    from genaudit import charts
    from genaudit.workbench import panels
    from genaudit.workbench.choice import picked, values_of
    from genaudit.workbench.listings import listing
    from genaudit.workbench.page import Page


@app.cell
def page_frame():
    page = Page("inventory")
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
    section = session.sections["inventory"]
    artifacts = panels.plain_table(section.tables[0])
    mo.vstack([panels.paragraph(*section.sentences, section.good or ""), artifacts])
    return artifacts, section


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
    _figure = section.figure(f"lengths-{stage.value}")
    lengths = panels.chart_widget(
        charts.brushable(charts.lengths(session.run.inventory.frame, stage.value)),
    )
    panels.captioned(
        lengths if _figure else panels.paragraph(f"The store has no {stage.value} yet."),
        f"{_figure.caption} Drag along the bars to keep some lengths in the table." if _figure else "",
        _figure,
    )
    return (lengths,)


@app.cell
def generation_table(kind, lengths, page, session, set_chosen, stage):
    rows = page.narrow(session.generations, {"stage": stage.value, "class": kind.value}, picked(lengths.selections))
    _columns = ("stage", "gen_id", "length", "class", "template_id", "llm_model_id", "replicate", "findings")
    _listing = listing(rows, _columns)
    table = panels.table_of(_listing, "Generations; pick one to look at it", set_chosen)
    mo.vstack([table, panels.paragraph(_listing.said)])
    return rows, table


@app.cell
def generation_detail(get_chosen, page, session, set_chosen):
    seen, look = page.look(session, get_chosen(), set_chosen)
    look.shown
    return look, seen


@app.cell
def downloads(page, rows):
    write, _shown = page.downloads(rows, "generations")
    _shown
    return (write,)


@app.cell
def report_files(output, page, session, write):
    written, _shown = page.report(write, session, {"inventory": session.run.inventory}, output)
    _shown
    return (written,)


if __name__ == "__main__":
    app.run()
