import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Metadata")

with app.setup:
    import marimo as mo

    from genaudit import charts
    from genaudit.workbench import panels
    from genaudit.workbench.choice import categories_of, narrow, picked, values_of
    from genaudit.workbench.page import Page


@app.cell
def page_frame():
    page = Page("metadata")
    page.title
    return (page,)


@app.cell
def parameter_data_root(page):
    data_root = page.started.data_root
    return (data_root,)


@app.cell
def parameter_output(page):
    output = page.started.output
    return (output,)


@app.cell
def chosen_generation(page):
    get_chosen, set_chosen = mo.state(page.chosen)
    return get_chosen, set_chosen


@app.cell
def store_bar(data_root, page, set_chosen):
    root_field, again, find, _shown = page.store_bar(data_root, set_chosen)
    _shown
    return again, find, root_field


@app.cell
def navigation(get_chosen, page, root_field):
    page.navigation(root_field.value, get_chosen())
    return


@app.cell
def open_store(again, page, root_field):
    session = page.open(root_field.value, again=again.value)
    panels.when_read(session)
    return (session,)


@app.cell
def verdict(session):
    result = session.run.metadata
    section = session.sections["metadata"]
    panels.paragraph(*section.sentences, section.good or "")
    return result, section


@app.cell
def completeness_chart(result, section):
    _figure = section.figure("fields")
    fields = panels.chart_widget(charts.clickable(charts.completeness(result.frame), "stage", "field"))
    panels.captioned(
        fields if _figure else panels.paragraph("There are no records to look at."),
        f"{_figure.caption} Click a cell to keep the findings about it." if _figure else "",
        _figure,
    )
    return (fields,)


@app.cell
def findings_chart(result):
    kinds = panels.chart_widget(charts.clickable(charts.findings_by_code(result.findings), "code"))
    panels.captioned(
        kinds if len(result.findings) else panels.paragraph("Nothing is wrong with the records."),
        "The gravest kinds first. Click a bar, or several with the shift key, to keep their findings in the table."
        if len(result.findings)
        else "",
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
    _listing = page.findings(found, _columns)
    table = panels.table_of(_listing, "Findings; pick one to look at its generation", set_chosen)
    mo.vstack([table, panels.paragraph(_listing.said)])
    return found, table


@app.cell
def generation_detail(get_chosen, page, session, set_chosen):
    seen, look = page.look(session, get_chosen(), set_chosen)
    look.shown
    return look, seen


@app.cell
def downloads(page, found):
    write, _shown = page.downloads(found, "metadata_findings")
    _shown
    return (write,)


@app.cell
def report_files(output, page, result, session, write):
    written, _shown = page.report(write, session, {"metadata": result}, output)
    _shown
    return (written,)


if __name__ == "__main__":
    app.run()
