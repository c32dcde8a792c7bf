"""Planning over any small store: properties of every plan, with any stored generations and names."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.cohorts import frames
from genaudit.cohorts.catalogs import needed_slices, read_catalogs
from genaudit.cohorts.generations import stored_in
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.cohorts.planning import generate_membership
from genaudit.cohorts.registry import InMemoryGenerationRegistry
from genaudit.cohorts.selection import CuratedMode, Selection
from genaudit.cohorts.validation import validate_parent_integrity
from genaudit.schemas import rows
from genaudit.store.snapshot import scan
from helpers.stores import make_stages, write_generation
from oracle.identity import deterministic_id

V10, PARSED = "creative-synthesis-v10", "parsed-from-links-v1"
COMBOS = ("combo_v1_85128e4e5ef3", "combo_v1_13c725cf02fa")
MODELS = ("gemini_25_pro", "sonnet-4")
PARENTS = {"essay": "draft", "evaluation": "essay"}
BASES = {
    "draft": ("combo_id", "template_id", "llm_model_id"),
    "essay": ("parent_gen_id", "template_id"),
    "evaluation": ("parent_gen_id", "template_id", "llm_model_id"),
}
SCHEMES = st.sampled_from(["off", "draft", "draft,essay", "all"])
NUMBERS = st.integers(1, 3)


@st.composite
def stores(draw):
    """Records by stage and id; every id is legacy or deterministic, and every signature is unique."""
    store = {"draft": {}, "essay": {}, "evaluation": {}}

    def add(stage, record):
        signature = (*(record[name] for name in BASES[stage]), record["replicate"])
        taken = {tuple(each[name] for name in (*BASES[stage], "replicate")) for each in store[stage].values()}
        if signature not in taken:
            legacy = f"{len(store[stage]):x}{stage}".ljust(16, "0")[:16]
            name = deterministic_id(stage, signature) if draw(st.booleans()) else legacy
            store[stage][name] = record

    for _ in range(draw(st.integers(1, 4))):
        combo, model = draw(st.sampled_from(COMBOS)), draw(st.sampled_from(MODELS))
        add("draft", {"combo_id": combo, "template_id": V10, "llm_model_id": model, "replicate": draw(NUMBERS)})
    for _ in range(draw(st.integers(1, 5))):
        parent = draw(st.sampled_from(sorted(store["draft"])))
        essay = {
            "parent_gen_id": parent,
            "template_id": draw(st.sampled_from([V10, PARSED])),
            "replicate": draw(NUMBERS),
        }
        if draw(st.booleans()):
            essay["llm_model_id"] = draw(st.sampled_from(MODELS))
        add("essay", essay)
    for _ in range(draw(st.integers(0, 6))):
        parent, template = draw(st.sampled_from(sorted(store["essay"]))), draw(st.sampled_from(["novelty", "old"]))
        record = {"parent_gen_id": parent, "template_id": template, "llm_model_id": "sonnet-4"}
        add("evaluation", {**record, "replicate": draw(NUMBERS)})
    return store


@st.composite
def selections(draw, store):
    stage = draw(st.sampled_from(["essay", "draft"]))
    modes = list(CuratedMode) if stage == "essay" else [CuratedMode.REGENERATE, CuratedMode.REUSE_DRAFTS]
    mode = draw(st.sampled_from(modes))
    ids = draw(st.lists(st.sampled_from(sorted(store[stage])), min_size=1, unique=True))
    return Selection(stage, tuple(ids), mode, mode is CuratedMode.REUSE_ESSAYS and draw(st.booleans()))


@st.composite
def cases(draw):
    store = draw(stores())
    return store, draw(selections(store)), draw(SCHEMES), {stage: draw(NUMBERS) for stage in BASES}


def plan_of(store, selection, scheme, counts):
    with tempfile.TemporaryDirectory() as folder:
        root = make_stages(Path(folder))
        for stage, records in store.items():
            for name, record in records.items():
                write_generation(root, stage, name, record)
        index = stored_in(scan(root))
    registry = InMemoryGenerationRegistry("cohort", index, IdScheme.parse(scheme))
    replication = [f"{stage},{count}" for stage, count in counts.items()]
    catalogs = read_catalogs(frames(replication_config=replication), needed_slices(selection))
    return generate_membership("cohort", selection, catalogs, registry), registry


@settings(max_examples=150)
@given(cases())
def test_a_plan_overwrites_nothing_and_hangs_together(case):
    store, _, scheme, _ = case
    plan, registry = plan_of(*case)
    members = list(rows(plan.members))
    validate_parent_integrity(plan.members, registry)
    assert len({(row.stage, row.gen_id) for row in members}) == len(members)
    for row in members:
        stored = store[row.stage].get(row.gen_id)
        assert (stored is not None) is (row.origin == "stored")
        base = tuple(getattr(row, name) for name in BASES[row.stage])
        highest = max(
            (
                each["replicate"]
                for each in store[row.stage].values()
                if tuple(each[name] for name in BASES[row.stage]) == base
            ),
            default=0,
        )
        if stored:
            assert (*base, row.replicate) == (*(stored[name] for name in BASES[row.stage]), stored["replicate"])
        else:
            assert row.replicate > highest
        if not stored and row.stage in IdScheme.parse(scheme).deterministic:
            assert row.gen_id == deterministic_id(row.stage, (*base, row.replicate))
        if row.stage in PARENTS:
            assert any(each.stage == PARENTS[row.stage] and each.gen_id == row.parent_gen_id for each in members)


@settings(max_examples=100)
@given(cases())
def test_new_replicates_of_a_base_follow_each_other(case):
    store, *_ = case
    plan, _ = plan_of(*case)
    new = {}
    for row in rows(plan.members):
        if row.origin == "new":
            base = (row.stage, *(getattr(row, name) for name in BASES[row.stage]))
            new.setdefault(base, []).append(row.replicate)
    for (stage, *base), numbers in new.items():
        taken = [each["replicate"] for each in store[stage].values() if [each[name] for name in BASES[stage]] == base]
        first = max(taken, default=0) + 1
        assert numbers == list(range(first, first + len(numbers)))


@settings(max_examples=100)
@given(cases())
def test_how_many_of_each_stage(case):
    store, selection, _, counts = case
    plan, _ = plan_of(*case)
    members = list(rows(plan.members))
    lines = len(selection.ids)
    essays = {row.gen_id for row in members if row.stage == "essay"}
    drafts = [row for row in members if row.stage == "draft"]
    templates = 2 if selection.stage == "draft" else 1
    match selection.mode:
        case CuratedMode.REGENERATE:
            assert len(drafts) == lines * counts["draft"]
            assert len(essays) == len(drafts) * templates * counts["essay"]
            assert {row.origin for row in members} == {"new"}
        case CuratedMode.REUSE_DRAFTS:
            assert {row.origin for row in drafts} == {"stored"}
            assert len(essays) == lines * templates * counts["essay"]
        case CuratedMode.REUSE_ESSAYS:
            assert essays == set(selection.ids)
            assert {row.gen_id for row in drafts} == {store["essay"][name]["parent_gen_id"] for name in selection.ids}
    # One template and one model judge, whatever was judged by others.
    judged = Counter(row.parent_gen_id for row in members if row.stage == "evaluation")
    assert judged == dict.fromkeys(essays, counts["evaluation"])
    if selection.skip_existing:
        for essay in essays:
            existing = [
                name
                for name, each in store["evaluation"].items()
                if each["parent_gen_id"] == essay and each["template_id"] == "novelty"
            ]
            kept = [row.gen_id for row in members if row.parent_gen_id == essay and row.origin == "stored"]
            assert kept == sorted(existing)[: counts["evaluation"]]
