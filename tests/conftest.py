"""Settings of all tests: one hypothesis profile with the same examples on each run, temporary files, and a store."""

from __future__ import annotations

import atexit
import gc
import json
import os
import tempfile
from datetime import timedelta

import hypothesis
import pytest

MEMORY = "/dev/shm"  # noqa: S108 (names below it are made by tempfile and pytest)
ROOM = 4 << 30

# Derandomised, so that a red run is red again; `--hypothesis-profile=search` looks further.
hypothesis.settings.register_profile("fixed", derandomize=True, deadline=None, print_blob=True, database=None)
hypothesis.settings.register_profile(
    "search", max_examples=1500, deadline=timedelta(seconds=30), print_blob=True, database=None
)
hypothesis.settings.load_profile("fixed")


def has_room(folder):
    """Return whether all temporary files fit, and programs may run there: some tests install the package."""
    try:
        status = os.statvfs(folder)
    except OSError:
        return False
    free = status.f_bavail * status.f_frsize
    return free > ROOM and not status.f_flag & os.ST_NOEXEC and os.access(folder, os.W_OK)


# Tests write and sync hundreds of thousands of small files, which takes several minutes of CPU time on a disk.
if "TMPDIR" not in os.environ and has_room(MEMORY):
    os.environ["TMPDIR"] = MEMORY
    tempfile.tempdir = None


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Keep all that collection makes out of the garbage collector: it would look through it again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        # Garbage must not stay: an open file in it is a warning, which fails a test.
        gc.collect()
        gc.freeze()
        # At its end, Python deletes modules as it does without tests.
        atexit.register(gc.unfreeze)
        gc.enable()


@pytest.fixture
def root(tmp_path):
    """A data root whose stages are all there, and empty."""
    data = tmp_path / "data"
    for stage in ("draft", "essay", "evaluation"):
        (data / "gens" / stage).mkdir(parents=True)
    return data


@pytest.fixture
def put(root):
    """Write a file below the data root: a dict as JSON, text and bytes as they are, ``None`` for a folder."""

    def write(path, content):
        target = root / path
        if content is None:
            target.mkdir(parents=True)
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict):
            content = json.dumps(content)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return target

    return write
