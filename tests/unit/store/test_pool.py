"""Processes that read a store: the same result for any number of them, and no process left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from functools import partial

import pandas as pd
import pytest

from genaudit.errors import DDError, Err, Reason
from genaudit.sample import FAULTS, SampleOptions, write_sample
from genaudit.stage_file import DEFAULTS
from genaudit.store.pool import share_out
from genaudit.store.reading import read_part
from genaudit.store.snapshot import scan
from genaudit.store.source import LocalSource

PARTS = 5
FAULTY = tuple(code for code, fault in FAULTS.items() if fault.seen_by_root and not fault.exclusive)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """A store with every fault that one store can have."""
    root = tmp_path_factory.mktemp("pool") / "store"
    write_sample(root, SampleOptions(drafts=12, faults=FAULTY))
    return root


@pytest.fixture
def parts(faulty):
    return [*LocalSource(faulty).parts({"draft": sorted(os.listdir(faulty / "gens" / "draft"))})] * PARTS


@pytest.mark.parametrize("jobs", [2, 7])
def test_any_number_of_processes_gives_the_same_snapshot(faulty, monkeypatch, jobs):
    monkeypatch.setattr("genaudit.store.source.SHARD_SIZE", 3)
    seen = []
    one, many = scan(faulty), scan(faulty, lambda *done: seen.append(done), jobs)
    pd.testing.assert_frame_equal(one.generations, many.generations)
    pd.testing.assert_frame_equal(one.strays, many.strays)
    assert [*one.irregular.items()] == [*many.irregular.items()]
    assert one.left_out == many.left_out
    total = sum(len(os.listdir(faulty / "gens" / stage)) for stage in ("draft", "essay", "evaluation"))
    assert len(seen) > jobs
    assert seen == sorted(seen)
    assert seen[-1] == (total, total)


def test_a_process_that_dies_is_an_error_and_no_wait(parts):
    def read(part):
        if multiprocessing.current_process().name.endswith("2"):
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.05)
        return read_part(part, DEFAULTS)

    # Names of processes count upwards, so that one of ten in a row ends with any digit.
    with pytest.raises(DDError) as caught:
        for _ in share_out(parts * 4, read, 10):
            pass
    assert caught.value.code is Err.IO_ERROR
    assert caught.value.ctx == {"reason": Reason.WORKER_DIED, "exit": -signal.SIGKILL, "option": "--jobs"}
    assert multiprocessing.active_children() == []


def test_an_error_of_a_process_is_raised_here(parts):
    def read(*_):
        raise PermissionError(13, "refused", "gens")

    with pytest.raises(PermissionError, match="refused"):
        next(share_out(parts, read, 2))
    assert multiprocessing.active_children() == []


def test_processes_end_with_the_reader_that_stops_early(parts):
    reader = share_out(parts, partial(read_part, settings=DEFAULTS), 2)
    next(reader)
    assert len(multiprocessing.active_children()) == 2
    reader.close()
    assert multiprocessing.active_children() == []


SLOW = """
import os, signal, sys, time
from genaudit.store import reading, source
# Whoever runs the tests in the background ignores interrupts, and so would this.
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_DFL)
source.SHARD_SIZE = 1
read = reading.read_part
def slow(part, settings):
    os.write(1, b"reading\\n")
    time.sleep(60)
    return read(part, settings)
reading.read_part = slow
from genaudit.cli import main
sys.argv = ["genaudit", "inventory", "--data-root", sys.argv[1], "--dry-run", "--jobs", "2"]
main()
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_to_all_ends_them_with_one_line(faulty, number, code):
    command = [sys.executable, "-c", SLOW, str(faulty)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout.readline() == "reading\n"
        os.killpg(process.pid, number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert errors.splitlines() == [f"ERROR: stopped by {number.name}: no file was left in part; call again"]
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
