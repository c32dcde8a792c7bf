import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="References")

with app.setup:
    import sys
    from pathlib import Path

    import marimo as mo

    from genaudit import DDError, charts
    from genaudit.workbench import notebook_args, on_demand, panels, references, scripts
    from genaudit.workbench.choice import narrow, picked, values_of
    from genaudit.workbench.generation_detail import generation_detail
    from genaudit.workbench.listings import listing
    from genaudit.workbench.saving import write_results


@app.cell
def title():
    mo.md("""
    # References
    Who quotes ids, and what would become of the quotes in a rename?
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
    panels.neighbours("references", root_field.value, get_chosen(), mo.query_params())
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
def search_button():
    search = mo.ui.run_button(label="Search every file")
    mo.hstack([search], justify="start")
    return (search,)


@app.cell
def run_search(output, search, session, started):
    _outcome = on_demand.search_store(session, Path(output), now=scripts.pressed(search, started))
    mo.stop(_outcome is None, on_demand.not_searched_yet(session))
    mo.stop(isinstance(_outcome, DDError), panels.paragraph(f"The root cannot be searched: {_outcome}."))
    result = _outcome
    section = references.section_of(result)
    panels.paragraph(*section.sentences, section.good or "")
    return result, section


@app.cell
def reference_chart(result, section):
    _figure = next(iter(section.figures), None)
    kinds = panels.chart_widget(charts.clickable(charts.references_by_kind(result.frame), "kind", "treatment"))
    panels.captioned(
        kinds if _figure else panels.paragraph("Nothing quotes an id."),
        f"{_figure.caption} Click a bar to keep its quotes in the table." if _figure else "",
        _figure,
    )
    return (kinds,)


@app.cell
def reference_filters(result):
    quoted = references.quotes(result)
    treatment = panels.chooser("Treatment", values_of(quoted, "treatment"))
    kind = panels.chooser("Kind of file", values_of(quoted, "kind"))
    only = mo.ui.text(label="Only this id", placeholder="any")
    mo.vstack(
        [mo.md("## Which quotes"), mo.hstack([treatment, kind, only], justify="start", gap=2, wrap=True, align="end")]
    )
    return kind, only, quoted, treatment


@app.cell
def reference_table(kind, kinds, only, quoted, set_chosen, treatment):
    rows = narrow(
        references.quoting(quoted, only.value),
        {"treatment": treatment.value, "kind": kind.value},
        picked(kinds.selections),
    )
    _listing = listing(rows, references.COLUMNS, "line")
    table = panels.table_of(_listing, "Quotes, and files not searched; pick one to look at its id", set_chosen)
    mo.vstack([table, panels.paragraph(_listing.said)])
    return rows, table


@app.cell
def dangling_table(quoted):
    gone = references.dangling(quoted)
    _listing = listing(gone, gone.columns, "id")
    mo.vstack([mo.md("## Quoted, and nowhere in the store"), panels.listed(_listing)])
    return (gone,)


@app.cell
def unscanned_table(result):
    unsearched = references.not_searched(result)
    _listing = listing(unsearched, unsearched.columns, "line")
    mo.vstack([mo.md("## Not searched"), panels.listed(_listing)])
    return (unsearched,)


@app.cell
def references_of_generation(get_chosen, quoted):
    quoting_it = references.quoting(quoted, get_chosen()[1]) if get_chosen()[1] else quoted.head(0)
    _columns = ("treatment", "kind", "field", "reason", "line", "column", "path")
    mo.vstack(
        [
            mo.md("## One id"),
            panels.listed(listing(quoting_it, _columns, "quote"))
            if get_chosen()[1]
            else panels.paragraph("Pick a quote: a row of the table above."),
        ]
    )
    return (quoting_it,)


@app.cell
def generation_picker(get_chosen, session, set_chosen):
    seen = generation_detail(session, *get_chosen())
    chain = panels.kin_chart(seen, set_chosen)
    return chain, seen


@app.cell
def detail_view(chain, get_chosen, seen):
    mo.stop(get_chosen()[1] is None)
    panels.close_look(seen, get_chosen(), chain, mo.query_params())
    return


@app.cell
def share_link(data_root, get_chosen, root_field):
    panels.share(mo.query_params(), root_field.value, data_root, get_chosen())
    return


@app.cell
def downloads(rows, session):
    write = mo.ui.run_button(label="Write report")
    mo.hstack([write, panels.download(rows, f"quotes_{session.day}")], justify="start", wrap=True)
    return (write,)


@app.cell
def report_files(output, result, session, started, write):
    mo.stop(not scripts.pressed(write, started))
    written = write_results(session, {"references": result}, Path(output))
    scripts.tell(written, started)
    panels.written(written)
    return (written,)


if __name__ == "__main__":
    app.run()
