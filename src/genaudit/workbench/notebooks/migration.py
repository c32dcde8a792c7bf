import marimo

__generated_with = "0.25.2"

app = marimo.App(width="medium", app_title="Migration")

with app.setup:
    from pathlib import Path

    import marimo as mo

    from genaudit import DDError, charts
    from genaudit.workbench import migration_panels, panels, plans, scripts
    from genaudit.workbench.choice import narrow, picked, values_of
    from genaudit.workbench.downloads import download
    from genaudit.workbench.migrations import commands, names_of, state_of_migrations
    from genaudit.workbench.page import Page, started
    from genaudit.workbench.rename_preview import chains


@app.cell
def arguments():
    data_root, output = started()
    return data_root, output


@app.cell
def page_frame(data_root, output):
    page = Page("migration", data_root, output)
    get_chosen, set_chosen = mo.state(page.chosen)
    root_field, again = page.controls(set_chosen)
    page.top
    return again, get_chosen, page, root_field, set_chosen


@app.cell
def navigation(get_chosen, page, root_field):
    page.navigation(root_field.value, get_chosen())
    return


@app.cell
def verdict(again, page, root_field):
    session = page.open(root_field.value, again=again.value)
    state = None if session.is_saved else state_of_migrations(session.root)
    mo.vstack([panels.when_read(session), mo.md("## State"), migration_panels.migration_state(state)])
    return session, state


@app.cell
def old_id_field():
    former = mo.ui.text(label="Look up an id, of today or of any time before", full_width=True)
    mo.vstack([former])
    return (former,)


@app.cell
def old_id_lookup(former, session):
    mo.stop(not former.value.strip())
    names = names_of(session.snapshot.root, former.value)
    mo.stop(isinstance(names, DDError), migration_panels.refused(names) if isinstance(names, DDError) else None)
    panels.listed(names, "name", columns=("stage", "gen_id", "plan", "now"), none="No migration has touched it.")
    return (names,)


@app.cell
def plan_form(page, session):
    stages = mo.ui.multiselect(session.stages, label="Stages (none: all)")
    cohort = page.chooser("Cohort", "cohort_id", values_of(session.run.cohorts.frame, "cohort_id"))
    only = mo.ui.text_area(label="Only these ids and their descendants (empty: all)", rows=2, full_width=True)
    excepted = mo.ui.text_area(label="Ids that keep their names whatever happens", rows=2, full_width=True)
    mo.vstack(
        [
            mo.md("## Filter"),
            mo.hstack([stages, cohort], justify="start", gap=2, wrap=True),
            mo.hstack([only, excepted], widths="equal", gap=2),
        ]
    )
    return cohort, excepted, only, stages


@app.cell
def plan_button():
    make = mo.ui.run_button(label="Make the plan")
    mo.vstack([make], align="start")
    return (make,)


@app.cell
def make_plan(cohort, excepted, make, only, page, session, stages):
    mo.stop(
        not scripts.pressed(make, page.started),
        panels.paragraph(
            "The plan is made in memory. Every file of the store is read for it, to find every reference to an id.",
            "Change the choice above, and it has to be made again.",
        ),
    )
    made = migration_panels.make(session.root, plans.Asked(stages.value, cohort.value, only.value, excepted.value))
    mo.stop(isinstance(made, DDError), migration_panels.refused(made) if isinstance(made, DDError) else None)
    plan = made
    panels.paragraph(f"Plan {plan.digest}.")
    return (plan,)


@app.cell
def rename_chart(plan):
    renames = plans.renames(plan)
    causes = panels.chart_widget(charts.clickable(charts.planned_renames(renames), "stage", "cause"))
    _counts = plans.outcomes(plan)
    mo.vstack(
        [
            mo.md("## Renamed generations"),
            panels.captioned(
                causes, "Click a bar to keep its generations in the table.", renames, "The plan renames nothing."
            ),
            mo.accordion({"Outcome of all of them": panels.listed(_counts, "stage")}),
        ]
    )
    return causes, renames


@app.cell
def rename_table(causes, page, renames, set_chosen):
    rows = page.narrow(renames, {}, picked(causes.selections))
    table = panels.table_of(
        rows, rows.columns, "Renames, old to new; pick one to see its chain", set_chosen, "rename"
    )
    table if len(renames) else None
    return rows, table


