import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Workbench")

with app.setup:
    import sys
    from pathlib import Path

    import marimo as mo

    from genaudit import charts
    from genaudit.workbench import notebook_args, panels, scripts
    from genaudit.workbench.choice import categories_of, narrow, picked, values_of
    from genaudit.workbench.generation_detail import generation_detail
    from genaudit.workbench.health import MOST_KINDS, coverage
    from genaudit.workbench.listings import listing
    from genaudit.workbench.saving import write_reports


@app.cell
def title():
    mo.md("""
    # Workbench
    How does the store stand, what is wrong with it, and where to look next?
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
    panels.neighbours("workbench", root_field.value, get_chosen(), mo.query_params())
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
    panels.verdict(session.facts)
    return


@app.cell
def audit_links(session):
    mo.vstack([mo.md("## Where to go next"), panels.ways(session, mo.query_params())])
    return


@app.cell
def next_steps(session):
    mo.vstack([mo.md("## What to do first"), panels.first_steps(session.facts)])
    return


@app.cell
def finding_filters(session):
    severity = panels.chooser("Severity", categories_of(session.findings, "severity"))
    code = panels.chooser("Code", values_of(session.findings, "code"))
    stage = panels.chooser("Stage", session.stages, notebook_args.chosen_by(mo.query_params())[0])
    mo.vstack([mo.md("## What was found"), mo.hstack([severity, code, stage], justify="start", gap=2, wrap=True)])
    return code, severity, stage


@app.cell
def findings_chart(session):
    kinds = panels.chart_widget(charts.clickable(charts.findings_by_code(session.findings, MOST_KINDS), "code"))
    panels.captioned(
        kinds if len(session.findings) else panels.paragraph("No audit found anything."),
        f"The gravest kinds first, {MOST_KINDS} at most; the table has all."
        " Click a bar, or several with the shift key, to keep their findings.",
    )
    return (kinds,)


@app.cell
def findings_table(code, kinds, session, set_chosen, severity, stage):
    found = narrow(
        session.findings,
        {"severity": severity.value, "code": code.value, "stage": stage.value},
        picked(kinds.selections),
    )
    _columns = ("severity", "code", "stage", "gen_id", "field", "expected", "actual", "detail", "path", "fix")
    _listing = listing(found, _columns, "finding")
    table = panels.table_of(_listing, "Findings; pick one to look at its generation", set_chosen)
    mo.vstack([table, panels.paragraph(_listing.said)])
    return found, table


@app.cell
def coverage_list(session):
    checked = coverage(session)
    mo.accordion(
        {
            "What was checked, skipped, and could not be verified": panels.listed(
                listing(checked, checked.columns, "line")
            )
        }
    )
    return (checked,)


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
def downloads(found, session):
    write = mo.ui.run_button(label="Write report")
    mo.hstack(
        [write, panels.download(found, f"findings_{session.day}"), panels.download_page(session)],
        justify="start",
        wrap=True,
    )
    return (write,)


@app.cell
def report_files(output, session, started, write):
    mo.stop(not scripts.pressed(write, started))
    written = write_reports(session, session.run.results, Path(output))
    scripts.tell(written, started)
    panels.written(written)
    return (written,)


if __name__ == "__main__":
    app.run()
