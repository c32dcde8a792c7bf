from __future__ import annotations

import json
from collections import defaultdict
from hashlib import sha256

WIDE = ["stage", "gen_id", "cohort_id", "parent_gen_id", "combo_id", "template_id", "llm_model_id"]
FORMS = [WIDE, [*WIDE, "replicate"], ["stage", "gen_id", "cohort_id"], ["stage", "gen_id"]]


def memberships(sample):
    return {path.parent.name: path for path in sorted((sample.root / "cohorts").glob("*/membership.csv"))}


def test_a_membership_has_the_generations_of_its_cohort_and_their_ancestors(sample):
    expected = defaultdict(set)
    for name, record in sample.records.items():
        cohort, above = record["origin_cohort_id"], name
        while above:
            expected[cohort].add((sample.records[above]["stage"], above))
            above = sample.records[above].get("parent_gen_id")
    listed = {
        cohort: [(row["stage"], row["gen_id"]) for row in sample.table(f"cohorts/{cohort}/membership.csv")]
        for cohort in memberships(sample)
    }
    assert {cohort: set(rows) for cohort, rows in listed.items()} == expected
    assert all(len(rows) == len(set(rows)) for rows in listed.values())
    assert len(listed) == 5


def test_members_are_sorted_by_stage(sample):
    for cohort in memberships(sample):
        stages = [row["stage"] for row in sample.table(f"cohorts/{cohort}/membership.csv")]
        assert stages == sorted(stages)


def fields(record):
    """The fields of a record; the word that it has as a copy's model is no model."""
    return {name: value for name, value in record.items() if (name, value) != ("llm_model_id", "None")}


def test_a_manifest_repeats_the_fields_of_each_record(sample):
    for cohort, path in memberships(sample).items():
        manifest = json.loads(path.with_name("stage_manifest.json").read_bytes())
        assert (manifest["cohort_id"], manifest["membership_sha256"]) == (
            cohort,
            sha256(path.read_bytes()).hexdigest(),
        )
        rows = sample.table(f"cohorts/{cohort}/membership.csv")
        assert [name for members in manifest["entries"].values() for name in members] == [
            row["gen_id"] for row in rows
        ]
        for stage, members in manifest["entries"].items():
            for name, entry in members.items():
                assert {"origin_cohort_id": cohort, **entry, "stage": stage, "gen_id": name} == fields(
                    sample.records[name]
                )


def test_every_form_of_a_membership_occurs(sample):
    headers = [path.read_text().splitlines()[0].split(",") for path in memberships(sample).values()]
    assert sorted(map(tuple, headers)) == sorted(map(tuple, [*FORMS, FORMS[2]]))


def test_a_wide_membership_repeats_the_fields_of_the_records(sample):
    for cohort, path in memberships(sample).items():
        if "template_id" not in path.read_text().splitlines()[0]:
            continue
        for row in sample.table(f"cohorts/{cohort}/membership.csv"):
            record = fields(sample.records[row["gen_id"]])
            assert row.pop("cohort_id") == cohort
            assert row == {column: str(record.get(column, "")) for column in row}


def test_an_essay_may_be_of_a_later_cohort_than_its_draft(sample):
    records = sample.records
    pairs = {
        (records[record["parent_gen_id"]]["origin_cohort_id"][-7:], record["origin_cohort_id"][-7:])
        for record in records.values()
        if "parent_gen_id" in record
    }
    assert all(parent <= child for parent, child in pairs)
    assert any(parent < child for parent, child in pairs)
