import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Identity")

with app.setup:
    import sys
    from pathlib import Path

    import marimo as mo

    from genaudit import charts
    from genaudit.workbench import notebook_args, panels, scripts
    from genaudit.workbench.choice import narrow, picked, values_of
    from genaudit.workbench.generation_detail import generation_detail
    from genaudit.workbench.listings import listing
    from genaudit.workbench.saving import write_reports


@app.cell
def title():
    mo.md("""
    # Identity
    Which ids are what their records give, and what would a migration rename?
    """)
    return


@app.cell
def arguments():
    started = notebook_args.arguments(sys.argv[1:])
    return (started,)


@app.cell
def parameter_data_root(started):
    data_root = started.data_root
    return (data_root,)


@app.cell
def parameter_output(started):
    output = started.output
    return (output,)


@app.cell
def store_bar(data_root):
    root_field = panels.root_field(mo.query_params(), data_root)
    again = mo.ui.run_button(label="Read again")
    panels.store_bar(root_field, again)
    return again, root_field


@app.cell
def notebook_links(get_chosen, root_field):
    panels.neighbours("identity", root_field.value, get_chosen(), mo.query_params())
    return


@app.cell
def open_store(again, root_field, started):
    _opened = panels.open_store(root_field.value, started, again=again.value)
    mo.stop(_opened.session is None, _opened.message)
    session = _opened.session
    panels.when_read(session)
    return (session,)


@app.cell
def chosen_generation():
    get_chosen, set_chosen = mo.state(notebook_args.chosen_by(mo.query_params()))
    return get_chosen, set_chosen


@app.cell
def verdict(session):
    result = session.run.recompute
    section = session.sections["recompute"]
    figures = {figure.key: figure for figure in section.figures}
    panels.paragraph(*section.sentences, section.good or "")
    return figures, result


@app.cell
def class_chart(figures, result):
    _figure = figures.get("classes")
    classes = panels.chart_widget(charts.clickable(charts.classes(result.frame), "stage", "class"))
    panels.captioned(
        classes if _figure else panels.paragraph("There are no ids to recompute."),
        f"{_figure.caption} Click a bar to keep its generations in the table." if _figure else "",
        _figure,
    )
    return (classes,)


@app.cell
def cause_chart(figures, result):
    _figure = figures.get("causes")
    causes = panels.chart_widget(charts.clickable(charts.causes(result.frame), "stage", "cause"))
    panels.captioned(
        causes if _figure else panels.paragraph("A migration would change no id."),
        f"{_figure.caption} Click a bar to keep its generations in the table." if _figure else "",
        _figure,
    )
    return (causes,)


@app.cell
def mapping_filters(session):
    stage = panels.chooser("Stage", session.stages, notebook_args.chosen_by(mo.query_params())[0])
    kind = panels.chooser("Class of the id", values_of(session.generations, "class"))
    cause = panels.chooser("Cause of the change", values_of(session.generations, "cause"))
    mo.vstack([mo.md("## From old ids to new"), mo.hstack([stage, kind, cause], justify="start", gap=2, wrap=True)])
    return cause, kind, stage


@app.cell
def mapping_table(cause, causes, classes, kind, session, set_chosen, stage):
    rows = narrow(
        narrow(session.generations, {}, picked(classes.selections)),
        {"stage": stage.value, "class": kind.value, "cause": cause.value},
        picked(causes.selections),
    )
    _columns = ("stage", "gen_id", "class", "recomputed_id", "migrated_id", "cause", "findings")
    _listing = listing(rows, _columns)
    table = panels.table_of(_listing, "Generations; pick one to look at it", set_chosen)
    mo.vstack([table, panels.paragraph(_listing.said)])
    return rows, table


@app.cell
def generation_picker(get_chosen, session, set_chosen):
    seen = generation_detail(session, *get_chosen())
    chain = panels.kin_chart(seen, set_chosen)
    return chain, seen


@app.cell
def detail_view(chain, get_chosen, seen):
    panels.close_look(seen, get_chosen(), chain, mo.query_params())
    return


@app.cell
def share_link(data_root, get_chosen, root_field, stage):
    panels.share(mo.query_params(), root_field.value, data_root, get_chosen(), stage.value)
    return


@app.cell
def downloads(rows, session):
    write = mo.ui.run_button(label="Write report")
    mo.hstack([write, panels.download(rows, f"mapping_{session.day}")], justify="start", wrap=True)
    return (write,)


@app.cell
def report_files(output, session, started, write):
    mo.stop(not scripts.pressed(write, started))
    written = write_reports(session, ["recompute"], Path(output))
    scripts.tell(written, started)
    panels.written(written)
    return (written,)


if __name__ == "__main__":
    app.run()
