"""A signal ends a migration with one line that names the state and the next step."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from helpers.migrations import applied, migratable, plan_of, rolled_back, tree

# Applies a plan, and sends itself the signal before the given rename.
WORK = """
import os, signal, sys
from genaudit.cli import main
from genaudit.migration.files import Files
number, at, *sys.argv[1:] = sys.argv[1:]
# A process in the background of a shell ignores some signals.
signal.signal(int(number), signal.SIG_DFL)
real, left = Files.rename, [int(at)]
def rename(self, path, target):
    if path.startswith("gens/"):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), int(number))
    real(self, path, target)
Files.rename = rename
main()
"""


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=["int", "term", "hup"],
)
def test_a_signal_ends_with_one_line_and_its_exit_code(tmp_path, number, code):
    root = migratable(tmp_path / "store")
    made, before = plan_of(root), tree(root)
    (tmp_path / "plan.json").write_bytes(made.to_bytes())
    arguments = ["migrate", "apply", str(tmp_path / "plan.json"), "--data-root", str(root), "--yes"]
    done = subprocess.run(
        [sys.executable, "-c", WORK, str(int(number)), "2", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == code
    (line,) = done.stderr.splitlines()
    assert f"stopped by {number.name}: " in line
    assert f"9 of 11 steps of {made.digest[:16]} are done" in line
    assert "genaudit migrate apply PLAN --yes goes on, genaudit migrate rollback --yes undoes it" in line
    if number is signal.SIGTERM:
        applied(root, made)
    rolled_back(root)
    assert tree(root) == before
