import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="References")

with app.setup:
    import sys
    from pathlib import Path

    import marimo as mo

    from genaudit import charts
    from genaudit.errors import DDError
    from genaudit.workbench import asking, panels, quotes, scripts, start
    from genaudit.workbench.choice import narrow, picked, values_of
    from genaudit.workbench.closeup import closeup
    from genaudit.workbench.saving import write_results
    from genaudit.workbench.tables import listing


@app.cell
def question():
    mo.md("""
    # References
    Who quotes ids, and what would become of the quotes in a rename?
    """)
    return


@app.cell
def arguments():
    started = start.arguments(sys.argv[1:], mo.notebook_dir().parents[1])
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
    root_field = panels.root_field(mo.query_params(), data_root)
    again = mo.ui.run_button(label="Read again")
    panels.store_bar(root_field, again)
    return again, root_field


@app.cell
def where_else_to_look(get_chosen, root_field):
    panels.neighbours("references", root_field.value, get_chosen(), mo.query_params())
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
    get_chosen, set_chosen = mo.state(start.chosen_by(mo.query_params()))
    return get_chosen, set_chosen


@app.cell
def whether_to_search():
    search = mo.ui.run_button(label="Search every file")
    mo.hstack([search], justify="start")
    return (search,)


@app.cell
def search_when_asked(output, search, session, started):
    _outcome = asking.search_store(session, Path(output), now=scripts.pressed(search, started))
    mo.stop(_outcome is None, asking.not_searched_yet(session))
    mo.stop(isinstance(_outcome, DDError), panels.said(f"The root cannot be searched: {_outcome}."))
    result = _outcome
    section = quotes.section_of(result)
    panels.said(*section.sentences, section.good or "")
    return result, section


@app.cell
def who_quotes_ids(result, section):
    _figure = next(iter(section.figures), None)
    kinds = panels.drawn(charts.clickable(charts.references_by_kind(result.frame), "kind", "treatment"))
    panels.explained(
        kinds if _figure else panels.said("Nothing quotes an id."),
        f"{_figure.caption} Click a bar to keep its quotes in the table." if _figure else "",
        _figure,
    )
    return (kinds,)


@app.cell
def which_quotes(result):
    quoted = quotes.quotes(result)
    treatment = panels.chooser("Treatment", values_of(quoted, "treatment"))
    kind = panels.chooser("Kind of file", values_of(quoted, "kind"))
    only = mo.ui.text(label="Only this id", placeholder="any")
    mo.vstack(
        [mo.md("## Which quotes"), mo.hstack([treatment, kind, only], justify="start", gap=2, wrap=True, align="end")]
    )
    return kind, only, quoted, treatment


@app.cell
def which_ones(kind, kinds, only, quoted, set_chosen, treatment):
    rows = narrow(
        quotes.quoting(quoted, only.value),
        {"treatment": treatment.value, "kind": kind.value},
        picked(kinds.selections),
    )
    _listing = listing(rows, quotes.COLUMNS, "line")
    table = panels.table_of(_listing, "Quotes, and files not searched; pick one to look at its id", set_chosen)
    mo.vstack([table, panels.said(_listing.said)])
    return rows, table


@app.cell
def which_ids_are_gone(quoted):
    gone = quotes.dangling(quoted)
    _listing = listing(gone, gone.columns, "id")
    mo.vstack([mo.md("## Quoted, and nowhere in the store"), panels.listed(_listing)])
    return (gone,)


@app.cell
def what_was_not_searched(result):
    unsearched = quotes.not_searched(result)
    _listing = listing(unsearched, unsearched.columns, "line")
    mo.vstack([mo.md("## Not searched"), panels.listed(_listing)])
    return (unsearched,)


@app.cell
def who_quotes_the_one_looked_at(get_chosen, quoted):
    quoting_it = quotes.quoting(quoted, get_chosen()[1]) if get_chosen()[1] else quoted.head(0)
    _columns = ("treatment", "kind", "field", "reason", "line", "column", "path")
    mo.vstack(
        [
            mo.md("## One id"),
            panels.listed(listing(quoting_it, _columns, "quote"))
            if get_chosen()[1]
            else panels.said("Pick a quote: a row of the table above."),
        ]
    )
    return (quoting_it,)


@app.cell
def one_generation(get_chosen, session, set_chosen):
    seen = closeup(session, *get_chosen())
    chain = panels.kin_chart(seen, set_chosen)
    return chain, seen


@app.cell
def what_is_known_of_it(chain, get_chosen, seen):
    mo.stop(get_chosen()[1] is None)
    panels.close_look(seen, get_chosen(), chain, mo.query_params())
    return


@app.cell
def address_to_share(data_root, get_chosen, root_field):
    panels.share(mo.query_params(), root_field.value, data_root, get_chosen())
    return


@app.cell
def take_it_along(rows, session):
    write = mo.ui.run_button(label="Write report")
    mo.hstack([write, panels.download(rows, f"quotes_{session.day}")], justify="start", wrap=True)
    return (write,)


@app.cell
def report_written(output, result, session, started, write):
    mo.stop(not scripts.pressed(write, started))
    written = write_results(session, {"references": result}, Path(output))
    scripts.tell(written, started)
    panels.written(written)
    return (written,)


if __name__ == "__main__":
    app.run()
