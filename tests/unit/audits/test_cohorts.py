"""Three generations of the published kind, in cohorts that agree with their records or contradict them."""

from __future__ import annotations

import pytest

from genaudit import schemas
from genaudit.audits.cohorts import cohorts
from genaudit.store.snapshot import scan
from helpers.membership import EVALUATION, MEMBERS, member, plain, write_membership_csv
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD, evaluation, make_stages, write_generation
from helpers.trees import fingerprint

RECORDS = {
    ("draft", DRAFT): {**DRAFT_RECORD, "origin_cohort_id": "c1", "mode": "llm"},
    ("essay", ESSAY): {**ESSAY_RECORD, "origin_cohort_id": "c1", "mode": "copy"},
    ("evaluation", EVALUATION): evaluation(ESSAY, replicate=2),
}


@pytest.fixture
def store(tmp_path):
    root = make_stages(tmp_path / "data")
    for (stage, gen_id), record in RECORDS.items():
        write_generation(root, stage, gen_id, record)
    return root


def audited(root):
    return cohorts(scan(root))


def found(root, *names):
    """The findings, with those of their fields that are named."""
    return [
        tuple(row.get(name) for name in ("code", "stage", "gen_id", *names)) for row in plain(audited(root).findings)
    ]


def remove(root, stage, gen_id):
    folder = root / "gens" / stage / gen_id
    (folder / "metadata.json").unlink()
    folder.rmdir()


def edited(gen_id, **changes):
    return [{**one, **changes} if one["gen_id"] == gen_id else one for one in MEMBERS]


@pytest.mark.parametrize("form", ["wide", "wide_without_replicate", "slim", "two_column"])
def test_a_true_membership_of_any_form_has_no_finding(store, form):
    write_membership_csv(store, "c1", form=form)
    result = audited(store)
    assert plain(result.findings) == []
    assert list(result.frame.columns) == list(schemas.COHORTS)
    assert plain(result.frame) == [
        {
            "cohort_id": "c1",
            "form": form.removesuffix("_without_replicate"),
            "draft": 1,
            "essay": 1,
            "evaluation": 1,
            "not_in_store": 0,
            "contradicting": 0,
            "parents_outside": 0,
            "manifest": "ok",
            "path": "cohorts/c1/membership.csv",
        }
    ]
    assert result.coverage.checked == {"memberships": 1, "members": 3}
    assert not any(result.coverage.unverified.values())


def test_a_store_without_cohorts_has_no_finding_and_a_sentence_about_it(store):
    result = audited(store)
    assert plain(result.findings) == []
    assert result.coverage.checked == {"memberships": 0, "members": 0}
    assert result.coverage.skipped["generations without any membership to look in"] == 3


def test_a_cohort_that_was_only_planned_is_no_membership_to_look_in(store):
    (store / "cohorts/planned/spec").mkdir(parents=True)
    result = audited(store)
    assert plain(result.findings) == []
    assert result.coverage.skipped["cohorts without a membership"] == 1


@pytest.mark.parametrize(("form", "source"), [("wide", "its own rows"), ("slim", "their records alone")])
def test_a_membership_without_a_manifest_is_untidy(store, form, source):
    write_membership_csv(store, "c1", form=form, manifest=False)
    assert found(store, "severity", "path", "detail") == [
        (
            *("MANIFEST_MISSING", None, None, "info", "cohorts/c1/stage_manifest.json"),
            f"3 members; {source} give their fields",
        )
    ]


def test_a_missing_member_is_reported_once_with_all_its_cohorts(store):
    ghost = member("draft", "d_ghost", **DRAFT_RECORD)
    for cohort in ("c1", "c2", "c3"):
        write_membership_csv(store, cohort, [*([ghost] if cohort != "c2" else []), *MEMBERS])
    assert found(store, "severity", "path", "detail") == [
        ("MEMBER_NOT_IN_STORE", "draft", "d_ghost", "error", "gens/draft/d_ghost", "listed by c1, c3")
    ]
    assert audited(store).frame["not_in_store"].tolist() == [1, 0, 1]


def test_a_stage_that_is_gone_is_one_cause_and_not_many(store):
    write_membership_csv(store, "c1")
    remove(store, "evaluation", EVALUATION)
    (store / "gens/evaluation").rmdir()
    result = audited(store)
    assert plain(result.findings) == []
    assert result.coverage.unverified == {"members where the store has something else than a folder": 1}


