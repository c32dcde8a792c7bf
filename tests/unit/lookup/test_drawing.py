from __future__ import annotations

from genaudit.audits.run import run_audits
from genaudit.lookup.drawing import tree
from genaudit.lookup.generation import Lookup
from genaudit.store.snapshot import scan
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD, evaluation, write_generation


def facts(root, stage, gen_id):
    return Lookup(run_audits(scan(root), ["parents", "recompute"])).facts(stage, gen_id)


def test_ancestors_are_drawn_above_and_descendants_below(root):
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_generation(root, "essay", ESSAY, ESSAY_RECORD)
    for number in (1, 2, 3):
        write_generation(root, "evaluation", f"v_{number}", evaluation(ESSAY, replicate=number))
    assert [*tree(facts(root, "essay", ESSAY), most=2)] == [
        f"draft {DRAFT} (deterministic)",
        f"└─ essay {ESSAY} (deterministic) <- this one",
        "   ├─ evaluation v_1 (mismatched)",
        "   ├─ evaluation v_2 (mismatched)",
        "   └─ 1 more",
    ]


def test_one_id_in_two_stages_does_not_loop(root):
    write_generation(root, "draft", "same", DRAFT_RECORD)
    write_generation(root, "essay", "same", {**ESSAY_RECORD, "parent_gen_id": "same"})
    lines = [*tree(facts(root, "draft", "same"))]
    assert [line.split(" (")[0] for line in lines] == ["draft same", "└─ essay same"]
