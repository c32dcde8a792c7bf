from __future__ import annotations

from collections import defaultdict

WIDE = ["stage", "gen_id", "cohort_id", "parent_gen_id", "combo_id", "template_id", "llm_model_id"]
FORMS = [WIDE, [*WIDE, "replicate"], ["stage", "gen_id", "cohort_id"], ["stage", "gen_id"]]


def memberships(sample):
    return {path.parent.name: path for path in sorted((sample.root / "cohorts").glob("*/membership.csv"))}


def test_memberships_part_the_store_by_origin(sample):
    members = defaultdict(list)
    for cohort in memberships(sample):
        for row in sample.table(f"cohorts/{cohort}/membership.csv"):
            members[cohort].append((row["stage"], row["gen_id"]))
    origins = defaultdict(list)
    for name, record in sample.records.items():
        origins[record["origin_cohort_id"]].append((record["stage"], name))
    assert {cohort: sorted(rows) for cohort, rows in members.items()} == {
        cohort: sorted(rows) for cohort, rows in origins.items()
    }
    assert len(members) == 5


def test_every_form_of_a_membership_occurs(sample):
    headers = [path.read_text().splitlines()[0].split(",") for path in memberships(sample).values()]
    assert sorted(map(tuple, headers)) == sorted(map(tuple, [*FORMS, FORMS[2]]))


def test_a_wide_membership_says_what_the_records_say(sample):
    for cohort, path in memberships(sample).items():
        if "template_id" not in path.read_text().splitlines()[0]:
            continue
        for row in sample.table(f"cohorts/{cohort}/membership.csv"):
            record = sample.records[row["gen_id"]]
            assert row.pop("cohort_id") == record["origin_cohort_id"]
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
