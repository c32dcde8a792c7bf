import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Changes")

with app.setup:
    import sys

    import marimo as mo

    from genaudit import charts
    from genaudit.diff.sections import changes_table, counts_of, diff_sections
    from genaudit.errors import DDError
    from genaudit.workbench import notebook_args, panels, scripts
    from genaudit.workbench.changes import changes_since, saved_names, write_changes
    from genaudit.workbench.generation_detail import generation_detail


@app.cell
def question():
    mo.md("""
    # Changes
    What came, went, was renamed or changed since a saved snapshot, and which findings are new?
    """)
    return


@app.cell
def arguments():
    started = notebook_args.arguments(sys.argv[1:], mo.notebook_dir().parents[1])
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
    root_field = panels.root_field(notebook_args.one(mo.query_params().get("root")) or data_root)
    again = mo.ui.run_button(label="Read again")
    panels.store_bar(root_field, again)
    return again, root_field


@app.cell
def where_else_to_look(get_chosen, root_field):
    panels.neighbours("changes", root_field.value, get_chosen(), mo.query_params())
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
    get_chosen, set_chosen = mo.state(notebook_args.chosen_by(mo.query_params()))
    return get_chosen, set_chosen


@app.cell
def since_when(output):
    _names = saved_names(output)
    since = panels.chooser("Since the snapshot", _names, _names[0] if _names else None)
    since if _names else panels.paragraph(
        f"There is no snapshot in {output} yet. Save one: genaudit snapshot save --output {output}"
    )
    return (since,)


@app.cell
def what_changed(output, session, since):
    mo.stop(not since.value)
    diff = changes_since(session, output, since.value)
    mo.stop(isinstance(diff, DDError), panels.paragraph(f"The snapshot cannot be compared: {diff}."))
    sections = diff_sections(diff)
    panels.paragraph(*(sentence for section in sections[:2] for sentence in section.sentences))
    return diff, sections


@app.cell
def how_much(diff, sections):
    kinds = panels.chart_widget(charts.changes(counts_of(diff)))
    panels.captioned(kinds, "Generations by stage and kind of change.", sections[0].figure("changes"))
    return (kinds,)


@app.cell
def which_changes(diff):
    changed = changes_table(diff)
    changes = panels.plain_table(diff_sections(diff)[0].table("all-changes"))
    mo.vstack([mo.md("## Every change"), changes])
    return changed, changes


@app.cell
def which_findings(diff):
    findings = panels.plain_table(diff_sections(diff)[1].table("changed-findings"))
    mo.vstack([mo.md("## Findings that are new or fixed"), findings])
    return (findings,)


@app.cell
def ids_and_scores(sections):
    mo.vstack([panels.plain_table(section.overview) for section in sections[2:]])
    return


@app.cell
def one_generation(get_chosen, session, set_chosen):
    seen = generation_detail(session, *get_chosen())
    chain = panels.kin_chart(seen, set_chosen)
    return chain, seen


@app.cell
def what_is_known_of_it(chain, get_chosen, seen):
    panels.close_look(seen, get_chosen(), chain, mo.query_params())
    return


@app.cell
def address_to_share(data_root, get_chosen, root_field):
    panels.share(mo.query_params(), root_field.value, data_root, get_chosen(), None)
    return


@app.cell
def take_it_along(changed, session):
    write = mo.ui.run_button(label="Write report")
    mo.hstack([write, panels.download(changed, f"audit_diff_{session.day}")], justify="start", wrap=True)
    return (write,)


@app.cell
def report_written(diff, output, session, started, write):
    mo.stop(not scripts.pressed(write, started))
    written = write_changes(session, diff, output)
    scripts.tell(written, started)
    panels.written(written)
    return (written,)


if __name__ == "__main__":
    app.run()
