"""The work of a plan grows with its size and with the store's, and no faster: calls are counted, not seconds."""

from __future__ import annotations

import sys

import pytest

from fakes.cohorts import FakeCatalogLoader, FakeClock, FakeSpecRepository, frames
from genaudit.cohorts import CohortMembershipBuilder, SnapshotRegistryFactory
from genaudit.cohorts.backfill import backfill_manifests
from genaudit.cohorts.selection import Cartesian, CuratedMode, Selection
from genaudit.cohorts.slimming import slim_memberships
from genaudit.store.snapshot import scan
from helpers.membership import member, write_membership_csv
from helpers.stores import make_stages, write_generation

V10 = "creative-synthesis-v10"


def combos(count):
    lines = [f"combo_{number},v1,x,sentence,1,now" for number in range(count)]
    return {"combo_mappings": lines, "selected_combo_mappings": [f"combo_{number}" for number in range(count)]}


def builder_of(definition, factory=None, **changes):
    specs = FakeSpecRepository({"c": {"definition": definition}})
    return CohortMembershipBuilder(specs, FakeCatalogLoader(frames(**changes)), None, factory, clock=FakeClock())


def calls_of(builder):
    """Build once to fill every cache, then count the calls of the next build."""
    members = builder.build("c").row_count
    count = 0

    def note(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        builder.build("c")
    finally:
        sys.setprofile(None)
    return members, count


def write_store(root, essays):
    """Drafts with an essay each, and three evaluations of every essay."""
    make_stages(root)
    for number in range(essays):
        draft = {"combo_id": f"combo_{number}", "template_id": V10, "llm_model_id": "gemini_25_pro", "replicate": 1}
        write_generation(root, "draft", f"draft_{number}", draft)
        essay = {"parent_gen_id": f"draft_{number}", "template_id": V10, "replicate": 1}
        write_generation(root, "essay", f"essay_{number}", essay)
        for replicate in (1, 2, 3):
            judged = {"parent_gen_id": f"essay_{number}", "template_id": "novelty", "llm_model_id": "sonnet-4"}
            name = f"evaluation_{number}_{replicate}"
            write_generation(root, "evaluation", name, {**judged, "replicate": replicate})
    return scan(root)


def test_a_cohort_twice_the_size_takes_twice_the_calls():
    (small, few), (large, many) = (calls_of(builder_of(Cartesian(), **combos(count))) for count in (40, 80))
    assert large == 2 * small == 80 * 14
    assert many <= 2 * few


@pytest.mark.parametrize("mode", list(CuratedMode))
def test_a_selection_twice_the_size_takes_twice_the_calls(root, mode):
    snapshot = write_store(root, 80)
    counts = []
    for size in (40, 80):
        selection = Selection("essay", tuple(f"essay_{number}" for number in range(size)), mode, skip_existing=True)
        factory = SnapshotRegistryFactory(lambda: snapshot)
        counts.append(calls_of(builder_of(selection, factory, **combos(80))))
    (small, few), (large, many) = counts
    assert large == 2 * small
    assert many <= 2 * few


def test_a_store_twice_the_size_takes_at_most_twice_the_calls(tmp_path):
    selection = Selection("essay", ("essay_0", "essay_1"), CuratedMode.REUSE_ESSAYS, skip_existing=True)
    counts = []
    for essays in (40, 80):
        snapshot = write_store(tmp_path / str(essays), essays)
        factory = SnapshotRegistryFactory(lambda snapshot=snapshot: snapshot)
        counts.append(calls_of(builder_of(selection, factory, **combos(80)))[1])
    assert counts[1] <= 2 * counts[0]


def test_a_cohort_of_a_hundred_thousand_members():
    result = builder_of(Cartesian(), **combos(7200)).build("c")
    assert result.row_count == 7200 * 14
    assert result.metadata["rows_by_stage"] == {"draft": 14_400, "essay": 28_800, "evaluation": 57_600}


def cohorts_of(root, size):
    """As many drafts as there are members, half of them without a combination, in two wide cohorts."""
    make_stages(root)
    members = []
    for number in range(size):
        made = {"combo_id": f"combo_{number}", "template_id": V10, "llm_model_id": "gemini_25_pro", "replicate": 1}
        members.append(member("draft", f"draft_{number}", **made))
        record = {**made, "combo_id": None} if number % 2 else made
        write_generation(root, "draft", f"draft_{number}", record)
    for cohort in ("a", "b"):
        write_membership_csv(root, cohort, members, form="wide", manifest=False)
    return root


def upkeep(root):
    """Make the manifests; half of the members keep a cohort from being slimmed, and each is a reason."""
    report = backfill_manifests(root, apply=True)
    assert len(report.combos) == len(report.drafts_without_combo)
    assert {each.action for each in report.cohorts} == {"write"}
    slimmed = slim_memberships(root, apply=True)
    assert [len(each.reasons) for each in slimmed.cohorts] == [len(report.combos)] * 2


def test_looking_after_cohorts_twice_the_size_takes_twice_the_calls(tmp_path):
    upkeep(cohorts_of(tmp_path / "warm", 10))
    counts = []
    for size in (100, 200, 400):
        root = cohorts_of(tmp_path / str(size), size)
        count = 0

        def note(_frame, event, _argument):
            nonlocal count
            count += event in ("call", "c_call")

        sys.setprofile(note)
        try:
            upkeep(root)
        finally:
            sys.setprofile(None)
        counts.append(count)
    first, second, third = counts
    assert second - first > 200
    assert abs((third - second) - 2 * (second - first)) < (second - first) / 10
