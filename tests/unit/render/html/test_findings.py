from __future__ import annotations

import pytest
from genaudit.page import tables

from genaudit.audits.parents import repairs
from genaudit.audits.result import AuditResult, Coverage, Findings
from genaudit.audits.run import AuditRun
from genaudit.schemas import MAPPING, from_rows


def column(table, name):
    place = [one.name for one in table.columns].index(name)
    return [row[place] for row in table.cells]


def run_with(found):
    result = AuditResult("metadata", {}, from_rows(MAPPING, []), found.frame(), Coverage({}))
    return AuditRun(None, {"metadata": result})


def test_all_findings_with_the_gravest_first(broken, audit):
    table = tables.findings_table(audit(broken), "findings.csv")
    assert column(table, "severity") == ["error", "error", "warning", "info"]
    assert [*zip(column(table, "code"), column(table, "gen_id"), strict=True)] == [
        ("METADATA_NOT_JSON", "d_bare"),
        ("PARENT_MISSING", "orphan-essay"),
        ("CHAIN_BROKEN_ABOVE", "43ftibqi56628az1"),
        ("FIELD_LOOSE_TYPE", "43ftibqi56628az1"),
    ]
    assert {one.name for one in table.columns} >= {"field", "expected", "actual", "path", "detail", "stage"}
    assert (table.total, table.cut, table.source) == (4, False, "findings.csv")


def test_a_large_table_is_cut_after_the_gravest():
    found = Findings()
    for number in range(tables.MOST_ROWS):
        found.add("FIELD_LOOSE_TYPE", gen_id=f"d_{number}")
    found.add("FIELD_MISSING", gen_id="d_last")
    table = tables.findings_table(run_with(found), "findings.csv")
    assert (len(table.cells), table.total, table.cut) == (2000, 2001, True)
    assert column(table, "code")[:2] == ["FIELD_MISSING", "FIELD_LOOSE_TYPE"]


def test_kinds_of_findings_of_the_audits_that_ran(broken, audit):
    table = tables.codes_table(audit(broken, only=["parents"]))
    assert {*column(table, "audit")} == {"parents"}
    named = dict(zip(column(table, "code"), column(table, "count"), strict=True))
    assert [*named.items()][:2] == [("PARENT_MISSING", 1), ("CHAIN_BROKEN_ABOVE", 1)]
    assert named["PARENT_CYCLE"] == 0
    assert all(column(table, "fix"))


def test_links_to_repair(broken, audit):
    table = tables.repairs_table(repairs(audit(broken).results["parents"].frame), "parent_chains.csv")
    assert [*zip(column(table, "gen_id"), column(table, "status"), column(table, "descendants"), strict=True)] == [
        ("orphan-essay", "missing", 1)
    ]
    assert column(table, "parent_gen_id") == ["d_gone"]


def test_only_ids_that_change_the_alarming_first():
    rows = [
        ("a", "deterministic", "cascade"),
        ("b", "legacy", "own"),
        ("c", "mismatched", "own"),
        ("d", "deterministic", "none"),
    ]
    made = [
        {"stage": "draft", "gen_id": name, "class": kind, "cause": cause, "collision_index": 0}
        for name, kind, cause in rows
    ]
    table = tables.mapping_table(from_rows(MAPPING, made), "mapping.csv")
    assert column(table, "gen_id") == ["c", "b", "a"]
    assert table.total == 3


@pytest.mark.parametrize("count", [3, 2500])
def test_short_ids(count):
    short = [{"gen_id": f"e_{number}", "length": 17, "class": "legacy"} for number in range(count)]
    table = tables.short_table({"draft": {"short_ids": []}, "essay": {"short_ids": short}}, "inventory.json")
    assert table.cells[0] == ["essay", "e_0", 17, "legacy"]
    assert len(table.cells) == min(count, 2000)
    assert table.total == count
