"""The files that a call passes through between the data root and a row of a CSV report."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import genaudit
from genaudit.cli import main
from helpers.stores import ESSAY_RECORD, make_stages, write_generation

SOURCE = Path(genaudit.__file__).parent
MOST = 8
# Where a record is read, an audit checks it, and a report is rendered.
PROBES = {("store/scan.py", "_document"), ("audits/parents.py", "parents"), ("csv_cells.py", "to_csv")}
# Options that become arguments, and the row of the table that leads to the audit: no place to change for a record.
DISPATCH = {"cli/command_group.py", "audits/audit.py", "audits/parents_sections.py"}
# Functions that know no record: of values, and of any parts.
LEAVES = {"csv_cells.py", "store/pool.py"}


def files_on_the_way(call):
    """The files of the package on the stack when a probe is called, by probe."""
    found = {}

    def note(frame, event, _):
        path = Path(frame.f_code.co_filename)
        if event != "call" or not path.is_relative_to(SOURCE):
            return
        probe = (path.relative_to(SOURCE).as_posix(), frame.f_code.co_name)
        if probe not in PROBES or probe in found:
            return
        found[probe] = []
        while frame:
            path = Path(frame.f_code.co_filename)
            if path.is_relative_to(SOURCE):
                found[probe].append(path.relative_to(SOURCE).as_posix())
            frame = frame.f_back

    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
    return found


def test_a_record_passes_at_most_eight_files(tmp_path, monkeypatch):
    write_generation(make_stages(tmp_path / "store"), "essay", "e_1", ESSAY_RECORD)
    arguments = ["parents", "--data-root", str(tmp_path / "store"), "--output", str(tmp_path / "out"), "-q"]
    monkeypatch.setattr(sys, "argv", ["genaudit", *arguments])

    def call():
        with pytest.raises(SystemExit):
            main()

    found = files_on_the_way(call)
    assert found.keys() == PROBES
    passed = {file for stack in found.values() for file in stack} - DISPATCH - LEAVES
    assert passed == {
        *("cli/app.py", "cli/commands.py"),
        *("store/snapshot.py", "store/reading.py", "store/scan.py"),
        *("audits/run.py", "audits/parents.py"),
        "reports.py",
    }
    assert len(passed) <= MOST
    assert "e_1" in next((tmp_path / "out").glob("parent_chains_*.csv")).read_text("utf-8")
