"""One store read in three ways: every report is the same, byte for byte, except for the limits of an object store."""

from __future__ import annotations

import logging
import os
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from genaudit.audits.registry import AUDITS
from genaudit.audits.run import run_audits
from genaudit.csv_cells import to_csv
from genaudit.reports import reports_of
from genaudit.sample import FAULTS, SampleOptions, write_sample
from genaudit.scores import aggregate_scores
from genaudit.snapshots.taking import take
from genaudit.store import source
from genaudit.store.cluster import connected, spread
from genaudit.store.remote import UNSUPPORTED
from genaudit.store.snapshot import scan
from genaudit.store.source import LocalSource, Source
from helpers.trees import fingerprint

# Faults that an object store cannot hold: a link, folders without a file, one of them in place of a record, and a
# folder that nobody may enter.
NOT_HELD = {"SYMLINK", "FOLDER_EMPTY", "STAGE_UNKNOWN", "FOLDER_UNREADABLE", "METADATA_UNREADABLE"}
DATE = "2026-01-01"
BUCKET = "store"
TEXTS = ("content", "references")
# The columns with the data root as reports name it.
ROOTS = {"content": [], "references": ["root"]}


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("near") / "store"
    faults = tuple(fault.code for fault in FAULTS.values() if not fault.exclusive and fault.code not in NOT_HELD)
    write_sample(path, SampleOptions(drafts=1, faults=faults))
    # An object store has no empty folders: neither has the one that it is compared with.
    for folder, _, _ in os.walk(path, topdown=False):
        if not os.listdir(folder):
            Path(folder).rmdir()
    return path


@pytest.fixture(scope="module")
def endpoint():
    """An S3 server on the loopback, with credentials from the environment, one of the library's own ways."""
    server_module = pytest.importorskip("moto.server")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    settings = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        yield settings["AWS_ENDPOINT_URL"]
    server.stop()


@pytest.fixture(scope="module")
def in_s3(store, endpoint) -> str:  # noqa: ARG001
    client = pytest.importorskip("boto3").client("s3")
    client.create_bucket(Bucket=BUCKET)
    _upload(store, "pre")
    return f"s3://{BUCKET}/pre"


def _upload(store: Path, prefix: str) -> None:
    client = pytest.importorskip("boto3").client("s3")
    for path in sorted(store.rglob("*")):
        if path.is_file():
            key = f"{prefix}/{path.relative_to(store).as_posix()}"
            client.put_object(Bucket=BUCKET, Key=key, Body=path.read_bytes())


def _reports(root: Path | str, source: Source | None = None, jobs: int = 1) -> dict[str, bytes]:
    """Every report of every audit, with the name of the root replaced."""
    snapshot = scan(source or root, jobs=jobs)
    run = run_audits(snapshot, tuple(AUDITS), jobs=jobs)
    files = {f"{report.name}.{report.suffix}": report.content() for report in reports_of(run, DATE, page=True)}
    files["scores.csv"] = to_csv(aggregate_scores(snapshot))
    saved = take(snapshot, date=DATE)
    files["fingerprint"] = saved.manifest.fingerprint.encode()
    return {name: content.replace(str(root).encode(), b"ROOT") for name, content in files.items()}


def test_the_faults_left_out_are_few_and_known():
    assert FAULTS.keys() >= NOT_HELD


@pytest.fixture(scope="module")
def near(store) -> dict[str, bytes]:
    # Only the line of the coverage about these limits may differ.
    return _reports(store, LocalSource(store, unsupported=UNSUPPORTED))


def _assert_equal(far: dict[str, bytes], near: dict[str, bytes]) -> None:
    assert far.keys() == near.keys()
    assert [name for name in near if far[name] != near[name]] == []


def test_fsspec_on_a_local_folder(store, near):
    before = fingerprint(store)
    _assert_equal(_reports(f"file://{store}"), near)
    assert fingerprint(store) == before


def test_s3(in_s3, near, monkeypatch):
    monkeypatch.setattr(source, "TEXT_BYTES", 100_000)
    # Every request costs: sizes are known from the listing.
    monkeypatch.setattr("s3fs.S3FileSystem._size", None)
    _assert_equal(_reports(in_s3, jobs=2), near)


def test_texts_in_s3_on_the_workers_of_a_cluster(in_s3, tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    write_sample(tmp_path / "store", SampleOptions(drafts=1))
    _upload(tmp_path / "store", "small")
    monkeypatch.setattr(source, "TEXT_BYTES", 20_000)
    here, there = scan(tmp_path / "store"), scan(in_s3.replace("pre", "small"))
    assert len(there.whole_parts(with_parents=True)) > 3
    with connected(None, 2, lambda _: None) as client:
        far, near = run_audits(there, TEXTS, engine=partial(spread, client)), run_audits(here, TEXTS)
    assert [*there.root.glob("gens/*/*")] == []
    for name, result in near.results.items():
        pd.testing.assert_frame_equal(
            far.results[name].frame.drop(columns=ROOTS[name]), result.frame.drop(columns=ROOTS[name])
        )
        assert far.results[name].coverage == result.coverage
