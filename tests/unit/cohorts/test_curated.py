"""Every cell of the table of curated modes, worked out by hand over the small store."""

from __future__ import annotations

import pytest

from fakes.cohorts import frames
from genaudit.cohorts.catalogs import needed_slices, read_catalogs
from genaudit.cohorts.generations import stored_in
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.cohorts.planning import generate_membership
from genaudit.cohorts.registry import InMemoryGenerationRegistry
from genaudit.cohorts.selection import CuratedMode, Selection
from genaudit.errors import DDError, Err
from genaudit.schemas import rows
from genaudit.store.snapshot import scan
from helpers.small_store import (
    COMBO_A,
    COMBO_B,
    DRAFT_A,
    DRAFT_B,
    DRAFT_LEGACY,
    ESSAY_A,
    ESSAY_B,
    ESSAY_LEGACY,
    EVALUATION_A,
    EVALUATION_LEGACY,
    EVALUATION_OF_LEGACY,
    legacy_by_hand,
    write_small_store,
)
from oracle.identity import deterministic_id

COHORT = "cohort-1"
V10, V7, PARSED = "creative-synthesis-v10", "creative-synthesis-v7", "parsed-from-links-v1"
GEMINI, SONNET, DEEPSEEK = "gemini_25_pro", "sonnet-4", "deepseek_r1_p"


class Deterministic:
    scheme = IdScheme()

    def draft(self, combo, template, model, replicate):
        return deterministic_id("draft", (combo, template, model, replicate))

    def essay(self, parent, template, replicate, _draft):
        return deterministic_id("essay", (parent, template, replicate))

    def evaluation(self, parent, replicate):
        return deterministic_id("evaluation", (parent, "novelty", SONNET, replicate))


class Legacy:
    """Names by task; ``draft`` is the signature of an essay's draft."""

    scheme = IdScheme.parse("off")

    def draft(self, combo, template, model, replicate):
        salt = None if replicate == 1 else f"rep{replicate}"
        return legacy_by_hand("draft", f"{combo}__{template}__{model}", COHORT, salt)

    def essay(self, _parent, template, replicate, draft):
        *parts, above = draft
        salt = None if above == replicate == 1 else f"rep{above}-{replicate}"
        return legacy_by_hand("essay", "__".join([*parts, template]), COHORT, salt)

    def evaluation(self, parent, replicate):
        salt = None if replicate == 1 else f"rep{replicate}"
        return legacy_by_hand("evaluation", f"{parent}__novelty__{SONNET}", COHORT, salt)


@pytest.fixture(params=[Deterministic, Legacy])
def names(request):
    return request.param()


@pytest.fixture
def planned(root):
    """Plan a selection over the small store; the plan's rows by stage, and its warnings."""

    def go(stage, ids, mode, names=None, *, skip=False, more=None, repeated=(), **changes):
        selection = Selection(stage, tuple(ids), CuratedMode(mode), skip, repeated, "2_tasks/selected.txt")
        scheme = names.scheme if names else None
        if not list(root.glob("gens/draft/*")):
            write_small_store(root, more)
        registry = InMemoryGenerationRegistry(COHORT, stored_in(scan(root)), scheme)
        catalogs = read_catalogs(frames(**changes), needed_slices(selection))
        plan = generate_membership(COHORT, selection, catalogs, registry)
        found = {"draft": [], "essay": [], "evaluation": []}
        for row in rows(plan.members):
            assert row.origin_cohort_id == ("old-cohort" if row.gen_id == DRAFT_LEGACY else COHORT)
            found[row.stage].append(row)
        return found, plan.warnings

    return go


def columns_of(found, *columns):
    return [tuple(getattr(row, column) for column in columns) for row in found]


def evaluations_of(names, essays, replicates):
    return [(names.evaluation(essay, number), essay, number) for essay in essays for number in replicates]


DRAFT = ("gen_id", "combo_id", "template_id", "llm_model_id", "replicate", "mode", "origin")
ESSAY = ("gen_id", "parent_gen_id", "template_id", "llm_model_id", "replicate", "mode", "origin")
EVALUATION = ("gen_id", "parent_gen_id", "replicate")


