import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Metadata")

with app.setup:
    import marimo as mo

    from genaudit import charts
    from genaudit.workbench import panels
    from genaudit.workbench.choice import categories_of, narrow, picked, values_of
    from genaudit.workbench.page import FINDING_LINES, Page, started


@app.cell
def arguments():
    data_root, output = started()
    return data_root, output


@app.cell
def page_frame(data_root, output):
    page = Page("metadata", data_root, output)
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
    result = session.run.metadata
    section = session.sections["metadata"]
    mo.vstack([panels.when_read(session), panels.sentences(section)])
    return result, section, session


@app.cell
def completeness_chart(result, section):
    fields = panels.chart_widget(charts.clickable(charts.completeness(result.frame), "stage", "field"))
    panels.figure(
        fields,
        section.figure("fields"),
        "Click a cell to keep the findings about it.",
        "There are no records to look at.",
    )
    return (fields,)


@app.cell
def findings_chart(result):
    kinds = panels.chart_widget(charts.clickable(charts.findings_by_code(result.findings), "code"))
    panels.captioned(
        kinds,
        "The gravest kinds first. Click a bar, or several with the shift key, to keep their findings in the table.",
        result.findings,
        "Nothing is wrong with the records.",
    )
    return (kinds,)


@app.cell
def finding_filters(page, result, session):
    severity = page.chooser("Severity", "severity", categories_of(result.findings, "severity"))
    code = page.chooser("Code", "code", values_of(result.findings, "code"))
    stage = page.chooser("Stage", "stage", session.stages)
    field = page.chooser("Field", "field", values_of(result.findings, "field"))
    mo.hstack([severity, code, stage, field], justify="start", gap=2, wrap=True)
    return code, field, severity, stage


@app.cell
def findings_table(code, field, fields, kinds, page, result, set_chosen, severity, stage):
    found = page.narrow(
        narrow(result.findings, {}, picked(fields.selections)),
        {"severity": severity.value, "code": code.value, "stage": stage.value, "field": field.value},
        picked(kinds.selections),
    )
    _columns = ("severity", "code", "stage", "gen_id", "field", "expected", "actual", "detail", "fix")
    table = panels.table_of(page.in_lines(found), _columns, FINDING_LINES, set_chosen, "line")
    table
    return found, table


@app.cell
def generation_detail(get_chosen, page, session, set_chosen):
    page.look(session, get_chosen(), set_chosen)
    return


@app.cell
def downloads(page, found):
    write, _shown = page.downloads(found, "metadata_findings")
    _shown
    return (write,)


@app.cell
def report_files(page, result, session, write):
    page.report(write, session, {"metadata": result})
    return


if __name__ == "__main__":
    app.run()
