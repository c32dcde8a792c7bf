"""Faults of catalogs: each with its code, line, field and value."""

import pytest

from genaudit.audits.catalog_checks import report_catalogs
from genaudit.audits.metadata import metadata
from genaudit.audits.result import Findings
from genaudit.layout import Layout
from genaudit.store.snapshot import scan
from helpers.stores import make_stages

REPLICATION = "1_raw/replication_config.csv"
ESSAYS = "1_raw/essay_templates.csv"
MODELS = "1_raw/llm_models.csv"


def found(root, path, text):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    findings = Findings()
    assert report_catalogs(Layout(root), findings) == 1
    table = findings.frame()
    columns = ["code", "field", "actual", "detail"]
    assert set(table["path"]) <= {path}
    return [tuple(row) for row in table[columns].astype(object).where(table[columns].notna(), None).to_numpy()]


def test_sound_catalogs_have_no_findings(tmp_path):
    assert found(tmp_path, ESSAYS, "template_id,parser,generator,active\na,,llm,TRUE\nb,identity,copy,0\n") == []


def test_a_catalog_that_does_not_exist_is_not_checked(tmp_path):
    findings = Findings()
    assert report_catalogs(Layout(tmp_path), findings) == 0
    assert findings.frame().empty


def test_a_number_of_replicates_in_words(tmp_path):
    (row,) = found(tmp_path, REPLICATION, "stage,replicates\ndraft,1\nessay,2.0\nevaluation,two\n")
    assert row == ("REPLICATION_INVALID", "replicates", '"two"', "line 4, stage evaluation")


@pytest.mark.parametrize("value", ["0", "-1", "1.5", "", "true"])
def test_numbers_that_are_no_replicates(tmp_path, value):
    (row,) = found(tmp_path, REPLICATION, f"stage,replicates\ndraft,{value}\nessay,1\nevaluation,1\n")
    assert row[:2] == ("REPLICATION_INVALID", "replicates")


def test_a_stage_that_is_unknown_and_one_that_is_missing(tmp_path):
    rows = found(tmp_path, REPLICATION, "stage,replicates\ndraft,1\nessay,1\nevaluations,1\n")
    assert {(row[0], row[3]) for row in rows} == {
        ("REPLICATION_INVALID", "line 4, closest stage 'evaluation'"),
        ("REPLICATION_INVALID", "no such row"),
    }


def test_a_flag_in_another_language(tmp_path):
    (row,) = found(tmp_path, ESSAYS, "template_id,active\na,True\nb,WAHR\n")
    assert row == ("CATALOG_VALUE_INVALID", "active", '"WAHR"', "line 3")


def test_a_row_with_two_cells(tmp_path):
    (row,) = found(tmp_path, ESSAYS, "template_id,parser,generator\na,,llm\nb,llm\n")
    assert row == ("CATALOG_ROW_MALFORMED", None, '["b","llm"]', "line 3, 2 cells")


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (ESSAYS, "template,parser\na,\n", ("CATALOG_COLUMN_MISSING", "template_id")),
        (ESSAYS, "template_id,note,note\na,x,y\n", ("CATALOG_COLUMN_MISSING", "note")),
        (ESSAYS, "", ("CATALOG_COLUMN_MISSING", "template_id")),
        (ESSAYS, "template_id\n", ("CATALOG_EMPTY", "template_id")),
        (ESSAYS, "template_id,parser\n,x\na,\n", ("CATALOG_ID_BLANK", "template_id")),
        (ESSAYS, "template_id\na\nb\n A\n", ("CATALOG_ID_REPEATED", "template_id")),
        (ESSAYS, "template_id,generator\na,lml\n", ("CATALOG_VALUE_INVALID", "generator")),
        (ESSAYS, "template_id,parser\na,essay_block\n", ("CATALOG_VALUE_INVALID", "parser")),
        (MODELS, b"id\ncaf\xe9\n", ("CATALOG_UNREADABLE", None)),
        (MODELS, 'id\n"a\n', ("CATALOG_UNREADABLE", None)),
        ("combo_mappings.csv", "combo_id,concept_id\na,b\n", ("CATALOG_COLUMN_MISSING", "version")),
    ],
)
def test_every_kind_of_fault(tmp_path, path, text, expected):
    assert expected in [row[:2] for row in found(tmp_path, path, text)]


def test_all_catalogs_are_checked_not_just_the_first_that_is_at_fault(tmp_path):
    make_stages(tmp_path)
    for path in (ESSAYS, MODELS):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("nothing\n")
    result = metadata(scan(tmp_path))
    assert sorted(result.findings["path"]) == [ESSAYS, MODELS]
    assert result.coverage.checked["catalogs"] == 2


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "outside.csv").write_text("id\na\n")
    root = tmp_path / "data"
    (root / "1_raw").mkdir(parents=True)
    (root / MODELS).symlink_to(tmp_path / "outside.csv")
    findings = Findings()
    report_catalogs(Layout(root), findings)
    assert findings.frame()["code"].tolist() == ["CATALOG_UNREADABLE"]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_spreadsheets_delimiter_is_named(tmp_path, delimiter):
    rows = found(tmp_path, REPLICATION, f"stage{delimiter}replicates\ndraft{delimiter}1\n")
    named = [(row[0], row[3]) for row in rows]
    assert (
        named == [("CATALOG_COLUMN_MISSING", f"line 1, cells are separated by {delimiter!r} instead of a comma")] * 2
    )


def test_ids_that_look_the_same_are_shown_by_their_code_points(tmp_path):
    text = "template_id\ncaf\u00e9\nplain\ncafe\u0301\ncafe\n"
    alike = "caf<U+00E9> looks the same as cafe<U+0301>"
    rows = found(tmp_path, ESSAYS, text)
    assert [(code, detail) for code, _, _, detail in rows] == [
        ("CATALOG_ID_TWIN", f"line 2, {alike}"),
        ("CATALOG_ID_TWIN", "line 4, cafe<U+0301> looks the same as caf<U+00E9>"),
    ]
