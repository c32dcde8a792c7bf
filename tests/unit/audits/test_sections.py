from __future__ import annotations

from types import SimpleNamespace

import pytest

from genaudit.audits.inventory_sections import _short_ids
from genaudit.audits.recompute_sections import _mapping
from genaudit.audits.table import default_audits
from genaudit.schemas import MAPPING, from_rows
from helpers.membership import MEMBERS, write_membership_csv
from helpers.stores import DRAFT, ESSAY_RECORD, make_stages, write_generation

GONE = "d_2ayudlw84g7u69i2"
NOTHING = "There is no selection and no legacy essay: nothing to rebuild."


def sections_of(run):
    return {section.key: section for section in run.sections}


def figures(section):
    return [figure.key for figure in section.figures]


def test_a_section_for_each_audit_that_ran(broken, audit):
    assert [*sections_of(audit(broken))] == [*default_audits()]
    assert [*sections_of(audit(broken, only=["recompute", "parents"]))] == ["parents", "recompute"]


def test_the_sections_of_a_broken_store(broken, audit):
    found = sections_of(audit(broken))
    assert figures(found["inventory"]) == ["lengths-draft", "lengths-essay", "lengths-evaluation"]
    assert figures(found["metadata"]) == ["metadata-codes", "fields"]
    assert figures(found["parents"]) == ["links", "chains"]
    assert figures(found["recompute"]) == ["classes", "causes"]
    assert [section.good for section in found.values()] == [None] * 4 + [
        "There is no membership to compare with the store yet.",
        NOTHING,
    ]
    assert [table.key for section in found.values() for table in section.tables] == [
        "artifacts",
        "short-ids",
        "repairs",
        "mapping",
    ]
    assert found["parents"].sentences == (
        "2 of 5 generations reach a readable draft.",
        "Broken links: 1. Below them, without a fault of their own: 1 generation.",
    )


def test_the_verdict_on_lengths_of_each_stage_is_a_sentence(broken, audit):
    run = audit(broken)
    sentences = sections_of(run)["inventory"].sentences
    for stage, facts in run.inventory.summary.stages.items():
        assert f"{stage}: {facts.verdict}" in sentences


def test_the_sections_of_a_sound_store(store, audit):
    found = sections_of(audit(store))
    assert figures(found["inventory"]) == ["lengths-draft", "lengths-essay"]
    assert figures(found["metadata"]) == ["fields"]
    assert figures(found["parents"]) == []
    assert figures(found["recompute"]) == ["classes"]
    assert found["metadata"].good == "Every record has its fields, matches its folder and has a signature of its own."
    assert found["parents"].good == "All 2 chains reach the first stage."
    assert found["recompute"].good == "A migration would change no id that can be recomputed."


def test_an_empty_store_has_nothing_to_draw(tmp_path, audit):
    found = sections_of(audit(make_stages(tmp_path)))
    assert {key: figures(section) for key, section in found.items()} == {key: [] for key in found}
    assert [section.good for section in found.values()] == [
        "The store holds no generation yet.",
        "There are no records to validate yet.",
        "There are no chains to follow yet.",
        "There are no ids to recompute yet.",
        "There is no membership to compare with the store yet.",
        NOTHING,
    ]
    # Nothing is counted where nothing is: "0 of 0 records can be read" helps nobody.
    assert [sentence for section in found.values() for sentence in section.sentences if "0" in sentence] == []


def test_records_that_cannot_be_read_are_not_called_good(store, audit):
    write_generation(store, "draft", "d_empty")
    section = sections_of(audit(store, only=["metadata"]))["metadata"]
    assert section.good is None
    assert section.sentences[0].startswith("2 of 3 records can be read")


def test_every_chart_has_words_and_numbers(broken, audit):
    for section in sections_of(audit(broken)).values():
        for figure in section.figures:
            drawn = figure.chart().to_dict()
            assert drawn["title"]
            assert drawn["description"]
            assert figure.caption.endswith(".")
            # Codes without a table of their own are listed among the findings or the repairs.
            assert figure.numbers or figure.key in {"metadata-codes", "chains"}


def test_breaks_that_are_not_drawn_are_counted(store, audit):
    for number in range(63):
        record = {**ESSAY_RECORD, "parent_gen_id": f"gone_{number}"}
        write_generation(store, "essay", f"e_{number}", record)
    (_, chains) = sections_of(audit(store, only=["parents"]))["parents"].figures
    assert "3 further breaks are not drawn" in chains.caption


