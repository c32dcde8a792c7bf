import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Content")

with app.setup:
    import marimo as mo

    from genaudit import charts
    from genaudit.workbench import on_demand, panels, scripts, stored_texts
    from genaudit.workbench.choice import picked, values_of
    from genaudit.workbench.page import Page, started


@app.cell
def arguments():
    data_root, output = started()
    return data_root, output


@app.cell
def page_frame(data_root, output):
    page = Page("content", data_root, output)
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
    search = mo.ui.run_button(label="Read every text")
    mo.hstack([search], justify="start")
    return (search,)


@app.cell
def run_check(page, search, session):
    _outcome = on_demand.check_store(session, now=scripts.pressed(search, page.started))
    mo.stop(_outcome is None, on_demand.not_checked_yet(session))
    result = _outcome
    section = stored_texts.section_of(result)
    panels.sentences(section)
    return result, section


@app.cell
def prompt_chart(result):
    states = panels.chart_widget(charts.clickable(charts.prompt_states(result.summary.prompts), "stage", "prompt"))
    panels.captioned(
        states,
        "A prompt that differs was sent with another template, concept or parent text than today's."
        " Click a bar to keep its generations in the table.",
        result.summary.prompts,
        "The store holds no generation.",
    )
    return (states,)


@app.cell
def changed_inputs(result):
    inputs = stored_texts.changed_inputs(result)
    _listed = panels.listed(inputs, "input", "removed and added lines")
    mo.vstack([mo.md("## Changed inputs, with their descendants"), _listed])
    return (inputs,)


@app.cell
def text_problems(page, result):
    problems = result.findings[result.findings["code"] != "PROMPT_DRIFTED"]
    _columns = ("code", "stage", "gen_id", "actual", "detail", "fix")
    mo.vstack(
        [
            mo.md("## Texts and answers with a problem"),
            panels.chart_widget(charts.findings_by_code(problems))
            if len(problems)
            else panels.paragraph("Every text is readable, and none is cut off."),
            panels.listed(page.in_lines(problems), "line", "what to do", columns=_columns),
        ]
    )
    return (problems,)


@app.cell
def generation_filters(page, result):
    found = stored_texts.affected(result)
    stage = page.chooser("Stage", "stage", values_of(found, "stage"))
    changed = page.chooser("Changed input", "changed", stored_texts.words_of(found, "changed"))
    code = page.chooser("Problem", "problem", stored_texts.words_of(found, "texts"))
    mo.vstack(
        [
            mo.md("## Which generations"),
            mo.hstack([stage, changed, code], justify="start", gap=2, wrap=True, align="end"),
        ]
    )
    return changed, code, found, stage


@app.cell
def generation_table(changed, code, found, page, set_chosen, stage, states):
    rows = page.narrow(
        stored_texts.with_word(stored_texts.with_word(found, "changed", changed.value), "texts", code.value),
        {"stage": stage.value},
        picked(states.selections),
    )
    table = panels.table_of(
        rows, stored_texts.COLUMNS, "Generations made from other inputs, or with a problem; pick one", set_chosen
    )
    table
    return rows, table


@app.cell
def generation_detail(get_chosen, page, session, set_chosen):
    page.look(session, get_chosen(), set_chosen)
    return


@app.cell
def downloads(page, rows):
    write, _shown = page.downloads(rows, "content")
    _shown
    return (write,)


@app.cell
def report_files(page, result, session, write):
    page.report(write, session, {"content": result})
    return


if __name__ == "__main__":
    app.run()
