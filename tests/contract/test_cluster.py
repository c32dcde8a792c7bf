"""A store read on the worker processes of a Dask cluster: the same reports, whatever happens to a worker."""

from __future__ import annotations

import os
import signal
from functools import partial

import pandas as pd
import pytest

from genaudit.audits.registry import AUDITS
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

TEXTS = ("content", "references")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("spread") / "store"
    write_sample(path, SampleOptions(drafts=12, faults=parse_faults("all")))
    return path


@pytest.fixture(scope="module")
def cluster():
    messages = []
    with connected(None, 2, messages.append) as client:
        yield client, messages


def _assert_same(found, whole):
    pd.testing.assert_frame_equal(found.generations, whole.generations)
    pd.testing.assert_frame_equal(found.strays, whole.strays)
    assert found.irregular == whole.irregular
    assert found.left_out == whole.left_out


def test_only_this_machine_reaches_the_scheduler_and_the_dashboard(cluster):
    client, messages = cluster
    assert [address.startswith("http://127.0.0.1:") for address in messages] == [True]
    assert client.scheduler.address.startswith("tcp://127.0.0.1:")
    workers = client.scheduler_info()["workers"]
    assert len(workers) == 2
    assert {worker["host"] for worker in workers.values()} == {"127.0.0.1"}


def _reports(run):
    return {f"{one.name}.{one.suffix}": one.content() for one in reports_of(run, "2026-01-01", page=False)}


def _assert_same_reports(run, alone):
    found, reports = _reports(run), _reports(alone)
    assert [name for name in reports if found.get(name) != reports[name]] == []


@pytest.fixture(scope="module")
def whole(store):
    return scan(store)


@pytest.mark.parametrize("form", ["{}", "file://{}"])
def test_every_report_is_the_same(store, cluster, monkeypatch, form):
    monkeypatch.setattr(source, "SHARD_SIZE", 16)
    monkeypatch.setattr(source, "TEXT_BYTES", 200_000)
    root, engine = form.format(store), partial(spread, cluster[0])
    whole, found = scan(root), scan(root, engine=engine)
    _assert_same(found, whole)
    assert len(whole.whole_parts(with_parents=True)) > 5
    _assert_same_reports(run_audits(found, tuple(AUDITS), engine=engine), run_audits(whole, tuple(AUDITS)))


def test_the_content_audit_alone(whole, cluster, monkeypatch):
    monkeypatch.setattr(source, "TEXT_BYTES", 60_000)
    assert len(whole.whole_parts(with_parents=True)) > 7
    alone = run_audits(whole, ["content"])
    for one in ({"engine": partial(spread, cluster[0])}, {"jobs": 2}, {"jobs": 7}):
        _assert_same_reports(run_audits(whole, ["content"], **one), alone)


def test_a_worker_that_is_killed_loses_nothing(store, whole, monkeypatch):
    monkeypatch.setattr(source, "SHARD_SIZE", 4)
    killed = {}
    with connected(None, 2, lambda _: None) as client:
        engine = partial(spread, client)

        def kill_one(done, _total):
            if not killed:
                killed[done] = client.run(os.getpid).popitem()[1]
                os.kill(killed[done], signal.SIGKILL)

        found = scan(store, kill_one, engine=engine)
        assert killed.keys() == {4}
        first = killed.pop(4)
        run = run_audits(found, TEXTS, progress=kill_one, engine=engine)
    assert killed.keys() == {4}
    for process in (first, killed[4]):
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)
    _assert_same(found, whole)
    _assert_same_reports(run, run_audits(whole, TEXTS))


def test_a_worker_that_does_not_see_the_store_is_an_error(store, whole, cluster, monkeypatch):
    pickled = LocalPart.__reduce_ex__
    elsewhere = lambda part, _protocol: (LocalPart, (part.root / "elsewhere", part.stage, part.names))  # noqa: E731
    monkeypatch.setattr(LocalPart, "__reduce_ex__", elsewhere)
    stopped = []
    for read in (scan, lambda _, engine: run_audits(whole, ["content"], engine=engine)):
        with pytest.raises(DDError) as error:
            read(store, engine=partial(spread, cluster[0]))
        stopped.append(error.value.reason)
    monkeypatch.setattr(LocalPart, "__reduce_ex__", pickled)
    assert stopped == [Reason.WORKER_CANNOT_READ] * 2


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