def test_names_of_unknown_fields_are_few_and_legible(store, audit):
    record = {**ESSAY_RECORD, **{f"field_{number:02}\n": number for number in range(20)}, "x" * 900: 1}
    write_generation(store, "essay", "e_2", record)
    sentence = sections_of(audit(store, only=["metadata"]))["metadata"].sentences[1]
    assert r"essay.field_00\n, essay.field_01\n" in sentence
    assert sentence.endswith("and 9 more.")
    assert len(sentence) < 1000


def test_cohorts_are_listed_with_their_errors(store, audit):
    write_membership_csv(store, "c1", MEMBERS, form="two_column", manifest=False)
    (store / "cohorts/c2").mkdir()
    (store / "cohorts/c2/membership.csv").write_text("stage\n")
    section = sections_of(audit(store, only=["cohorts"]))["cohorts"]
    assert section.sentences == (
        "In 2 memberships: 3 generations. In none: 0.",
        "Memberships that cannot be read: 1.",
    )
    assert section.good is None
    (table,) = section.tables
    assert table.cells == [
        ["c1", "two column", 1, 1, 1, 1, 0, 0, "absent"],
        ["c2", "unreadable", "", "", "", 0, 0, 0, ""],
    ]


def test_a_true_membership_is_good(store, audit):
    write_membership_csv(store, "c1", MEMBERS[:2])
    section = sections_of(audit(store, only=["cohorts"]))["cohorts"]
    assert section.good == "Every member exists and matches its record."


def test_references_are_drawn_and_those_for_a_person_listed(store, audit, tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "note.md").write_text(f"{DRAFT} and {GONE}")
    (tmp_path / "more" / "picture").write_bytes(b"\0")
    found = sections_of(audit(store, only=["references"], roots=[tmp_path / "more"]))["references"]
    assert figures(found) == ["references"]
    (table,) = found.tables
    treatment, line = ([column.name for column in table.columns].index(name) for name in ("treatment", "line"))
    cells = [(row[treatment], row[line]) for row in table.cells]
    assert cells == [("ambiguous", 1), ("dangling", 1), ("unscanned", "")]
    assert "5 references to 2 ids" in found.sentences[0]
    assert found.sentences[1:] == ("Ids that are referenced and not in the store: 1.", "Not searched: binary 1.")


def test_a_store_whose_references_can_all_be_followed_has_a_sentence_about_it(store, audit):
    found = sections_of(audit(store, only=["references"]))["references"]
    assert found.good == "A program can rewrite every reference, and no referenced id is gone."
    assert found.tables == ()


def test_an_empty_store_has_no_references(tmp_path, audit):
    found = sections_of(audit(make_stages(tmp_path / "none"), only=["references"]))["references"]
    assert (found.good, found.sentences, found.figures) == ("Nothing references an id yet.", (), ())


def rows_of(table, *names):
    places = [[column.name for column in table.columns].index(name) for name in names]
    return [tuple(row[place] for place in places) for row in table.cells]


def test_links_to_repair(broken, audit):
    table = sections_of(audit(broken))["parents"].table("repairs")
    assert rows_of(table, "gen_id", "status", "descendants", "parent_gen_id") == [
        ("orphan-essay", "missing", 1, "d_gone")
    ]


def test_only_ids_that_change_the_alarming_first():
    made = [
        {"stage": "draft", "gen_id": name, "class": kind, "cause": cause, "collision_index": 0}
        for name, kind, cause in (
            ("a", "deterministic", "cascade"),
            ("b", "legacy", "own"),
            ("c", "mismatched", "own"),
            ("d", "deterministic", "none"),
        )
    ]
    table = _mapping(SimpleNamespace(frame=from_rows(MAPPING, made)))
    assert rows_of(table, "gen_id") == [("c",), ("b",), ("a",)]
    assert table.total == 3


@pytest.mark.parametrize("count", [3, 2500])
def test_short_ids(count):
    short = [{"gen_id": f"e_{number}", "length": 17, "class": "legacy"} for number in range(count)]
    table = _short_ids({"draft": SimpleNamespace(short_ids=[]), "essay": SimpleNamespace(short_ids=short)})
    assert table.cells[0] == ["essay", "e_0", 17, "legacy"]
    assert len(table.cells) == table.total == count
