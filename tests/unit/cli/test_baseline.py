import csv
import io
import json

import pytest

from genaudit.baseline.entries import read_baseline
from helpers.findings import orphaned
from helpers.stores import ESSAY
from helpers.trees import contents, fingerprint

DAY = "2026-01-02"
NAME = "genaudit-baseline.json"


@pytest.fixture
def store(tmp_path):
    return orphaned(tmp_path / "store")


@pytest.fixture
def audit(run, store, tmp_path):
    def call(*words, day=DAY, command="audit"):
        return run(command, "--data-root", store, "--output", tmp_path / "out", "--date", day, *words)

    return call


@pytest.fixture
def accept(run, store, tmp_path):
    def call(*words):
        words = ("baseline", "accept", *words, "--data-root", store, "--output", tmp_path / "out", "--date", DAY)
        code, out, err = run(*words)
        assert code == 0, err
        return out

    return call


def test_an_accepted_error_no_longer_fails_the_audit(audit, accept, store):
    assert audit()[0] == 1
    out = accept("PARENT_MISSING", "--reason", "draft was lost", "--by", "ana", "--until", "2026-06-30")
    assert "1 finding accepted" in out
    (entry,) = read_baseline(store / NAME).entries
    assert (entry.subject.gen_id, entry.reason, entry.by, entry.until) == (
        ESSAY,
        "draft was lost",
        "ana",
        "2026-06-30",
    )
    code, out, err = audit()
    assert code == 0
    assert "needs a person" not in err
    assert audit("--fail-on", "warning")[0] == 1
    assert audit(command="parents")[0] == 0


def test_accepted_findings_are_on_every_surface(audit, accept, tmp_path):
    audit()
    before = contents(tmp_path / "out")
    accept("PARENT_MISSING", "--reason", "draft was lost")
    _, out, _ = audit()
    assert "1 finding is accepted" in out
    assert "draft was lost" in out
    after = contents(tmp_path / "out")
    for name in (f"audit_{DAY}.html", f"parent_chains_{DAY}.md", f"parent_chains_{DAY}.json", f"findings_{DAY}.csv"):
        assert "draft was lost" in after[name].decode(), name
    # A baseline takes nothing away.
    (row,) = [
        row for row in csv.DictReader(io.StringIO(after[f"findings_{DAY}.csv"].decode())) if row["gen_id"] == ESSAY
    ]
    assert (row["code"], row["accepted"]) == ("PARENT_MISSING", "yes")
    reports = [json.loads(one[f"parent_chains_{DAY}.json"]) for one in (before, after)]
    accepted = reports[1].pop("baseline")
    assert reports[0] == reports[1]
    assert [entry["gen_id"] for entry in accepted["accepted"]] == [ESSAY]
    shown = json.loads(audit("--format", "json")[1])
    assert [len(shown["baseline"][name]) for name in ("accepted", "expired", "unmatched")] == [1, 0, 0]


def test_an_expired_entry_fails_the_audit_loudly(audit, accept):
    accept("PARENT_MISSING", "--reason", "draft was lost", "--until", "2026-06-30")
    assert audit(day="2026-06-30")[0] == 0
    code, out, err = audit(day="2026-07-01")
    assert code == 1
    assert "EXPIRED" in out
    assert "EXPIRED" in err


def test_an_entry_without_a_finding_is_warned_of_and_pruned(audit, accept, run, store, tmp_path):
    accept("PARENT_MISSING", "STRAY_FILE", "--reason", "known")
    (store / "gens" / "draft" / "notes.txt").unlink()
    words = ("--data-root", store, "--date", DAY)
    assert "1 entries match no finding" in audit()[2]
    code, out, _ = run("baseline", "check", *words)
    assert code == 1
    assert "gens/draft/notes.txt" in out
    code, out, _ = run("baseline", "prune", *words, "--output", tmp_path / "out", "--format", "json")
    assert code == 0
    assert [entry["code"] for entry in json.loads(out)["removed"]] == ["STRAY_FILE"]
    assert run("baseline", "check", *words)[0] == 0
    assert [entry.subject.code for entry in read_baseline(store / NAME).entries] == ["PARENT_MISSING"]


def test_a_file_elsewhere_is_named(audit, run, store, tmp_path):
    path = tmp_path / "accepted.json"
    words = ("--baseline", path, "--data-root", store, "--output", tmp_path / "out", "--date", DAY)
    assert run("baseline", "accept", ESSAY, "--reason", "known", *words)[0] == 0
    assert audit()[0] == 1
    assert audit("--baseline", path)[0] == 0
    assert not (store / NAME).exists()


@pytest.mark.parametrize("command", ["audit", "parents", "recompute", "references", "rebuild"])
def test_a_malformed_baseline_is_a_wrong_configuration(audit, store, command):
    (store / NAME).write_text('{"version": 1, "accepted": [{"code": "X"}]}')
    code, _, err = audit(command=command)
    assert code == 2
    assert "baseline damaged" in err
    assert "field 'reason'" in err


def test_a_missing_baseline_that_was_asked_for_is_a_wrong_configuration(audit, tmp_path):
    code, _, err = audit("--baseline", tmp_path / "none.json")
    assert code == 2
    assert "baseline missing" in err


def test_an_audit_leaves_the_baseline_as_it_is(audit, accept, store):
    accept("PARENT_MISSING", "--reason", "known")
    before = fingerprint(store)
    audit("--with-references")
    assert fingerprint(store) == before


def test_the_baselines_ids_are_no_references_to_rewrite(audit, accept, tmp_path):
    accept("PARENT_MISSING", "--reason", "known")
    audit(command="references")
    rows = csv.DictReader(io.StringIO((tmp_path / "out" / f"cross_references_{DAY}.csv").read_text()))
    treatments = {row["treatment"] for row in rows if row["path"] == NAME}
    assert treatments == {"historical"}


@pytest.mark.parametrize("shown", ["sarif", "junit", "github"])
def test_ci_formats_are_all_that_stdout_has(audit, accept, shown):
    accept("PARENT_MISSING", "--reason", "known")
    code, out, _ = audit("--format", shown)
    assert code == 0
    assert out.startswith({"sarif": "{", "junit": "<?xml", "github": "::"}[shown])
    assert "known" in out
