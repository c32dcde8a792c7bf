"""Audits in Markdown: the numbers of a store that one can count by hand."""

import re

import pytest

from genaudit.audits.audit import Audit
from genaudit.audits.registry import AUDITS
from genaudit.audits.result import AuditResult, Coverage, Findings
from genaudit.audits.run import run_audits
from genaudit.page_model import Action, Column, Figure, Section, Table
from genaudit.render.markdown import render_audit, verdict
from genaudit.store.snapshot import scan
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD, evaluation, make_stages, write_generation

DATE = "2026-01-02"
PAGES = tuple(AUDITS)
HOSTILE = 'a|b`<img src=x>[x](http://h)"\n'


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A draft, its essay, an evaluation whose parent is gone, and one whose record is torn."""
    root = make_stages(tmp_path_factory.mktemp("markdown"))
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_generation(root, "essay", ESSAY, ESSAY_RECORD)
    write_generation(root, "evaluation", "v_1", {**evaluation("e_gone"), "note": HOSTILE})
    write_generation(root, "evaluation", "v_2", evaluation(ESSAY))
    (root / "gens/evaluation/v_2/metadata.json").write_text("[]")
    (root / "notes.md").write_text(f"see {DRAFT}\n")
    return run_audits(scan(root), PAGES)


def tables(text):
    """The tables of a page: rows of cells, the heads first."""
    found, rows = [], []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").replace("\\|", "!").split("|")])
        elif rows:
            found.append([rows[0], *rows[2:]])
            rows = []
    return found


def page(run, name):
    return render_audit(AUDITS[name], run.results[name], run.snapshot, date=DATE)


@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_its_date_question_verdict_findings_and_coverage(run, name):
    text = page(run, name)
    title, _, asked = text.splitlines()[:3]
    assert title.endswith(f", {DATE}")
    assert asked.startswith("**")
    assert asked.endswith(f"?** {verdict(AUDITS[name], run.results[name])}")
    assert "\n## Findings\n" in text
    assert "\n## Coverage\n" in text
    assert text.endswith(".\n")
    assert all(len({len(row) for row in rows}) == 1 for rows in tables(text))
    assert page(run, name) == text


def test_inventory_counts_ids(run):
    classes, *lengths, artifacts, short = tables(page(run, "inventory"))
    # The id of v_1 differs from that of its record, the record of v_2 gives none.
    assert classes[1:] == [
        ["draft", "1", "1", "0", "0", "0", "0"],
        ["essay", "1", "1", "0", "0", "0", "1"],
        ["evaluation", "2", "0", "0", "1", "1", "2"],
    ]
    # Length and number of ids; the lengths that chance makes likely are there too.
    assert [[row[:2] for row in rows[1:] if row[1] != "0"] for rows in lengths] == [
        [[str(len(DRAFT)), "1"]],
        [[str(len(ESSAY)), "1"]],
        [["3", "2"]],
    ]
    assert [row[0] for row in artifacts[1:]] == ["draft", "essay", "evaluation"]
    assert short[1:] == [
        ["essay", ESSAY, "17", "deterministic"],
        ["evaluation", "v_1", "3", "mismatched"],
        ["evaluation", "v_2", "3", "unverifiable"],
    ]


def test_metadata_names_unreadable_records(run):
    text = page(run, "metadata")
    assert "3 of 4 records can be read" in text
    assert "- Not verified: record not object (1)." in text
    found = next(rows for rows in tables(text) if rows[0][0] == "severity")
    assert found[1][:4] == ["error", "METADATA_NOT_OBJECT", "1", "evaluation/v_2: the top level is an array"]


def test_parents_lists_references_to_repair(run):
    links, states, repairs, found = tables(page(run, "parents"))
    assert [row[1:5] for row in links[1:]] == [["1", "1", "0", "0"], ["1", "1", "0", "1"], ["2", "0", "2", "2"]]
    (missing,) = [place for place, name in enumerate(states[0]) if name == "missing"]
    assert [row[missing] for row in states[1:]] == ["0", "0", "1"]
    path = "gens/evaluation/v_1/metadata.json"
    assert repairs[1:] == [["evaluation", "v_1", "missing", "e_gone", "", "", "0", path]]
    assert [row[1] for row in found[1:]] == ["PARENT_MISSING"]


def test_recompute_lists_ids_that_change(run):
    changes, classes, causes, mapping, _ = tables(page(run, "recompute"))
    assert [row[2:] for row in changes[1:]] == [["1", "0", "0"], ["1", "0", "0"], ["1", "1", "0"]]
    assert [row[1:] for row in causes[1:]] == [["1", "0", "0"], ["1", "0", "0"], ["1", "1", "0"]]
    assert [row[1:] for row in classes[1:]] == [
        ["1", "0", "0", "0"],
        ["1", "0", "0", "0"],
        ["0", "0", "1", "1"],
    ]
    assert [row[:4] for row in mapping[1:]] == [["evaluation", "v_1", "mismatched", "own"]]


def test_references_lists_those_for_a_person(run):
    text = page(run, "references")
    assert "4 can be rewritten, 1 need manual review" in text
    # The numbers of the overview and of the chart are the same table, shown once.
    _, person = tables(text)
    assert ["ambiguous", "doc", DRAFT, "", "free text", "1", "notes.md"] in person
    assert [
        "dangling",
        "record",
        "e_gone",
        "/parent_gen_id",
        "id",
        "1",
        "gens/evaluation/v_1/metadata.json",
    ] in person


def test_long_tables_are_cut_with_a_note(tmp_path):
    root = make_stages(tmp_path)
    for number in range(20):
        write_generation(root, "evaluation", f"v_{number}", evaluation("e_gone"))
    text = page(run_audits(scan(root), ["parents"]), "parents")
    assert len(tables(text)[2]) == 1 + 12
    assert "\nThe first 12 of 20.\n" in text


def test_text_of_a_store_stays_text(tmp_path):
    root = make_stages(tmp_path)
    write_generation(root, "draft", DRAFT, {**DRAFT_RECORD, "replicate": HOSTILE})
    text = page(run_audits(scan(root), ["metadata"]), "metadata")
    shown = next(line for line in text.splitlines() if "FIELD_TYPE" in line)
    assert "a\\|b\\`&lt;img src=x>\\[x](http://h)" in shown


def test_an_empty_store_has_pages_too(tmp_path):
    run = run_audits(scan(make_stages(tmp_path)), AUDITS)
    for name in AUDITS:
        assert "\nNone.\n" in page(run, name)


def test_a_section_of_hostile_text_stays_text(tmp_path):
    long = "n" * 5000
    columns = (Column("a", HOSTILE), Column("b", "b"))
    table = Table("t", HOSTILE, columns, [[HOSTILE, long], ["x\x1b[31m", "e\u202ef"]], 2)
    action = Action(HOSTILE, ("# mode: x", "```", "<b>\x1b"), HOSTILE)
    section = Section(
        "s", "T", "Q?", (HOSTILE, HOSTILE), HOSTILE, table, (Figure("f", HOSTILE, None, table),), (table,), (action,)
    )
    audit = Audit("a", "T", "Q?", None, lambda _: (section, section), "a", {})
    result = AuditResult("a", None, None, Findings().frame(), Coverage({HOSTILE: 1}))
    text = render_audit(audit, result, scan(make_stages(tmp_path)), date=DATE)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert long not in text
    fenced = re.sub(r"^````text$.*?^````$", "", text, flags=re.MULTILINE | re.DOTALL)
    assert "<img" not in fenced
    assert "<b>" not in fenced
    assert "```" not in fenced
    assert all(len({len(row) for row in rows}) == 1 for rows in tables(text))


def test_a_code_that_hits_most_of_a_stage_gives_its_extent(tmp_path):
    root = make_stages(tmp_path)
    for number in range(4):
        write_generation(root, "evaluation", f"v_{number}", evaluation("e_gone"))
    (root / "gens/evaluation/v_3/metadata.json").write_text("[]")
    found = {row[1]: row[2] for row in tables(page(run_audits(scan(root), ["parents"]), "parents"))[-1][1:]}
    assert found["PARENT_MISSING"] == "3 of 4 evaluations"
