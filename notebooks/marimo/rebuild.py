import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Rebuild")

with app.setup:
    import sys
    from pathlib import Path

    import marimo as mo

    from genaudit import charts
    from genaudit.audits.rebuild.modes import CURATED
    from genaudit.decisions import Decision
    from genaudit.errors import DDError
    from genaudit.stages import STAGE_NAMES
    from genaudit.workbench import asking, fates, panels, scripts, start, trying
    from genaudit.workbench.choice import narrow, picked
    from genaudit.workbench.closeup import closeup
    from genaudit.workbench.saving import write_results
    from genaudit.workbench.tables import listing


@app.cell
def question():
    mo.md("""
    # Rebuild
    What would building a selection again reuse, what would it pay for again, and why?
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
    panels.neighbours("rebuild", root_field.value, get_chosen(), mo.query_params())
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
def what_a_link_asks_for(session):
    linked = trying.selected_by(mo.query_params(), session, start.chosen_by(mo.query_params()))
    return (linked,)


@app.cell
def which_way(linked):
    way = mo.ui.dropdown(
        {words: name for name, words in trying.WAYS.items()}, value=trying.WAYS[linked.way], label="Try the modes on"
    )
    return (way,)


@app.cell
def which_ids(linked):
    named = mo.ui.radio([*CURATED], value=linked.stage, label="They name", inline=True)
    ids = mo.ui.text_area(
        value=linked.ids, label="Ids, with commas, blanks or line ends between them", rows=3, full_width=True
    )
    return ids, named


@app.cell
def which_sample(linked):
    size = mo.ui.number(start=1, value=linked.size, label="Essays")
    seed = mo.ui.number(start=0, value=linked.seed, label="Seed")
    return seed, size


@app.cell
def which_plans(session):
    modes = mo.ui.multiselect(trying.modes_of(session), label="Modes (none picked: every curated one)")
    scheme = mo.ui.dropdown(trying.SCHEMES, value=next(iter(trying.SCHEMES)), label="New ids")
    return modes, scheme


@app.cell
def what_to_try(ids, modes, named, scheme, seed, size, way):
    _drawn = mo.hstack([size, seed], justify="start", gap=2, wrap=True)
    _more = {trying.IDS: mo.vstack([named, ids]), trying.SAMPLE: _drawn, trying.LEGACY_SAMPLE: _drawn}
    mo.vstack(
        [
            way,
            _more.get(way.value, ""),
            mo.hstack([modes, scheme], justify="start", gap=2, wrap=True),
        ]
    )
    return


@app.cell
def what_was_chosen(ids, modes, named, scheme, seed, size, way):
    selected = trying.Selected(way.value, named.value, ids.value, size.value, seed.value)
    request = trying.request_of(selected, modes.value, scheme.value)
    return request, selected


@app.cell
def plan_in_memory(request, session):
    with mo.status.spinner("Planning in memory", remove_on_exit=True):
        outcome = None if request is None else trying.try_modes(session, request)
    return (outcome,)


@app.cell
def what_would_be_done(outcome):
    mo.stop(outcome is None, panels.said("Write down ids to try the modes on, one a line."))
    mo.stop(isinstance(outcome, DDError), asking.not_planned(outcome))
    result = outcome
    section = trying.section_of(result)
    figures = {figure.key: figure for figure in section.figures}
    mo.vstack([panels.said(*section.sentences, section.good or ""), asking.failed_modes(result)])
    return figures, result, section


@app.cell
def what_does_each_mode_do(figures, result):
    _figure = figures.get("rebuild-matrix")
    matrix = panels.drawn(charts.clickable(charts.rebuild_matrix(result.comparison), "mode", "stage"))
    panels.explained(
        matrix if _figure else panels.said("No mode plans anything."),
        f"{_figure.caption} Click a cell to keep its generations in the table." if _figure else "",
        _figure,
    )
    return (matrix,)


@app.cell
def what_does_it_take(figures, result):
    _figure = figures.get("rebuild-costs")
    panels.explained(
        panels.drawn(charts.rebuild_costs(result.comparison)) if _figure else mo.Html(""),
        _figure.caption if _figure else "",
        _figure,
    )
    return


@app.cell
def what_to_write(result, session):
    mo.vstack([mo.md("## What to write into the selection"), asking.recommendations(result, session.day)])
    return


@app.cell
def which_planned(result):
    planned = fates.planned(result)
    mode = panels.chooser("Mode", result.comparison["mode"].unique())
    stage = panels.chooser("Stage", STAGE_NAMES)
    decision = panels.chooser("Decision", Decision)
    cause = panels.chooser("Cause", fates.causes_of(planned))
    mo.vstack(
        [
            mo.md("## What is planned"),
            mo.hstack([mode, stage, decision, cause], justify="start", gap=2, wrap=True),
        ]
    )
    return cause, decision, mode, planned, stage


@app.cell
def which_ones(cause, decision, matrix, mode, planned, set_chosen, stage):
    rows = narrow(
        fates.because_of(planned, cause.value),
        {"mode": mode.value, "stage": stage.value, "decision": decision.value},
        picked(matrix.selections),
    )
    _columns = ("mode", "stage", "gen_id", "decision", "causes", "replicate", "template_id", "llm_model_id", "tokens")
    _listing = listing(rows, (*_columns, "selected"), "planned generation")
    table = panels.table_of(_listing, "Planned generations; pick one to see why", set_chosen)
    mo.vstack([table, panels.said(_listing.said)])
    return rows, table


@app.cell
def why_is_it_planned_so(get_chosen, result):
    reasons = fates.reasons(result, *get_chosen())
    mo.vstack(
        [
            mo.md("## Why, and what would have reused it"),
            panels.listed(listing(reasons, fates.REASONS, "line"))
            if len(reasons)
            else panels.said(
                "No mode plans it." if get_chosen()[1] else "Pick a planned generation: a row of the table above."
            ),
        ]
    )
    return (reasons,)


@app.cell
def what_is_kept(section):
    mo.accordion(
        {
            table.caption: panels.plain_table(table)
            for table in section.tables
            if table.key in {"rebuild-kept", "rebuild-blast"}
        }
    )
    return


@app.cell
def one_generation(get_chosen, outcome, session, set_chosen):
    seen = closeup(session, *get_chosen(), outcome)
    chain = panels.kin_chart(seen, set_chosen)
    return chain, seen


@app.cell
def what_is_known_of_it(chain, get_chosen, seen):
    mo.stop(get_chosen()[1] is None)
    panels.close_look(seen, get_chosen(), chain, mo.query_params())
    return


@app.cell
def address_to_share(data_root, get_chosen, root_field, selected):
    panels.share(
        mo.query_params(),
        root_field.value,
        data_root,
        get_chosen(),
        **trying.link_of(selected, get_chosen()),
    )
    return


@app.cell
def take_it_along(rows, session):
    write = mo.ui.run_button(label="Write report")
    mo.hstack([write, panels.download(rows, f"planned_{session.day}")], justify="start", wrap=True)
    return (write,)


@app.cell
def report_written(output, result, session, started, write):
    mo.stop(not scripts.pressed(write, started))
    written = write_results(session, {"rebuild": result}, Path(output))
    scripts.tell(written, started)
    panels.written(written)
    return (written,)


if __name__ == "__main__":
    app.run()
