"""Causes, roots and counterfactuals, by hand."""

from __future__ import annotations

import pytest

from genaudit.audits.rebuild.causes import Cause
from helpers.rebuilds import add, kinds, rows_of, run, write_catalogs
from oracle.identity import deterministic_id
from unit.audits.rebuild.conftest import (
    COMBO,
    GEMINI,
    NEW_DRAFT,
    NEW_ESSAY,
    NEW_EVALUATION,
    OLD_DRAFT,
    OLD_ESSAY,
    OLD_EVALUATION,
    RETIRED,
    SONNET,
    V10,
    draft,
    essay,
    judged,
)

SKIP = "reuse-essays+skip-existing"
REUSE_ESSAYS = {"mode": "reuse-essays", "skip_existing": False}
FILL_UP = {"mode": "reuse-essays", "skip_existing": True}
REUSE_EXISTING = {"mode": "reuse-drafts", "skip_existing": False, "reuse": "existing"}
REUSE_DRAFTS = {"mode": "reuse-drafts", "skip_existing": False}


def test_a_new_draft_for_a_legacy_one(chains):
    (row,) = rows_of(run(chains, OLD_ESSAY), "regenerate", "draft")
    assert row["causes"] == [
        # The deterministic chain's draft is the second replicate of the same signature.
        {"cause": "new_replicate", "field": "replicate", "stored": "2", "planned": "3", "of": NEW_DRAFT},
        {
            "cause": "id_differs",
            "field": "gen_id",
            "stored": OLD_DRAFT,
            "planned": deterministic_id("draft", (COMBO, V10, GEMINI, 1)),
            "of": OLD_DRAFT,
        },
    ]
    assert row["root"] == "own"
    assert row["would_reuse_if"] == [
        REUSE_DRAFTS,
        REUSE_ESSAYS,
        FILL_UP,
        REUSE_EXISTING,
        {"field": "replicate", "value": "2"},
        {"field": "gen_id", "value": OLD_DRAFT},
    ]


def test_a_new_draft_for_a_deterministic_one_has_the_replicate_as_its_only_cause(chains):
    (row,) = rows_of(run(chains, NEW_ESSAY), "regenerate", "draft")
    assert kinds(row) == ["new_replicate"]


def test_children_of_a_new_draft_name_it_as_their_root(chains):
    result = run(chains, OLD_ESSAY)
    (new_draft,) = rows_of(result, "regenerate", "draft")
    (new_essay,) = rows_of(result, "regenerate", "essay")
    root = f"draft:{new_draft['gen_id']}"
    assert new_essay["root"] == root
    assert new_essay["causes"] == [
        {
            "cause": "parent_is_new",
            "field": "parent_gen_id",
            "stored": OLD_DRAFT,
            "planned": new_draft["gen_id"],
            "of": OLD_ESSAY,
        },
        {
            "cause": "id_differs",
            "field": "gen_id",
            "stored": OLD_ESSAY,
            "planned": deterministic_id("essay", (OLD_DRAFT, V10, 1)),
            "of": OLD_ESSAY,
        },
    ]
    assert new_essay["would_reuse_if"][:2] == [REUSE_ESSAYS, FILL_UP]
    evaluations = rows_of(result, "regenerate", "evaluation")
    assert {row["root"] for row in evaluations} == {root}
    assert [row["causes"][0]["cause"] for row in evaluations] == ["parent_is_new"] * 2
    assert {row["causes"][0]["of"] for row in evaluations} == {OLD_EVALUATION}
    # One evaluation is stored, so one of the two planned ones could have been reused.
    assert [FILL_UP in row["would_reuse_if"] for row in evaluations] == [True, False]


def test_an_essay_below_its_stored_draft_is_its_own_root_and_that_of_its_evaluations(chains):
    result = run(chains, OLD_ESSAY)
    (new_essay,) = rows_of(result, "reuse-drafts", "essay")
    assert kinds(new_essay) == ["new_replicate", "id_differs"]
    assert new_essay["causes"][0] == {
        "cause": "new_replicate",
        "field": "replicate",
        "stored": "1",
        "planned": "2",
        "of": OLD_ESSAY,
    }
    assert new_essay["root"] == "own"
    roots = {row["root"] for row in rows_of(result, "reuse-drafts", "evaluation")}
    assert roots == {f"essay:{new_essay['gen_id']}"}


