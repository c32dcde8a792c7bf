import json

import pytest

from genaudit.audits.metadata import metadata
from genaudit.store.snapshot import scan
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY_RECORD, evaluation, make_stages, write_generation

ESSAY = "e_1"


@pytest.fixture
def root(tmp_path):
    return make_stages(tmp_path)


def found(root):
    rows = metadata(scan(root)).findings.to_dict("records")
    return [(row["code"], row["field"], row["actual"]) for row in rows]


def test_complete_records_give_nothing(root):
    write_generation(root, "draft", DRAFT, {**DRAFT_RECORD, "mode": "llm", "origin_cohort_id": "Cohort-1"})
    write_generation(root, "essay", ESSAY, {**ESSAY_RECORD, "mode": "copy", "llm_model_id": "gemini_25_pro"})
    write_generation(root, "evaluation", "v_1", evaluation(ESSAY, note="an unknown key"))
    assert found(root) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"template_id": None}, [("FIELD_MISSING", "template_id", "null")]),
        ({"replicate": None}, [("FIELD_MISSING", "replicate", "null")]),
        ({"template_id": "  "}, [("FIELD_BLANK", "template_id", '"  "')]),
        ({"replicate": ""}, [("FIELD_BLANK", "replicate", '""')]),
        ({"mode": ""}, [("FIELD_BLANK", "mode", '""')]),
        ({"combo_id": 7}, [("FIELD_TYPE", "combo_id", "7")]),
        ({"combo_id": ["a"]}, [("FIELD_TYPE", "combo_id", '["a"]')]),
        ({"replicate": True}, [("FIELD_TYPE", "replicate", "true")]),
        ({"replicate": 1.5}, [("FIELD_TYPE", "replicate", "1.5")]),
        ({"replicate": "two"}, [("FIELD_TYPE", "replicate", '"two"')]),
        ({"replicate": "-1"}, [("FIELD_TYPE", "replicate", '"-1"')]),
        # A digit of another script is no number here.
        ({"replicate": "\u0663"}, [("FIELD_TYPE", "replicate", '"\u0663"')]),
        ({"replicate": "2"}, [("FIELD_LOOSE_TYPE", "replicate", '"2"')]),
        ({"replicate": 2.0}, [("FIELD_LOOSE_TYPE", "replicate", "2.0")]),
        ({"replicate": 0}, [("FIELD_OUT_OF_DOMAIN", "replicate", "0")]),
        ({"replicate": -3.0}, [("FIELD_OUT_OF_DOMAIN", "replicate", "-3.0")]),
        ({"replicate": "0"}, [("FIELD_OUT_OF_DOMAIN", "replicate", '"0"')]),
        ({"replicate": 2**31}, [("FIELD_OUT_OF_DOMAIN", "replicate", "2147483648")]),
        ({"mode": "LLM"}, [("FIELD_OUT_OF_DOMAIN", "mode", '"LLM"')]),
        ({"parent_gen_id": "d_1"}, [("FIELD_EXTRANEOUS", "parent_gen_id", '"d_1"')]),
        ({"parent_gen_id": None}, []),
        ({"stage": "essay"}, [("FIELD_CONTRADICTS_FOLDER", "stage", '"essay"')]),
        ({"gen_id": "d_other"}, [("FIELD_CONTRADICTS_FOLDER", "gen_id", '"d_other"')]),
        ({"gen_id": None}, []),
        ({"template_id": "a|b"}, [("FIELD_SEPARATOR", "template_id", '"a|b"')]),
        ({"template_id": " Mixed-Case "}, []),
    ],
)
def test_each_thing_that_a_draft_can_have_wrong(root, changes, expected):
    write_generation(root, "draft", DRAFT, {**DRAFT_RECORD, **changes})
    assert found(root) == expected


def test_everything_wrong_is_reported_at_once(root):
    write_generation(root, "draft", DRAFT, {"replicate": 0, "mode": 1, "parent_gen_id": "d_1"})
    assert sorted(found(root)) == [
        ("FIELD_EXTRANEOUS", "parent_gen_id", '"d_1"'),
        ("FIELD_MISSING", "combo_id", "no such field"),
        ("FIELD_MISSING", "llm_model_id", "no such field"),
        ("FIELD_MISSING", "template_id", "no such field"),
        ("FIELD_OUT_OF_DOMAIN", "replicate", "0"),
        ("FIELD_TYPE", "mode", "1"),
    ]


def test_old_name_is_understood_and_reported(root):
    record = {"parent_gen_id": DRAFT, "essay_template": "plain", "replicate": 1}
    write_generation(root, "essay", ESSAY, record)
    snapshot = scan(root)
    assert snapshot.values("template_id") == ["plain"]
    assert found(root) == [("FIELD_OLD_NAME", "essay_template", '"plain"')]


def test_the_old_field_name_of_another_stage_is_no_substitute(root):
    write_generation(root, "essay", ESSAY, {"parent_gen_id": DRAFT, "draft_template": "plain", "replicate": 1})
    assert found(root) == [("FIELD_MISSING", "template_id", "no such field")]


def test_blank_old_name_is_blank_under_its_own_name(root):
    write_generation(root, "essay", ESSAY, {"parent_gen_id": DRAFT, "essay_template": "", "replicate": 1})
    assert sorted(found(root)) == [
        ("FIELD_BLANK", "essay_template", '""'),
        ("FIELD_OLD_NAME", "essay_template", '""'),
    ]


