import csv
import io
import json

import pytest

from helpers.findings import orphaned
from helpers.migrations import LEGACY_DRAFT, NEW_DRAFT, applied, migratable, plan_of
from helpers.stores import DRAFT, DRAFT_RECORD, write_generation
from helpers.trees import fingerprint

DAY = "2026-01-02"


@pytest.fixture
def store(tmp_path):
    return orphaned(tmp_path / "store")


@pytest.fixture
def call(run, store, tmp_path):
    def command(*words):
        return run(*words, "--data-root", store, "--output", tmp_path / "out", "--date", DAY)

    return command


def test_new_findings_fail_at_their_severity(call, store):
    write_generation(store, "draft", DRAFT, DRAFT_RECORD)
    call("snapshot", "save", "a")
    assert call("diff", "a")[0] == 0
    (store / "gens" / "draft" / "other.txt").write_text("x")
    assert call("diff", "a")[0] == 0
    assert call("diff", "a", "--fail-on", "warning")[0] == 1
    (store / "gens" / "draft" / DRAFT / "metadata.json").write_text("{")
    code, out, _ = call("diff", "last")
    assert code == 1
    assert "METADATA_NOT_JSON" in out
    assert call("diff", "last", "--fail-on", "never")[0] == 0


def test_reports_are_written_and_agree(call, store, tmp_path):
    call("snapshot", "save", "a")
    write_generation(store, "draft", DRAFT, DRAFT_RECORD)
    call("snapshot", "save", "b")
    before = fingerprint(store)
    _, out, _ = call("diff", "a", "b", "--format", "json")
    found = json.loads(out)
    assert found == json.loads((tmp_path / "out" / f"audit_diff_{DAY}.json").read_text())
    assert [(one["stage"], one["gen_id"]) for one in found["added"]] == [("draft", DRAFT)]
    assert [one["code"] for one in found["findings"]["fixed"]] == ["PARENT_MISSING"]
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out" / f"audit_diff_{DAY}.csv").read_text())))
    assert [(row["change"], row["gen_id"]) for row in rows] == [("added", DRAFT)]
    page = (tmp_path / "out" / f"audit_diff_{DAY}.html").read_text()
    assert DRAFT in page
    assert "No new finding" in page
    assert fingerprint(store) == before
    # Two saved snapshots give the same page without the store.
    store.rename(store.parent / "away")
    call("diff", "a", "b")
    assert (tmp_path / "out" / f"audit_diff_{DAY}.html").read_text() == page


def test_two_stores_are_compared_by_their_paths(call, store, tmp_path):
    write_generation(orphaned(tmp_path / "other"), "draft", DRAFT, DRAFT_RECORD)
    code, out, _ = call("diff", store, tmp_path / "other")
    assert code == 0
    assert "1 added, 0 gone" in out


def test_the_terminal_lists_differences_and_counts_the_rest(call, store):
    call("snapshot", "save", "a")
    assert "PARENT_MISSING" not in call("diff", "a")[1]
    write_generation(store, "draft", DRAFT, DRAFT_RECORD)
    lines = call("diff", "a")[1].splitlines()
    assert ["added", "draft", DRAFT] in [line.split() for line in lines]
    assert any(line.startswith("fixed") and "PARENT_MISSING" in line for line in lines)


def test_a_snapshot_is_named_by_its_path(run, store, tmp_path):
    words = ("--data-root", store, "--date", DAY)
    run("snapshot", "save", "a", *words, "--output", tmp_path / "out")
    write_generation(store, "draft", DRAFT, DRAFT_RECORD)
    path = tmp_path / "out" / "snapshots" / "a"
    code, out, _ = run("diff", path, store, "--dry-run", "--output", tmp_path / "other")
    assert (code, "1 added, 0 gone" in out) == (0, True)
    again = run("audit", "--snapshot", path, "--only", "parents", "--dry-run", "--output", tmp_path / "other")
    assert again[0] == 1


def test_the_page_of_an_audit_has_a_section_of_changes(run, tmp_path):
    root = migratable(tmp_path / "store")
    words = ("--data-root", root, "--output", tmp_path / "out", "--date")
    run("snapshot", "save", "a", *words, DAY)
    applied(root, plan_of(root))
    _, out, _ = run("audit", "--since", "last", *words, "2026-02-03")
    assert f"Since {DAY}" in out
    page = (tmp_path / "out" / "audit_2026-02-03.html").read_text()
    assert f"Since {DAY}" in page
    assert LEGACY_DRAFT in page
    assert NEW_DRAFT in page


def test_a_name_of_neither_snapshot_nor_store_is_an_error(call, tmp_path):
    assert call("diff", "none")[0] == 3
    code, _, err = call("diff", tmp_path / "none")
    assert code == 3
    assert "no such root" in err
