import json
import subprocess
import sys

import pytest

from helpers.trees import fingerprint
from helpers.workshop import COHORT, SPEC, make_workshop, write

WITHOUT_DAGSTER = """
import sys
sys.modules["dagster"] = None
sys.argv = ["genaudit", *sys.argv[1:]]
import genaudit
from genaudit.cli import main
main()
"""


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "yes")
    short = {**SPEC, "axes": {**SPEC["axes"], "essay_template": ["as-is-v1"], "evaluation_replicate": [1]}}
    return make_workshop(tmp_path / "data", spec=short)


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


def test_without_dagster_all_else_works_and_the_rehearsal_says_what_to_install(root):
    def call(*arguments):
        command = [sys.executable, "-c", WITHOUT_DAGSTER, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    told = call("cohort", "rehearse", COHORT, "--data-root", root)
    assert (told.returncode, told.stdout) == (2, "")
    assert "pip install 'genaudit[pipeline]'" in told.stderr
    assert "Traceback" not in told.stderr
    assert call("cohort", "build", COHORT, "--data-root", root).returncode == 0
