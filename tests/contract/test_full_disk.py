"""A disk that takes no more bytes: each command that writes names the path, and leaves nothing half done."""

from __future__ import annotations

import resource
import signal
import subprocess
import sys

import pytest

from genaudit.sample import SampleOptions, write_sample
from helpers.trees import contents

COMMANDS = {
    "plan": "migrate plan --data-root store --output out",
    "simulate": "migrate simulate plans/migration_plan.json --into copy --data-root store --output out",
    "apply": "migrate apply plans/migration_plan.json --yes --data-root store --output out",
    "scores": "scores --data-root store --output out",
    "sample": "sample second --drafts 8",
}


def run(command, cwd, limit=None):
    """Run a command that cannot let a file grow beyond a limit: the kernel refuses, as a full disk would."""

    def limited():
        if limit is not None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [sys.executable, "-m", "genaudit", *command.split()],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limited,
    )


PATHS = {
    "plan": "out/migration_plan.json",
    "simulate": "copy/",
    "apply": ".staging/plan.json",
    "scores": "out/",
    "sample": "second",
}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    path = tmp_path_factory.mktemp("full")
    write_sample(path / "store", SampleOptions(drafts=8, seed=1))
    assert run("migrate plan --data-root store --output plans", path).returncode == 0
    return path


@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_is_one_line_with_the_path(base, name):
    before = contents(base / "store")
    done = run(COMMANDS[name], base, limit=0)
    assert done.returncode in {2, 3}
    (line,) = (line for line in done.stderr.splitlines() if line.startswith("ERROR"))
    assert "Traceback" not in done.stderr
    assert "File too large" in line
    assert PATHS[name] in line
    after = contents(base / "store")
    assert {path: after.get(path) for path in before} == before
    assert all(path.startswith(".genaudit") for path in after.keys() - before.keys())
