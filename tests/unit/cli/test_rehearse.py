import json
import re
import subprocess
import sys

import pytest

from helpers.trees import fingerprint
from helpers.workshop import COHORT, SHORT_SPEC, make_workshop, write

WITHOUT_EXTRAS = """
import json, sys
for extra in ("dagster", "openai", "marimo"):
    sys.modules[extra] = None
import genaudit
from genaudit.cli import main
for arguments in json.load(sys.stdin):
    sys.argv = ["genaudit", *arguments]
    try:
        main()
        code = 0
    except SystemExit as stop:
        code = stop.code or 0
    print("CODE", code, flush=True)
"""


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "yes")
    return make_workshop(tmp_path / "data", spec=SHORT_SPEC)


def test_a_rehearsal_is_shown_and_reported_and_leaves_the_store_alone(run, root, tmp_path):
    before = fingerprint(root)
    arguments = ("cohort", "rehearse", COHORT, "--data-root", root, "--flags", "draft", "--date", "2026-01-02")
    code, out, err = run(*arguments, "--output", tmp_path / "out", "--format", "json")
    assert code == 0
    written = json.loads((tmp_path / "out" / f"cohort_rehearsal_{COHORT}_2026-01-02.json").read_text())
    assert {"date": "2026-01-02", **json.loads(out)} == written
    assert [entry["flag"] for entry in written["runs"]] == ["draft"]
    assert str(tmp_path / "out") in err
    assert fingerprint(root) == before


def test_a_rehearsal_that_goes_wrong_ends_with_one_and_names_the_problems(run, root, tmp_path):
    write(root / "1_raw/templates/draft/links-v1.txt", "{{ unknown }}")
    arguments = ("cohort", "rehearse", COHORT, "--data-root", root, "--flags", "all", "--dry-run")
    code, out, err = run(*arguments, "--output", tmp_path / "out")
    assert code == 1
    assert COHORT in out
    assert "first run failed" in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "expected"), [(("--flags", "essay"), 2), (("--flags", "maybe"), 2), (("--data-root", "nowhere"), 3)]
)
def test_calls_that_cannot_be_carried_out(run, root, arguments, expected):
    code, out, err = run("cohort", "rehearse", COHORT, "--data-root", root, *arguments)
    assert (code, out) == (expected, "")
    assert err


def test_without_dagster_the_rehearsal_names_the_extra_and_all_else_works(root, tmp_path):
    def call(*commands):
        calls = [[*map(str, command), "--data-root", str(root)] for command in commands]
        command = [sys.executable, "-c", WITHOUT_EXTRAS]
        return subprocess.run(
            command, input=json.dumps(calls), cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120
        )

    rehearsed = call(("cohort", "rehearse", COHORT))
    assert rehearsed.stdout == "CODE 2\n"
    assert "pip install 'genaudit[pipeline]'" in rehearsed.stderr
    served = call(("workbench", "--no-browser"))
    assert served.stdout == "CODE 2\n"
    assert "pip install 'genaudit[notebooks]'" in served.stderr
    audits = [(name,) for name in ("audit", "inventory", "metadata", "parents", "recompute", "references", "rebuild")]
    others = [("cohort", "show", COHORT), ("cohort", "slim"), ("cohort", "backfill-manifest"), ("scores",)]
    commands = [("cohort", "build", COHORT, "--apply"), *audits, *others]
    done = call(*commands)
    codes = [line.removeprefix("CODE ") for line in done.stdout.splitlines() if line.startswith("CODE ")]
    assert codes == ["0"] * len(commands), done.stdout + done.stderr
    assert "Traceback" not in rehearsed.stderr + done.stderr


def test_tables_are_whole_in_a_pipe(run, root, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    arguments = ("cohort", "rehearse", COHORT, "--data-root", root, "--flags", "all", "--output", tmp_path / "out")
    code, out, _ = run(*arguments)
    assert code == 0
    assert "…" not in out
    row = next(line for line in out.splitlines() if "draft,essay,evaluation" in line)
    cells = re.split(r"  +", row.strip())
    assert (cells[0], cells[1], cells[3], cells[4]) == ("draft,essay,evaluation", "3", "call 2, copy 1", "2")