def test_new_evaluations_of_kept_essays(chains):
    result = run(chains, f"{OLD_ESSAY} {NEW_ESSAY}")
    by_essay = {
        essay_id: [
            kinds(row) for row in rows_of(result, "reuse-essays", "evaluation") if row["parent_gen_id"] == essay_id
        ]
        for essay_id in (OLD_ESSAY, NEW_ESSAY)
    }
    assert by_essay == {OLD_ESSAY: [["new_replicate", "id_differs"]] * 2, NEW_ESSAY: [["new_replicate"]] * 2}
    filled = rows_of(result, SKIP, "evaluation")
    assert [(row["gen_id"], kinds(row), row["root"]) for row in filled if row["decision"] == "reuse"] == [
        (OLD_EVALUATION, [], None),
        (NEW_EVALUATION, [], None),
    ]
    # The second replicate is stored nowhere: nothing reuses it, in no mode.
    missing = [row for row in filled if row["decision"] == "call"]
    assert [row["replicate"] for row in missing] == [2, 2]
    assert all("mode" not in each for row in missing for each in row["would_reuse_if"])


def test_a_judge_or_template_that_was_never_used(chains):
    write_catalogs(
        chains,
        replication_config=["draft,1", "essay,1", "evaluation,1"],
        evaluation_templates=["novelty,llm,True", "rigour,llm,True", "style-coherence,llm,False"],
        llm_models=["gemini_25_pro,true,true", "sonnet-4,false,false"],
    )
    rows = rows_of(run(chains, NEW_ESSAY), SKIP, "evaluation")
    causes = {row["template_id"]: row["causes"] for row in rows}
    used_model = {"cause": "axis_new", "field": "llm_model_id", "stored": SONNET, "planned": GEMINI}
    retired_model = {"cause": "model_inactive", "field": "llm_model_id", "stored": SONNET, "planned": GEMINI}
    assert causes == {
        "novelty": [used_model, retired_model],
        "rigour": [
            {
                "cause": "axis_new",
                "field": "template_id",
                "stored": "novelty, style-coherence",
                "planned": "rigour",
            },
            {"cause": "template_inactive", "field": "template_id", "stored": "style-coherence", "planned": "rigour"},
            used_model,
            retired_model,
        ],
    }
    assert RETIRED not in {row["gen_id"] for row in rows}


def test_a_template_and_a_model_that_were_used_but_not_together(chains):
    write_catalogs(
        chains,
        replication_config=["draft,1", "essay,1", "evaluation,1"],
        llm_models=["gemini_25_pro,true,true", "sonnet-4,false,true"],
    )
    add(chains, "evaluation", "v_other", judged(NEW_ESSAY, template="style-coherence", model=GEMINI))
    rows = {row["llm_model_id"]: row for row in rows_of(run(chains, NEW_ESSAY), SKIP, "evaluation")}
    assert rows[SONNET]["decision"] == "reuse"
    assert rows[GEMINI]["causes"] == [
        {"cause": "axis_new", "field": "llm_model_id", "stored": SONNET, "planned": GEMINI}
    ]


def test_an_essay_with_a_model_of_its_own_changes_its_new_drafts(chains):
    add(chains, "essay", "ownmodelessay000", essay(OLD_DRAFT, 2, llm_model_id=SONNET))
    (row,) = rows_of(run(chains, "ownmodelessay000"), "regenerate", "draft")
    assert row["causes"][0] == {
        "cause": "model_differs",
        "field": "llm_model_id",
        "stored": GEMINI,
        "planned": SONNET,
        "of": OLD_DRAFT,
    }
    assert kinds(row) == ["model_differs", "id_differs"]
    assert row["replicate"] == 1


@pytest.mark.parametrize(
    ("done", "decision", "missing"),
    [("raw", "parse", ("parsed_missing", "parsed.txt")), ("planned", "call", ("prompt_missing", "prompt.txt"))],
)
def test_a_stored_generation_without_its_texts(chains, done, decision, missing):
    add(chains, "essay", "e_unfinished", essay(NEW_DRAFT, 2), done=done)
    (row,) = rows_of(run(chains, "e_unfinished"), SKIP, "essay")
    assert (row["decision"], row["in_store"], row["root"]) == (decision, True, "own")
    assert row["causes"] == [dict(zip(("cause", "field"), missing, strict=True))]
    # The first essay of the draft is complete, and that mode takes it.
    assert row["would_reuse_if"] == [REUSE_EXISTING]