@app.cell
def exclusion_chart(plan):
    exclusions = plans.exclusions(plan)
    _why = plans.reasons(exclusions)
    reasons = panels.chart_widget(charts.clickable(charts.exclusions(exclusions), "reason", "stage"))
    mo.vstack(
        [
            mo.md("## Kept names"),
            panels.captioned(
                reasons,
                "Click a bar to keep its generations in the table.",
                exclusions,
                "Nothing that could change is left alone.",
            ),
            panels.listed(_why, "reason", "what to do"),
        ]
    )
    return exclusions, reasons


@app.cell
def exclusion_table(exclusions, reasons, set_chosen):
    kept = narrow(exclusions, {}, picked(reasons.selections))
    kept_table = panels.table_of(kept, kept.columns, "Left alone; pick one to look at it", set_chosen)
    kept_table if len(exclusions) else None
    return kept, kept_table


@app.cell
def file_edits(plan):
    files = plans.files(plan)
    by_kind = plans.files_by_kind(files)
    left = plans.left_alone(plan)
    keys = plans.partition_changes(plan)
    mo.vstack(
        [
            mo.md("## Which files change"),
            panels.listed(by_kind, "kind"),
            mo.ui.tabs(
                {
                    f"Files to change ({len(files):,})": panels.listed(files, "file"),
                    f"Left for a person ({len(left):,})": panels.listed(left, "file", "path", "what to do"),
                    f"Partition keys ({keys['keys'].sum():,})": panels.listed(keys, "definition"),
                }
            ),
        ]
    )
    return by_kind, files, keys, left


@app.cell
def lineage_preview(get_chosen, plan, session):
    both = chains(session, plan, *get_chosen())
    mo.vstack([mo.md("## A chain before and after"), migration_panels.both_chains(both)])
    return (both,)


@app.cell
def plan_destination(output):
    plan_folder = mo.ui.text(value=output, label="Folder for the plan", full_width=True)
    return (plan_folder,)


@app.cell
def downloads(plan, plan_folder, rows, session):
    write = mo.ui.run_button(label="Write plan")
    _download = mo.download(
        plan.to_bytes, filename=plans.PLAN_NAME, mimetype="application/json", label="Download plan"
    )
    mo.vstack(
        [
            mo.md("## Take it along"),
            plan_folder,
            mo.hstack([write, _download, download(rows, "renames", session.day)], justify="start", wrap=True),
        ]
    )
    return (write,)


@app.cell
def plan_file(page, plan, plan_folder, session, write):
    page.saved(write, lambda: plans.save_in(plan, session.root, plan_folder.value))
    return


@app.cell
def simulation_folder(plan):
    into = mo.ui.text(value=migration_panels.temporary_copy(plan), label="Folder of the copy", full_width=True)
    return (into,)


@app.cell
def simulation_button(into):
    try_out = mo.ui.run_button(label="Try the plan on a copy")
    mo.vstack(
        [
            mo.md("## Try it"),
            panels.paragraph("The plan is applied to a copy, which shares its files by hard links if it can."),
            into,
            try_out,
        ]
    )
    return (try_out,)


@app.cell
def simulation_result(into, plan, session, try_out):
    mo.stop(not try_out.value)
    simulated = migration_panels.try_out(session.root, plan, into.value)
    migration_panels.outcome(simulated, into.value)
    return (simulated,)


@app.cell
def apply_commands(into, plan, plan_folder, session):
    steps = commands(session.root, plan.choice, plans.path_in(plan_folder.value), Path(into.value))
    mo.vstack(
        [
            mo.md("## Do it, in a terminal"),
            panels.paragraph(
                "The plan is made once more before it is applied, and refused if the store has changed.",
                "Nothing else may write to the store meanwhile.",
            ),
            migration_panels.typed(steps),
        ]
    )
    return (steps,)


@app.cell
def generation_detail(get_chosen, page, session, set_chosen):
    page.look(session, get_chosen(), set_chosen)
    return


if __name__ == "__main__":
    app.run()
