"""Random edits of a store: a diff leads from the earlier rows to the later ones, and snapshots lose nothing."""

from __future__ import annotations

import json
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genaudit.audits.run import run_audits
from genaudit.diff.comparison import compare
from genaudit.diff.states import states_of
from genaudit.errors import DDError
from genaudit.reports import reports_of
from genaudit.snapshots.folder import read, save
from genaudit.snapshots.taking import opened, run_saved, take
from genaudit.stages import STAGES
from genaudit.store.snapshot import scan
from helpers.migrations import applied, plan_of, rolled_back
from helpers.small_store import write_small_store
from helpers.stores import write_generation
from oracle import stores

DAY = "2026-01-02"
SLOW = settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "change", "break", "text", "rename", "migrate", "rollback"]),
        st.integers(0, 99),
    ),
    max_size=6,
)


def edit(root, kind, number):
    """Change a store; an edit that has nothing to work on does nothing."""
    folders = sorted(path for path in (root / "gens").glob("*/*") if path.is_dir())
    chosen = folders[number % len(folders)] if folders else None
    if kind == "add":
        stage = [*STAGES][number % 3]
        if not (root / "gens" / stage / f"x{number}").exists():
            write_generation(root, stage, f"x{number}", {"template_id": "novelty", "replicate": number})
    elif kind == "migrate":
        stages = [[*STAGES][number % 3]] if number % 2 else None
        plan = plan_of(root, stages=stages)
        if plan.renames:
            applied(root, plan)
    elif kind == "rollback":
        # There may be no migration to undo, or a renamed generation was edited since.
        with suppress(DDError):
            rolled_back(root)
    elif chosen is not None:
        edit_folder(chosen, kind, number)


def edit_folder(folder, kind, number):
    record = folder / "metadata.json"
    if kind == "remove":
        shutil.rmtree(folder)
    elif kind == "break":
        record.write_text("{")
    elif kind == "text":
        (folder / "raw.txt").write_text("x" * (number + 1))
    elif kind == "rename" and not folder.with_name(f"y{number}").exists():
        folder.rename(folder.with_name(f"y{number}"))
    elif kind == "change" and record.exists():
        try:
            content = json.loads(record.read_text())
        except ValueError:
            return
        record.write_text(json.dumps({**content, "template_id": [None, "", " a ", "b", 7][number % 5]}))


def patched(states, diff):
    """Apply a diff to the states of the earlier snapshot, field by field."""
    names = {(one.stage, one.old): one.new for one in diff.renamed}
    found = {}
    for (stage, name), state in states.items():
        if (stage, name) in diff.gone:
            continue
        above = STAGES[stage].parent
        new = dict(state)
        for field, owner in (("gen_id", stage), ("parent_gen_id", above)):
            if field == "parent_gen_id" and "parent_gen_id" not in state:
                continue
            old = name if field == "gen_id" else state[field]
            later = names.get((owner, old), old)
            if field == "parent_gen_id":
                new[field] = later
            if new.get(f"stored {field}") == json.dumps(old):
                new[f"stored {field}"] = json.dumps(later)
        found[stage, names.get((stage, name), name)] = new
    for one in diff.changed:
        if one.new is None:
            del found[one.stage, one.gen_id][one.field]
        else:
            found[one.stage, one.gen_id][one.field] = one.new
    assert not found.keys() & diff.added.keys()
    return found | {key: dict(state) for key, state in diff.added.items()}


@given(EDITS, EDITS)
@SLOW
def test_a_diff_leads_from_the_earlier_rows_to_the_later_ones(first, second):
    with tempfile.TemporaryDirectory() as folder:
        root = write_small_store(Path(folder) / "store")
        for one in first:
            edit(root, *one)
        before = take(scan(root), date=DAY)
        for one in second:
            edit(root, *one)
        after = take(scan(root), date=DAY)
    assert compare(before, before).is_empty
    assert compare(after, after).is_empty
    assert patched(states_of(before), compare(before, after)) == states_of(after)
    assert patched(states_of(after), compare(after, before)) == states_of(before)


@given(EDITS)
@SLOW
def test_nothing_differs_after_a_migration_and_its_rollback(edits):
    with tempfile.TemporaryDirectory() as folder:
        root = write_small_store(Path(folder) / "store")
        for one in edits:
            edit(root, *one)
        before = take(scan(root), date=DAY)
        plan = plan_of(root)
        if plan.renames:
            applied(root, plan)
            migrated = compare(before, take(scan(root), date=DAY))
            assert (migrated.added, migrated.gone) == ({}, ())
            assert len(migrated.renamed) == len(plan.renames)
            rolled_back(root)
        assert compare(before, take(scan(root), date=DAY)).is_empty


def reports(run):
    return {(one.name, one.suffix): one.content() for one in reports_of(run, DAY, page=True)}


@given(stores.stores())
@settings(SLOW, max_examples=10)
def test_a_saved_snapshot_is_audited_as_its_store(plan):
    with tempfile.TemporaryDirectory() as folder:
        root = stores.write(Path(folder), plan)
        snapshot = scan(root)
        run = run_audits(snapshot)
        expected = reports(run)
        with tempfile.TemporaryDirectory() as output:
            saved = read(save(take(snapshot, date=DAY, name="a"), Path(output)))
        with opened(saved) as again:
            assert reports(run_saved(saved, again, tuple(run.results))) == expected
