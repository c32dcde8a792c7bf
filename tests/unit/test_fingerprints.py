import hashlib
import json

import pytest

from genaudit.fingerprints import FindingSubject, renamed, renamed_path, subjects
from genaudit.schemas import FINDINGS, from_rows

ROW = {"audit": "metadata", "severity": "error", "fix": "mend it", "detail": "a detail", "expected": "x"}


def findings(*rows):
    return from_rows(FINDINGS, [{**ROW, **row} for row in rows])


def test_a_fingerprint_is_the_hash_of_the_subject():
    parts = ["FIELD_TYPE", "draft", "d_1", "replicate", "gens/draft/d_1/metadata.json", None, 1]
    expected = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
    assert FindingSubject(*parts).fingerprint == expected


def test_the_value_counts_only_without_an_id():
    with_id = {"code": "FIELD_TYPE", "stage": "draft", "gen_id": "d_1", "field": "mode", "actual": "7"}
    without = {"code": "CATALOG_VALUE_INVALID", "path": "1_raw/llm_models.csv", "actual": "7"}
    assert [one.value for one in subjects(findings(with_id, without))] == [None, "7"]


@pytest.mark.parametrize("changed", ["audit", "severity", "fix", "detail", "expected"])
def test_the_wording_of_a_finding_does_not_change_its_fingerprint(changed):
    row = {"code": "FIELD_TYPE", "stage": "draft", "gen_id": "d_1", "field": "mode"}
    other = {**row, changed: "warning" if changed == "severity" else "other"}
    first, second = subjects(findings(row)), subjects(findings(other))
    assert first == second


@pytest.mark.parametrize("changed", ["code", "stage", "gen_id", "field", "path"])
def test_every_part_of_a_subject_counts(changed):
    subject = FindingSubject("FIELD_TYPE", "draft", "d_1", "mode", "gens/draft/d_1/metadata.json")
    assert subject.fingerprint != subject._replace(**{changed: "other"}).fingerprint


def test_findings_with_one_subject_are_counted():
    row = {"code": "CATALOG_ROW_MALFORMED", "path": "1_raw/llm_models.csv"}
    found = subjects(findings(row, row, {**row, "path": "other"}))
    assert [one.occurrence for one in found] == [1, 2, 1]
    assert len({one.fingerprint for one in found}) == 3


def test_a_renamed_generation_has_its_present_name_in_id_and_path():
    def current(stage, gen_id):
        return {("draft", "old"): "d_new"}.get((stage, gen_id), gen_id)

    subject = FindingSubject("FIELD_TYPE", "draft", "old", "mode", "gens/draft/old/metadata.json")
    assert renamed(subject, current) == FindingSubject(
        "FIELD_TYPE", "draft", "d_new", "mode", "gens/draft/d_new/metadata.json"
    )
    assert renamed(subject._replace(stage="essay"), current).gen_id == "old"
    assert renamed_path("gens/draft/old", current) == "gens/draft/d_new"
    for path in ("cohorts/draft/old/membership.csv", "gens/draft", "gens/outline/old/x", None):
        assert renamed_path(path, current) == path