def test_old_essays_without_a_model_are_sound(root):
    write_generation(root, "essay", ESSAY, {"parent_gen_id": DRAFT, "template_id": "plain", "replicate": 1})
    assert found(root) == []


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "METADATA_NOT_JSON"),
        (b"{", "METADATA_NOT_JSON"),
        (b"[]", "METADATA_NOT_OBJECT"),
        (b'{"a": 1, "a": 2}', "METADATA_DUPLICATE_KEY"),
        (b'{"replicate": NaN}', "METADATA_NAN"),
        (b'{"a": "\xff"}', "METADATA_NOT_UTF8"),
        (b"[" * 100_000, "METADATA_NOT_JSON"),
    ],
)
def test_records_that_cannot_be_read_give_one_finding_each(root, data, code):
    write_generation(root, "draft", DRAFT, data)
    assert [row[0] for row in found(root)] == [code]


def test_generations_of_one_signature_are_one_finding(root):
    for gen_id in ("a" * 16, "b" * 16, "c" * 16):
        write_generation(root, "draft", gen_id, DRAFT_RECORD)
    (finding,) = metadata(scan(root)).findings.to_dict("records")
    assert (finding["code"], finding["gen_id"]) == ("SIGNATURE_DUPLICATE", "a" * 16)
    assert "b" * 16 in finding["detail"]
    assert "c" * 16 in finding["detail"]
    assert finding["detail"].endswith("; they differ in nothing else that is stored")


@pytest.mark.parametrize(
    ("record", "files", "difference"),
    [
        ({"temperature": 0.7}, {}, "temperature (absent, 0.7)"),
        ({"mode": "copy", "origin_cohort_id": "other"}, {}, 'mode (absent, "copy")'),
        ({}, {"prompt.txt": "Another."}, "prompt.txt"),
        (
            {},
            {"raw_metadata.json": '{"served_model": "b", "duration_s": 9, "run_id": "r"}'},
            'served_model ("a", "b")',
        ),
    ],
)
def test_differences_of_generations_with_one_signature_are_named(root, record, files, difference):
    first = write_generation(root, "draft", "a" * 16, DRAFT_RECORD)
    second = write_generation(root, "draft", "b" * 16, {**DRAFT_RECORD, **record})
    (first / "prompt.txt").write_text("The same.")
    (first / "raw_metadata.json").write_text('{"served_model": "a", "duration_s": 1, "temperature": 1}')
    for name, text in files.items():
        (second / name).write_text(text)
    details = metadata(scan(root)).findings.set_index("code")["detail"]
    assert details["SIGNATURE_DUPLICATE"] == f"shared with {'b' * 16}; they differ in {difference}"


COMBO_COLUMNS = "combo_id,version,concept_id,description_level,k_max,created_at"


def write_catalogs(root, templates="creative-synthesis-v10", models="gemini_25_pro", combos="combo_v1_85128e4e5ef3"):
    (root / "1_raw").mkdir()
    (root / "1_raw" / "draft_templates.csv").write_text(f"template_id,template_name\n{templates},A name\n")
    (root / "1_raw" / "llm_models.csv").write_text(f"id,model\n{models},m\n")
    (root / "combo_mappings.csv").write_text(f"{COMBO_COLUMNS}\n{combos},v1,c1,paragraph,3,2025-05-14T09:12:33\n")


def test_catalogs_that_know_everything_give_nothing(root):
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_catalogs(root)
    assert found(root) == []


@pytest.mark.parametrize(
    ("catalog", "code", "field"),
    [
        ("templates", "TEMPLATE_UNKNOWN", "template_id"),
        ("models", "MODEL_UNKNOWN", "llm_model_id"),
        ("combos", "COMBO_UNKNOWN", "combo_id"),
    ],
)
def test_values_that_no_catalog_lists(root, catalog, code, field):
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_catalogs(root, **{catalog: "another"})
    assert found(root) == [(code, field, json.dumps(DRAFT_RECORD[field]))]


def test_an_unknown_id_that_looks_like_a_known_one_is_shown_by_its_code_points(root):
    write_generation(root, "draft", DRAFT, {**DRAFT_RECORD, "llm_model_id": "Cafe\u0301"})
    write_catalogs(root, models="caf\u00e9")
    (finding,) = metadata(scan(root)).findings.to_dict("records")
    assert (finding["code"], finding["detail"]) == ("MODEL_UNKNOWN", "cafe<U+0301> looks the same as caf<U+00E9>")


def test_broken_catalog_is_reported_and_not_held_against_records(root):
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_catalogs(root)
    (root / "1_raw" / "llm_models.csv").write_text("name\nx\n")
    result = metadata(scan(root))
    (finding,) = result.findings.to_dict("records")
    assert (finding["code"], finding["path"]) == ("CATALOG_COLUMN_MISSING", "1_raw/llm_models.csv")
    assert result.coverage.skipped["models: no usable catalog"] == 1


def test_frame_counts_stored_fields(root):
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_generation(root, "draft", "d_2", {"template_id": 5, "combo_id": "c", "note": 1})
    result = metadata(scan(root))
    rows = {row["field"]: row for row in result.frame.to_dict("records") if row["stage"] == "draft"}
    assert [rows["template_id"][key] for key in ("present", "absent", "flagged")] == [2, 0, 1]
    assert [rows["llm_model_id"][key] for key in ("present", "absent", "flagged")] == [1, 1, 1]
    assert rows["llm_model_id"]["required"]
    assert not rows["mode"]["required"]
    assert result.summary.unknown_fields == {"draft.note": 1}
    assert result.summary.generations_with_findings == 1
