import csv
import io
import json

import pytest

from genaudit.audits.run import run_audits
from genaudit.errors import DDError, Err, Reason
from genaudit.reports import Report, reports_of, write_report
from genaudit.store.snapshot import scan
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD, evaluation, make_stages, write_generation

DATE = "2026-01-02"


@pytest.fixture
def reports(tmp_path):
    root = make_stages(tmp_path / "store")
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_generation(root, "essay", ESSAY, {**ESSAY_RECORD, "template_id": 'a,"b"\nc'})
    write_generation(root, "evaluation", "v_1", evaluation("e_gone"))
    listed = reports_of(run_audits(scan(root)), DATE, page=True)
    return {f"{report.name}.{report.suffix}": report.content for report in listed}


def table(content):
    return list(csv.DictReader(io.StringIO(content().decode(), newline="")))


def test_mapping_has_the_promised_columns_and_a_row_for_every_generation(reports):
    rows = table(reports["gen_id_mapping.csv"])
    promised = "stage,gen_id,class,form,collision_index,recomputed_id,migrated_id,cause,problem,metadata_path"
    assert list(rows[0]) == promised.split(",")
    assert [row["gen_id"] for row in rows] == [DRAFT, ESSAY, "v_1"]
    assert (rows[0]["recomputed_id"], rows[0]["cause"], rows[0]["problem"]) == (DRAFT, "none", "")


def test_findings_have_the_promised_columns_and_survive_quoting(reports):
    rows = table(reports["findings.csv"])
    assert ",".join(rows[0]) == "audit,code,severity,stage,gen_id,field,expected,actual,path,detail,fix"
    assert {row["code"] for row in rows} == {"PARENT_MISSING", "ID_MISMATCH"}


def test_repair_table_lists_the_broken_reference(reports):
    (row,) = table(reports["parent_chains.csv"])
    assert (row["gen_id"], row["parent_gen_id"], row["status"]) == ("v_1", "e_gone", "missing")
    assert row["metadata_path"] == "gens/evaluation/v_1/metadata.json"


def test_the_inventory_has_the_documented_fields_per_stage(reports):
    draft = json.loads(reports["gen_id_inventory.json"]())["stages"]["draft"]
    assert draft["total"] == 1
    assert draft["lengths"] == {"18": 1}
    assert draft["classes"] == {"deterministic": 1, "legacy": 0, "mismatched": 0, "unverifiable": 0}
    assert draft["short_ids"] == []
    assert draft["expected_lengths"]["18"] == 0.8
    assert "too few" in draft["verdict"]


@pytest.mark.parametrize(
    "name",
    ["gen_id_inventory", "metadata_validation", "parent_chains", "gen_id_recompute"],
)
def test_every_summary_has_its_coverage(reports, name):
    document = json.loads(reports[f"{name}.json"]())
    assert document["date"] == DATE
    assert set(document["coverage"]) == {"checked", "skipped", "unverified"}
    assert sum(document["coverage"]["checked"].values()) > 0
    assert sum(document["findings_by_code"].values()) == len(document["findings"])


def test_single_audits_leave_the_whole_runs_reports_out(tmp_path):
    run = run_audits(scan(make_stages(tmp_path)), ["parents"])
    names = [f"{report.name}.{report.suffix}" for report in reports_of(run, DATE, page=False)]
    assert names == ["parent_chains.json", "parent_chains.csv", "parent_chains.md"]


def test_report_that_cannot_be_made_leaves_the_old_one(tmp_path):
    (tmp_path / f"x_{DATE}.json").write_text("old")

    def broken():
        raise DDError(Err.PARSER_FAILURE, {"reason": Reason.BLOCK_MISSING})

    with pytest.raises(DDError):
        write_report(Report("x", "json", broken), tmp_path, DATE)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]
