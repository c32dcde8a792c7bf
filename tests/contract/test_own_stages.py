"""A store with stages of its own, as docs/stages.md shows it: every command of the page, in its order."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from hashlib import blake2b
from pathlib import Path

import pytest

from genaudit.audits.registry import AUDITS
from genaudit.cli import main
from helpers.trees import fingerprint

PAGE = (Path(__file__).parents[2] / "docs/stages.md").read_text(encoding="utf-8")
OLD = "43ftibqi56628az1"
BOUND = (
    ["rebuild"],
    ["scores"],
    ["cohort", "build", "first"],
    ["cohort", "show", "first"],
    ["cohort", "backfill-manifest"],
    ["cohort", "slim"],
    ["cohort", "rehearse", "first"],
    ["rebuild", "--remake-drifted"],
    ["audit", "--only", "rebuild"],
    ["audit", "--only", "inventory", "--only", "rebuild"],
)


def blocks(kind, text=PAGE):
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def by_hand(prefix, *parts):
    number = int.from_bytes(blake2b("|".join(parts).encode(), digest_size=10).digest(), "big")
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[rest] + digits
    return prefix + digits


NEW_SUMMARY = by_hand("s_", "doc-1", "short-v1", "m1", "1")
GRADE = by_hand("g_", OLD, "clarity", "m2", "1")
NEW_GRADE = by_hand("g_", NEW_SUMMARY, "clarity", "m2", "1")


@pytest.fixture
def run(monkeypatch, capfd):
    def call(*args):
        monkeypatch.setattr(sys, "argv", ["genaudit", *map(str, args)])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return stop.value.code or 0, out + err

    return call


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "300")
    for block in blocks("sh"):
        subprocess.run(["bash", "-e", "-c", block], check=True, cwd=tmp_path)
    return tmp_path / "store"


def section(title):
    return PAGE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def follow(run, title):
    """Run the commands of a section, and compare their output with that on the page."""
    printed = ""
    for block in blocks("console", section(title)):
        for line in block.splitlines():
            code, output = run(*line.split()[1:])
            assert code == 0, output
            printed += output
    for line in "".join(blocks("text", section(title))).splitlines():
        assert line in printed
    return printed


def test_the_ids_of_the_page_are_those_of_the_signatures(store):
    assert (store / "gens/grade" / GRADE / "metadata.json").is_file()
    assert NEW_SUMMARY in PAGE
    assert NEW_GRADE in PAGE


def test_every_audit_and_the_pages(store, tmp_path, run):
    before = fingerprint(store)
    commands = section("The audits")
    assert all(f"genaudit {name} " in commands for name in AUDITS if name != "rebuild")
    follow(run, "The audits")
    assert fingerprint(store) == before
    (inventory,) = (tmp_path / "reports").glob("gen_id_inventory_*.json")
    stages = json.loads(inventory.read_bytes())["stages"]
    assert {name: one["classes"]["legacy"] for name, one in stages.items()} == {"summary": 1, "grade": 0}
    (fields,) = (tmp_path / "reports").glob("metadata_validation_*.json")
    assert json.loads(fields.read_bytes())["findings"] == []
    (mapping,) = (tmp_path / "reports").glob("gen_id_mapping_*.csv")
    with mapping.open(newline="") as file:
        rows = {row["stage"]: row for row in csv.DictReader(file)}
    assert [*rows] == ["summary", "grade"]
    assert (rows["summary"]["migrated_id"], rows["grade"]["migrated_id"]) == (NEW_SUMMARY, NEW_GRADE)
    assert {path.stem for path in (tmp_path / "pages").glob("*.html")} >= {"index", "inventory", "cohorts", "rebuild"}


def test_a_rebuild_is_not_applicable_and_changes_no_exit_code(store, tmp_path, run):
    code, _ = run("audit", "--data-root", store, "--fail-on", "error")
    assert code == 0
    (report,) = (tmp_path / "reports").glob("cohort_rebuild_*.json")
    assert run("audit", "--data-root", store, "--only", "inventory", "--only", "content")[0] == 0
    coverage = json.loads(report.read_bytes())["coverage"]
    assert coverage["skipped"] == {"not applicable: the store has stages of its own": 1}


def test_the_migration(store, run):
    before = fingerprint(store)
    follow(run, "The migration")
    record = json.loads((store / "gens/grade" / NEW_GRADE / "metadata.json").read_bytes())
    assert (record["gen_id"], record["parent_gen_id"]) == (NEW_GRADE, NEW_SUMMARY)
    assert (store / "cohorts/first/membership.csv").read_text().splitlines()[1:] == [
        f"summary,{NEW_SUMMARY}",
        f"grade,{NEW_GRADE}",
    ]
    assert f"{NEW_SUMMARY},{NEW_GRADE}" in (store / "best.csv").read_text()
    assert run("migrate", "rollback", "--data-root", store, "--yes")[0] == 0
    after = {path: fact for path, fact in fingerprint(store).items() if not str(path).startswith(".genaudit")}
    assert after == before


def test_the_content_audit_checks_texts_and_lists_unverified_prompts(store, tmp_path, run):
    summary = store / "gens/summary" / OLD
    (summary / "prompt.txt").write_text("Summarise it.\n")
    (summary / "raw.txt").write_text("It is short.\n")
    (summary / "parsed.txt").write_text("It is long.\n")
    report = {"stage": "summary", "gen_id": OLD, "llm_model_id": "m1", "model": "another", "finish_reason": "length"}
    (summary / "raw_metadata.json").write_text(json.dumps(report))
    (store / "gens/grade" / GRADE / "raw.txt").write_text(" \n")
    before = fingerprint(store)
    code, output = run("content", "--data-root", store)
    assert code == 0
    assert "nothing was compared with today's inputs" in output
    assert run("content", "--data-root", store, "--fail-on", "warning")[0] == 1
    assert run("audit", "--with-content", "--data-root", store, "--fail-on", "warning")[0] == 1
    assert fingerprint(store) == before
    (report,) = (tmp_path / "reports").glob("content_drift_*.json")
    found = json.loads(report.read_bytes())
    assert [(one["code"], one["gen_id"]) for one in found["findings"]] == [
        ("ANSWER_TRUNCATED", OLD),
        ("TEXT_BLANK", GRADE),
    ]
    assert found["coverage"]["unverified"] == {
        "parsed texts that cannot be compared: stages not supported": 1,
        "prompts that cannot be rendered: stages not supported": 1,
        "served models: stages not supported": 1,
    }


@pytest.mark.parametrize("command", BOUND, ids=" ".join)
def test_features_bound_to_three_stages_raise_a_clear_error(store, run, command):
    before = fingerprint(store)
    code, output = run(*command, "--data-root", store)
    assert code == 2
    assert "stages not supported: path 'genaudit.toml', key 'stages', value ['summary', 'grade']" in output
    assert fingerprint(store) == before


def test_a_saved_snapshot_refuses_a_rebuild_by_name_like_its_store(store, run):
    assert run("snapshot", "save", "--data-root", store)[0] == 0
    assert run("audit", "--snapshot", "last")[0] == 0
    code, output = run("audit", "--snapshot", "last", "--only", "rebuild")
    assert code == 2
    assert "stages not supported" in output


def test_an_error_of_the_file_is_shown_as_on_the_page(store, run):
    settings = store / "genaudit.toml"
    settings.write_text(settings.read_text().replace("parent =", "parnt ="))
    code, output = run("audit", "--data-root", store)
    assert code == 2
    for line in blocks("text", section("The table"))[0].splitlines():
        assert line in output


def test_faults_of_records_with_free_fields_are_found(store, tmp_path, run):
    path = store / "gens/summary" / OLD / "metadata.json"
    record = json.loads(path.read_bytes())
    del record["document_id"]
    path.write_text(json.dumps({**record, "parent_gen_id": "s_1", "prompt_version": 3}))
    code, _ = run("metadata", "--data-root", store)
    assert code == 1
    (report,) = (tmp_path / "reports").glob("metadata_validation_*.csv")
    with report.open(newline="") as file:
        found = {(row["code"], row["field"]) for row in csv.DictReader(file)}
    assert found == {
        ("FIELD_MISSING", "document_id"),
        ("FIELD_TYPE", "prompt_version"),
        ("FIELD_EXTRANEOUS", "parent_gen_id"),
    }


def reports(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix in (".json", ".csv")}


def test_a_snapshot_is_audited_like_the_store_and_a_diff_knows_the_renames(store, tmp_path, run):
    day = ("--date", "2026-01-02")
    assert run("snapshot", "save", "first", "--data-root", store, *day)[0] == 0
    assert run("audit", "--data-root", store, "--output", "live", *day)[0] == 0
    assert run("audit", "--snapshot", "first", *day)[0] == 0
    assert reports(tmp_path / "reports") == reports(tmp_path / "live")
    follow(run, "The migration")
    code, _ = run("diff", "first", store, "--output", "reports", *day)
    assert code == 0
    found = json.loads((tmp_path / "reports/audit_diff_2026-01-02.json").read_bytes())
    assert [(one["stage"], one["old"], one["new"], one["known_by"]) for one in found["renamed"]] == [
        ("summary", OLD, NEW_SUMMARY, "ledger"),
        ("grade", GRADE, NEW_GRADE, "ledger"),
    ]
    assert (found["added"], found["gone"]) == ([], [])


def test_an_accepted_finding_stays_accepted_after_the_migration(store, run):
    path = store / "gens/summary" / OLD / "metadata.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "parent_gen_id": "s_1"}))
    assert run("metadata", "--data-root", store, "--fail-on", "warning")[0] == 1
    assert run("baseline", "accept", "FIELD_EXTRANEOUS", "--reason", "old", "--data-root", store)[0] == 0
    assert run("metadata", "--data-root", store, "--fail-on", "warning")[0] == 0
    for block in blocks("console", section("The migration")):
        for line in block.splitlines():
            assert run(*line.split()[1:])[0] == 0
    assert run("metadata", "--data-root", store, "--fail-on", "warning")[0] == 0
    assert not (store / "gens/summary" / OLD).exists()
