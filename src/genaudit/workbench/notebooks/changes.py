import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Changes")

with app.setup:
    import marimo as mo

    from genaudit import charts
    from genaudit.workbench import panels
    from genaudit.workbench.changes import changes_since, saved_names, write_changes
    from genaudit.workbench.page import Page, started


@app.cell
def arguments():
    data_root, output = started()
    return data_root, output


@app.cell
def page_frame(data_root, output):
    page = Page("changes", data_root, output)
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
def snapshot_picker(output):
    _names = saved_names(output)
    since = panels.chooser("Since the snapshot", _names, _names[0] if _names else None)
    since if _names else panels.paragraph(
        f"There is no snapshot in {output} yet. Save one: genaudit snapshot save --output {output}"
    )
    return (since,)


@app.cell
def verdict(output, session, since):
    mo.stop(not since.value)
    _found = changes_since(session, output, since.value)
    mo.stop(isinstance(_found, str), panels.paragraph(str(_found)))
    diff, sections, counts, changed = _found
    panels.paragraph(*(sentence for section in sections[:2] for sentence in section.sentences))
    return changed, counts, diff, sections


@app.cell
def change_chart(counts, sections):
    kinds = panels.chart_widget(charts.changes(counts))
    panels.figure(kinds, sections[0].figure("changes"), none="No generation changed.")
    return (kinds,)


@app.cell
def change_table(sections):
    changes = panels.plain_table(sections[0].table("all-changes"))
    mo.vstack([mo.md("## Every change"), changes])
    return (changes,)


@app.cell
def findings_table(sections):
    findings = panels.plain_table(sections[1].table("changed-findings"))
    mo.vstack([mo.md("## Findings that are new or fixed"), findings])
    return (findings,)


@app.cell
def id_and_score_tables(sections):
    mo.vstack([panels.plain_table(section.overview) for section in sections[2:]])
    return


@app.cell
def generation_detail(get_chosen, page, session, set_chosen):
    page.look(session, get_chosen(), set_chosen)
    return


@app.cell
def downloads(page, changed):
    write, _shown = page.downloads(changed, "audit_diff")
    _shown
    return (write,)


@app.cell
def report_files(diff, output, page, session, write):
    page.saved(write, lambda: write_changes(session, diff, output))
    return


if __name__ == "__main__":
    app.run()
