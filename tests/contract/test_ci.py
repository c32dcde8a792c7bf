"""The shipped files for CI: a real pre-commit run, and the steps of the action in a shell."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from helpers.findings import orphaned

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
ENVIRONMENT = {
    **os.environ,
    "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    **{f"GIT_{who}_{what}": "x@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}
ENVIRONMENT.pop("DAYDREAMING_DATA_ROOT", None)


@pytest.fixture
def repository(tmp_path):
    """A repository with a store in data/ that has one error and one warning."""
    folder = tmp_path / "repository"
    orphaned(folder / "data")
    call(["git", "init", "--quiet", folder], tmp_path)
    return folder


def call(command, folder, **environment):
    return subprocess.run(
        command,
        cwd=folder,
        env={**ENVIRONMENT, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )


def accept(repository, *words):
    command = ["genaudit", "baseline", "accept", *words, "--reason", "known", "--output", repository.parent / "out"]
    done = call(command, repository)
    assert done.returncode == 0, done.stdout


def test_pre_commit_stops_a_commit_with_new_findings_only(repository, tmp_path):
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    # The shipped hooks as they are, but run with the package of this environment instead of one from an index.
    local = [{**hook, "language": "system", "args": ["--data-root", "data"]} for hook in hooks]
    (repository / ".pre-commit-config.yaml").write_text(
        yaml.safe_dump({"repos": [{"repo": "local", "hooks": local}]})
    )
    place = {"PRE_COMMIT_HOME": str(tmp_path / "home")}
    call(["git", "add", "--all"], repository)
    done = call(["pre-commit", "run", "genaudit"], repository, **place)
    assert done.returncode == 1
    assert "PARENT_MISSING" in done.stdout
    accept(repository, "PARENT_MISSING")
    call(["git", "add", "--all"], repository)
    done = call(["pre-commit", "run"], repository, **place)
    assert done.returncode == 0, done.stdout
    assert re.findall(r"\.+(\w+)$", done.stdout, re.MULTILINE) == ["Passed", "Passed"]
    # A commit that touches no store runs no hook.
    call(["git", "commit", "--quiet", "--no-verify", "--message", "x"], repository)
    (repository / "other.txt").write_text("x")
    call(["git", "add", "--all"], repository)
    assert "Passed" not in call(["pre-commit", "run"], repository, **place).stdout


def test_the_hooks_are_valid_for_pre_commit():
    done = call(["pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml"], ROOT)
    assert done.returncode == 0, done.stdout


def replay(repository, **inputs):
    """Run the steps of the action as GitHub does: each in a shell of its own that stops at the first failure."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    given = {name: each["default"] for name, each in action["inputs"].items()} | inputs
    outputs = repository.parent / "outputs"
    outputs.write_text("")
    values = {f"inputs.{name}": value for name, value in given.items()} | {"github.action_path": str(ROOT)}
    # Installing needs an index; the package of this environment takes its place.
    for step in action["runs"]["steps"][1:]:
        environment = {
            name: re.sub(r"\$\{\{ (\S+) \}\}", lambda match: values[match[1]], text)
            for name, text in step["env"].items()
        }
        script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = call(script, repository, GITHUB_OUTPUT=str(outputs), **environment)
        if done.returncode:
            break
    named = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
    expected = {name: f"steps.audit.outputs.{name}" for name in action["outputs"]}
    assert {name: re.findall(r"\{\{ (\S+) \}\}", each["value"]) for name, each in action["outputs"].items()} == {
        name: [value] for name, value in expected.items()
    }
    assert set(named) == set(action["outputs"])
    return done, {name: repository / path for name, path in named.items()}


def test_the_actions_steps_fail_on_new_findings_and_write_all_files(repository):
    done, files = replay(repository, date="2026-01-02")
    assert done.returncode == 1
    assert "::error title=PARENT_MISSING (1 finding),file=data/gens/essay/" in done.stdout
    rules = [result["ruleId"] for result in json.loads(files["sarif"].read_text())["runs"][0]["results"]]
    assert sorted(rules) == ["PARENT_MISSING", "STRAY_FILE"]
    assert "<failure" in files["junit"].read_text()
    assert (files["reports"] / "audit_2026-01-02.html").exists()


def test_the_action_passes_with_a_baseline(repository):
    accept(repository, "PARENT_MISSING", "--baseline", "accepted.json")
    done, files = replay(repository, date="2026-01-02", baseline="accepted.json")
    assert done.returncode == 0, done.stdout
    states = [result["baselineState"] for result in json.loads(files["sarif"].read_text())["runs"][0]["results"]]
    assert sorted(states) == ["new", "unchanged"]
    assert "<failure" not in files["junit"].read_text()


def test_the_action_stops_at_a_wrong_input(repository):
    step = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"][1]
    script = ["bash", "-eo", "pipefail", "-c", step["run"]]
    inputs = dict.fromkeys(step["env"], "") | {"DATA_ROOT": "none", "OUTPUT": "out", "FAIL_ON": "error"}
    done = call(script, repository, GITHUB_OUTPUT=os.devnull, **inputs)
    assert done.returncode == 3, done.stdout


def test_installing_takes_no_input_into_the_script():
    # Inputs reach the shell as variables, never as text of the script.
    for step in yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]:
        assert "${{" not in step["run"]
