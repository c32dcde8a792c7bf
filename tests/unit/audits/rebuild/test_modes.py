"""Every cell of the table of curated modes: the decisions for a legacy chain and for a deterministic one."""

from __future__ import annotations

import pytest

from genaudit.audits.rebuild import RebuildRequest, rebuild
from genaudit.audits.rebuild.modes import CURATED, UP_TO_ESSAYS, choose_modes, mode_name
from genaudit.audits.rebuild.sections import REBUILD
from genaudit.cohorts import IdScheme
from genaudit.cohorts.selection import CuratedMode
from genaudit.store.snapshot import scan
from helpers.rebuilds import add, decided, rows_of, run, write_catalogs
from helpers.small_store import legacy_by_hand
from helpers.trees import fingerprint
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
    SONNET,
    V10,
    essay,
)

SKIP = "reuse-essays+skip-existing"
EXISTING = "reuse-drafts+reuse-existing"
CHAINS = {"legacy": (OLD_DRAFT, OLD_ESSAY, OLD_EVALUATION), "deterministic": (NEW_DRAFT, NEW_ESSAY, NEW_EVALUATION)}


@pytest.mark.parametrize("flag", ["all", "draft,essay", "draft", "off"])
@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("regenerate", {"draft call": 1, "essay call": 1, "evaluation call": 2}),
        ("reuse-drafts", {"draft reuse": 1, "essay call": 1, "evaluation call": 2}),
        ("reuse-essays", {"draft reuse": 1, "essay reuse": 1, "evaluation call": 2}),
        # One of two replicates is stored.
        (SKIP, {"draft reuse": 1, "essay reuse": 1, "evaluation reuse": 1, "evaluation call": 1}),
    ],
)
def test_every_cell_of_the_table(chains, chain, mode, expected, flag):
    _, essay_id, _ = CHAINS[chain]
    assert decided(run(chains, essay_id, flag=flag), mode) == expected


@pytest.mark.parametrize("chain", CHAINS)
def test_the_very_ids_of_each_mode(chains, chain):
    draft_id, essay_id, evaluation_id = CHAINS[chain]
    result = run(chains, essay_id)
    new_draft = deterministic_id("draft", (COMBO, V10, GEMINI, 3))
    essay_of_new = deterministic_id("essay", (new_draft, V10, 1))
    essay_again = deterministic_id("essay", (draft_id, V10, 2))

    def evaluations(parent, *replicates):
        return {deterministic_id("evaluation", (parent, "novelty", SONNET, number)) for number in replicates}

    expected = {
        "regenerate": {new_draft, essay_of_new, *evaluations(essay_of_new, 1, 2)},
        "reuse-drafts": {draft_id, essay_again, *evaluations(essay_again, 1, 2)},
        "reuse-essays": {draft_id, essay_id, *evaluations(essay_id, 2, 3)},
        SKIP: {draft_id, essay_id, evaluation_id, *evaluations(essay_id, 2)},
    }
    for mode, ids in expected.items():
        found = rows_of(result, mode)
        assert {row["gen_id"] for row in found} == ids
        assert {row["gen_id"] for row in found if row["in_store"]} == ids & {draft_id, essay_id, evaluation_id}
        assert {row["selection_id"] for row in found} == {essay_id}


def test_legacy_ids_are_made_with_the_cohort_that_is_named(chains):
    result = run(chains, OLD_ESSAY, flag="off", cohort_id="pilot")
    (row,) = rows_of(result, "regenerate", "draft")
    assert row["gen_id"] == legacy_by_hand("draft", f"{COMBO}__{V10}__{GEMINI}", "pilot", "rep3")


def test_a_shared_draft_has_a_row_for_each_essay_and_counts_once(chains):
    add(chains, "essay", "oldessay00000002", essay(OLD_DRAFT, 2))
    result = run(chains, f"{OLD_ESSAY} oldessay00000002")
    rows = rows_of(result, "reuse-essays", "draft")
    assert [(row["gen_id"], row["selection_id"]) for row in rows] == [
        (OLD_DRAFT, OLD_ESSAY),
        (OLD_DRAFT, "oldessay00000002"),
    ]
    assert decided(result, "reuse-essays") == {"draft reuse": 1, "essay reuse": 2, "evaluation call": 4}
    # Planned together, the replicates of both go on from one another.
    new = rows_of(result, "reuse-drafts", "essay")
    assert [(row["selection_id"], row["replicate"]) for row in new] == [(OLD_ESSAY, 3), ("oldessay00000002", 4)]


def test_incomplete_generations_are_parsed_or_made_again(chains):
    add(chains, "essay", "e_raw_only", essay(OLD_DRAFT, 2), done="raw")
    add(chains, "essay", "e_planned_only", essay(OLD_DRAFT, 3), done="planned")
    copied = {**essay(OLD_DRAFT, 1), "template_id": "parsed-from-links-v1", "mode": "copy"}
    add(chains, "essay", "e_copy_planned", copied, done="planned")
    result = run(chains, "e_raw_only e_planned_only e_copy_planned")
    decisions = {row["gen_id"]: row["decision"] for row in rows_of(result, SKIP, "essay")}
    assert decisions == {"e_raw_only": "parse", "e_planned_only": "call", "e_copy_planned": "copy"}
    (kept,) = {row["decision"] for row in rows_of(result, SKIP, "draft")}
    assert kept == "reuse"


