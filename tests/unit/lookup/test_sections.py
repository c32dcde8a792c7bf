from __future__ import annotations

import pytest

from genaudit.audits.run import run_audits
from genaudit.lookup.generation import Lookup
from genaudit.lookup.sections import generation_sections, generation_summary
from genaudit.store.snapshot import scan
from helpers.rebuilds import write_catalogs
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD, evaluation, write_generation

AUDITS = ("inventory", "metadata", "parents", "recompute", "cohorts", "references")


@pytest.fixture
def lookup(root):
    write_catalogs(root)
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_generation(root, "essay", ESSAY, ESSAY_RECORD)
    write_generation(root, "essay", "e_lost", {**ESSAY_RECORD, "parent_gen_id": f"{DRAFT[:-1]}x"})
    write_generation(root, "essay", "torn", b"{")
    for number in range(3):
        write_generation(root, "evaluation", f"v_{number}", evaluation(ESSAY, replicate=number + 1))
    (root / "notes.csv").write_text(f"gen_id\n{ESSAY}\n")
    return Lookup(run_audits(scan(root), AUDITS))


def laid_out(lookup, gen_id, stage="essay", *, references=False):
    facts = lookup.facts(stage, gen_id)
    table = lookup.run.results["references"].frame
    shown = table[table["gen_id"] == gen_id] if references else None
    sections = generation_sections(lookup, facts, shown)
    return generation_summary(facts), {section.key: section for section in sections}


def test_a_generation_in_order_has_its_lineage_record_and_rebuild(lookup):
    summary, sections = laid_out(lookup, ESSAY)
    assert (summary.tone, summary.headline) == ("good", "No findings")
    assert (
        summary.verdict
        == "Its id is deterministic: the one that its record gives. Its chain reaches the first stage."
    )
    assert [(card.title, card.total) for card in summary.cards] == [("Above it", 1), ("Below it", 3), ("Findings", 0)]
    assert [table.key for table in sections["lineage"].tables] == ["above", "below"]
    assert ["parent_gen_id", DRAFT] in sections["record"].overview.cells
    assert sections["findings"].good
    assert "regenerate" in {row[0] for row in sections["rebuild"].tables[0].cells}
    assert "references" not in sections


def test_a_broken_chain_is_an_alarm_with_its_near_miss(lookup):
    summary, sections = laid_out(lookup, "e_lost")
    assert summary.tone == "alarm"
    assert summary.verdict.endswith("Its chain is broken.")
    assert f"Closest parent in the store: {DRAFT}." in sections["lineage"].sentences
    assert "PARENT_MISSING" in {row[1] for row in sections["findings"].tables[0].cells}
    assert sections["lineage"].lines == (
        f"{DRAFT[:-1]}x (not in the store)",
        "└─ essay e_lost (mismatched) <- this one",
    )
    (line,) = [line for line in sections["findings"].lines if line.startswith("error PARENT_MISSING")]
    assert line.startswith(f"error PARENT_MISSING, parent_gen_id: {DRAFT[:-1]}x instead of a readable draft: ")
    assert sections["rebuild"].sentences == (f"Not planned: its draft {DRAFT[:-1]}x: not in the store.",)


def test_obstacles_of_a_plan_are_named(lookup, root):
    (root / "combo_mappings.csv").unlink()
    _, sections = laid_out(lookup, ESSAY)
    assert sections["rebuild"].sentences == ("Not planned: combo_mappings: no such file.",)


def test_a_record_that_cannot_be_read_has_no_fields(lookup):
    summary, sections = laid_out(lookup, "torn")
    assert summary.verdict.startswith("Its id is unverifiable")
    assert sections["record"].overview is None
    assert sections["record"].sentences[0].startswith("Its record cannot be used")


def test_references_are_listed_if_they_were_searched_for(lookup):
    _, sections = laid_out(lookup, ESSAY, references=True)
    assert "notes.csv" in {row[-1] for row in sections["references"].tables[0].cells}
    nobody = lookup.run.results["references"].frame.iloc[:0]
    assert generation_sections(lookup, lookup.facts("essay", ESSAY), nobody)[-1].good == "No file names its id."