def test_a_link_in_place_of_a_member_is_the_inventorys_finding(store):
    write_membership_csv(store, "c1")
    remove(store, "evaluation", EVALUATION)
    (store / "gens/evaluation" / EVALUATION).symlink_to(store / "gens/draft" / DRAFT)
    result = audited(store)
    assert plain(result.findings) == []
    assert sum(result.coverage.unverified.values()) == 1


@pytest.mark.parametrize(
    ("gen_id", "change", "expected", "actual"),
    [
        (DRAFT, {"combo_id": "combo_v1_other"}, '"combo_v1_85128e4e5ef3"', '"combo_v1_other"'),
        (DRAFT, {"template_id": "other"}, '"creative-synthesis-v10"', '"other"'),
        (EVALUATION, {"llm_model_id": "other"}, '"sonnet-4"', '"other"'),
        (EVALUATION, {"replicate": 3}, "2", "3"),
        (ESSAY, {"parent_gen_id": "d_other"}, f'"{DRAFT}"', '"d_other"'),
    ],
)
def test_a_contradiction_with_a_record_is_an_error(store, gen_id, change, expected, actual):
    write_membership_csv(store, "c1", edited(gen_id, **change), form="wide")
    (row,) = plain(audited(store).findings)
    assert (row["code"], row["severity"], row["gen_id"]) == ("MEMBERSHIP_CONTRADICTS_METADATA", "error", gen_id)
    assert [row["field"], row["expected"], row["actual"]] == [*change, expected, actual]


@pytest.mark.parametrize(
    ("form", "manifest", "file"),
    [
        ("wide", False, "membership.csv"),
        ("wide", True, "membership.csv"),
        ("slim", True, "stage_manifest.json"),
        ("two_column", True, "stage_manifest.json"),
    ],
)
def test_a_contradiction_is_reported_for_the_file_that_holds_it(store, form, manifest, file):
    write_membership_csv(store, "c1", edited(DRAFT, template_id="other"), form=form, manifest=manifest)
    assert found(store, "path")[0] == ("MEMBERSHIP_CONTRADICTS_METADATA", "draft", DRAFT, f"cohorts/c1/{file}")


@pytest.mark.parametrize(("field", "value"), [("mode", "copy"), ("origin_cohort_id", "c9")])
def test_a_manifest_alone_can_contradict_a_record(store, field, value):
    write_membership_csv(store, "c1", edited(DRAFT, **{field: value}))
    assert found(store, "field", "actual") == [
        ("MEMBERSHIP_CONTRADICTS_METADATA", "draft", DRAFT, field, f'"{value}"')
    ]


def test_several_fields_are_several_findings_of_one_contradicting_member(store):
    write_membership_csv(store, "c1", edited(DRAFT, template_id="other", replicate=7))
    assert [row[3] for row in found(store, "field")] == ["replicate", "template_id"]
    assert audited(store).frame["contradicting"].tolist() == [1]


@pytest.mark.parametrize(
    ("gen_id", "changes"),
    [
        (DRAFT, {"template_id": " Creative-Synthesis-V10 "}),
        (DRAFT, {"template_id": None}),
        # Old wide files repeat the combo and the model on rows whose records have none.
        (ESSAY, {"combo_id": "combo_v1_85128e4e5ef3", "llm_model_id": "gemini_25_pro"}),
    ],
)
def test_equal_or_additional_fields_are_no_contradiction(store, gen_id, changes):
    write_membership_csv(store, "c1", edited(gen_id, **changes), form="wide", manifest=False)
    assert [code for code, *_ in found(store)] == ["MANIFEST_MISSING"]


def test_the_cohort_column_names_the_cohort_of_a_row_and_not_its_origin(store):
    write_membership_csv(store, "c2", form="wide", manifest=False)
    assert [code for code, *_ in found(store)] == ["MANIFEST_MISSING"]


def test_a_record_that_cannot_be_read_contradicts_nothing_and_is_counted(store):
    (store / "gens/draft" / DRAFT / "metadata.json").write_text("{")
    write_membership_csv(store, "c1", edited(DRAFT, template_id="other"))
    result = audited(store)
    assert plain(result.findings) == []
    assert result.coverage.unverified == {"members whose record cannot be read": 1}


