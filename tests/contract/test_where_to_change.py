"""The table "To change X, open these files" of docs/design.md: its files exist, and each fact is in one place."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

import genaudit
from genaudit.audits.registry import AUDITS
from genaudit.audits.result import Findings
from genaudit.charts.style import SEVERITY_COLOURS
from genaudit.codes import CODES, Severity
from genaudit.errors import Reason
from genaudit.schemas import BREAKS, STATE_CODES

SOURCE = Path(genaudit.__file__).parent
DESIGN = Path(__file__).parents[2] / "docs" / "design.md"
TABLE = re.search(r"\| to change \| open \|\n\|---\|---\|\n((?:\|.*\n)+)", DESIGN.read_text("utf-8")).group(1)
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TABLE.splitlines()]
MOST = 2


@cache
def sources(*suffixes):
    """The texts of the package by path; the bundle of Vega and the notebooks' own format are not ours to change."""
    found = {path.relative_to(SOURCE).as_posix(): path for path in SOURCE.rglob("*") if path.suffix in suffixes}
    return {name: path.read_text("utf-8") for name, path in found.items() if name != "templates/vega.js"}


def files_with(text, *suffixes):
    return {name for name, content in sources(*suffixes).items() if text in content}


@pytest.mark.parametrize(("change", "files"), ROWS, ids=[row[0] for row in ROWS])
def test_a_change_takes_at_most_two_files_and_they_exist(change, files):
    named = re.findall(r"`([\w/<>]+\.\w+)`", files)
    assert 1 <= len(dict.fromkeys(named)) <= MOST, change
    for name in named:
        assert [*SOURCE.glob(name.replace("<audit>", "*").replace("<chart>", "*"))], name


def test_the_colours_of_severities_are_in_the_named_files():
    for colour in SEVERITY_COLOURS.values():
        assert files_with(colour, ".py", ".css", ".js", ".j2") == {"charts/style.py"}, colour
    for severity in Severity:
        assert len(re.findall(rf"--{severity}:", "".join(sources(".css", ".j2", ".js", ".py").values()))) == 1


def test_a_severity_is_changed_in_the_table_of_codes_alone(monkeypatch):
    changed = {**CODES, "FIELD_MISSING": replace(CODES["FIELD_MISSING"], severity=Severity.INFO, fix="Wait.")}
    for module in ("genaudit.codes", "genaudit.audits.result"):
        monkeypatch.setattr(f"{module}.CODES", changed)
    findings = Findings()
    findings.add("FIELD_MISSING", stage="draft")
    row = findings.frame().iloc[0]
    assert (row["severity"], row["fix"]) == (Severity.INFO, "Wait.")
    # No other module has a list of codes of a severity.
    rows_of_codes = re.compile(r"Severity\.\w+\s*[:,]\s*[\"'][A-Z_]{6,}|[\"'][A-Z_]{6,}[\"']\s*:\s*Severity")
    assert {name for name, text in sources(".py").items() if rows_of_codes.search(text)} == set()


def test_the_texts_of_codes_are_written_once():
    for code in CODES.values():
        for text in (code.title, code.fix):
            assert files_with(f'"{text}"', ".py", ".j2", ".js") <= {"codes.py"}, text


def test_a_code_is_named_where_the_table_leads():
    # The inventory's coverage counts the links that the scan found.
    tree = {"store/scan.py", "store/stage_names.py", "audits/inventory.py"}
    # Made from the state of a record, a link or a file.
    by_state = {*STATE_CODES.values(), *(f"PARENT_{status.name}" for status in BREAKS)}
    by_state |= {"RAW_METADATA_INVALID", "PARSED_METADATA_INVALID"}
    for code in CODES.keys() - by_state:
        named = {name for name in files_with(f'"{code}"', ".py") if name.startswith(("audits/", "store/"))}
        assert named <= tree or {name.split("/")[0] for name in named} == {"audits"}, (code, named)
        assert 1 <= len(named - {"audits/inventory.py"}) <= MOST or named == {"audits/inventory.py"}, (code, named)


def test_sections_of_an_audit_are_in_the_named_file():
    for audit in AUDITS.values():
        module = audit.sections.__module__.removeprefix("genaudit.").replace(".", "/")
        assert module in {f"audits/{audit.name}_sections", f"audits/{audit.name}/sections"}


def test_meaning_and_exit_code_of_an_error_are_in_the_named_file():
    for reason in Reason:
        assert files_with(reason.meaning, ".py") == {"errors.py"}, reason
