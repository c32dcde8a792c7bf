"""A migration leaves the reports of earlier audits as they were written."""

import json

from helpers.migrations import migratable


def edited(plan):
    return {edit["path"] for edit in json.loads(plan.read_bytes())["edits"]}


def test_a_plan_leaves_every_report_alone(run, tmp_path):
    store = migratable(tmp_path / "store")
    run("migrate", "plan", "--data-root", store, "--output", tmp_path / "before")
    (store / "2_tasks").mkdir(exist_ok=True)
    arguments = ("--data-root", store, "--output", store / "notes2", "--fail-on", "never", "--with-references")
    assert run("audit", *arguments)[0] in {0, 2}
    assert run("rebuild", *arguments[:4])[0] in {0, 2}
    reports = {path.name for path in (store / "notes2").iterdir()}
    assert {"cohort_rebuild", "cohort_membership", "cross_references"} <= {name[:-16] for name in reports} | {
        name[:-15] for name in reports
    }
    assert run("migrate", "plan", "--data-root", store, "--output", tmp_path / "after")[0] == 0
    after = edited(tmp_path / "after" / "migration_plan.json")
    assert not {path for path in after if path.startswith("notes2/")}
    assert after == edited(tmp_path / "before" / "migration_plan.json")
