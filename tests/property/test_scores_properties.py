"""The scores against a computation with plain loops, and whichever form the membership has."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from statistics import fmean

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genaudit.cohorts.membership import read_membership
from genaudit.layout import Layout
from genaudit.scores import aggregate_scores, generation_scores_pivot
from genaudit.store.snapshot import scan
from helpers.membership import HEADERS, member, write_membership_csv

JUDGES, TEMPLATES, NAMES = ("alder", "tern_2"), ("novelty", "clarity", "retired"), ("x", "y")
LINES = st.one_of(
    st.integers(0, 18).map(lambda half: str(half / 2)),
    st.sampled_from([None, "", "10", "-1", "nan", "inf", "seven"]),
)


@st.composite
def stores(draw):
    """Generations as (stage, id, record) and, by evaluation, the last line of its text."""
    found, lines = [], {}
    for number in range(draw(st.integers(1, 3))):
        fields = {"combo_id": draw(st.sampled_from(NAMES)), "template_id": draw(st.sampled_from(NAMES))}
        fields["llm_model_id"] = draw(st.sampled_from(NAMES))
        found.append(("draft", f"d{number}", {**fields, "replicate": number + 1}))
    for number in range(draw(st.integers(1, 4))):
        parent = f"d{draw(st.integers(0, 3))}"
        fields = {"parent_gen_id": parent, "template_id": draw(st.sampled_from(NAMES))}
        own = draw(st.sampled_from([*NAMES, None]))
        fields |= {"llm_model_id": own} if own else {}
        found.append(("essay", f"e{number}", {**fields, "replicate": number + 1}))
    for number in range(draw(st.integers(0, 12))):
        fields = {"parent_gen_id": f"e{draw(st.integers(0, 4))}", "replicate": number + 1}
        fields |= {"template_id": draw(st.sampled_from(TEMPLATES)), "llm_model_id": draw(st.sampled_from(JUDGES))}
        found.append(("evaluation", f"v{number}", fields))
        lines[f"v{number}"] = draw(LINES)
    return found, lines


def write(root, found, lines):
    for stage in ("draft", "essay", "evaluation"):
        (root / "gens" / stage).mkdir(parents=True)
    for stage, gen_id, record in found:
        folder = root / "gens" / stage / gen_id
        folder.mkdir()
        (folder / "metadata.json").write_text(json.dumps({"stage": stage, "gen_id": gen_id, **record}))
        if lines.get(gen_id) is not None:
            (folder / "parsed.txt").write_text(f"Reasons.\n\n{lines[gen_id]}" if lines[gen_id] else "")


def by_hand(found, lines, cohort, active):
    """Each row of the pivot as a mapping, by its key."""
    records = {gen_id: record for _, gen_id, record in found}
    pairs = set()
    scores = {}
    for stage, gen_id, record in found:
        essay = records.get(record.get("parent_gen_id"))
        draft = essay and records.get(essay.get("parent_gen_id"))
        if stage != "evaluation" or gen_id not in cohort or record["template_id"] not in active or not draft:
            continue
        model = essay.get("llm_model_id", draft["llm_model_id"])
        key = (draft["combo_id"], draft["template_id"], essay["template_id"], model)
        pair = record["llm_model_id"] + "_" + record["template_id"]
        pairs.add(pair)
        mine = scores.setdefault(key, {}).setdefault(pair, [])
        if lines[gen_id] not in (None, "", "10", "-1", "nan", "inf", "seven"):
            mine.append(float(lines[gen_id]))
    pivot = {}
    for key, judged in scores.items():
        row = pivot[key] = {}
        for pair in pairs:
            mine = judged.get(pair, [])
            row[pair + "_n"] = len(mine)
            if mine:
                row |= {pair: fmean(mine), pair + "_min": min(mine), pair + "_max": max(mine)}
        means = [row[pair] for pair in pairs if pair in row]
        if means:
            row["sum_scores"] = sum(means)
    return pivot


@given(stores(), st.sets(st.sampled_from(TEMPLATES)), st.sets(st.integers(0, 11)), st.sampled_from(sorted(HEADERS)))
def test_the_pivot_is_what_plain_loops_make_of_the_texts(store, active, chosen, form):
    found, lines = store
    cohort = {f"v{number}" for number in chosen}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, found, lines)
        rows = [member(stage, gen_id, **record) for stage, gen_id, record in found if gen_id in cohort]
        write_membership_csv(root, "c1", rows, form=form, manifest=form == "slim")
        scores = aggregate_scores(scan(root), read_membership(Layout(root), "c1").frame)
    assert set(scores["gen_id"]) == {
        gen_id for stage, gen_id, _ in found if gen_id in cohort and stage == "evaluation"
    }
    assert (scores["score"].notna() | scores["error"].notna()).all()
    pivot = generation_scores_pivot(scores, active)
    expected = by_hand(found, lines, cohort, active)
    keys = [tuple(key) for key in pivot.iloc[:, :4].to_numpy().tolist()]
    assert keys == sorted(expected)
    for key, values in zip(keys, pivot.iloc[:, 4:].to_dict("records"), strict=True):
        there = {name: value for name, value in values.items() if not pd.isna(value)}
        assert there == pytest.approx(expected[key])
