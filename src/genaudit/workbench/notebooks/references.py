import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="References")

with app.setup:
    from pathlib import Path

    import marimo as mo

    from genaudit import DDError, charts
    from genaudit.workbench import on_demand, panels, references, scripts
    from genaudit.workbench.choice import picked, values_of
    from genaudit.workbench.page import Page, started


@app.cell
def arguments():
    data_root, output = started()
    return data_root, output


@app.cell
def page_frame(data_root, output):
    page = Page("references", data_root, output)
    get_chosen, set_chosen = mo.state(page.chosen)
    root_field, again = page.controls(set_chosen)
    page.top
    return again, get_chosen, page, root_field, set_chosen


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
def search_button():
    search = mo.ui.run_button(label="Search every file")
    mo.hstack([search], justify="start")
    return (search,)


@app.cell
def run_search(output, page, search, session):
    _outcome = on_demand.search_store(session, Path(output), now=scripts.pressed(search, page.started))
    mo.stop(_outcome is None, on_demand.not_searched_yet(session))
    mo.stop(isinstance(_outcome, DDError), panels.paragraph(f"The root cannot be searched: {_outcome}."))
    result = _outcome
    section = references.section_of(result)
    panels.sentences(section)
    return result, section


@app.cell
def reference_chart(result, section):
    kinds = panels.chart_widget(charts.clickable(charts.references_by_kind(result.frame), "kind", "treatment"))
    panels.figure(
        kinds,
        section.figure("references"),
        "Click a bar to keep its references in the table.",
        "No file contains an id.",
    )
    return (kinds,)


@app.cell
def reference_filters(page, result):
    found = references.reference_rows(result)
    treatment = page.chooser("Treatment", "treatment", values_of(found, "treatment"))
    kind = page.chooser("Kind of file", "kind", values_of(found, "kind"))
    only = mo.ui.text(label="Only this id", placeholder="any")
    mo.vstack(
        [mo.md("## References"), mo.hstack([treatment, kind, only], justify="start", gap=2, wrap=True, align="end")]
    )
    return kind, only, found, treatment


@app.cell
def reference_table(kind, kinds, only, page, found, set_chosen, treatment):
    rows = page.narrow(
        references.references_to(found, only.value),
        {"treatment": treatment.value, "kind": kind.value},
        picked(kinds.selections),
    )
    table = panels.table_of(
        rows, references.COLUMNS, "References, and files not searched; pick one to look at its id", set_chosen, "line"
    )
    table
    return rows, table


@app.cell
def dangling_table(found):
    gone = references.dangling(found)
    mo.vstack([mo.md("## Ids that are not in the store"), panels.listed(gone, "id")])
    return (gone,)


@app.cell
def unscanned_table(result):
    unsearched = references.not_searched(result)
    mo.vstack([mo.md("## Not searched"), panels.listed(unsearched, "line")])
    return (unsearched,)


@app.cell
def references_of_generation(get_chosen, found):
    of_one = references.references_to(found, get_chosen()[1]) if get_chosen()[1] else found.head(0)
    _columns = ("treatment", "kind", "field", "reason", "line", "column", "path")
    mo.vstack(
        [
            mo.md("## One id"),
            panels.listed(of_one, "reference", columns=_columns)
            if get_chosen()[1]
            else panels.paragraph("Pick a reference: a row of the table above."),
        ]
    )
    return (of_one,)


@app.cell
def generation_detail(get_chosen, page, session, set_chosen):
    page.look(session, get_chosen(), set_chosen)
    return


@app.cell
def downloads(page, rows):
    write, _shown = page.downloads(rows, "references")
    _shown
    return (write,)


@app.cell
def report_files(page, result, session, write):
    page.report(write, session, {"references": result})
    return


if __name__ == "__main__":
    app.run()
