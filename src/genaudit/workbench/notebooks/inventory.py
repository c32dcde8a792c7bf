import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Inventory")

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
    # Inventory
    What is there, and do the lengths of ids say anything?
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
    panels.neighbours("inventory", root_field.value, get_chosen(), mo.query_params())
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
    section = session.sections["inventory"]
    artifacts = panels.plain_table(section.tables[0])
    mo.vstack([panels.paragraph(*section.sentences, section.good or ""), artifacts])
    return artifacts, section


@app.cell
def stage_filters(session):
    stage = mo.ui.radio(
        session.stages,
        value=notebook_args.chosen_by(mo.query_params())[0] or session.stages[-1],
        label="Stage",
        inline=True,
    )
    kind = panels.chooser("Class of the id", values_of(session.generations, "class"))
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
def generation_table(kind, lengths, session, set_chosen, stage):
    rows = narrow(session.generations, {"stage": stage.value, "class": kind.value}, picked(lengths.selections))
    _columns = ("stage", "gen_id", "length", "class", "template_id", "llm_model_id", "replicate", "findings")
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
    mo.hstack([write, panels.download(rows, f"generations_{session.day}")], justify="start", wrap=True)
    return (write,)


@app.cell
def report_files(output, session, started, write):
    mo.stop(not scripts.pressed(write, started))
    written = write_reports(session, ["inventory"], Path(output))
    scripts.tell(written, started)
    panels.written(written)
    return (written,)


if __name__ == "__main__":
    app.run()
