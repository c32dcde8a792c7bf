import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Parent chains")

with app.setup:
    import sys
    from pathlib import Path

    import marimo as mo

    from genaudit import charts
    from genaudit.audits.parents import repairs
    from genaudit.stages import STAGE_NAMES
    from genaudit.workbench import panels, scripts, start
    from genaudit.workbench.choice import narrow, picked, values_of
    from genaudit.workbench.closeup import closeup
    from genaudit.workbench.saving import write_reports
    from genaudit.workbench.tables import listing


@app.cell
def question():
    mo.md("""
    # Parent chains
    Does every generation lead back to its draft?
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
    panels.neighbours("parents", root_field.value, get_chosen(), mo.query_params())
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
def do_chains_hold(session):
    result = session.run.results["parents"]
    section = session.sections["parents"]
    figures = {figure.key: figure for figure in section.figures}
    panels.said(*section.sentences, section.good or "")
    return figures, result, section


@app.cell
def which_links(session):
    stage = panels.chooser("Stage", STAGE_NAMES, start.chosen_by(mo.query_params())[0])
    status = panels.chooser("Link to the parent", values_of(session.generations, "status"))
    mo.hstack([stage, status], justify="start", gap=2, wrap=True)
    return stage, status


@app.cell
def which_links_break(figures, result):
    _figure = figures.get("links")
    links = panels.drawn(charts.clickable(charts.link_states(result.frame), "stage", "status"))
    panels.explained(
        links if _figure else panels.said("Every link that can be followed holds."),
        f"{_figure.caption} Click a bar to keep its generations in the table." if _figure else "",
        _figure,
    )
    return (links,)


@app.cell
def which_ones(links, session, set_chosen, stage, status):
    rows = narrow(session.generations, {"stage": stage.value, "status": status.value}, picked(links.selections))
    _columns = ("stage", "gen_id", "status", "parent_gen_id", "reaches_root", "children", "descendants", "findings")
    _listing = listing(rows, _columns)
    table = panels.table_of(_listing, "Generations; pick one to look at its chain", set_chosen)
    mo.vstack([table, panels.said(_listing.said)])
    return rows, table


@app.cell
def where_chains_break(figures, result, set_chosen):
    _figure = figures.get("chains")
    broken = panels.chain_chart(charts.broken_chains(result.frame), set_chosen)
    panels.explained(
        broken if _figure else panels.said("No chain is broken."),
        f"{_figure.caption} Click a point to look at its generation." if _figure else "",
    )
    return (broken,)


@app.cell
def what_to_repair(result, set_chosen):
    _repairs = repairs(result.frame)
    _columns = ("stage", "gen_id", "status", "parent_gen_id", "found_stage", "near_miss", "descendants")
    _listing = listing(_repairs, _columns, "link")
    repair_table = panels.table_of(_listing, "Links to repair, those with the most below them first", set_chosen)
    mo.vstack([repair_table, panels.said(_listing.said)])
    return (repair_table,)


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
    mo.hstack([write, panels.download(rows, f"links_{session.day}")], justify="start", wrap=True)
    return (write,)


@app.cell
def report_written(output, session, started, write):
    mo.stop(not scripts.pressed(write, started))
    written = write_reports(session, ["parents"], Path(output))
    scripts.tell(written, started)
    panels.written(written)
    return (written,)


if __name__ == "__main__":
    app.run()
