import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Content")

with app.setup:
    import sys
    from pathlib import Path

    import marimo as mo

    from genaudit import charts
    from genaudit.workbench import notebook_args, on_demand, panels, scripts, stored_texts
    from genaudit.workbench.choice import narrow, picked, values_of
    from genaudit.workbench.generation_detail import generation_detail
    from genaudit.workbench.listings import listing
    from genaudit.workbench.saving import write_results


@app.cell
def title():
    mo.md("""
    # Content
    Which answers were made from other inputs than today's, and which stored texts are no answers?
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
    panels.neighbours("content", root_field.value, get_chosen(), mo.query_params())
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
    search = mo.ui.run_button(label="Read every text")
    mo.hstack([search], justify="start")
    return (search,)


@app.cell
def run_check(search, session, started):
    _outcome = on_demand.check_store(session, now=scripts.pressed(search, started))
    mo.stop(_outcome is None, on_demand.not_checked_yet(session))
    result = _outcome
    section = stored_texts.section_of(result)
    panels.paragraph(*section.sentences, section.good or "")
    return result, section


@app.cell
def prompt_chart(result):
    states = panels.chart_widget(charts.clickable(charts.prompt_states(result.summary.prompts), "stage", "prompt"))
    panels.captioned(
        states if result.summary.prompts else panels.paragraph("The store holds no generation."),
        "A prompt that differs was sent with another template, concept or parent text than today's."
        " Click a bar to keep its generations in the table.",
    )
    return (states,)


@app.cell
def changed_inputs(result):
    inputs = stored_texts.changed_inputs(result)
    _listing = listing(inputs, stored_texts.GROUPS, "input")
    mo.vstack([mo.md("## Inputs that changed, with what lies below"), panels.listed(_listing, "removed", "added")])
    return (inputs,)


@app.cell
def text_problems(result):
    problems = result.findings[result.findings["code"] != "PROMPT_DRIFTED"]
    _drawn = panels.chart_widget(charts.findings_by_code(problems)) if len(problems) else None
    mo.vstack(
        [
            mo.md("## Texts and answers with a problem"),
            _drawn if _drawn is not None else panels.paragraph("Every text is readable, and none is cut off."),
            panels.listed(
                listing(problems, ("code", "stage", "gen_id", "actual", "detail", "fix"), "finding"), "what to do"
            ),
        ]
    )
    return (problems,)


@app.cell
def generation_filters(result):
    found = stored_texts.affected(result)
    stage = panels.chooser("Stage", values_of(found, "stage"))
    changed = panels.chooser("Changed input", stored_texts.words_of(found, "changed"))
    code = panels.chooser("Problem", stored_texts.words_of(found, "texts"))
    mo.vstack(
        [
            mo.md("## Which generations"),
            mo.hstack([stage, changed, code], justify="start", gap=2, wrap=True, align="end"),
        ]
    )
    return changed, code, found, stage


@app.cell
def generation_table(changed, code, found, set_chosen, stage, states):
    rows = narrow(
        stored_texts.with_word(stored_texts.with_word(found, "changed", changed.value), "texts", code.value),
        {"stage": stage.value},
        picked(states.selections),
    )
    _listing = listing(rows, stored_texts.COLUMNS)
    table = panels.table_of(_listing, "Generations made from other inputs, or with a problem; pick one", set_chosen)
    mo.vstack([table, panels.paragraph(_listing.said)])
    return rows, table


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
    mo.hstack([write, panels.download(rows, f"content_{session.day}")], justify="start", wrap=True)
    return (write,)


@app.cell
def report_files(output, result, session, started, write):
    mo.stop(not scripts.pressed(write, started))
    written = write_results(session, {"content": result}, Path(output))
    scripts.tell(written, started)
    panels.written(written)
    return (written,)


if __name__ == "__main__":
    app.run()
