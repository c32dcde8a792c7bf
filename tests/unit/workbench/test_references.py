from __future__ import annotations

import gzip

import pytest

from genaudit.audits.references import references
from genaudit.errors import DDError
from genaudit.workbench.references import (
    dangling,
    not_searched,
    reference_rows,
    references_to,
    search,
    searched,
    section_of,
)
from genaudit.workbench.session import Sessions
from helpers.stores import DRAFT, ESSAY


@pytest.fixture
def referenced(family, tmp_path):
    """A family with a table that names an essay and two missing ids, a note about it, and a binary file."""
    folder = family / "7_cross_experiment"
    folder.mkdir()
    (folder / "aggregated_scores.csv").write_text(
        f"gen_id,score\n{ESSAY},7\nv_gone12345678901,8\nv_gone12345678901,9\n"
    )
    (folder / "other.csv").write_text("gen_id\nd_gone12345678901\n")
    (family / "notes.md").write_text(f"Look at {ESSAY}.\n")
    (family / "picture.gz").write_bytes(gzip.compress(b"\0\1\2"))
    (family / "linked.md").symlink_to(family / "notes.md")
    return Sessions().open(family), tmp_path / "reports"


def test_no_search_runs_before_it_is_requested(referenced):
    session, reports = referenced
    assert searched(session, reports) is None
    found = search(session, reports)
    assert searched(session, reports) is found
    # Reports that lie elsewhere were searched, so this is another question.
    assert searched(session, reports / "other") is None


def test_a_search_equals_the_audit(referenced):
    session, reports = referenced
    (session.root / "reports").mkdir()
    (session.root / "reports" / "note.md").write_text(f"{ESSAY}\n")
    inside = search(session, session.root / "reports")
    assert inside.frame.equals(references(session.snapshot, left_out=[session.root / "reports"]).frame)
    assert len(search(session, reports).frame) == len(inside.frame) + 1


def test_a_store_that_is_gone_cannot_be_searched(referenced, family):
    session, reports = referenced
    family.rename(family.with_name("elsewhere"))
    assert isinstance(search(session, reports), DDError)
    assert searched(session, reports) is None


def test_references_for_a_person_come_first(referenced):
    session, reports = referenced
    result = search(session, reports)
    table = reference_rows(result)
    assert len(table) == len(result.frame)
    order = list(dict.fromkeys(table["treatment"].astype("str")))
    assert order == ["ambiguous", "dangling", "unscanned", "rewrite"]
    own = table[table["gen_id"] == ESSAY]
    assert set(own["stage"]) == {"essay"}
    assert table.loc[table["treatment"] == "dangling", "stage"].isna().all()


def test_the_references_to_one_id(referenced):
    session, reports = referenced
    table = reference_rows(search(session, reports))
    one = references_to(table, f" {ESSAY} ")
    assert {(path, kind) for path, kind in zip(one["path"], one["kind"], strict=True)} >= {
        ("notes.md", "doc"),
        ("7_cross_experiment/aggregated_scores.csv", "scores"),
    }
    assert set(one["gen_id"]) == {ESSAY}
    assert len(references_to(table, None)) == len(references_to(table, "  ")) == len(table)
    assert references_to(table, DRAFT[:-1]).empty


def test_ids_that_are_gone_are_counted(referenced):
    session, reports = referenced
    listed = dangling(reference_rows(search(session, reports)))
    rows = {row.gen_id: (row.references, row.files, row.path) for row in listed.itertuples()}
    scores = "7_cross_experiment/aggregated_scores.csv"
    assert rows["v_gone12345678901"] == (2, 1, scores)
    assert rows["d_gone12345678901"] == (1, 1, "7_cross_experiment/other.csv")
    assert listed["references"].is_monotonic_decreasing


def test_unsearched_files_have_a_reason(referenced):
    session, reports = referenced
    listed = not_searched(search(session, session.root / "7_cross_experiment"))
    rows = {row.path: row.reason for row in listed.itertuples()}
    assert rows["linked.md"] == "symbolic link"
    assert [path for path in rows if path.endswith("7_cross_experiment")] == [
        str(session.root / "7_cross_experiment")
    ]
    assert "picture.gz" in rows
    assert not_searched(search(session, reports))["path"].tolist() == ["linked.md", "picture.gz"]


def test_a_search_comes_with_the_words_of_the_page(referenced):
    session, reports = referenced
    section = section_of(search(session, reports))
    assert (section.key, [figure.key for figure in section.figures]) == ("references", ["references"])