def test_essays_regenerate(planned, names):
    found, warnings = planned("essay", [ESSAY_A, ESSAY_LEGACY], "regenerate", names)
    # The store holds replicates 1 and 3 of the first draft; the second essay's own model makes another draft of it.
    made = [
        (COMBO_A, V10, GEMINI, 4),
        (COMBO_A, V10, GEMINI, 5),
        (COMBO_A, V10, SONNET, 1),
        (COMBO_A, V10, SONNET, 2),
    ]
    drafts = [(names.draft(*each), *each, "llm", "new") for each in made]
    assert columns_of(found["draft"], *DRAFT) == drafts
    essays = [
        (names.essay(draft[0], V10, 1, each), draft[0], V10, each[2], 1, "llm", "new")
        for draft, each in zip(drafts, made, strict=True)
    ]
    assert columns_of(found["essay"], *ESSAY) == essays
    expected = evaluations_of(names, [essay[0] for essay in essays], [1, 2])
    assert columns_of(found["evaluation"], *EVALUATION) == expected
    assert {row.origin for row in found["evaluation"]} == {"new"}
    assert columns_of(found["evaluation"], "template_id", "llm_model_id", "combo_id", "mode") == [
        ("novelty", SONNET, None, "llm")
    ] * len(expected)
    assert warnings == ()


def test_essays_reuse_drafts(planned, names):
    found, _ = planned("essay", [ESSAY_LEGACY, ESSAY_A], "reuse-drafts", names)
    legacy, first = (COMBO_A, V10, GEMINI, 3), (COMBO_A, V10, GEMINI, 1)
    assert columns_of(found["draft"], *DRAFT) == [
        (DRAFT_LEGACY, *legacy, "llm", "stored"),
        (DRAFT_A, *first, "llm", "stored"),
    ]
    essays = [names.essay(DRAFT_LEGACY, V10, 3, legacy), names.essay(DRAFT_A, V10, 2, first)]
    assert columns_of(found["essay"], *ESSAY) == [
        (essays[0], DRAFT_LEGACY, V10, SONNET, 3, "llm", "new"),
        (essays[1], DRAFT_A, V10, GEMINI, 2, "llm", "new"),
    ]
    assert columns_of(found["evaluation"], *EVALUATION) == evaluations_of(names, essays, [1, 2])


def test_essays_reuse_essays(planned, names):
    found, _ = planned("essay", [ESSAY_A, ESSAY_LEGACY], "reuse-essays", names)
    assert columns_of(found["draft"], "gen_id", "origin") == [(DRAFT_A, "stored"), (DRAFT_LEGACY, "stored")]
    assert columns_of(found["essay"], *ESSAY) == [
        (ESSAY_A, DRAFT_A, V10, GEMINI, 1, "llm", "stored"),
        (ESSAY_LEGACY, DRAFT_LEGACY, V10, SONNET, 2, "llm", "stored"),
    ]
    # Replicates 1 and 4 of the first essay's evaluation exist, replicate 1 of the second one's.
    expected = evaluations_of(names, [ESSAY_A], [5, 6]) + evaluations_of(names, [ESSAY_LEGACY], [2, 3])
    assert columns_of(found["evaluation"], *EVALUATION) == expected
    assert {row.origin for row in found["evaluation"]} == {"new"}


def test_essays_reuse_essays_and_skip_existing(planned, names):
    found, _ = planned("essay", [ESSAY_A, ESSAY_LEGACY, ESSAY_B], "reuse-essays", names, skip=True)
    assert columns_of(found["essay"], "gen_id", "origin") == [
        (ESSAY_A, "stored"),
        (ESSAY_LEGACY, "stored"),
        (ESSAY_B, "stored"),
    ]
    assert columns_of(found["evaluation"], *EVALUATION, "origin") == [
        (EVALUATION_LEGACY, ESSAY_A, 4, "stored"),
        (EVALUATION_A, ESSAY_A, 1, "stored"),
        (EVALUATION_OF_LEGACY, ESSAY_LEGACY, 1, "stored"),
        (names.evaluation(ESSAY_LEGACY, 2), ESSAY_LEGACY, 2, "new"),
        (names.evaluation(ESSAY_B, 1), ESSAY_B, 1, "new"),
        (names.evaluation(ESSAY_B, 2), ESSAY_B, 2, "new"),
    ]


def test_existing_evaluations_count_up_to_the_replicates_the_first_ids_first(planned):
    one = ["draft,1", "essay,1", "evaluation,1"]
    found, _ = planned("essay", [ESSAY_A], "reuse-essays", skip=True, replication_config=one)
    assert columns_of(found["evaluation"], "gen_id") == [(EVALUATION_LEGACY,)]


def test_missing_evaluations_continue_the_replicates(planned, names):
    three = ["draft,1", "essay,1", "evaluation,3"]
    found, _ = planned("essay", [ESSAY_A], "reuse-essays", names, skip=True, replication_config=three)
    assert columns_of(found["evaluation"], *EVALUATION) == [
        (EVALUATION_LEGACY, ESSAY_A, 4),
        (EVALUATION_A, ESSAY_A, 1),
        (names.evaluation(ESSAY_A, 5), ESSAY_A, 5),
    ]