def test_a_copy_template_calls_no_model_for_the_essay(chains):
    copied = {**essay(OLD_DRAFT, 1), "template_id": "parsed-from-links-v1", "mode": "copy"}
    add(chains, "essay", "copiedessay00000", copied)
    result = run(chains, "copiedessay00000")
    assert decided(result, "regenerate") == {"draft call": 1, "essay copy": 1, "evaluation call": 2}
    assert [row["calls"] for row in rows_of(result, "regenerate", "essay")] == [0]


def test_when_all_is_forced_nothing_is_reused(chains):
    result = run(chains, OLD_ESSAY, force=True)
    assert decided(result, SKIP) == {"draft call": 1, "essay call": 1, "evaluation call": 2}


def test_selected_drafts_have_three_modes(chains):
    result = run(chains, OLD_DRAFT, stage="draft")
    assert result.comparison["mode"].unique().tolist() == ["regenerate", "reuse-drafts", EXISTING]
    # Two essay templates are active, one of which copies.
    assert decided(result, "regenerate") == {"draft call": 1, "essay call": 1, "essay copy": 1, "evaluation call": 4}
    assert decided(result, "reuse-drafts") == {
        "draft reuse": 1,
        "essay call": 1,
        "essay copy": 1,
        "evaluation call": 4,
    }


def test_the_example_of_the_directive(chains):
    """Two essays of a draft instead of one, one evaluation each: two calls; four without the directive."""
    write_catalogs(chains, replication_config=["draft,1", "essay,2", "evaluation,1"])
    result = run(chains, OLD_ESSAY)
    assert decided(result, "reuse-drafts") == {"draft reuse": 1, "essay call": 2, "evaluation call": 2}
    assert decided(result, EXISTING) == {
        "draft reuse": 1,
        "essay reuse": 1,
        "essay call": 1,
        "evaluation reuse": 1,
        "evaluation call": 1,
    }
    rows = {row["gen_id"]: row for row in rows_of(result, EXISTING)}
    assert {OLD_DRAFT, OLD_ESSAY, OLD_EVALUATION} <= rows.keys()
    assert [row["replicate"] for row in rows.values() if row["decision"] == "call"] == [2, 1]


def test_for_essays_the_directive_is_the_same_as_skipping_existing_evaluations(chains):
    result = run(chains, f"{OLD_ESSAY} {NEW_ESSAY}", modes=(SKIP, "reuse-essays+reuse-existing"))
    first, second = (
        [(row["gen_id"], row["decision"]) for row in rows_of(result, mode)]
        for mode in (SKIP, "reuse-essays+reuse-existing")
    )
    assert first == second


def test_two_selected_essays_of_one_draft_share_the_filled_up_drafts(chains):
    add(chains, "essay", "e_second", essay(OLD_DRAFT, 2))
    write_catalogs(chains, replication_config=["draft,1", "essay,3", "evaluation,1"])
    result = run(chains, f"{OLD_ESSAY} e_second")
    assert decided(result, EXISTING) == {
        "draft reuse": 1,
        "essay reuse": 2,
        "essay call": 1,
        "evaluation reuse": 1,
        "evaluation call": 2,
    }


def test_findings_name_the_file_with_the_directive(chains):
    path = chains / "2_tasks/selected_essays.txt"
    for words, mode in (("existing", EXISTING), ("drafts", "reuse-drafts"), ("drafts, essays", UP_TO_ESSAYS)):
        path.write_text(f"# mode: reuse-drafts\n# reuse: {words}\n{OLD_ESSAY}\n")
        result = rebuild(scan(chains), RebuildRequest(scheme=IdScheme()))
        assert result.summary.findings_are_about == [mode]


def test_the_cartesian_plan_reuses_its_ids_and_pays_for_the_rest(chains):
    write_catalogs(
        chains,
        replication_config=["draft,2", "essay,1", "evaluation,1"],
        selected_combo_mappings=[COMBO],
        essay_templates=[f"{V10},llm,True"],
    )
    result = run(chains, OLD_ESSAY, modes=("cartesian",))
    rows = {row["gen_id"]: row for row in rows_of(result, "cartesian")}
    # The second replicate's chain has deterministic ids and is found; the first one's has legacy ids and is not.
    # Evaluations are further ones, so that the stored one is not asked for again.
    assert {gen_id for gen_id, row in rows.items() if row["decision"] == "reuse"} == {NEW_DRAFT, NEW_ESSAY}
    assert sorted(row["replicate"] for row in rows.values() if row["stage"] == "evaluation") == [1, 2]
    assert decided(result, "cartesian") == {
        "draft reuse": 1,
        "draft call": 1,
        "essay reuse": 1,
        "essay call": 1,
        "evaluation call": 2,
    }
    assert {row["selection_id"] for row in rows.values()} == {None}


