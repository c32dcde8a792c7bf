from __future__ import annotations

from genaudit.audits.result import AuditResult, Coverage, Findings
from genaudit.audits.run import AuditRun
from genaudit.page_model import MOST_ROWS
from genaudit.render.html.findings import codes_table, findings_table
from genaudit.schemas import MAPPING, from_rows


def column(table, name):
    place = [one.name for one in table.columns].index(name)
    return [row[place] for row in table.cells]


def run_with(found):
    result = AuditResult("metadata", {}, from_rows(MAPPING, []), found.frame(), Coverage({}))
    return AuditRun(None, {"metadata": result})


def test_all_findings_with_the_gravest_first(broken, audit):
    table = findings_table(audit(broken), "findings.csv")
    assert column(table, "severity") == ["error", "error", "warning", "info"]
    assert [*zip(column(table, "code"), column(table, "gen_id"), strict=True)] == [
        ("METADATA_NOT_JSON", "d_bare"),
        ("PARENT_MISSING", "orphan-essay"),
        ("CHAIN_BROKEN_ABOVE", "43ftibqi56628az1"),
        ("FIELD_LOOSE_TYPE", "43ftibqi56628az1"),
    ]
    assert {one.name for one in table.columns} >= {"field", "expected", "actual", "path", "detail", "stage"}
    assert (table.total, table.is_cut, table.source) == (4, False, "findings.csv")


def test_a_large_table_is_cut_to_the_first_rows_of_each_code():
    found = Findings()
    for number in range(MOST_ROWS):
        found.add("FIELD_MISSING", gen_id=f"d_{number:04}")
    for number in range(3):
        found.add("FIELD_LOOSE_TYPE", gen_id=f"e_{number}")
    table = findings_table(run_with(found), "findings.csv")
    assert (len(table.cells), table.total, table.is_cut) == (2000, 2003, True)
    assert column(table, "gen_id")[-4:] == ["d_1996", "e_0", "e_1", "e_2"]
    cut = table.cut(5)
    assert [*zip(column(cut, "code"), column(cut, "gen_id"), strict=True)] == [
        ("FIELD_MISSING", "d_0000"),
        ("FIELD_MISSING", "d_0001"),
        ("FIELD_MISSING", "d_0002"),
        ("FIELD_LOOSE_TYPE", "e_0"),
        ("FIELD_LOOSE_TYPE", "e_1"),
    ]
    assert cut.total == 2003


def test_kinds_of_findings_of_the_audits_that_ran(broken, audit):
    table = codes_table(audit(broken, only=["parents"]))
    assert {*column(table, "audit")} == {"parents"}
    named = dict(zip(column(table, "code"), column(table, "count"), strict=True))
    assert [*named.items()][:2] == [("PARENT_MISSING", 1), ("CHAIN_BROKEN_ABOVE", 1)]
    assert named["PARENT_CYCLE"] == 0
    assert all(column(table, "fix"))
