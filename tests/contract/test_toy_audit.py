"""A further audit is one module and one row: commands, reports, pages and the workbench follow from these."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys

import pytest

from helpers.stores import DRAFT, DRAFT_RECORD, make_stages, write_generation

DATE = "2026-01-02"
TITLE = "Length of names"
QUESTION = "How long are the names of generations?"
HELP = "Measure the name of every generation."
TOY = f'''
"""An audit that measures names."""

from dataclasses import dataclass

from genaudit.audits.audit import Audit
from genaudit.audits.result import AuditResult, Coverage, Findings
from genaudit.page_model import Column, Section, listing, stage_table


@dataclass(frozen=True)
class Summary:
    longest: int
    stages: dict[str, int]


def run(context):
    frame = context.snapshot.generations[["stage", "gen_id"]]
    frame = frame.assign(characters=frame["gen_id"].str.len().astype("int64"))
    stages = {{stage: len(span) for stage, span in context.snapshot.spans.items()}}
    summary = Summary(max(frame["characters"], default=0), stages)
    return AuditResult("names", summary, frame, Findings().frame(), Coverage({{"generations": len(frame)}}))


def sections(result):
    columns = [Column("gen_id", "Name", "code"), Column("characters", "Characters", "number")]
    return [
        Section(
            "names",
            NAMES.title,
            NAMES.question,
            (f"The longest name has {{result.summary.longest}} characters.",),
            overview=stage_table("names-by-stage", "Names", ["count"], result.summary.stages, lambda one: [one]),
            tables=(listing("names-all", "Every name", columns, result.frame, source="name_lengths.csv"),),
        )
    ]


NAMES = Audit(
    name="names",
    title="{TITLE}",
    question="{QUESTION}",
    run=run,
    sections=sections,
    report="name_lengths",
    tables={{"name_lengths": lambda result: result.frame}},
)
'''
# The row of the registry, before anything else is imported.
ROW = """
import sys
from genaudit.audits.table import TABLE, Row
TABLE["names"] = Row("toy:NAMES", "Measure the name of every generation.")
"""
COMMAND = f"{ROW}\nfrom genaudit.cli import main\nmain()"
WORKBENCH = f"""{ROW}
from datetime import UTC, datetime
from pathlib import Path
from genaudit.workbench.front import front
from genaudit.workbench.session import Sessions
session = Sessions(lambda: datetime(2026, 1, 2, tzinfo=UTC)).open(Path(sys.argv[1]))
print(front(session, "reports", {{"file": "workbench.py"}}).text)
"""
LAYERS = f"""{ROW}
from genaudit.audits.file_types import placed
print(placed("notes/name_lengths_2026-01-02.csv", in_store=True).kind)
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    root = make_stages(tmp_path_factory.mktemp("toy") / "store")
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_generation(root, "draft", "x" * 40, {**DRAFT_RECORD, "combo_id": "other"})
    return root


@pytest.fixture
def run(tmp_path):
    """Run a program with the further audit; return its output and the folder of its reports."""
    (tmp_path / "toy.py").write_text(TOY)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "NO_COLOR": "1", "COLUMNS": "120"}

    def called(program, *arguments):
        command = [sys.executable, "-c", program, *map(str, arguments)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode in {0, 1}, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout

    return called


def audit_of(store, output, command):
    return command, "--data-root", store, "--output", output, "--date", DATE


def test_it_has_its_command_with_help(run):
    listed = [line.strip("│ ").split(maxsplit=1) for line in run(COMMAND, "--help").splitlines() if "│" in line]
    assert ["names", HELP] in listed
    shown = run(COMMAND, "names", "--help")
    assert HELP in shown
    assert all(option in shown for option in ("--data-root", "--output", "--dry-run", "--fail-on"))


def test_its_command_prints_and_writes_its_reports(run, store, tmp_path):
    out = tmp_path / "out"
    printed = run(COMMAND, *audit_of(store, out, "names")).splitlines()
    assert printed[:2] == [TITLE, "  The longest name has 40 characters."]
    assert {path.name for path in out.iterdir()} == {f"name_lengths_{DATE}.{end}" for end in ("json", "csv", "md")}
    document = json.loads((out / f"name_lengths_{DATE}.json").read_bytes())
    assert (document["audit"], document["longest"], document["stages"]["draft"]) == ("names", 40, 2)
    assert document["coverage"]["checked"] == {"generations": 2}
    with (out / f"name_lengths_{DATE}.csv").open(newline="") as file:
        assert [(row["gen_id"], row["characters"]) for row in csv.DictReader(file)] == [
            (DRAFT, "18"),
            ("x" * 40, "40"),
        ]
    text = (out / f"name_lengths_{DATE}.md").read_text()
    assert text.startswith(f"# {TITLE}, {DATE}\n\n**{QUESTION}** The longest name has 40 characters.")
    assert f"| {'x' * 40} | 40 |" in text


def test_an_audit_of_everything_has_its_section(run, store, tmp_path):
    run(COMMAND, *audit_of(store, tmp_path / "out", "audit"), "--fail-on", "never")
    page = (tmp_path / "out" / f"audit_{DATE}.html").read_text()
    assert '<section id="names"' in page
    assert QUESTION in page
    assert "The longest name has 40 characters." in page
    assert (tmp_path / "out" / f"name_lengths_{DATE}.csv").exists()


def test_the_pages_have_its_page_and_the_index_names_it(run, store, tmp_path):
    printed = run(COMMAND, *audit_of(store, tmp_path / "pages", "report"))
    assert f"{TITLE}: The longest name has 40 characters." in printed.splitlines()
    page = (tmp_path / "pages" / "names.html").read_text()
    assert f"<h1>{TITLE}</h1>" in page
    assert '<section id="names"' in page
    index = (tmp_path / "pages" / "index.html").read_text()
    assert 'href="names.html"' in index
    assert "The longest name has 40 characters." in index
    alone = tmp_path / "alone"
    run(COMMAND, *audit_of(store, alone, "report"), "--only", "names")
    assert {path.name for path in alone.glob("*.html")} == {"index.html", "names.html"}


def test_the_workbench_lists_it(run, store):
    (entry,) = [card for card in run(WORKBENCH, store).split("</article>") if TITLE in card]
    assert QUESTION in entry
    assert "nothing found" in entry
    # It has no notebook to lead to.
    assert "href" not in entry


def test_its_reports_are_known_as_such(run):
    assert run(LAYERS).strip() == "report"
