import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Workbench")

with app.setup:
    import marimo as mo

    from genaudit import charts
    from genaudit.workbench import panels
    from genaudit.workbench.choice import categories_of, picked, values_of
    from genaudit.workbench.downloads import download_page
    from genaudit.workbench.front import front
    from genaudit.workbench.health import MOST_KINDS, coverage
    from genaudit.workbench.page import FINDING_LINES, Page, started


@app.cell
def arguments():
    data_root, output = started()
    return data_root, output


@app.cell
def page_frame(data_root, output):
    page = Page("workbench", data_root, output)
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
    mo.vstack([panels.when_read(session), panels.verdict(session.facts)])
    return (session,)


@app.cell
def front_page(output, page, session):
    mo.vstack([mo.md("## In the order of the work"), front(session, output, page.query)])
    return


@app.cell
def next_steps(session):
    mo.vstack([mo.md("## First steps"), panels.first_steps(session.facts)])
    return


@app.cell
def finding_filters(page, session):
    severity = page.chooser("Severity", "severity", categories_of(session.findings, "severity"))
    code = page.chooser("Code", "code", values_of(session.findings, "code"))
    stage = page.chooser("Stage", "stage", session.stages)
    mo.vstack([mo.md("## Findings"), mo.hstack([severity, code, stage], justify="start", gap=2, wrap=True)])
    return code, severity, stage


@app.cell
def findings_chart(session):
    kinds = panels.chart_widget(charts.clickable(charts.findings_by_code(session.findings, MOST_KINDS), "code"))
    panels.captioned(
        kinds,
        f"The gravest kinds first, {MOST_KINDS} at most; the table has all."
        " Click a bar, or several with the shift key, to keep their findings.",
        session.findings,
        "No audit found anything.",
    )
    return (kinds,)


@app.cell
def findings_table(code, kinds, page, session, set_chosen, severity, stage):
    found = page.narrow(
        session.findings,
        {"severity": severity.value, "code": code.value, "stage": stage.value},
        picked(kinds.selections),
    )
    _columns = ("severity", "code", "stage", "gen_id", "field", "expected", "actual", "detail", "path", "fix")
    table = panels.table_of(page.in_lines(found), _columns, FINDING_LINES, set_chosen, "line")
    table
    return found, table


@app.cell
def coverage_list(session):
    checked = coverage(session)
    mo.accordion({"Coverage: checked, skipped and unverified": panels.listed(checked, "line")})
    return (checked,)


@app.cell
def generation_detail(get_chosen, page, session, set_chosen):
    page.look(session, get_chosen(), set_chosen)
    return


@app.cell
def downloads(page, found, session):
    write, _shown = page.downloads(found, "findings", download_page(session))
    _shown
    return (write,)


@app.cell
def report_files(page, session, write):
    page.report(write, session, session.run.results)
    return


if __name__ == "__main__":
    app.run()