def test_a_taken_id_is_a_cause_and_everything_below_it_is_new(chains):
    write_catalogs(
        chains,
        replication_config=["draft,2", "essay,1", "evaluation,1"],
        selected_combo_mappings=[COMBO],
        essay_templates=[f"{V10},llm,True"],
    )
    (chains / "gens/draft" / NEW_DRAFT / "metadata.json").write_text("{")
    result = run(chains, OLD_ESSAY, modes=("cartesian",))
    second = deterministic_id("draft", (COMBO, V10, GEMINI, 2), 1)
    rows = {row["gen_id"]: row for row in rows_of(result, "cartesian")}
    assert rows[second]["causes"] == [
        {"cause": "id_taken", "field": "gen_id", "stored": NEW_DRAFT, "planned": second, "of": NEW_DRAFT}
    ]
    below = [row for row in rows.values() if row["root"] == f"draft:{second}"]
    assert sorted(row["stage"] for row in below) == ["essay", "evaluation"]
    assert {row["decision"] for row in below} == {"call"}
    # The draft, its essay and its evaluation.
    (section,) = REBUILD.sections(result)
    assert "Mode cartesian needs 1 id that another record has: 3 calls at and below them." in section.sentences
    warnings = result.summary.modes["cartesian"]["first_warnings"]
    assert {"warning": "id_taken", "stage": "draft", "gen_id": second, "taken": NEW_DRAFT} in warnings


def test_a_specs_warnings_are_those_of_the_mode(chains, put):
    axes = {"combo_id": [COMBO], "draft_template": [V10], "draft_llm": [GEMINI], "essay_template": [V10]}
    axes |= {"evaluation_template": ["style-coherence"], "evaluation_llm": [GEMINI]}
    put("cohorts/judges/spec/config.json", {"axes": axes, "outptu": {}, "output": {"field_order": list(axes)}})
    result = run(chains, OLD_ESSAY, modes=("spec:judges",))
    found = result.summary.modes["spec:judges"]["first_warnings"]
    assert [warning["value"] for warning in found if warning["warning"] == "key_ignored"] == ["outptu"]


def test_a_spec_may_name_templates_that_are_not_active(chains, put):
    put(
        "cohorts/judges/spec/config.json",
        {
            "axes": {
                "combo_id": [COMBO],
                "draft_template": [V10],
                "draft_llm": [GEMINI],
                "draft_replicate": [2],
                "essay_template": [V10],
                "evaluation_template": ["style-coherence"],
                "evaluation_llm": [SONNET],
            },
            "output": {
                "field_order": [
                    "combo_id",
                    "draft_template",
                    "draft_llm",
                    "draft_replicate",
                    "essay_template",
                    "evaluation_template",
                    "evaluation_llm",
                ]
            },
        },
    )
    result = run(chains, OLD_ESSAY, modes=("spec:judges",))
    assert decided(result, "spec:judges") == {"draft reuse": 1, "essay reuse": 1, "evaluation reuse": 1}


def test_trying_modes_changes_nothing(chains):
    before = fingerprint(chains)
    run(chains, f"{OLD_ESSAY} {NEW_ESSAY}", modes=("all", "cartesian"))
    assert fingerprint(chains) == before


@pytest.mark.parametrize(
    ("stage", "words", "modes", "wrong"),
    [
        ("essay", ["all"], list(CURATED["essay"])[:5], []),
        ("essay", ["Reuse-Drafts", "reuse-drafts"], ["reuse-drafts"], []),
        ("essay", ["cartesian", "spec:Pilot-2"], ["cartesian", "spec:Pilot-2"], []),
        ("draft", ["all"], ["regenerate", "reuse-drafts", EXISTING], []),
        ("essay", [EXISTING, "reuse-essays+reuse-existing"], [EXISTING, "reuse-essays+reuse-existing"], []),
        ("draft", ["reuse-essays", "regenerate"], ["regenerate"], [("reuse-essays", "reuse-drafts")]),
        ("essay", ["reuse-esays", "spec:"], [], [("reuse-esays", "reuse-essays"), ("spec:", "spec:")]),
    ],
)
def test_names_of_modes(stage, words, modes, wrong):
    chosen, problems = choose_modes(words, stage)
    assert chosen == modes
    assert [(problem["value"], problem["nearest"]) for problem in problems] == wrong
    assert {problem["problem"] for problem in problems} <= {"unsupported_curated_mode"}


def test_the_directive_counts_only_where_it_has_an_effect():
    assert mode_name(CuratedMode.REUSE_ESSAYS, skip_existing=True) == SKIP
    assert mode_name(CuratedMode.REUSE_DRAFTS, skip_existing=True) == "reuse-drafts"
