import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Parent chains")

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
    # Parent chains
    Does every generation lead back to its draft?
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
    panels.neighbours("parents", root_field.value, get_chosen(), mo.query_params())
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
    result = session.run.parents
    section = session.sections["parents"]
    figures = {figure.key: figure for figure in section.figures}
    panels.paragraph(*section.sentences, section.good or "")
    return figures, result, section


@app.cell
def link_filters(session):
    stage = panels.chooser("Stage", session.stages, notebook_args.chosen_by(mo.query_params())[0])
    status = panels.chooser("Link to the parent", values_of(session.generations, "status"))
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
def generation_table(links, session, set_chosen, stage, status):
    rows = narrow(session.generations, {"stage": stage.value, "status": status.value}, picked(links.selections))
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
    mo.hstack([write, panels.download(rows, f"links_{session.day}")], justify="start", wrap=True)
    return (write,)


@app.cell
def report_files(output, session, started, write):
    mo.stop(not scripts.pressed(write, started))
    written = write_reports(session, ["parents"], Path(output))
    scripts.tell(written, started)
    panels.written(written)
    return (written,)


if __name__ == "__main__":
    app.run()
