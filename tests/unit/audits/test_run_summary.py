from __future__ import annotations

import pytest

from genaudit.audits.run_summary import summarise_run
from genaudit.codes import CODES
from helpers.stores import ESSAY_RECORD, make_stages, write_generation


def test_a_sound_store(store, audit):
    facts = summarise_run(audit(store))
    assert (facts.tone, facts.headline, facts.first) == ("good", "All in order", ())
    assert facts.verdict == (
        "In 2 generations 6 audits found nothing wrong; every link that can be followed holds;"
        " 100\N{NO-BREAK SPACE}% of the ids match their records."
    )
    assert facts.stages == {"draft": 1, "essay": 1, "evaluation": 0}
    assert (facts.total, facts.broken, facts.hanging, facts.changing, facts.unverified) == (2, 0, 0, 0, 0)
    assert facts.classes == {"deterministic": 2, "legacy": 0, "mismatched": 0, "unverifiable": 0}


def test_a_broken_store(broken, audit):
    facts = summarise_run(audit(broken))
    assert (facts.tone, facts.headline) == ("alarm", "Repair before anything is renamed")
    assert facts.severities == {"error": 2, "warning": 1, "info": 1}
    assert (facts.broken, facts.hanging, facts.changing, facts.unverified) == (1, 1, 2, 1)
    assert facts.classes == {"deterministic": 2, "legacy": 2, "mismatched": 0, "unverifiable": 1}
    assert facts.verdict == (
        "In 5 generations 6 audits found 2 errors, 1 warning and 1 note; 1 link to a parent is broken;"
        " 40.0\N{NO-BREAK SPACE}% of the ids match their records; a migration would change 2 ids;"
        " 1 generation could not be verified."
    )


def test_errors_come_first_and_causes_before_their_effects(broken, audit):
    steps = summarise_run(audit(broken)).first
    assert [(step.code.name, step.count) for step in steps] == [
        ("METADATA_NOT_JSON", 1),
        ("PARENT_MISSING", 1),
        ("CHAIN_BROKEN_ABOVE", 1),
        ("FIELD_LOOSE_TYPE", 1),
    ]


def test_at_most_five_things_come_first(store, audit):
    record = {"template_id": 1, "replicate": 0, "mode": "robot", "combo_id": "c", "draft_template": " "}
    for name in ("not an id", "e_2"):
        write_generation(store, "essay", name, record)
    write_generation(store, "essay", "e_3")
    write_generation(store, "essay", "e_4", {**ESSAY_RECORD, "parent_gen_id": "gone"})
    found = {*audit(store).findings["code"]}
    assert len(found) > 5
    steps = [step.code for step in summarise_run(audit(store)).first]
    assert len(steps) == 5
    order = [code for code in CODES.values() if code.name in found and code.severity == "error"]
    assert steps == order[:5]


def test_an_empty_store(tmp_path, audit):
    facts = summarise_run(audit(make_stages(tmp_path)))
    assert (facts.tone, facts.headline) == ("empty", "Nothing generated yet")
    assert facts.verdict == "The store holds no generations: no id, no chain to verify; 6 audits found nothing wrong."


def test_findings_in_an_empty_store(tmp_path, audit):
    (tmp_path / "gens").mkdir()
    facts = summarise_run(audit(tmp_path))
    assert (facts.tone, facts.headline) == ("attention", "Nothing broken, and something to look at")
    assert facts.verdict.endswith("6 audits found 3 warnings.")


def test_unaudited_parts_get_no_verdict(broken, audit):
    facts = summarise_run(audit(broken, only=["inventory"]))
    assert (facts.broken, facts.changing) == (None, None)
    assert facts.verdict.startswith("In 5 generations the inventory audit found nothing wrong; 40.0")
    facts = summarise_run(audit(broken, only=["parents"]))
    assert facts.classes is None
    assert facts.verdict == (
        "In 5 generations the parents audit found 1 error and 1 warning; 1 link to a parent is broken;"
        " 1 generation could not be verified."
    )


@pytest.mark.parametrize("only", ["recompute", "parents"])
def test_unverifiable_never_reads_as_fine(tmp_path, audit, only):
    write_generation(make_stages(tmp_path), "essay", "e_1", b"{}")
    run = audit(tmp_path, only=[only])
    assert run.findings.empty
    facts = summarise_run(run)
    assert (facts.tone, facts.headline) == ("attention", "Not everything could be verified")
    assert facts.verdict.endswith("1 generation could not be verified.")


def test_a_file_that_could_not_be_searched_never_reads_as_fine(store, audit):
    (store / "packed.gz").write_bytes(b"\x1f\x8b\x08 broken")
    facts = summarise_run(audit(store, only=["references"]))
    assert (facts.tone, facts.unsearched, facts.unverified) == ("attention", 1, 0)
    assert facts.verdict.endswith("1 file could not be searched.")
