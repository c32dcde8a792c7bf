"""Scores and pivot of random small stores against plain loops over their files."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from genaudit.cohorts.membership import read_membership
from genaudit.csv_cells import to_csv
from genaudit.layout import Layout
from genaudit.scores import aggregate_scores, allowlist_for, generation_scores_pivot, listed_essays
from genaudit.store.snapshot import scan
from helpers.membership import member, write_membership_csv
from oracle import scores as oracle

JUDGES, TEMPLATES, NAMES = ["alder", "tern_2"], ["novelty", "clarity", "retired"], ["x", "y"]
# Quarters are exact binary fractions, so that no sum depends on its order.
LINES = st.one_of(
    st.integers(0, 36).map(lambda quarter: str(quarter / 4)),
    st.sampled_from(
        [None, "", "10", "9.5", "-1", "nan", "inf", "seven", "1_0", "SCORE: 7", "\N{FULLWIDTH DIGIT SEVEN}"]
    ),
)
name, some = st.sampled_from(NAMES), st.sampled_from


def fields(draw, **values):
    """Draw a record's fields; ``None`` leaves one out."""
    drawn = {key: draw(value) for key, value in values.items()}
    return {key: value for key, value in drawn.items() if value is not None}


@st.composite
def stores(draw):
    """Generations as (stage, id, record), and further files by path."""
    found, files = [], {}
    templates = some(["template_id", "template_id", "draft_template", "note"])
    for number in range(draw(st.integers(1, 3))):
        own = fields(draw, combo_id=some([*NAMES, None]), llm_model_id=some([*NAMES, None]))
        found.append(("draft", f"d{number}", {**own, draw(templates): draw(name), "replicate": number + 1}))
    templates = some(["template_id", "template_id", "essay_template", "essay_template_id", "note"])
    for number in range(draw(st.integers(1, 4))):
        own = fields(draw, llm_model_id=some([*NAMES, "None", None]), draft_template=some([*NAMES, None, None]))
        own |= {"parent_gen_id": f"d{draw(st.integers(0, 3))}", draw(templates): draw(name)}
        found.append(("essay", f"e{number}", {**own, "replicate": number + 1}))
        source = fields(draw, input_mode=some(["copy", "prompt", None]), copied_from=some(["gens/x", None]))
        files[f"gens/essay/e{number}/raw_metadata.json"] = draw(some([json.dumps(source), "{torn", None]))
    templates = some(["template_id", "template_id", "evaluation_template", "note"])
    for number in range(draw(st.integers(0, 12))):
        own = fields(
            draw,
            llm_model_id=some([*JUDGES, *JUDGES, None]),
            combo_id=some([*NAMES, None, None]),
            draft_template=some([*NAMES, None, None]),
            essay_template_id=some([*NAMES, None, None]),
            origin_cohort_id=some(["c1", "c0", None]),
        )
        own |= {"parent_gen_id": f"e{draw(st.integers(0, 4))}", draw(templates): draw(some(TEMPLATES))}
        found.append(("evaluation", f"v{number:02}", {**own, "replicate": number + 1}))
        line = draw(LINES)
        files[f"gens/evaluation/v{number:02}/parsed.txt"] = f"Reasons.\n\n{line}\n" if line else line
    flags = draw(st.lists(some(["True", "False"]), min_size=3, max_size=3))
    rows = [f"{one},{flag}" for one, flag in zip(TEMPLATES, flags, strict=True)]
    files["1_raw/evaluation_templates.csv"] = draw(
        some(["\n".join(["template_id,active", *rows]), "\n".join(["template_id", *TEMPLATES])])
    )
    files["1_raw/llm_models.csv"] = draw(
        some(["id,for_generation,for_evaluation\nalder,true,true\ntern_2,true,false\n", "id\nalder\ntern_2\n"])
    )
    files["cohorts/c1/spec/config.json"] = draw(st.none() | specs().map(json.dumps))
    return found, files


@st.composite
def specs(draw):
    """A spec that judges with some templates and models, known to the catalogs or not."""
    axes = {axis: ["x"] for axis in ("combo_id", "draft_template", "draft_llm", "essay_template")}
    axes["evaluation_template"] = draw(st.lists(some([*TEMPLATES, "new"]), min_size=1, max_size=3, unique=True))
    axes["evaluation_llm"] = draw(st.lists(some([*JUDGES, "new"]), min_size=1, max_size=2, unique=True))
    return {"axes": axes, "output": {"field_order": list(axes)}}


def write(root, found, files):
    for stage in ("draft", "essay", "evaluation"):
        (root / "gens" / stage).mkdir(parents=True)
    for stage, gen_id, record in found:
        files[f"gens/{stage}/{gen_id}/metadata.json"] = json.dumps({"stage": stage, "gen_id": gen_id, **record})
    for path, content in files.items():
        if content is not None:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(content, encoding="utf-8")


def as_rows(table):
    """Read a table as its CSV file has it."""
    header, *rows = csv.reader(io.StringIO(to_csv(table).decode()))
    return header, [dict(zip(header, row, strict=True)) for row in rows]


def text(value):
    """Write a number like a CSV file does: means and extremes are floats, counts are not."""
    return str(value) if isinstance(value, str | int) else repr(float(value))


@given(stores(), st.sets(st.integers(0, 15)), some(["slim", "two_column"]))
def test_both_tables_equal_those_of_plain_loops(store, chosen, form):
    found, files = store
    # Drafts always, essays and evaluations by chance.
    listed = [one for place, one in enumerate(found) if one[0] == "draft" or place in chosen]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, found, dict(files))
        # Only the records hold the fields of the members.
        rows = [member(stage, gen_id, origin_cohort_id=None) for stage, gen_id, _ in reversed(listed)]
        write_membership_csv(root, "c1", rows, form=form, manifest=False)
        members = read_membership(Layout(root), "c1").frame
        snapshot = scan(root)
        scores = aggregate_scores(snapshot, members)
        pivot = generation_scores_pivot(scores, allowlist_for(root, "c1"), listed_essays(snapshot, members))
        expected, (names, essays) = oracle.scores_of(root, "c1"), oracle.pivot_of(root, "c1")
    header, rows = as_rows(scores)
    assert header == oracle.TABLE
    for row in rows:
        row["error"] = bool(row["error"])
    # A membership names its own cohort where a record names none.
    for row in expected:
        row["origin_cohort_id"] = row["origin_cohort_id"] or "c1"
    assert rows == [{key: row[key] if key == "error" else text(row[key]) for key in header} for row in expected]
    header, rows = as_rows(pivot)
    assert header == names
    total = "allowlisted_template_score_sum"
    expected = [{key: text(float(row[key]) if key == total else row[key]) for key in header} for row in essays]
    assert rows == expected
