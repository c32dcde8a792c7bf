"""CONTRIBUTING.md, the table of files to open, and the commit hooks name things that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import genaudit
from genaudit.audits.registry import AUDITS

ROOT = Path(__file__).parents[2]
SOURCE = Path(genaudit.__file__).parent
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
DESIGN = (ROOT / "docs" / "design.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TO_CHANGE = re.search(r"^## To change X.*?(?=^## )", DESIGN, re.MULTILINE | re.DOTALL)[0]
ROWS = [row for row in re.findall(r"^\| (.+?) \| (.+?) \|$", TO_CHANGE, re.MULTILINE) if "`" in row[1]]


def files_named(text):
    return re.findall(r"`([\w/<>*]+\.(?:py|css))`", text)


@pytest.mark.parametrize("files", [files for _, files in ROWS], ids=[change for change, _ in ROWS])
def test_a_change_takes_at_most_two_files_and_they_exist(files):
    named = files_named(files)
    assert 1 <= len(named) <= 2
    for name in named:
        assert sorted(SOURCE.glob(re.sub(r"<\w+>", "*", name))), name


def test_every_audit_has_the_file_that_the_table_names():
    for row in AUDITS.rows.values():
        module = row.descriptor.partition(":")[0].removeprefix("genaudit.").replace(".", "/")
        assert (SOURCE / f"{module}.py").exists()
        assert module.endswith(("_sections", "/sections"))


def test_colours_have_one_place_for_charts_and_one_for_pages():
    coloured = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*")
        if path.suffix in {".py", ".css", ".j2"} and re.search(r"[\"' ]#[0-9a-f]{6}\b", path.read_text("utf-8"))
    }
    # Ink and paper of the charts' two themes, no colour with a meaning.
    assert coloured - {"charts/interactive.py"} == {"charts/style.py", "templates/page.css"}


def test_commands_are_targets():
    targets = {*re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE)}
    named = {*re.findall(r"`make ([a-z]+)`", CONTRIBUTING)}
    assert len(named) == 6
    assert named <= targets


def test_files_of_the_guide_exist():
    for name in files_named(CONTRIBUTING):
        pattern = re.sub(r"<\w+>", "*", name)
        assert sorted(SOURCE.glob(pattern)) or sorted(ROOT.glob(pattern)), name


def test_hooks_call_the_tools_of_the_checks():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"][0]["hooks"]
    checked = re.search(r"^check:.*?\n\n", MAKEFILE, re.MULTILINE | re.DOTALL)[0]
    for hook in hooks:
        assert hook["language"] == "system"
        assert hook["entry"].replace(".venv", "$(VENV)").replace("$(VENV)/bin", "$(BIN)") in checked
