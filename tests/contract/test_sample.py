"""The contract between the sample and the readers of files beside the generations."""

from __future__ import annotations

import pandas as pd
import pytest

from genaudit.cohorts.definition import define
from genaudit.cohorts.membership import read_membership
from genaudit.cohorts.selection import read_selection
from genaudit.cohorts.spec import load_spec
from genaudit.generating.inputs import Inputs
from genaudit.generating.parsers import parse
from genaudit.generating.prompts import CONCEPTS_VARIABLE, parent_values, render_prompt
from genaudit.layout import PARSED, RAW, Layout
from genaudit.sample import SampleOptions, write_sample
from genaudit.schemas import SCORES, rows
from genaudit.scores import aggregate_scores
from genaudit.stages import STAGES
from genaudit.store.snapshot import scan


@pytest.fixture(scope="module")
def layout(tmp_path_factory):
    root = tmp_path_factory.mktemp("sample") / "data"
    write_sample(root, SampleOptions(drafts=30))
    return Layout(root)


def test_the_spec_is_one(layout):
    (spec,) = layout.cohorts.glob("*/spec/config.yaml")
    definition = define(load_spec(spec))
    assert [len(definition.drafts), len(definition.essays), len(definition.evaluations)] == [6, 9, 72]


def test_the_selection_is_one(layout):
    selection = read_selection(layout)
    assert (selection.stage, len(selection.ids), selection.repeated) == ("essay", 8, ())


def test_the_memberships_are_some_and_have_their_manifests(layout):
    tables = [read_membership(layout, path.parent.name) for path in sorted(layout.cohorts.glob("*/membership.csv"))]
    listed = {key for table in tables for key in table.frame[["stage", "gen_id"]].itertuples(index=False, name=None)}
    assert len(listed) == 30 + 27 + 431
    assert {table.manifest_state.value for table in tables} == {"ok"}
    assert {table.form.value for table in tables} == {"wide", "slim", "two_column"}


def test_the_table_of_scores_equals_the_scoring(layout):
    path = layout.cross_experiment / "aggregated_scores.csv"
    written = pd.read_csv(path, dtype={name: SCORES[name] for name in SCORES}).sort_values(
        "gen_id", ignore_index=True
    )
    scores = aggregate_scores(scan(layout.root))
    # The earlier table has other words for errors.
    assert written["error"].notna().tolist() == scores["error"].notna().tolist()
    pd.testing.assert_frame_equal(written.drop(columns="error"), scores.drop(columns="error"))


def test_the_parsers_read_the_scores_of_the_sample(layout):
    inputs, seen = Inputs(layout.root), set()
    for row in rows(scan(layout.root).generations):
        folder = layout.generation(row.stage, row.gen_id)
        if row.mode == "llm" and (folder / PARSED).exists():
            parser = inputs.parser(row.stage, row.template_id)
            assert parse(parser, (folder / RAW).read_text()) == (folder / PARSED).read_text()
            seen.add(parser)
    assert seen == {"identity", "essay_block", "in_last_line"}


def test_every_template_that_asks_a_model_has_a_text_that_renders(layout):
    inputs, rendered = Inputs(layout.root), 0
    combo = pd.read_csv(layout.combo_mappings)["combo_id"][0]
    for stage in STAGES.values():
        values = parent_values(stage.name, "TEXT") if stage.parent else {CONCEPTS_VARIABLE: inputs.concepts(combo)}
        catalog = pd.read_csv(layout.catalogs / stage.template_catalog)
        for template in catalog.loc[catalog["generator"] == "llm", "template_id"]:
            prompt = render_prompt(layout, stage.name, template, values)
            assert "TEXT" in prompt or all(concept.name in prompt for concept in values[CONCEPTS_VARIABLE])
            rendered += 1
    assert rendered == 3 + 2 + 3
