"""Records read on the worker processes of a Dask cluster: the same snapshot, whatever happens to a worker."""

from __future__ import annotations

import os
import signal
from functools import partial

import pandas as pd
import pytest

from genaudit.audits.run import run_audits
from genaudit.errors import DDError, Reason
from genaudit.reports import reports_of
from genaudit.sample import SampleOptions, parse_faults, write_sample
from genaudit.store import source
from genaudit.store.cluster import connected, spread
from genaudit.store.remote import RemotePart
from genaudit.store.snapshot import scan
from genaudit.store.source import LocalPart

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("spread") / "store"
    write_sample(path, SampleOptions(drafts=12, faults=parse_faults("all")))
    return path


@pytest.fixture(scope="module")
def cluster():
    told = []
    with connected(None, 2, told.append) as client:
        yield client, told


def _assert_same(found, whole):
    pd.testing.assert_frame_equal(found.generations, whole.generations)
    pd.testing.assert_frame_equal(found.strays, whole.strays)
    assert found.irregular == whole.irregular
    assert found.left_out == whole.left_out


def test_only_this_machine_reaches_the_scheduler_and_the_dashboard(cluster):
    client, told = cluster
    assert [address.startswith("http://127.0.0.1:") for address in told] == [True]
    assert client.scheduler.address.startswith("tcp://127.0.0.1:")
    workers = client.scheduler_info()["workers"]
    assert len(workers) == 2
    assert {worker["host"] for worker in workers.values()} == {"127.0.0.1"}


@pytest.mark.parametrize("form", ["{}", "file://{}"])
def test_every_report_is_the_same(store, cluster, monkeypatch, form):
    monkeypatch.setattr(source, "SHARD_SIZE", 16)
    root = form.format(store)
    whole, found = scan(root), scan(root, engine=partial(spread, cluster[0]))
    _assert_same(found, whole)
    reports = [
        {f"{one.name}.{one.suffix}": one.content() for one in reports_of(run_audits(each), "2026-01-01", page=False)}
        for each in (whole, found)
    ]
    assert reports[0] == reports[1]


def test_a_worker_that_is_killed_loses_nothing(store, monkeypatch):
    monkeypatch.setattr(source, "SHARD_SIZE", 4)
    whole = scan(store)
    killed = []
    with connected(None, 2, lambda _: None) as client:
        pids = dict(client.run(os.getpid))

        def kill_one(done, _total):
            if not killed:
                killed.append((done, pids.popitem()[1]))
                os.kill(killed[0][1], signal.SIGKILL)

        found = scan(store, kill_one, engine=partial(spread, client))
    assert killed[0][0] == 4
    with pytest.raises(ProcessLookupError):
        os.kill(killed[0][1], 0)
    _assert_same(found, whole)


def test_a_worker_that_does_not_see_the_store_is_an_error(store, cluster, monkeypatch):
    pickled = LocalPart.__reduce_ex__
    elsewhere = lambda part, _protocol: (LocalPart, (part.root / "elsewhere", part.stage, part.names))  # noqa: E731
    monkeypatch.setattr(LocalPart, "__reduce_ex__", elsewhere)
    with pytest.raises(DDError) as stopped:
        scan(store, engine=partial(spread, cluster[0]))
    monkeypatch.setattr(LocalPart, "__reduce_ex__", pickled)
    assert stopped.value.reason is Reason.WORKER_CANNOT_READ


def test_an_error_of_a_worker_comes_through(store, cluster, monkeypatch):
    pickled = lambda part, _protocol: (RemotePart, (_bucket(), part.stage, part.names, part.files))  # noqa: E731
    monkeypatch.setattr(RemotePart, "__reduce_ex__", pickled)
    with pytest.raises(DDError) as stopped:
        scan(f"file://{store}", engine=partial(spread, cluster[0]))
    assert stopped.value.reason is Reason.SCHEME_UNKNOWN


def _bucket():
    from genaudit.store.bucket import Bucket  # noqa: PLC0415

    return Bucket("nonsense://x")


def test_no_scheduler_answers(monkeypatch):
    monkeypatch.setattr("genaudit.store.cluster._CONNECT_S", 1)
    with pytest.raises(DDError) as stopped, connected("tcp://127.0.0.1:9", None, lambda _: None):
        pass
    assert stopped.value.reason is Reason.SCHEDULER_UNREACHABLE
