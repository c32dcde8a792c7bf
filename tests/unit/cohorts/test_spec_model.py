"""The names of the axes, and the design that a spec holds."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from genaudit.cohorts.spec_model import AXES, OTHER_NAMES, CohortSpec, Factor


def test_the_axes_are_those_of_the_format():
    assert set(AXES) == {
        "combo_id",
        "draft_template",
        "draft_llm",
        "essay_template",
        "essay_llm",
        "evaluation_template",
        "evaluation_llm",
        "draft_replicate",
        "essay_replicate",
        "evaluation_replicate",
    }
    assert OTHER_NAMES == {
        "draft_template_replicate": "draft_replicate",
        "essay_template_replicate": "essay_replicate",
        "evaluation_template_replicate": "evaluation_replicate",
    }


def test_levels_are_those_that_are_left_in_the_order_in_which_they_occur():
    factor = Factor(("essay_template", "essay_llm"), (("b", "m"), ("a", "m"), ("b", "n")))
    spec = CohortSpec(source="s", field_order=("essay_llm", "essay_template"), factors=(factor,))

    assert spec.levels == {"essay_template": ("b", "a"), "essay_llm": ("m", "n")}


def test_rows_are_counted_without_being_made():
    rows = tuple((f"x{number}",) for number in range(1000))
    axes = ("combo_id", "draft_template", "draft_llm", "essay_template", "essay_llm")
    spec = CohortSpec(source="s", field_order=axes, factors=tuple(Factor((axis,), rows) for axis in axes))

    assert spec.row_count == 10**15


def test_a_spec_does_not_change():
    spec = CohortSpec(source="s", field_order=(), factors=())

    with pytest.raises(ValidationError):
        spec.source = "t"