def test_existing_evaluations_count_for_their_own_template_and_model_only(planned):
    changes = {"evaluation_templates": ["novelty,llm,True", "style-coherence,llm,True"]}
    changes["llm_models"] = ["sonnet-4,true,true", "gemini_25_pro,true,true"]
    changes["replication_config"] = ["draft,1", "essay,1", "evaluation,1"]
    found, _ = planned("essay", [ESSAY_A], "reuse-essays", skip=True, **changes)
    # Stored ones come before the new ones.
    assert columns_of(found["evaluation"], "origin", "template_id", "llm_model_id", "replicate") == [
        ("stored", "novelty", SONNET, 4),
        ("new", "novelty", GEMINI, 1),
        ("new", "style-coherence", SONNET, 1),
        ("new", "style-coherence", GEMINI, 1),
    ]


def test_evaluations_by_inactive_templates_or_models_are_left_alone(planned):
    changes = {"evaluation_templates": ["novelty,llm,False", "style-coherence,llm,True"]}
    found, _ = planned("essay", [ESSAY_A], "reuse-essays", skip=True, **changes)
    assert columns_of(found["evaluation"], "origin", "template_id", "replicate") == [
        ("new", "style-coherence", 1),
        ("new", "style-coherence", 2),
    ]


def test_drafts_reuse_drafts(planned, names):
    found, _ = planned("draft", [DRAFT_A, DRAFT_B], "reuse-drafts", names)
    first, second = (COMBO_A, V10, GEMINI, 1), (COMBO_B, V7, DEEPSEEK, 1)
    assert columns_of(found["draft"], *DRAFT) == [
        (DRAFT_A, *first, "llm", "stored"),
        (DRAFT_B, *second, "llm", "stored"),
    ]
    # Each draft has an essay of one of the two active templates.
    made = [
        (DRAFT_A, V10, 2, first, GEMINI, "llm"),
        (DRAFT_A, PARSED, 1, first, GEMINI, "copy"),
        (DRAFT_B, V10, 1, second, DEEPSEEK, "llm"),
        (DRAFT_B, PARSED, 2, second, DEEPSEEK, "copy"),
    ]
    essays = [names.essay(*each[:4]) for each in made]
    assert columns_of(found["essay"], *ESSAY) == [
        (gen_id, each[0], each[1], each[4], each[2], each[5], "new")
        for gen_id, each in zip(essays, made, strict=True)
    ]
    assert columns_of(found["evaluation"], *EVALUATION) == evaluations_of(names, essays, [1, 2])


def test_drafts_regenerate(planned, names):
    found, _ = planned("draft", [DRAFT_LEGACY, DRAFT_B], "regenerate", names)
    made = [
        (COMBO_A, V10, GEMINI, 4),
        (COMBO_A, V10, GEMINI, 5),
        (COMBO_B, V7, DEEPSEEK, 2),
        (COMBO_B, V7, DEEPSEEK, 3),
    ]
    drafts = [(names.draft(*each), *each, "llm", "new") for each in made]
    assert columns_of(found["draft"], *DRAFT) == drafts
    essays = [
        (names.essay(draft[0], template, 1, each), draft[0], template, each[2], 1, mode, "new")
        for draft, each in zip(drafts, made, strict=True)
        for template, mode in ((V10, "llm"), (PARSED, "copy"))
    ]
    assert columns_of(found["essay"], *ESSAY) == essays
    assert columns_of(found["evaluation"], *EVALUATION) == evaluations_of(names, [each[0] for each in essays], [1, 2])


def test_a_selected_copy_is_copied_again(planned, names):
    found, _ = planned("essay", [ESSAY_B], "reuse-drafts", names)
    assert columns_of(found["essay"], *ESSAY) == [
        (names.essay(DRAFT_B, PARSED, 2, (COMBO_B, V7, DEEPSEEK, 1)), DRAFT_B, PARSED, DEEPSEEK, 2, "copy", "new")
    ]
    found, _ = planned("essay", [ESSAY_B], "reuse-essays")
    assert columns_of(found["essay"], "gen_id", "mode") == [(ESSAY_B, "copy")]


def test_two_selected_essays_of_one_base_each_get_their_own(planned, names):
    more = {"essay": {"e_second": {"parent_gen_id": DRAFT_A, "template_id": V10, "replicate": 7}}}
    found, _ = planned("essay", [ESSAY_A, "e_second"], "reuse-drafts", names, more=more)
    assert columns_of(found["draft"], "gen_id") == [(DRAFT_A,)]
    assert columns_of(found["essay"], "parent_gen_id", "replicate") == [(DRAFT_A, 8), (DRAFT_A, 9)]
    found, _ = planned("essay", [ESSAY_A, "e_second"], "regenerate")
    assert columns_of(found["draft"], "replicate") == [(4,), (5,), (6,), (7,)]


