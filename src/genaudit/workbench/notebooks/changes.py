import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Changes")

with app.setup:
    import sys

    import marimo as mo

    from genaudit import charts
    from genaudit.workbench import notebook_args, panels, scripts
    from genaudit.workbench.changes import changes_since, saved_names, write_changes
    from genaudit.workbench.generation_detail import generation_detail


@app.cell
def title():
    mo.md("""
    # Changes
    What came, went, was renamed or changed since a saved snapshot, and which findings are new?
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
    panels.neighbours("changes", root_field.value, get_chosen(), mo.query_params())
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
    panels.captioned(kinds, "Generations by stage and kind of change.", sections[0].figure("changes"))
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
def generation_picker(get_chosen, session, set_chosen):
    seen = generation_detail(session, *get_chosen())
    chain = panels.kin_chart(seen, set_chosen)
    return chain, seen


@app.cell
def detail_view(chain, get_chosen, seen):
    panels.close_look(seen, get_chosen(), chain, mo.query_params())
    return


@app.cell
def share_link(data_root, get_chosen, root_field):
    panels.share(mo.query_params(), root_field.value, data_root, get_chosen(), None)
    return


@app.cell
def downloads(changed, session):
    write = mo.ui.run_button(label="Write report")
    mo.hstack([write, panels.download(changed, f"audit_diff_{session.day}")], justify="start", wrap=True)
    return (write,)


@app.cell
def report_files(diff, output, session, started, write):
    mo.stop(not scripts.pressed(write, started))
    written = write_changes(session, diff, output)
    scripts.tell(written, started)
    panels.written(written)
    return (written,)


if __name__ == "__main__":
    app.run()
