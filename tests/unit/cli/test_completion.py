"""Completion by the real script of bash."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from genaudit.audits.table import TABLE
from helpers.stores import DRAFT, ESSAY

BIN = Path(sys.executable).parent
# What bash does on a tab: calls the function of the command with the words and the place of the cursor.
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
    """What a shell reads at its start."""
    return bash("_GENAUDIT_COMPLETE=source_bash genaudit", "")


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


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_scripts_for_other_shells_name_the_command(store, shell):
    assert "genaudit" in bash(f"_GENAUDIT_COMPLETE=source_{shell} genaudit", store)
