import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Cohorts and scores")

with app.setup:
    import sys
    from pathlib import Path

    import marimo as mo

    from genaudit import DDError, charts
    from genaudit.workbench import notebook_args, panels, scripts
    from genaudit.workbench.choice import narrow, picked, values_of
    from genaudit.workbench.cohorts import SUMMARY, members, score_summary, scores_of
    from genaudit.workbench.generation_detail import generation_detail
    from genaudit.workbench.listings import listing
    from genaudit.workbench.saving import write_reports


@app.cell
def title():
    mo.md("""
    # Cohorts and scores
    Who belongs to which cohort, do memberships tell the truth, and how did they score?
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
    panels.neighbours("cohorts", root_field.value, get_chosen(), mo.query_params())
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
    result = session.run.cohorts
    section = session.sections["cohorts"]
    _columns = ("cohort_id", "form", *session.stages, "not_in_store", "contradicting", "parents_outside", "manifest")
    _listing = listing(result.frame, _columns, "cohort")
    mo.vstack([panels.paragraph(*section.sentences, section.good or ""), panels.listed(_listing)])
    return (result,)


@app.cell
def findings_chart(result):
    kinds = panels.chart_widget(charts.clickable(charts.findings_by_code(result.findings), "code"))
    panels.captioned(
        kinds if len(result.findings) else panels.paragraph("Nothing is wrong with the memberships."),
        "The gravest kinds first. Click a bar to keep its findings in the table." if len(result.findings) else "",
    )
    return (kinds,)


@app.cell
def finding_filters(result):
    code = panels.chooser("Code", values_of(result.findings, "code"))
    mo.hstack([code], justify="start")
    return (code,)


@app.cell
def findings_table(code, kinds, result, set_chosen):
    found = narrow(result.findings, {"code": code.value}, picked(kinds.selections))
    _columns = ("severity", "code", "stage", "gen_id", "field", "expected", "actual", "path", "detail")
    _listing = listing(found, _columns, "finding")
    finding_table = panels.table_of(_listing, "Findings; pick one to look at its generation", set_chosen)
    mo.vstack([finding_table, panels.paragraph(_listing.said)])
    return finding_table, found


@app.cell
def cohort_picker(result, session):
    cohort = panels.chooser("Cohort", values_of(result.frame, "cohort_id"))
    stage = panels.chooser("Stage", session.stages, notebook_args.chosen_by(mo.query_params())[0])
    mo.vstack([mo.md("## Members"), mo.hstack([cohort, stage], justify="start", gap=2, wrap=True)])
    return cohort, stage


@app.cell
def member_rows(cohort, session):
    _members = members(session, cohort.value)
    mo.stop(isinstance(_members, DDError), panels.paragraph(f"Its membership cannot be read: {_members}."))
    belonging = _members
    return (belonging,)


@app.cell
def members_table(belonging, set_chosen, stage):
    rows = narrow(belonging, {"stage": stage.value})
    _columns = ("stage", "gen_id", "origin_cohort_id", "class", "status", "template_id", "llm_model_id", "findings")
    _listing = listing(rows, _columns, "member")
    table = panels.table_of(_listing, "Members that the store has; pick one to look at it", set_chosen)
    mo.vstack([table, panels.paragraph(_listing.said)])
    return rows, table


@app.cell
def score_filters(belonging, session):
    with mo.status.spinner("Reading scores", remove_on_exit=True):
        scored = scores_of(session, belonging)
    judge = panels.chooser("Judge", values_of(scored, "evaluation_llm_model"))
    judged_by = panels.chooser("Judged by", values_of(scored, "evaluation_template"))
    mo.vstack([mo.md("## Scores"), mo.hstack([judge, judged_by], justify="start", gap=2, wrap=True)])
    return judge, judged_by, scored


@app.cell
def scores_chosen(judge, judged_by, scored):
    judgements = narrow(scored, {"evaluation_llm_model": judge.value, "evaluation_template": judged_by.value})
    return (judgements,)


@app.cell
def score_chart(judgements):
    spread = panels.chart_widget(charts.brushable(charts.scores(judgements)))
    panels.captioned(spread, "Drag along the bars to keep some scores in the table below.")
    return (spread,)


@app.cell
def bar_picker(judgements):
    bar = panels.chooser("Score, down to a whole number", values_of(judgements, "bar"))
    mo.hstack([bar], justify="start")
    return (bar,)


@app.cell
def score_rows(bar, judgements, set_chosen, spread):
    chosen_scores = narrow(judgements, {"bar": bar.value}, picked(spread.selections))
    _columns = ("stage", "gen_id", "score", "error", *SUMMARY, "generation_template")
    _listing = listing(chosen_scores, _columns, "evaluation")
    score_table = panels.table_of(_listing, "Evaluations; pick one to look at it", set_chosen)
    mo.vstack([score_table, panels.paragraph(_listing.said)])
    return chosen_scores, score_table


@app.cell
def score_ranking(judgements):
    summary = score_summary(judgements)
    _listing = listing(summary, summary.columns, "line")
    mo.accordion({"Scores by writer and judge": panels.listed(_listing)})
    return (summary,)


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
def downloads(scored, session):
    write = mo.ui.run_button(label="Write report")
    mo.hstack([write, panels.download(scored, f"scores_{session.day}")], justify="start", wrap=True)
    return (write,)


@app.cell
def report_files(output, session, started, write):
    mo.stop(not scripts.pressed(write, started))
    written = write_reports(session, ["cohorts"], Path(output))
    scripts.tell(written, started)
    panels.written(written)
    return (written,)


if __name__ == "__main__":
    app.run()
