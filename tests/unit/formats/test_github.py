import re
from collections import Counter
from pathlib import Path

from genaudit.audits.run import AuditRun, run_audits
from genaudit.codes import CODES
from genaudit.formats.github import render_github
from genaudit.store.snapshot import scan
from helpers.findings import GONE_PARENT, orphaned

COMMAND = re.compile(r"::(error|warning|notice) (?:\w+=[^,:]*,?)*::.*|::group::.*|::endgroup::|  .*")


def lines(run):
    return render_github(run).decode().splitlines()


def test_every_line_is_a_command_or_belongs_to_a_group(faulty, accepted):
    for run in (faulty, accepted):
        assert [line for line in lines(run) if not COMMAND.fullmatch(line)] == []


def test_each_code_is_annotated_once_and_each_finding_listed(faulty):
    shown = lines(faulty)
    titles = Counter(match[1] for line in shown if (match := re.match(r"::\w+ title=(\w+) \(", line)))
    assert titles == Counter(set(faulty.findings["code"]))
    assert sum(line.startswith("  ") for line in shown) == len(faulty.findings)


def test_accepted_findings_are_listed_and_not_annotated(accepted):
    shown = lines(accepted)
    listed = [line for line in shown if line.startswith("  accepted: ")]
    assert len(listed) == sum(accepted.baseline.accepted)
    whole = {
        code
        for code in {one.code for one in accepted.baseline.subjects}
        if all(
            ok
            for one, ok in zip(accepted.baseline.subjects, accepted.baseline.accepted, strict=True)
            if one.code == code
        )
    }
    assert whole
    assert not [line for line in shown for code in whole if line.startswith("::") and f"title={code} " in line]
    assert "::error title=Expired baseline entries::The acceptance of 1 finding has ended." in shown
    assert any(line.startswith("::warning title=Baseline entry without a finding::STRAY_FILE") for line in shown)


def test_a_relative_root_places_annotations_in_the_repository(tmp_path, monkeypatch):
    orphaned(tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    (line,) = [one for one in lines(run_audits(scan(Path("data")))) if one.startswith("::error")]
    assert line.startswith(
        f"::error title=PARENT_MISSING (1 finding),file=data/{GONE_PARENT}::{CODES['PARENT_MISSING'].title}; "
    )


def test_text_of_a_store_becomes_no_command(tmp_path):
    root = orphaned(tmp_path)
    (root / "gens" / "draft" / "##[error]a,b:c%0A").write_text("x")
    text = "\n".join(lines(AuditRun(scan(root), run_audits(scan(root)).results)))
    assert "##[" not in text
    assert "a,b:c%250A" in text
