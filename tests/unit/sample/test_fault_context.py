from __future__ import annotations

import json

import pytest

from genaudit.layout import Layout
from genaudit.sample.combos import ComboMaker
from genaudit.sample.fault_context import FaultContext


@pytest.fixture
def context(root):
    context = FaultContext(Layout(root), ComboMaker(), seed=0, light=False)
    context.begin("SYMLINK")
    return context


def names(root, stage):
    return sorted(path.name for path in (root / "gens" / stage).iterdir())


def test_a_sound_evaluation_brings_its_chain_along(context, root):
    evaluation = context.sound("evaluation")
    essay, draft = evaluation.parent, evaluation.parent.parent
    written = [names(root, stage) for stage in ("draft", "essay", "evaluation")]
    assert written == [[draft.gen_id], [essay.gen_id], [evaluation.gen_id]]
    assert context.written == [draft, essay, evaluation]


def test_imagined_generations_are_not_written(context, root):
    context.imagine("draft")
    assert names(root, "draft") == []
    assert context.written == []


def test_drafts_of_one_fault_share_a_combination_and_differ_in_replicate(context):
    first, second = context.sound("draft"), context.sound("draft")
    assert (first.combo, first.replicate + 1) == (second.combo, second.replicate)
    context.begin("ID_MISMATCH")
    assert context.sound("draft").combo != first.combo
    assert context.new_combos == [first.combo, context.combo]


def test_a_light_store_has_only_records_by_default(root):
    context = FaultContext(Layout(root), ComboMaker(), seed=0, light=True)
    context.begin("SYMLINK")
    assert [path.name for path in context.folder(context.sound("draft")).iterdir()] == ["metadata.json"]
    assert len(list(context.folder(context.sound("draft", full=True)).iterdir())) == 6


def test_a_rewritten_record_keeps_the_folder_s_name(context):
    draft = context.sound("draft")
    context.rewrite(draft, replicate="2", combo_id=None)
    stored = json.loads((context.folder(draft) / "metadata.json").read_bytes())
    assert stored["gen_id"] == draft.gen_id
    assert stored["replicate"] == "2"
    assert "combo_id" not in stored


def test_an_expected_finding_names_its_place(context):
    draft = context.sound("draft")
    context.expect(draft, "prompt.txt")
    context.expect(draft, None, code="FOLDER_EMPTY", field="mode", others=("x",))
    context.expect_path("gens/outline")
    folder = f"gens/draft/{draft.gen_id}"
    assert [tuple(planted) for planted in context.planted] == [
        ("SYMLINK", "SYMLINK", "draft", draft.gen_id, f"{folder}/prompt.txt", None, ()),
        ("SYMLINK", "FOLDER_EMPTY", "draft", draft.gen_id, folder, "mode", ("x",)),
        ("SYMLINK", "SYMLINK", None, None, "gens/outline", None, ()),
    ]
