from __future__ import annotations

from genaudit.audits.result import AuditResult, Coverage, Findings
from genaudit.audits.run import AuditRun
from genaudit.page_model import MOST_ROWS
from genaudit.render.html.findings import codes_table, findings_table
from genaudit.schemas import MAPPING, from_rows
from genaudit.store.snapshot import scan
from helpers.stores import make_stages, write_generation

_SHOWN = ("code", "gen_id", "detail")


def column(table, name):
    place = [one.name for one in table.columns].index(name)
    return [row[place] for row in table.cells]


def run_with(found, root):
    result = AuditResult("metadata", {}, from_rows(MAPPING, []), found.frame(), Coverage({}))
    return AuditRun(scan(make_stages(root)), {"metadata": result})


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


def test_a_large_table_is_cut_to_the_first_rows_of_each_code(tmp_path):
    found = Findings()
    for number in range(MOST_ROWS):
        found.add("FIELD_MISSING", gen_id=f"d_{number:04}")
    for number in range(3):
        found.add("FIELD_LOOSE_TYPE", gen_id=f"e_{number}")
    table = findings_table(run_with(found, tmp_path), "findings.csv")
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


def test_a_code_that_hits_most_of_a_stage_is_one_row(tmp_path, audit):
    make_stages(tmp_path)
    for number in range(30):
        write_generation(tmp_path, "draft", f"d_{number:02}", b"{")
    (tmp_path / "gens/essay/e_1").mkdir()
    run = audit(tmp_path, only=["inventory", "metadata"])
    table = findings_table(run, "findings.csv")
    shown = {(code, name): detail for code, name, detail in zip(*(column(table, one) for one in _SHOWN), strict=True)}
    assert shown["METADATA_NOT_JSON", ""] == "30 of 30: all drafts, the first d_00"
    assert ("FOLDER_EMPTY", "e_1") in shown
    assert (len(table.cells), table.total, table.is_cut) == (2, 31, True)
    codes = codes_table(run)
    meanings = dict(zip(column(codes, "code"), column(codes, "title"), strict=True))
    assert meanings["METADATA_NOT_JSON"].endswith(". 30 of 30: all drafts")


def test_kinds_of_findings_of_the_audits_that_ran(broken, audit):
    table = codes_table(audit(broken, only=["parents"]))
    assert {*column(table, "audit")} == {"parents"}
    named = dict(zip(column(table, "code"), column(table, "count"), strict=True))
    assert [*named.items()][:2] == [("PARENT_MISSING", 1), ("CHAIN_BROKEN_ABOVE", 1)]
    assert named["PARENT_CYCLE"] == 0
    assert all(column(table, "fix"))
