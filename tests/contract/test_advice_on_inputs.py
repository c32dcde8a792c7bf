"""The advice of finding codes about inputs and names, carried out on edits that the sample has no fault for."""

import csv
import json
import sys

import pytest

from genaudit.audits.content.audit import content
from genaudit.audits.run import run_audits
from genaudit.audits.table import default_audits
from genaudit.cli import main
from genaudit.layout import RAW_METADATA, Layout
from genaudit.sample import SampleOptions, write_sample
from genaudit.store.snapshot import scan


@pytest.fixture
def layout(tmp_path):
    write_sample(tmp_path / "data", SampleOptions(drafts=6))
    return Layout(tmp_path / "data")


def test_an_empty_folder_that_no_cohort_lists_is_deleted(layout):
    folder = layout.generation("draft", "d_1")
    folder.mkdir()
    assert set(run_audits(scan(layout.root)).findings["code"]) == {"FOLDER_EMPTY"}
    folder.rmdir()
    assert run_audits(scan(layout.root)).findings.empty


@pytest.mark.parametrize("way", ["undone", "an id of its own"])
def test_an_edited_template_is_undone_or_gets_an_id_of_its_own(layout, way):
    path = layout.template("essay", "braided-essay-v3")
    before = path.read_text()
    path.write_text(f"{before}\nWrite at most 800 words.\n")
    assert set(content(scan(layout.root)).findings["code"]) == {"PROMPT_DRIFTED"}
    if way == "an id of its own":
        catalog = layout.catalogs / "essay_templates.csv"
        rows = list(csv.reader(catalog.read_text().splitlines()))
        (own,) = [row for row in rows if row[0] == path.stem]
        with catalog.open("a", newline="") as file:
            csv.writer(file, lineterminator="\n").writerow(["braided-essay-v4", *own[1:]])
        layout.template("essay", "braided-essay-v4").write_text(path.read_text())
    path.write_text(before)
    assert run_audits(scan(layout.root), (*default_audits(), "content")).findings.empty


def test_a_model_that_was_replaced_gets_an_id_of_its_own(layout):
    rows = list(csv.DictReader(layout.llm_models.read_text().splitlines()))
    folder = next(path.parent for path in sorted(layout.root.glob("gens/draft/*/raw.txt")))
    report = json.loads((folder / RAW_METADATA).read_bytes())
    (row,) = [row for row in rows if row["id"] == report["llm_model_id"]]
    (folder / RAW_METADATA).write_text(json.dumps({**report, "served_model": row["model"]}))
    text = layout.llm_models.read_text()
    layout.llm_models.write_text(text.replace(row["model"], "house/newer-1"))
    assert content(scan(layout.root)).findings["code"].tolist() == ["MODEL_DRIFTED"]
    own = text.splitlines(keepends=True)[1 + rows.index(row)]
    layout.llm_models.write_text(text + own.replace(row["id"], "newer", 1).replace(row["model"], "house/newer-1"))
    assert run_audits(scan(layout.root), (*default_audits(), "content")).findings.empty


def call(monkeypatch, *words):
    monkeypatch.setattr(sys, "argv", ["genaudit", *map(str, words)])
    with pytest.raises(SystemExit) as caught:
        main()
    return caught.value.code


@pytest.mark.parametrize("is_renamed", [False, True])
def test_a_separator_in_a_stored_name_is_accepted(tmp_path, monkeypatch, is_renamed):
    root = tmp_path / "data"
    write_sample(root, SampleOptions(drafts=2, faults=("FIELD_SEPARATOR",)))
    options = ("--data-root", root, "--output", tmp_path / "out")
    strict = ("audit", *options, "--fail-on", "warning")
    assert call(monkeypatch, *strict) == 1
    if is_renamed:
        # Its id was made with the name.
        (finding,) = run_audits(scan(root)).findings.to_dict("records")
        for path in (root / finding["path"], root / "combo_mappings.csv"):
            path.write_text(path.read_text().replace("|", "-"))
        assert run_audits(scan(root)).findings["code"].tolist() == ["ID_MISMATCH"]
        return
    assert call(monkeypatch, "baseline", "accept", "FIELD_SEPARATOR", "--reason", "an old name", *options) == 0
    assert call(monkeypatch, *strict) == 0
