"""Completion by the real scripts in the real shells."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest

from genaudit.audits.table import TABLE
from helpers.stores import DRAFT, ESSAY

# Seconds: machines are busy.
PATIENCE = 60
BIN = Path(sys.executable).parent
# On a tab, bash calls the function of the command with the words and the place of the cursor.
TAB = """
{script}
COMP_WORDS=({words})
COMP_CWORD=$(( ${{#COMP_WORDS[@]}} - 1 ))
_genaudit_completion genaudit
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def bash(script, store):
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "DAYDREAMING_DATA_ROOT": str(store)}
    done = subprocess.run(["bash", "-c", script], env=environment, capture_output=True, text=True, check=True)
    return done.stdout


@cache
def script():
    """The start-up file of a shell."""
    return bash("genaudit --show-completion bash", "")


def tab(store, *words):
    quoted = " ".join(f"'{word}'" for word in ("genaudit", *words))
    return bash(TAB.format(script=script(), words=quoted), store).split()


pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")


def test_commands(store):
    assert {"audit", "show", "migrate", *TABLE} <= set(tab(store, ""))
    assert tab(store, "mig") == ["migrate"]
    assert "resolve" in tab(store, "migrate", "")


def test_options_and_audits(store):
    assert "--data-root" in tab(store, "audit", "--")
    assert set(tab(store, "audit", "--only", "")) == {*TABLE}


def test_ids_of_the_store_at_hand(store):
    assert tab(store, "show", DRAFT[:4]) == [DRAFT]
    assert tab(store, "migrate", "resolve", ESSAY[:4]) == [ESSAY]
    assert tab(store / "nowhere", "show", "d_") == []


def test_ids_of_the_root_on_the_line(store, tmp_path):
    assert tab(tmp_path / "nowhere", "show", "--data-root", str(store), DRAFT[:4]) == [DRAFT]


def test_cohorts(store):
    for name in ("spring-2025", "summer-2025"):
        (store / "cohorts" / name).mkdir(parents=True)
    assert tab(store, "cohort", "show", "sp") == ["spring-2025"]
    assert tab(store, "scores", "--cohort", "s") == ["spring-2025", "summer-2025"]


def test_codes(store):
    assert tab(store, "sample", "--faults", "PARENT_MIS") == ["PARENT_MISSING"]
    assert tab(store, "sample", "--faults", "BOM,PARENT_MIS") == ["BOM,PARENT_MISSING"]
    assert "PARENT_MISSING" in tab(store, "baseline", "accept", "PARENT_M")


@pytest.fixture
def cohorts(store):
    for name in ("spring-2025", "summer-2025"):
        (store / "cohorts" / name).mkdir(parents=True)
    return store


# The typed text, and one of the expected completions.
LINES = [
    ("mig", "migrate"),
    ("audit --fail", "--fail-on"),
    ("audit --only ", "references"),
    (f"show {DRAFT[:4]}", DRAFT),
    ("cohort show sp", "spring-2025"),
    ("sample --faults PARENT_MIS", "PARENT_MISSING"),
]


@pytest.mark.skipif(shutil.which("fish") is None, reason="needs fish")
def test_fish(cohorts, tmp_path):
    lines = "".join(f"complete -C 'genaudit {typed}'; echo =; " for typed, _ in LINES)
    environment = surroundings(cohorts, tmp_path)
    install("fish", environment)
    done = subprocess.run(["fish", "-c", lines], env=environment, capture_output=True, text=True, check=True)
    offered = [[line.split("\t")[0] for line in part.split("\n")] for part in done.stdout.split("=\n")]
    for (typed, expected), found in zip(LINES, offered, strict=False):
        assert expected in found, typed


@pytest.mark.skipif(shutil.which("zsh") is None, reason="needs zsh")
def test_zsh(cohorts, tmp_path):
    (tmp_path / ".zshrc").write_text('PS1="READY> "\nZSH_DISABLE_COMPFIX=true')
    install("zsh", surroundings(cohorts, tmp_path))
    terminal, inside = pty.openpty()
    ends = dict.fromkeys(("stdin", "stdout", "stderr"), inside)
    shell = subprocess.Popen(["zsh", "-i"], env=surroundings(cohorts, tmp_path), start_new_session=True, **ends)
    os.close(inside)
    try:
        shown_until(terminal, "READY> ")
        for typed, expected in LINES:
            os.write(terminal, f"genaudit {typed}\t".encode())
            shown_until(terminal, expected)
            # Control-U empties the line.
            os.write(terminal, b"\x15")
    finally:
        shell.kill()
        shell.wait()
        os.close(terminal)


def test_bash_reads_the_installed_script_once(cohorts, tmp_path):
    (tmp_path / ".bashrc").write_text("answer=42")
    environment = surroundings(cohorts, tmp_path)
    for _ in range(2):
        install("bash", environment)
    started = (tmp_path / ".bashrc").read_text()
    assert started.count("genaudit") == 1
    words = TAB.format(script=started, words="genaudit cohort show sp").replace("printf", "echo $answer; printf")
    done = subprocess.run(["bash", "-c", words], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["42", "spring-2025"]


@pytest.mark.parametrize("option", ["--show-completion", "--install-completion"])
def test_the_shell_is_that_of_the_user_if_none_is_named(store, tmp_path, option):
    environment = {**surroundings(store, tmp_path), "SHELL": "/usr/bin/fish"}
    done = subprocess.run([BIN / "genaudit", option], env=environment, capture_output=True, text=True, check=True)
    installed = tmp_path / ".config/fish/completions/genaudit.fish"
    printed = installed.read_text() if option == "--install-completion" else done.stdout
    assert "complete --no-files --command genaudit" in printed
    assert installed.exists() == (option == "--install-completion")


def test_a_shell_without_completion_names_those_that_have_it(run, monkeypatch, folder):
    monkeypatch.setenv("HOME", str(folder))
    code, _, err = run("--install-completion", "tcsh")
    assert code == 2
    assert all(shell in err for shell in ("bash", "zsh", "fish"))
    assert not [*folder.iterdir()]


def install(shell, environment):
    subprocess.run(
        [BIN / "genaudit", "--install-completion", shell], env=environment, check=True, capture_output=True
    )


def surroundings(store, home):
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "DAYDREAMING_DATA_ROOT": str(store), "HOME": str(home), "TERM": "dumb"}


def shown_until(terminal, expected):
    """Read a terminal until it shows a text."""
    shown, end = "", time.monotonic() + PATIENCE
    while expected not in shown:
        assert time.monotonic() < end, f"{expected} is not in {shown!r}"
        if select.select([terminal], [], [], 1)[0]:
            shown += os.read(terminal, 65_536).decode(errors="replace")