def test_a_parent_outside_is_reported_once_with_all_its_children(store):
    more = [f"v_{number}" for number in range(3)]
    for gen_id in more:
        write_generation(store, "evaluation", gen_id, evaluation(ESSAY, replicate=9))
    rows = [member("evaluation", gen_id) for gen_id in (*more, EVALUATION)]
    write_membership_csv(store, "c1")
    write_membership_csv(store, "judges", rows, form="two_column")
    assert found(store, "severity", "field", "actual", "path") == [
        (
            *("MEMBER_PARENT_OUTSIDE_COHORT", "evaluation", "v_0", "warning", "parent_gen_id", ESSAY),
            "cohorts/judges/membership.csv",
        )
    ]
    result = audited(store)
    assert all(gen_id in result.findings["detail"][0] for gen_id in ("v_1", "v_2", EVALUATION))
    assert dict(zip(result.frame["cohort_id"], result.frame["parents_outside"], strict=True)) == {
        "c1": 0,
        "judges": 4,
    }


def test_a_parent_that_is_nowhere_is_the_parents_audits_finding(store):
    write_generation(store, "essay", "e_orphan", {**ESSAY_RECORD, "parent_gen_id": "d_gone"})
    write_membership_csv(store, "c1", [*MEMBERS[:2], member("essay", "e_orphan"), *MEMBERS[2:]])
    assert found(store) == []


def test_a_wide_row_names_the_parent_of_a_record_that_cannot_be_read(store):
    (store / "gens/essay" / ESSAY / "metadata.json").write_text("{")
    write_membership_csv(store, "c1", MEMBERS[1:], form="wide")
    assert ("MEMBER_PARENT_OUTSIDE_COHORT", "essay", ESSAY) in found(store)


def test_a_generation_in_no_cohort_is_reported_with_the_one_it_names(store):
    write_membership_csv(store, "c2", MEMBERS[:2])
    assert found(store, "severity", "path", "detail") == [
        (
            *("GENERATION_IN_NO_COHORT", "evaluation", EVALUATION, "warning"),
            *(f"gens/evaluation/{EVALUATION}/metadata.json", None),
        )
    ]
    write_membership_csv(store, "c2", MEMBERS[1:])
    assert found(store, "detail")[0] == ("GENERATION_IN_NO_COHORT", "draft", DRAFT, "its record names the cohort c1")


def test_an_id_is_looked_up_in_its_own_stage(store):
    write_generation(store, "essay", DRAFT, ESSAY_RECORD)
    write_membership_csv(store, "c1")
    assert found(store) == [("GENERATION_IN_NO_COHORT", "essay", DRAFT)]


@pytest.mark.parametrize("name", ["d_empty", "d copy"])
def test_a_folder_that_holds_no_generation_needs_no_cohort(store, name):
    write_generation(store, "draft", name, None if name == "d_empty" else DRAFT_RECORD)
    write_membership_csv(store, "c1")
    assert found(store) == []


def test_members_of_a_bad_membership_are_unverified(store):
    write_membership_csv(store, "c1", MEMBERS[:1])
    (store / "cohorts/c2").mkdir()
    (store / "cohorts/c2/membership.csv").write_text(f"stage,gen_id\nessay,{ESSAY}\noutline,o_1\n")
    assert found(store) == [
        ("MEMBERSHIP_INVALID", None, None),
        ("GENERATION_IN_NO_COHORT", "evaluation", EVALUATION),
    ]
    result = audited(store)
    assert result.coverage.unverified == {"generations that an unreadable membership may list": 1}
    assert plain(result.frame)[1] == {
        "cohort_id": "c2",
        "not_in_store": 0,
        "contradicting": 0,
        "parents_outside": 0,
        "path": "cohorts/c2/membership.csv",
    }


def test_a_membership_with_no_readable_byte_leaves_every_unlisted_generation_unverified(store):
    (store / "cohorts/c2/membership.csv").mkdir(parents=True)
    assert found(store) == [("MEMBERSHIP_INVALID", None, None)]
    assert audited(store).coverage.unverified == {"generations that an unreadable membership may list": 3}


def test_the_summary_counts_a_generation_once_however_many_list_it(store):
    write_membership_csv(store, "c1")
    write_membership_csv(store, "c2", [*MEMBERS[:2], member("draft", "d_ghost")])
    summary = audited(store).summary
    assert summary.listed == {"draft": 2, "essay": 1, "evaluation": 1}
    assert (summary.not_in_store, summary.unreadable) == (1, 0)
    assert summary.in_no_cohort == {"draft": 0, "essay": 0, "evaluation": 0}
    assert summary.cohorts["c2"]["draft"] == 2


def test_auditing_changes_nothing(store):
    write_membership_csv(store, "c1", form="wide", manifest=False)
    before = fingerprint(store)
    audited(store)
    assert fingerprint(store) == before
