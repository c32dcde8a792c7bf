from __future__ import annotations

import pytest

from genaudit.stages import MODES, RECORD_FIELDS, STAGE_NAMES, STAGES, TEXT_FIELDS


def test_the_table_matches_the_pipeline():
    # The stage table of the pipeline, row by row.
    rows = {
        name: (stage.prefix, stage.parent, stage.required, stage.extraneous, stage.signature)
        for name, stage in STAGES.items()
    }
    assert rows == {
        "draft": (
            "d_",
            None,
            ("combo_id", "template_id", "llm_model_id", "replicate"),
            ("parent_gen_id",),
            ("combo_id", "template_id", "llm_model_id"),
        ),
        "essay": (
            "e_",
            "draft",
            ("parent_gen_id", "template_id", "replicate"),
            ("combo_id",),
            ("parent_gen_id", "template_id"),
        ),
        "evaluation": (
            "v_",
            "essay",
            ("parent_gen_id", "template_id", "llm_model_id", "replicate"),
            ("combo_id",),
            ("parent_gen_id", "template_id", "llm_model_id"),
        ),
    }


def test_an_essay_alone_may_leave_its_model_out():
    optional = {name: sorted(stage.optional) for name, stage in STAGES.items()}
    assert optional == {"draft": [], "essay": ["llm_model_id"], "evaluation": []}


def test_old_names_and_catalogs():
    assert {name: (stage.old_template_field, stage.template_catalog) for name, stage in STAGES.items()} == {
        "draft": ("draft_template", "draft_templates.csv"),
        "essay": ("essay_template", "essay_templates.csv"),
        "evaluation": ("evaluation_template", "evaluation_templates.csv"),
    }


def test_fields_are_in_the_order_of_written_records():
    assert (
        *("stage", "gen_id", "origin_cohort_id", "mode", "template_id"),
        *("combo_id", "parent_gen_id", "llm_model_id", "replicate"),
    ) == RECORD_FIELDS
    assert (*TEXT_FIELDS, "replicate") == RECORD_FIELDS
    assert MODES == ("llm", "copy")


def test_parents_come_before_their_children():
    seen = set()
    for name in STAGE_NAMES:
        assert STAGES[name].parent is None or STAGES[name].parent in seen
        seen.add(name)
    assert [stage.parent for stage in STAGES.values()].count(None) == 1


def test_every_field_of_the_table_is_a_field_of_a_record():
    for stage in STAGES.values():
        assert set(stage.required) <= set(RECORD_FIELDS)
        assert set(stage.extraneous) <= set(RECORD_FIELDS)
        assert set(stage.signature) <= set(stage.required)
        assert not set(stage.extraneous) & set(stage.required)


def test_prefixes_do_not_start_one_another():
    prefixes = [stage.prefix for stage in STAGES.values()]
    assert not [(a, b) for a in prefixes for b in prefixes if a is not b and a.startswith(b)]


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        STAGES["poem"] = STAGES["draft"]
    with pytest.raises(AttributeError):
        STAGES["draft"].prefix = "x_"
