"""Whatever a wide membership holds: slimmed, it reads the same; and with its records, it can be made from nothing."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from genaudit.cohorts.artifacts import MembershipFileStore
from genaudit.cohorts.backfill import backfill_manifests
from genaudit.cohorts.membership import MembershipForm, read_membership
from genaudit.cohorts.service import MembershipService
from genaudit.cohorts.slimming import slim_memberships
from genaudit.layout import Layout
from helpers.membership import member, membership_frame, plain
from helpers.stores import make_stages

STAGES = ("draft", "essay", "evaluation")
ids = st.from_regex(r"[a-z0-9_][a-z0-9_.-]{0,12}", fullmatch=True)
# Any text that is its own normal form in a record.
names = (
    st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=12)
    .map(lambda text: text.strip().lower())
    .filter(lambda text: text and text == text.strip().lower())
)


@st.composite
def members(draw):
    """Members that can be seeded; an essay may name a model, and a combination that its record will not have."""
    keys = draw(st.lists(st.tuples(st.sampled_from(STAGES), ids), unique=True, max_size=8))
    rows = []
    for stage, gen_id in sorted(keys, key=lambda key: STAGES.index(key[0])):
        fields = {name: draw(names) for name in ("template_id", "llm_model_id")}
        fields |= {"mode": draw(st.sampled_from(("llm", "copy"))), "replicate": draw(st.integers(1, 9))}
        if stage == "draft" or draw(st.booleans()):
            fields["combo_id"] = draw(names)
        if stage != "draft":
            fields["parent_gen_id"] = draw(ids)
        if stage == "essay" and draw(st.booleans()):
            del fields["llm_model_id"]
        rows.append(member(stage, gen_id, **fields, origin_cohort_id=draw(st.sampled_from(("c1", "older")))))
    return rows


def seen(root):
    table = read_membership(Layout(root), "c1")
    service = MembershipService(root)
    ids_of_stages = {stage: service.stage_gen_ids(stage) for stage in STAGES}
    return plain(table.frame), plain(table.manifest.frame), ids_of_stages, service.rows("c1")


def built(folder, rows):
    root = make_stages(Path(folder))
    MembershipFileStore(root, slim=False).persist_membership("c1", membership_frame(rows), {"rows": len(rows)})
    return root


@settings(max_examples=80)
@given(rows=members())
def test_wide_slimmed_and_read_gives_the_same_rows(rows):
    with tempfile.TemporaryDirectory() as folder:
        root = built(folder, rows)
        wide, before = (root / "cohorts/c1/membership.csv").read_bytes(), seen(root)
        assert slim_memberships(root, apply=True).complete
        assert read_membership(Layout(root), "c1").form is MembershipForm.SLIM
        assert seen(root) == before
        assert before[1] == rows
        assert (root / "cohorts/c1/membership.wide.csv").read_bytes() == wide


@settings(max_examples=80)
@given(rows=members())
def test_a_manifest_that_was_lost_is_made_again_from_cells_and_records(rows):
    with tempfile.TemporaryDirectory() as folder:
        root = built(folder, rows)
        before = seen(root)
        path = root / "cohorts/c1/stage_manifest.json"
        lost = json.loads(path.read_bytes())
        path.unlink()
        report = backfill_manifests(root, apply=True)
        assert [(each.action, each.unknown, each.conflicts) for each in report.cohorts] == [("write", [], [])]
        assert seen(root) == before
        assert json.loads(path.read_bytes())["entries"] == lost["entries"]
        assert report.combos == []
        assert slim_memberships(root, apply=True).complete
        assert seen(root) == before
