"""Migrations of random stores with faults: mapped as by hand, simulated as applied, undone to the last byte."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genaudit.errors import DDError
from genaudit.layout import is_safe_name
from genaudit.migration.mapping import map_ids
from genaudit.migration.plan_file import parse_plan
from genaudit.migration.rename_filter import choose
from genaudit.migration.simulate import simulate
from genaudit.sample import SampleOptions, parse_faults, write_sample
from genaudit.store.snapshot import scan
from helpers.migrations import applied, content, plan_of, rolled_back, tree, write_cohort
from oracle import stores
from oracle.families import families
from oracle.migration import renames

RELAXED = [HealthCheck.too_slow, HealthCheck.data_too_large]


@contextmanager
def store_of(plan):
    with tempfile.TemporaryDirectory() as folder:
        yield stores.write(Path(folder), plan)


def names_in(plan):
    parts = [path.split("/") for path in plan if path.startswith("gens/")]
    return sorted({(each[1], each[2]) for each in parts if len(each) > 2 and each[1] in stores.STAGES})


def write_references(root, names):
    """Name generations in a cohort, a selection and a table, as far as their names allow."""
    fit = [(stage, name) for stage, name in names if is_safe_name(name)]
    lines = "".join(f"{stage},{name},c1\n" for stage, name in fit)
    write_cohort(root, "c1", f"stage,gen_id,cohort_id\n{lines}".encode())
    (root / "2_tasks").mkdir()
    essays = [name for stage, name in fit if stage == "essay"]
    (root / "2_tasks" / "selected_essays.txt").write_text("\n".join(["# mode: reuse-essays", *essays]))
    (root / "7_cross_experiment").mkdir()
    cells = "".join(f'{name},gens/{stage}/{name}/parsed.txt,"a, {name}"\r\n' for stage, name in fit)
    (root / "7_cross_experiment" / "t.csv").write_text(f"gen_id,path,note\r\n{cells}", newline="")


def test_new_ids_are_those_of_the_oracle():
    met = Counter()

    @given(stores.stores() | families(), st.data())
    @settings(suppress_health_check=RELAXED)
    def agree(plan, data):
        with store_of(plan) as root:
            snapshot = scan(root)
            ids = sorted(set(snapshot.values("gen_id")))
            fit = [name for name in ids if is_safe_name(name)]
            some = st.lists(st.sampled_from(fit), max_size=2) if fit else st.just([])
            excepted, only = data.draw(some), data.draw(st.none() | some)
            mapping = map_ids(snapshot, choose(only=only, excepted=excepted))
            new, reasons = renames(root, excepted, only)
        assert {(each.stage, each.old): each.new for each in mapping.renames} == new
        for each in mapping.excluded:
            shown = [key for key in reasons if key == (each.stage, each.gen_id)]
            assert not shown or reasons[shown[0]] == each.reason
        total = len(mapping.renames) + len(mapping.excluded) + sum(mapping.unchanged.values())
        assert total == len(snapshot.generations)
        met.update(each.reason for each in mapping.excluded)
        met.update(each.cause for each in mapping.renames)
        met["suffix"] += any("-" in each.new for each in mapping.renames)

    agree()
    due = {"own", "cascade", "mismatched", "unverifiable", "excepted", "not_chosen", "collision", "child_kept"}
    assert {name for name in {*due, "parent_missing", "record_disagrees", "unsafe_name"} if not met[name]} == set()


@given(stores.stores() | families())
@settings(max_examples=settings.default.max_examples // 4, suppress_health_check=RELAXED)
def test_any_store_is_migrated_and_undone(plan):
    with store_of(plan) as root:
        write_references(root, names_in(plan))
        before = tree(root)
        made = plan_of(root)
        assert parse_plan(made.to_bytes(), "plan") == made
        assert tree(root) == before
        copy = root.parent / "copy"
        trial = simulate(root, made, copy)
        assert [check for check in trial.checks if check.problems] == []
        assert tree(root) == before
        applied(root, made)
        assert content(copy) == content(root)
        again = tree(root)
        assert applied(root, made).was_complete
        assert tree(root) == again
        assert (again == before) is (not made.renames)
        if made.renames:
            with pytest.raises(DDError) as caught:
                simulate(root, made, root.parent / "second")
            assert caught.value.ctx["reason"] == "store_drifted"
        rolled_back(root)
        assert tree(root) == before
        rolled_back(copy)
        assert content(copy) == content(root)


@pytest.mark.parametrize("seed", range(2))
def test_a_sample_with_every_fault_is_migrated_and_undone(tmp_path, seed):
    faults = () if seed == 0 else tuple(sorted(_plantable()))
    root = tmp_path / "store"
    write_sample(root, SampleOptions(drafts=12, seed=seed, legacy_share=0.4, faults=faults))
    before = tree(root)
    made = plan_of(root)
    assert made.renames
    trial = simulate(root, made, tmp_path / "copy")
    assert [check for check in trial.checks if check.problems] == []
    applied(root, made)
    assert content(tmp_path / "copy") == content(root)
    second = plan_of(root)
    assert second.renames == ()
    rolled_back(root)
    assert tree(root) == before


def _plantable():
    return [code for code in parse_faults("all") if os.geteuid() or code != "FOLDER_UNREADABLE"]
