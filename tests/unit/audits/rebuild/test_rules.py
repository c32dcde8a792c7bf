"""Where replicates that continue after the highest part from those that the first free id gives."""

from __future__ import annotations

from genaudit.sample import SampleOptions, write_sample
from helpers.rebuilds import add, run, write_catalogs
from oracle.identity import deterministic_id
from unit.audits.rebuild.conftest import (
    NEW_ESSAY,
    NEW_EVALUATION,
    OLD_DRAFT,
    OLD_ESSAY,
    OLD_EVALUATION,
    SONNET,
    essay,
    judged,
)

SKIP = "reuse-essays+skip-existing"


def reported(result):
    return {
        (row["stage"], row["gen_id"]): (row["expected"], row["actual"], row["detail"])
        for row in result.findings.to_dict("records")
    }


def test_probing_sees_no_legacy_id_and_gives_its_signature_a_second_generation(chains):
    found = reported(run(chains, OLD_ESSAY, modes=("reuse-drafts",)))
    assert found == {("essay", OLD_ESSAY): ("2", "1", "in mode reuse-drafts; already stored: 1")}


def test_probing_continues_from_a_gap_into_taken_ids(chains):
    third = deterministic_id("evaluation", (NEW_ESSAY, "novelty", SONNET, 3))
    add(chains, "evaluation", third, judged(NEW_ESSAY, 3))
    found = reported(run(chains, NEW_ESSAY, modes=("reuse-essays",)))
    assert found == {("evaluation", third): ("4, 5", "2, 3", "in mode reuse-essays; already stored: 3")}


def test_rules_that_agree_give_no_finding(chains):
    assert run(chains, NEW_ESSAY, modes=("reuse-drafts", "reuse-essays", SKIP)).findings.empty


def test_a_signature_of_which_nothing_is_stored_cannot_differ(chains):
    write_catalogs(
        chains, evaluation_templates=["rigour,llm,True"], replication_config=["draft,1", "essay,1", "evaluation,3"]
    )
    assert run(chains, OLD_ESSAY, modes=("reuse-essays",)).findings.empty


def test_two_lines_of_one_draft_are_numbered_together(chains):
    second = deterministic_id("essay", (OLD_DRAFT, "creative-synthesis-v10", 2))
    add(chains, "essay", second, essay(OLD_DRAFT, 2))
    found = reported(run(chains, f"{OLD_ESSAY} {second}", modes=("reuse-drafts",)))
    assert found == {("essay", second): ("3, 4", "1, 2", "in mode reuse-drafts; already stored: 1, 2")}


def test_modes_that_ask_for_other_replicates_are_findings_of_their_own(chains):
    found = run(chains, OLD_ESSAY, modes=("reuse-essays", SKIP)).findings
    assert found[["gen_id", "expected", "actual", "detail"]].values.tolist() == [
        [OLD_EVALUATION, "2", "1", f"in mode {SKIP}; already stored: 1"],
        [OLD_EVALUATION, "2, 3", "1, 2", "in mode reuse-essays; already stored: 1"],
    ]


def test_filled_up_replicates_give_no_finding(chains):
    write_catalogs(chains, replication_config=["draft,1", "essay,1", "evaluation,1"])
    (row,) = run(chains, OLD_ESSAY, modes=("reuse-essays", SKIP)).findings.to_dict("records")
    assert row["detail"] == "in mode reuse-essays; already stored: 1"


def test_only_requested_modes_give_findings_and_all_are_counted(chains, put):
    put("2_tasks/selected_essays.txt", f"# mode: reuse-essays\n{NEW_ESSAY}\n")
    result = run(chains)
    assert result.summary.findings_are_about == ["reuse-essays"]
    assert result.findings.empty
    # The new draft would be the third replicate; probing finds the first one free, since its id is a legacy one.
    assert result.summary.replicate_rules_differ == {
        "regenerate": 1,
        "reuse-drafts": 0,
        "reuse-essays": 0,
        SKIP: 0,
        "reuse-drafts+reuse-existing": 0,
    }
    assert NEW_EVALUATION in set(result.frame["gen_id"])


def test_the_planted_fault(tmp_path):
    summary = write_sample(tmp_path / "data", SampleOptions(drafts=6, faults=("REPLICATE_RULES_DIFFER",)))
    (planted,) = summary.planted
    found = reported(run(tmp_path / "data"))
    assert found == {
        ("evaluation", planted.gen_id): ("3", "1", f"in mode {SKIP}"),
    }
