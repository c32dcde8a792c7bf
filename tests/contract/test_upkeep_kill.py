"""A slimming or a backfill that is killed, at any step, loses nothing and can be run again."""

from __future__ import annotations

import json
import os

import pytest

from genaudit.cohorts.backfill import backfill_manifests
from genaudit.cohorts.membership import MembershipForm, read_membership
from genaudit.cohorts.service import MembershipService
from genaudit.cohorts.slimming import ORIGINAL_NAME, slim_memberships
from genaudit.layout import Layout
from helpers.killing import killed_at_every_step
from helpers.membership import MEMBERS, manifest_document, membership_csv, plain, signed, write_membership_csv
from helpers.stores import write_generation
from helpers.trees import contents

SLIM = """
from genaudit.cohorts.slimming import slim_memberships

def work(root, job):
    assert slim_memberships(root, apply=True).complete
"""
BACKFILL = """
from genaudit.cohorts.backfill import backfill_manifests

def work(root, job):
    assert backfill_manifests(root, apply=True).complete
"""
WIDE = membership_csv("c1", MEMBERS, "wide")


@pytest.fixture
def source(root):
    """A store with a wide cohort and its manifest."""
    for each in MEMBERS:
        write_generation(root, each["stage"], each["gen_id"], each)
    write_membership_csv(root, "c1", form="wide")
    return root


def seen(root):
    """Return a reader's view of the cohort in any form."""
    table = read_membership(Layout(root), "c1")
    return plain(table.frame), plain(table.manifest.frame), MembershipService(root).rows("c1")


def form_of(root):
    return read_membership(Layout(root), "c1").form


def test_a_killed_slimming_leaves_the_wide_file_or_both_and_readers_see_no_difference(source, tmp_path):
    before = seen(source)
    roots, steps = killed_at_every_step(source, tmp_path / "killed", SLIM)
    assert {"replace", "link", "unlink", "fsync"} <= set(steps)
    forms = []
    for root in roots:
        folder = root / "cohorts" / "c1"
        assert seen(root) == before, f"killed at step {root.name} of {steps}"
        forms.append(form_of(root))
        if forms[-1] is MembershipForm.SLIM:
            assert (folder / ORIGINAL_NAME).read_bytes() == WIDE
        else:
            assert (folder / "membership.csv").read_bytes() == WIDE
        assert contents(root / "gens") == contents(source / "gens")
    assert (forms[0], forms[-1]) == (MembershipForm.WIDE, MembershipForm.SLIM)
    # One step leads from the one to the other.
    assert forms == sorted(forms, key=lambda form: form is MembershipForm.SLIM)


def test_a_killed_slimming_can_be_run_again(source, tmp_path):
    before = seen(source)
    roots, _ = killed_at_every_step(source, tmp_path / "killed", SLIM)
    whole = contents(roots[-1])
    for root in roots:
        again = slim_memberships(root, apply=True)
        assert again.complete
        assert seen(root) == before
        left = contents(root)
        # After the commit there is nothing left to do, and the older manifest may lie there still.
        assert left.keys() - whole.keys() <= {"cohorts/c1/stage_manifest.previous.json"}
        assert {name: data for name, data in left.items() if name in whole} == whole


def test_killed_again_and_again(source, tmp_path):
    before = seen(source)
    roots, steps = killed_at_every_step(source, tmp_path / "killed", SLIM)
    linked = roots[steps.index("link") + 1]
    assert (linked / "cohorts" / "c1" / ORIGINAL_NAME).read_bytes() == WIDE
    assert form_of(linked) is MembershipForm.WIDE
    again, _ = killed_at_every_step(linked, tmp_path / "again", SLIM)
    assert all(seen(root) == before for root in again)
    assert form_of(again[-1]) is MembershipForm.SLIM
    assert (again[-1] / "cohorts" / "c1" / ORIGINAL_NAME).read_bytes() == WIDE


@pytest.mark.parametrize("earlier", [False, True], ids=["without a manifest", "with a stale one"])
def test_a_killed_backfill_leaves_the_old_state_or_the_whole_manifest(source, tmp_path, earlier):
    folder = source / "cohorts" / "c1"
    stale = signed(manifest_document("c1", MEMBERS[:1], b"an earlier membership"))
    (folder / "stage_manifest.json").unlink()
    if earlier:
        (folder / "stage_manifest.json").write_bytes(stale)
    before = contents(source)
    roots, steps = killed_at_every_step(source, tmp_path / "killed", BACKFILL)
    assert "replace" in steps
    whole = contents(roots[-1])
    assert whole.keys() - before.keys() <= {"cohorts/c1/stage_manifest.json"}
    for root in roots:
        found = contents(root)
        manifest = found.get("cohorts/c1/stage_manifest.json")
        assert manifest in {whole["cohorts/c1/stage_manifest.json"], stale if earlier else None}
        temporary = {name for name in found if name.endswith(".tmp")}
        assert {name: data for name, data in found.items() if name not in temporary} in (before, whole)
        assert backfill_manifests(root, apply=True).complete
        assert {name: data for name, data in contents(root).items() if name not in temporary} == whole
    assert json.loads(whole["cohorts/c1/stage_manifest.json"])["cohort_id"] == "c1"
    assert sorted(os.listdir(roots[-1] / "cohorts" / "c1")) == ["membership.csv", "stage_manifest.json"]