def test_orphans_of_a_draft_that_is_made_again_are_not_overwritten(planned):
    orphaned = deterministic_id("draft", (COMBO_B, V7, DEEPSEEK, 2))
    more = {"essay": {"e_orphan": {"parent_gen_id": orphaned, "template_id": PARSED, "replicate": 3}}}
    found, _ = planned("draft", [DRAFT_B], "regenerate", more=more)
    assert columns_of(found["draft"], "gen_id")[0] == (orphaned,)
    assert columns_of(found["essay"], "parent_gen_id", "template_id", "replicate")[:2] == [
        (orphaned, V10, 1),
        (orphaned, PARSED, 4),
    ]


def test_stored_generations_may_use_inactive_templates_and_models(planned):
    changes = {"draft_templates": ["creative-synthesis-v10,llm,False"], "essay_templates": ["x,llm,False"]}
    found, _ = planned("essay", [ESSAY_A], "regenerate", **changes)
    assert [len(each) for each in found.values()] == [2, 2, 4]


def test_new_generations_have_the_spelling_of_the_catalog(planned):
    changes = {"essay_templates": ["Creative-Synthesis-V10,llm,True"], "llm_models": ["Gemini_25_Pro,true,true"]}
    found, _ = planned("essay", [ESSAY_A], "regenerate", **changes)
    assert set(columns_of(found["draft"], "llm_model_id")) == {("Gemini_25_Pro",)}
    assert set(columns_of(found["essay"], "template_id")) == {("Creative-Synthesis-V10",)}
    assert found["draft"][0].gen_id == deterministic_id("draft", (COMBO_A, V10, GEMINI, 4))


def test_warnings(planned):
    found, warnings = planned("essay", [ESSAY_A], "regenerate", skip=True, repeated=(ESSAY_A,))
    assert list(warnings) == [
        {"warning": "selected_more_than_once", "gen_ids": [ESSAY_A]},
        {"warning": "skip_existing_without_effect", "mode": "regenerate"},
    ]
    assert len(found["evaluation"]) == 4


def test_a_plan_without_judges_has_a_warning(planned):
    found, warnings = planned("essay", [ESSAY_A], "reuse-essays", evaluation_templates=["novelty,llm,False"])
    assert found["evaluation"] == []
    assert list(warnings) == [{"warning": "no_evaluations"}]


def test_drafts_without_an_active_essay_template(planned):
    with pytest.raises(DDError) as caught:
        planned("draft", [DRAFT_A], "reuse-drafts", essay_templates=["x,llm,False"])
    assert caught.value.code is Err.INVALID_CONFIG
    assert (caught.value.ctx["reason"], caught.value.ctx["catalog"]) == ("catalog_invalid", "essay_templates")


def test_everything_that_is_wrong_with_a_selection_at_once(planned):
    more = {
        "draft": {"d_unreadable": None},
        "essay": {
            "e_no_draft": {"parent_gen_id": "d_gone", "template_id": V10, "replicate": 1},
            "e_bad_draft": {"parent_gen_id": "d_unreadable", "template_id": V10, "replicate": 1},
            "e_no_template": {"parent_gen_id": DRAFT_A, "replicate": 1},
        },
    }
    ids = ["e_sq5klak2lljyyon", DRAFT_A, "e_no_draft", ESSAY_A, "e_bad_draft", "e_no_template", EVALUATION_A]
    with pytest.raises(DDError) as caught:
        planned("essay", ids, "reuse-essays", more=more)
    assert caught.value.code is Err.INVALID_MEMBERSHIP
    assert caught.value.ctx["reason"] == "invalid_selection"
    assert caught.value.ctx["file"] == "2_tasks/selected.txt"
    problems = caught.value.ctx["problems"]
    assert [(each["problem"], each["gen_id"], each["nearest"]) for each in problems] == [
        ("unknown_id", "e_sq5klak2lljyyon", ESSAY_A),
        ("wrong_stage", DRAFT_A, None),
        ("parent_missing", "e_no_draft", None),
        ("parent_unverifiable", "e_bad_draft", None),
        ("unverifiable", "e_no_template", None),
        ("wrong_stage", EVALUATION_A, None),
    ]
    assert "d_gone" in problems[2]["detail"]
    assert "template_id" in problems[4]["detail"]


def test_drafts_that_are_not_there(planned):
    with pytest.raises(DDError) as caught:
        planned("draft", [ESSAY_A, "d_1z2eobtuv71xs5a"], "regenerate")
    assert [(each["problem"], each["nearest"]) for each in caught.value.ctx["problems"]] == [
        ("wrong_stage", None),
        ("unknown_id", DRAFT_B),
    ]
