import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Rebuild")

with app.setup:
    import marimo as mo

    from genaudit import DDError, charts
    from genaudit.workbench import on_demand, panels, rebuild_form, rebuild_outcomes
    from genaudit.workbench.choice import categories_of, picked
    from genaudit.workbench.page import Page, started


@app.cell
def arguments():
    data_root, output = started()
    return data_root, output


@app.cell
def page_frame(data_root, output):
    page = Page("rebuild", data_root, output)
    get_chosen, set_chosen = mo.state(page.chosen)
    root_field, again = page.controls(set_chosen)
    page.top
    return again, get_chosen, page, root_field, set_chosen


@app.cell
def navigation(get_chosen, page, root_field):
    page.navigation(root_field.value, get_chosen())
    return


@app.cell
def linked_request(again, page, root_field):
    session = page.open(root_field.value, again=again.value)
    linked = rebuild_form.selected_by(page.query, session, page.chosen)
    panels.when_read(session)
    return linked, session


@app.cell
def plan_kind(linked):
    way = mo.ui.dropdown(
        {words: name for name, words in rebuild_form.WAYS.items()},
        value=rebuild_form.WAYS[linked.way],
        label="Try the modes on",
    )
    return (way,)


@app.cell
def id_field(linked):
    named = mo.ui.radio([*rebuild_form.SELECTED_STAGES], value=linked.stage, label="They name", inline=True)
    ids = mo.ui.text_area(
        value=linked.ids, label="Ids, with commas, blanks or line ends between them", rows=3, full_width=True
    )
    return ids, named


@app.cell
def sample_size(linked):
    size = mo.ui.number(start=1, value=linked.size, label="Essays")
    seed = mo.ui.number(start=0, value=linked.seed, label="Seed")
    return seed, size


@app.cell
def mode_choice(session):
    modes = mo.ui.multiselect(rebuild_form.modes_of(session), label="Modes (none picked: every curated one)")
    scheme = mo.ui.dropdown(rebuild_form.SCHEMES, value=next(iter(rebuild_form.SCHEMES)), label="New ids")
    return modes, scheme


@app.cell
def request_form(ids, modes, named, scheme, seed, size, way):
    _drawn = mo.hstack([size, seed], justify="start", gap=2, wrap=True)
    _more = {
        rebuild_form.IDS: mo.vstack([named, ids]),
        rebuild_form.SAMPLE: _drawn,
        rebuild_form.LEGACY_SAMPLE: _drawn,
    }
    mo.vstack(
        [
            way,
            _more.get(way.value, ""),
            mo.hstack([modes, scheme], justify="start", gap=2, wrap=True),
        ]
    )
    return


@app.cell
def request_summary(ids, modes, named, scheme, seed, size, way):
    selected = rebuild_form.Selected(way.value, named.value, ids.value, size.value, seed.value)
    request = rebuild_form.request_of(selected, modes.value, scheme.value)
    return request, selected


@app.cell
def planned_in_memory(request, session):
    with mo.status.spinner("Planning in memory", remove_on_exit=True):
        outcome = None if request is None else rebuild_form.try_modes(session, request)
    return (outcome,)


@app.cell
def verdict(outcome):
    mo.stop(outcome is None, panels.paragraph("Write down ids to try the modes on, one a line."))
    mo.stop(isinstance(outcome, DDError), on_demand.not_planned(outcome))
    result = outcome
    section = rebuild_form.section_of(result)
    mo.vstack([panels.sentences(section), on_demand.failed_modes(result)])
    return result, section


@app.cell
def mode_matrix(result, section):
    matrix = panels.chart_widget(charts.clickable(charts.rebuild_matrix(result.comparison), "mode", "stage"))
    panels.figure(
        matrix,
        section.figure("rebuild-matrix"),
        "Click a cell to keep its generations in the table.",
        "No mode plans anything.",
    )
    return (matrix,)


@app.cell
def cost_chart(result, section):
    panels.figure(panels.chart_widget(charts.rebuild_costs(result.comparison)), section.figure("rebuild-costs"))
    return


@app.cell
def selection_files(result, session):
    mo.vstack([mo.md("## Recommended selection"), on_demand.recommendations(result, session.day)])
    return


@app.cell
def planned_filters(page, result, session):
    planned = rebuild_outcomes.planned(result)
    mode = page.chooser("Mode", "mode", result.comparison["mode"].unique())
    stage = page.chooser("Stage", "stage", session.stages)
    decision = page.chooser("Decision", "decision", categories_of(planned, "decision"))
    cause = page.chooser("Cause", "cause", rebuild_outcomes.causes_of(planned))
    mo.vstack(
        [
            mo.md("## Planned generations"),
            mo.hstack([mode, stage, decision, cause], justify="start", gap=2, wrap=True),
        ]
    )
    return cause, decision, mode, planned, stage


@app.cell
def planned_table(cause, decision, matrix, mode, page, planned, set_chosen, stage):
    rows = page.narrow(
        rebuild_outcomes.because_of(planned, cause.value),
        {"mode": mode.value, "stage": stage.value, "decision": decision.value},
        picked(matrix.selections),
    )
    _columns = ("mode", "stage", "gen_id", "decision", "causes", "replicate", "template_id", "llm_model_id", "tokens")
    table = panels.table_of(
        rows, (*_columns, "selected"), "Planned generations; pick one to see why", set_chosen, "planned generation"
    )
    table
    return rows, table


@app.cell
def planned_detail(get_chosen, result):
    reasons = rebuild_outcomes.reasons(result, *get_chosen())
    mo.vstack(
        [
            mo.md("## Causes, and conditions of reuse"),
            panels.listed(
                reasons,
                "line",
                columns=rebuild_outcomes.REASONS,
                none="No mode plans it."
                if get_chosen()[1]
                else "Pick a planned generation: a row of the table above.",
            ),
        ]
    )
    return (reasons,)


@app.cell
def kept_table(section):
    mo.accordion(
        {
            table.caption: panels.plain_table(table)
            for table in section.tables
            if table.key in {"rebuild-kept", "rebuild-blast"}
        }
    )
    return


@app.cell
def generation_detail(get_chosen, outcome, page, session, set_chosen):
    page.look(session, get_chosen(), set_chosen, outcome)
    return


@app.cell
def share_link(get_chosen, page, selected):
    page.share(rebuild_form.link_of(selected, get_chosen()))
    return


@app.cell
def downloads(page, rows):
    write, _shown = page.downloads(rows, "planned")
    _shown
    return (write,)


@app.cell
def report_files(page, result, session, write):
    page.report(write, session, {"rebuild": result})
    return


if __name__ == "__main__":
    app.run()
