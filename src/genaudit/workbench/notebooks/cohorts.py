import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Cohorts and scores")

with app.setup:
    import marimo as mo

    from genaudit import DDError, charts
    from genaudit.workbench import panels
    from genaudit.workbench.choice import picked, values_of
    from genaudit.workbench.cohorts import SUMMARY, members, score_figures, score_summary, scores_of
    from genaudit.workbench.page import FINDING_LINES, Page, started


@app.cell
def arguments():
    data_root, output = started()
    return data_root, output


@app.cell
def page_frame(data_root, output):
    page = Page("cohorts", data_root, output)
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
    result = session.run.cohorts
    section = session.sections["cohorts"]
    _columns = ("cohort_id", "form", *session.stages, "not_in_store", "contradicting", "parents_outside", "manifest")
    _memberships = panels.listed(result.frame, "cohort", columns=_columns)
    mo.vstack([panels.when_read(session), panels.sentences(section), _memberships])
    return result, session


@app.cell
def findings_chart(result):
    kinds = panels.chart_widget(charts.clickable(charts.findings_by_code(result.findings), "code"))
    panels.captioned(
        kinds,
        "The gravest kinds first. Click a bar to keep its findings in the table.",
        result.findings,
        "Nothing is wrong with the memberships.",
    )
    return (kinds,)


@app.cell
def finding_filters(page, result):
    code = page.chooser("Code", "code", values_of(result.findings, "code"))
    mo.hstack([code], justify="start")
    return (code,)


@app.cell
def findings_table(code, kinds, page, result, set_chosen):
    found = page.narrow(result.findings, {"code": code.value}, picked(kinds.selections))
    _columns = ("severity", "code", "stage", "gen_id", "field", "expected", "actual", "path", "detail")
    finding_table = panels.table_of(page.in_lines(found), _columns, FINDING_LINES, set_chosen, "line")
    finding_table
    return finding_table, found


@app.cell
def cohort_picker(page, result, session):
    cohort = page.chooser("Cohort", "cohort_id", values_of(result.frame, "cohort_id"))
    stage = page.chooser("Stage", "stage", session.stages)
    mo.vstack([mo.md("## Members"), mo.hstack([cohort, stage], justify="start", gap=2, wrap=True)])
    return cohort, stage


@app.cell
def member_rows(cohort, session):
    _members = members(session, cohort.value)
    mo.stop(isinstance(_members, DDError), panels.paragraph(f"Its membership cannot be read: {_members}."))
    belonging = _members
    return (belonging,)


@app.cell
def members_table(belonging, page, set_chosen, stage):
    rows = page.narrow(belonging, {"stage": stage.value})
    _columns = ("stage", "gen_id", "origin_cohort_id", "class", "status", "template_id", "llm_model_id", "findings")
    table = panels.table_of(
        rows, _columns, "Members that the store has; pick one to look at it", set_chosen, "member"
    )
    table
    return rows, table


@app.cell
def score_filters(belonging, page, session):
    with mo.status.spinner("Reading scores", remove_on_exit=True):
        scored = scores_of(session, belonging)
    judge = page.chooser("Judge", "evaluation_llm_model", values_of(scored, "evaluation_llm_model"))
    judged_by = page.chooser("Judged by", "evaluation_template", values_of(scored, "evaluation_template"))
    mo.vstack([mo.md("## Scores"), mo.hstack([judge, judged_by], justify="start", gap=2, wrap=True)])
    return judge, judged_by, scored


@app.cell
def scores_chosen(judge, judged_by, page, scored):
    judgements = page.narrow(scored, {"evaluation_llm_model": judge.value, "evaluation_template": judged_by.value})
    return (judgements,)


@app.cell
def score_chart(judgements):
    spread = panels.chart_widget(charts.brushable(charts.scores(judgements)))
    panels.captioned(
        spread,
        "Drag along the bars to keep some scores in the table below.",
        judgements["score"].dropna(),
        "There is no score to draw.",
    )
    return (spread,)


@app.cell
def bar_picker(judgements, page):
    bar = page.chooser("Score, down to a whole number", "bar", values_of(judgements, "bar"))
    mo.hstack([bar], justify="start")
    return (bar,)


@app.cell
def score_rows(bar, judgements, page, set_chosen, spread):
    chosen_scores = page.narrow(judgements, {"bar": bar.value}, picked(spread.selections))
    _columns = ("stage", "gen_id", "score", "error", *SUMMARY, "generation_template")
    score_table = panels.table_of(chosen_scores, _columns, "Evaluations; pick one to look at it", set_chosen, "score")
    score_table
    return chosen_scores, score_table


@app.cell
def score_pictures(cohort, judgements, session):
    figures = score_figures(session, cohort.value, judgements)
    mo.vstack([panels.captioned(panels.chart_widget(_one.chart()), _one.caption) for _one in figures])
    return (figures,)


@app.cell
def score_ranking(judgements):
    summary = score_summary(judgements)
    mo.accordion({"Scores by writer and judge": panels.listed(summary, "line")})
    return (summary,)


@app.cell
def generation_detail(get_chosen, page, session, set_chosen):
    page.look(session, get_chosen(), set_chosen)
    return


@app.cell
def downloads(page, scored):
    write, _shown = page.downloads(scored, "scores")
    _shown
    return (write,)


@app.cell
def report_files(page, result, session, write):
    page.report(write, session, {"cohorts": result})
    return


if __name__ == "__main__":
    app.run()
