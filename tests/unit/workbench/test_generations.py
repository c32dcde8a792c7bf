from __future__ import annotations

from genaudit.workbench.generations import COLUMNS
from helpers.stores import DRAFT, ESSAY


def test_each_generation_has_a_row_with_the_results_of_all_audits(session):
    table = session.generations
    assert list(table.columns) == list(COLUMNS)
    rows = {row.gen_id: row for row in table.itertuples()}
    assert list(rows) == [DRAFT, "e_lost", ESSAY, "v_1", "v_2", "v_3"]
    assert (rows[DRAFT].length, rows[ESSAY].length, rows["v_1"].length) == ("18", "17", "≤ 11")
    assert (rows[ESSAY].status, rows["e_lost"].status, rows["e_lost"].reaches_root) == ("ok", "missing", False)
    assert (rows[DRAFT].children, rows[DRAFT].descendants) == (1, 4)
    classes = dict(zip(table["gen_id"], table["class"], strict=True))
    assert (classes[DRAFT], classes["v_1"]) == ("deterministic", "mismatched")


def test_findings_are_counted_where_they_belong(session):
    counts = dict(zip(session.generations["gen_id"], session.generations["findings"], strict=True))
    for gen_id, count in counts.items():
        assert count == (session.findings["gen_id"] == gen_id).sum()
    assert counts["e_lost"] > 0
