import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Inventory")

with app.setup:
    import sys
    from pathlib import Path

    import marimo as mo

    from genaudit import charts
    from genaudit.stages import STAGE_NAMES
    from genaudit.workbench import panels, scripts, start
    from genaudit.workbench.choice import narrow, picked, values_of
    from genaudit.workbench.closeup import closeup
    from genaudit.workbench.saving import write_reports
    from genaudit.workbench.tables import listing


@app.cell
def question():
    mo.md("""
    # Inventory
    What is there, and do the lengths of ids say anything?
    """)
    return


@app.cell
def arguments():
    started = start.arguments(sys.argv[1:], mo.notebook_dir().parents[1])
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
def which_store(data_root):
    root_field = panels.root_field(mo.query_params(), data_root)
    again = mo.ui.run_button(label="Read again")
    panels.store_bar(root_field, again)
    return again, root_field


@app.cell
def where_else_to_look(get_chosen, root_field):
    panels.neighbours("inventory", root_field.value, get_chosen(), mo.query_params())
    return


@app.cell
def read_once(again, root_field, started):
    _opened = panels.open_store(root_field.value, started, again=again.value)
    mo.stop(_opened.session is None, _opened.message)
    session = _opened.session
    panels.when_read(session)
    return (session,)


@app.cell
def looked_at():
    get_chosen, set_chosen = mo.state(start.chosen_by(mo.query_params()))
    return get_chosen, set_chosen


@app.cell
def what_is_there(session):
    section = session.sections["inventory"]
    artifacts = panels.plain_table(section.tables[0])
    mo.vstack([panels.said(*section.sentences, section.good or ""), artifacts])
    return artifacts, section


@app.cell
def which_stage(session):
    stage = mo.ui.radio(
        STAGE_NAMES, value=start.chosen_by(mo.query_params())[0] or STAGE_NAMES[-1], label="Stage", inline=True
    )
    kind = panels.chooser("Class of the id", values_of(session.generations, "class"))
    mo.vstack([mo.md("## Lengths of ids"), mo.hstack([stage, kind], justify="start", gap=2, wrap=True)])
    return kind, stage


@app.cell
def do_lengths_say_anything(section, session, stage):
    _figure = section.figure(f"lengths-{stage.value}")
    lengths = panels.drawn(
        charts.brushable(charts.lengths(session.run.results["inventory"].frame, stage.value)),
    )
    panels.explained(
        lengths if _figure else panels.said(f"The store has no {stage.value} yet."),
        f"{_figure.caption} Drag along the bars to keep some lengths in the table." if _figure else "",
        _figure,
    )
    return (lengths,)


@app.cell
def which_ids(kind, lengths, session, set_chosen, stage):
    rows = narrow(session.generations, {"stage": stage.value, "class": kind.value}, picked(lengths.selections))
    _columns = ("stage", "gen_id", "length", "class", "template_id", "llm_model_id", "replicate", "findings")
    _listing = listing(rows, _columns)
    table = panels.table_of(_listing, "Generations; pick one to look at it", set_chosen)
    mo.vstack([table, panels.said(_listing.said)])
    return rows, table


@app.cell
def one_generation(get_chosen, session, set_chosen):
    seen = closeup(session, *get_chosen())
    chain = panels.kin_chart(seen, set_chosen)
    return chain, seen


@app.cell
def what_is_known_of_it(chain, get_chosen, seen):
    panels.close_look(seen, get_chosen(), chain, mo.query_params())
    return


@app.cell
def address_to_share(data_root, get_chosen, root_field, stage):
    panels.share(mo.query_params(), root_field.value, data_root, get_chosen(), stage.value)
    return


@app.cell
def take_it_along(rows, session):
    write = mo.ui.run_button(label="Write report")
    mo.hstack([write, panels.download(rows, f"generations_{session.day}")], justify="start", wrap=True)
    return (write,)


@app.cell
def report_written(output, session, started, write):
    mo.stop(not scripts.pressed(write, started))
    written = write_reports(session, ["inventory"], Path(output))
    scripts.tell(written, started)
    panels.written(written)
    return (written,)


if __name__ == "__main__":
    app.run()
