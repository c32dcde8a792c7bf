"""From the rows of a spec to the distinct generations."""

from __future__ import annotations

import pytest

from genaudit.cohorts.definition import CohortDefinition, PlannedDraft, PlannedEssay, PlannedEvaluation, define
from genaudit.cohorts.spec import parse_spec
from genaudit.errors import DDError, Err

AXES = {
    "combo_id": ["x"],
    "draft_template": ["a"],
    "draft_llm": ["m"],
    "essay_template": ["s"],
    "essay_llm": ["n"],
    "evaluation_template": ["v"],
    "evaluation_llm": ["o"],
}


def definition_of(changes, rules=None, columns=None):
    axes = {**AXES, **changes}
    axes = {axis: levels for axis, levels in axes.items() if levels is not None}
    spec = {"axes": axes, "output": {"field_order": columns or list(axes)}}
    return define(parse_spec({**spec, "rules": rules} if rules else spec))


def test_one_row_is_one_of_each():
    draft = PlannedDraft("x", "a", "m", 1)
    essay = PlannedEssay(draft, "s", "n", 1)

    assert definition_of({}) == CohortDefinition((draft,), (essay,), (PlannedEvaluation(essay, "v", "o", 1),))


def test_each_entry_occurs_once_in_row_order():
    # The slowest axis is the evaluation's template: both drafts come with v already, w adds evaluations only.
    columns = list(AXES)
    axes = {
        "evaluation_template": ["v", "w"],
        **{axis: AXES[axis] for axis in columns if axis != "evaluation_template"},
    }
    spec = parse_spec({"axes": {**axes, "combo_id": ["y", "x"]}, "output": {"field_order": columns}})

    found = define(spec)

    assert [draft.combo_id for draft in found.drafts] == ["y", "x"]
    assert [essay.draft.combo_id for essay in found.essays] == ["y", "x"]
    assert [(entry.template_id, entry.essay.draft.combo_id) for entry in found.evaluations] == [
        ("v", "y"),
        ("v", "x"),
        ("w", "y"),
        ("w", "x"),
    ]


def test_every_stage_has_its_own_replicates():
    found = definition_of(
        {"draft_replicate": [1, 2], "essay_template_replicate": ["3"], "evaluation_replicate": [1, 2]}
    )

    assert [draft.replicate for draft in found.drafts] == [1, 2]
    assert [(essay.draft.replicate, essay.replicate) for essay in found.essays] == [(1, 3), (2, 3)]
    assert [(entry.essay.draft.replicate, entry.essay.replicate, entry.replicate) for entry in found.evaluations] == [
        (1, 3, 1),
        (1, 3, 2),
        (2, 3, 1),
        (2, 3, 2),
    ]


def test_the_word_none_and_no_axis_at_all_are_no_model():
    assert [essay.llm_model_id for essay in definition_of({"essay_llm": ["None"]}).essays] == [None]
    assert [essay.llm_model_id for essay in definition_of({"essay_llm": None}).essays] == [None]


def test_rules_narrow_the_definition():
    # Of the four drafts two are allowed, and both essays are written by the model of their draft.
    rules = {
        "ties": {"llm": ["draft_llm", "essay_llm"]},
        "pairs": {"p": {"left": "draft_template", "right": "draft_llm", "allowed": [["b", "m"], ["a", "n"]]}},
    }
    changes = {"draft_template": ["a", "b"], "draft_llm": ["m", "n"], "essay_llm": ["n", "m"]}

    found = definition_of(changes, rules)

    assert [(essay.draft.template_id, essay.draft.llm_model_id, essay.llm_model_id) for essay in found.essays] == [
        ("b", "m", "m"),
        ("a", "n", "n"),
    ]


def test_entries_share_their_parents():
    found = definition_of({"evaluation_llm": ["o", "p"], "essay_template": ["s", "t"]})

    assert {id(entry.essay) for entry in found.evaluations} == {id(essay) for essay in found.essays}
    assert {id(essay.draft) for essay in found.essays} == {id(draft) for draft in found.drafts}


def test_every_missing_axis_is_named():
    spec = parse_spec(
        {"axes": {"combo_id": ["x"], "essay_llm": ["n"]}, "output": {"field_order": ["combo_id", "essay_llm"]}}
    )

    with pytest.raises(DDError) as caught:
        define(spec)

    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx["reason"] == "invalid_spec"
    assert [(found["section"], found["axis"], found["problem"]) for found in caught.value.ctx["problems"]] == [
        ("axes", axis, "missing")
        for axis in ("draft_template", "draft_llm", "essay_template", "evaluation_template", "evaluation_llm")
    ]
