"""Kills a writer at each of its steps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

# Runs one writer after the other, each in a process of its own on a copy of the store: the n-th kills itself before
# its n-th step. A step is any call that changes something on the disk, or brings it there.
DRIVER = """
import functools, json, os, shutil, signal, sys
from pathlib import Path

STEPS = ("mkdir", "rmdir", "unlink", "rename", "replace", "link", "write", "fsync", "fchmod", "sync")
job = json.loads(sys.stdin.read())

def counting(root, last):
    done = []
    def counted(name, call):
        @functools.wraps(call)
        def step(*arguments, **named):
            if len(done) == last:
                os.kill(os.getpid(), signal.SIGKILL)
            done.append(name)
            return call(*arguments, **named)
        return step
    for name in STEPS:
        setattr(os, name, counted(name, getattr(os, name)))
    work(root, job)
    Path(job["target"], "steps.json").write_text(json.dumps(done))

# Here first: the processes then inherit everything that Python loads and caches on first use.
warm = Path(job["target"], "warm")
shutil.copytree(job["source"], warm, symlinks=True)
work(warm, job)
shutil.rmtree(warm)
killed = 0
while True:
    root = Path(job["target"], str(killed))
    shutil.copytree(job["source"], root, symlinks=True)
    pid = os.fork()
    if not pid:
        code = 1
        try:
            counting(root, killed)
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    if not os.WIFSIGNALED(status):
        sys.exit(os.waitstatus_to_exitcode(status))
    assert os.WTERMSIG(status) == signal.SIGKILL
    killed += 1
"""


def killed_at_every_step(
    source: Path, target: Path, work: str, job: dict[str, Any] | None = None
) -> tuple[list[Path], list[str]]:
    """Kill a writer at each of its steps.

    :param work: the source of a function ``work(root, job)``.
    :returns: the data roots, the last one of the writer that got through, and the steps that this one took.
    """
    target.mkdir()
    path = os.pathsep.join(entry for entry in sys.path if entry)
    done = subprocess.run(
        [sys.executable, "-c", work + DRIVER],
        input=json.dumps({**(job or {}), "source": str(source), "target": str(target)}),
        text=True,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    steps = json.loads((target / "steps.json").read_text())
    roots = [target / str(number) for number in range(len(steps) + 1)]
    assert all(root.is_dir() for root in roots)
    return roots, steps