def test_a_copy_is_explained_as_one(chains):
    add(
        chains,
        "essay",
        "copiedessay00000",
        {**essay(NEW_DRAFT), "template_id": "parsed-from-links-v1", "mode": "copy"},
    )
    (row,) = rows_of(run(chains, "copiedessay00000"), "reuse-drafts", "essay")
    assert kinds(row) == ["new_replicate", "id_differs", "mode_copy"]


def test_all_causes_of_forced_generations(chains):
    add(chains, "essay", "e_unfinished", essay(NEW_DRAFT, 2), done="raw")
    rows = rows_of(run(chains, f"e_unfinished {NEW_ESSAY}", force=True), SKIP)
    assert {row["gen_id"]: kinds(row) for row in rows if row["in_store"]} == {
        NEW_DRAFT: ["forced"],
        NEW_ESSAY: ["forced"],
        NEW_EVALUATION: ["forced"],
        "e_unfinished": ["forced"],
    }


def test_a_cartesian_plan_that_asks_for_a_stored_signature_by_another_id(chains):
    write_catalogs(
        chains,
        replication_config=["draft,1", "essay,1", "evaluation,1"],
        selected_combo_mappings=[COMBO, "combo_v1_13c725cf02fa"],
        essay_templates=[f"{V10},llm,True"],
    )
    rows = rows_of(run(chains, OLD_ESSAY, modes=("cartesian",)), "cartesian")
    first = deterministic_id("draft", (COMBO, V10, GEMINI, 1))
    by_id = {row["gen_id"]: row for row in rows}
    assert by_id[first]["causes"] == [
        {"cause": "id_differs", "field": "gen_id", "stored": OLD_DRAFT, "planned": first, "of": OLD_DRAFT}
    ]
    below = deterministic_id("essay", (first, V10, 1))
    # Descendants of the renamed draft are compared with those of the stored one.
    assert by_id[below]["causes"][0] == {
        "cause": "parent_is_new",
        "field": "parent_gen_id",
        "stored": OLD_DRAFT,
        "planned": first,
        "of": OLD_ESSAY,
    }
    assert by_id[below]["root"] == f"draft:{first}"
    unheard = deterministic_id("draft", ("combo_v1_13c725cf02fa", V10, GEMINI, 1))
    assert by_id[unheard]["causes"] == [
        {"cause": "axis_new", "field": "combo_id", "planned": "combo_v1_13c725cf02fa"}
    ]
    lowest = deterministic_id("essay", (unheard, V10, 1))
    assert kinds(by_id[lowest]) == ["parent_is_new"]
    assert by_id[lowest]["would_reuse_if"] == []


def test_a_gap_is_a_new_replicate_as_well(chains):
    add(chains, "draft", deterministic_id("draft", (COMBO, V10, GEMINI, 4)), draft(4))
    write_catalogs(chains, replication_config=["draft,3", "essay,1", "evaluation,1"], selected_combo_mappings=[COMBO])
    rows = rows_of(run(chains, OLD_ESSAY, modes=("cartesian",)), "cartesian", "draft")
    third = next(row for row in rows if row["replicate"] == 3)
    assert third["causes"][0] | {"of": ""} == {
        "cause": "new_replicate",
        "field": "replicate",
        "stored": "4",
        "planned": "3",
        "of": "",
    }


def test_an_id_with_a_collision_suffix_is_found_only_behind_a_taken_one(chains):
    base = deterministic_id("essay", (NEW_DRAFT, V10, 5))
    suffixed = deterministic_id("essay", (NEW_DRAFT, V10, 5), 1)
    add(chains, "essay", suffixed, essay(NEW_DRAFT, 5))
    (row,) = rows_of(run(chains, suffixed), "reuse-drafts", "essay")
    assert [why for why in row["causes"] if why["cause"] == "id_differs"] == [
        {"cause": "id_differs", "field": "gen_id", "stored": suffixed, "planned": base, "of": suffixed}
    ]
    add(chains, "essay", base, {**essay(NEW_DRAFT, 1), "template_id": "parsed-from-links-v1"})
    (row,) = rows_of(run(chains, suffixed), "reuse-drafts", "essay")
    assert "id_differs" not in kinds(row)


def test_without_the_flag_every_stored_id_differs_from_the_planned_one(chains):
    (row,) = rows_of(run(chains, NEW_ESSAY, flag="off"), "regenerate", "draft")
    assert kinds(row) == ["new_replicate", "id_differs"]


def test_every_cause_is_named_in_lower_case():
    assert {cause.value for cause in Cause} == {cause.name.lower() for cause in Cause}
