"""What Dagster loads: by itself, and behind its own web server."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest

from genaudit.pipeline.definitions import defs

ASSETS = {
    "cohort_id",
    "cohort_membership",
    "register_cohort_partitions",
    "prune_dynamic_partitions",
    "cohort_aggregated_scores",
    "generation_scores_pivot",
    "cross_experiment_scores",
    *(f"{stage}_{step}" for stage in ("draft", "essay", "evaluation") for step in ("prompt", "raw", "parsed")),
}
QUERY = "{ assetsOrError { ... on AssetConnection { nodes { key { path } } } } }"


def test_everything_is_defined_and_validates():
    assert {key.path[-1] for key in defs.resolve_asset_graph().get_all_asset_keys()} == ASSETS
    checks = {key.name for key in defs.resolve_asset_graph().asset_check_keys}
    assert checks == {"metadata_complete", "parents_hold"}


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def asked(port):
    body = json.dumps({"query": QUERY}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", body, headers)
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 (loopback)
        nodes = json.load(answer)["data"]["assetsOrError"]["nodes"]
    return {node["key"]["path"][-1] for node in nodes}


@contextmanager
def development(home):
    """Run ``dagster dev`` in a process group of its own, which is ended as a whole."""
    port = free_port()
    command = [sys.executable, "-m", "dagster", "dev", "-m", "genaudit.pipeline.definitions"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "DAGSTER_HOME": str(home), "DAGSTER_DISABLE_TELEMETRY": "yes"}
    log = home / "log.txt"
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=home, env=environment, stdout=out, stderr=out, start_new_session=True)
        try:
            yield process, port, log
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def test_dagster_dev_starts_and_lists_the_assets(tmp_path):
    (tmp_path / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    with development(tmp_path) as (process, port, log):
        until, found = time.monotonic() + 120, set()
        while found != ASSETS and time.monotonic() < until:
            assert process.poll() is None, log.read_text()
            try:
                found = asked(port)
            except OSError:
                time.sleep(0.3)
        if found != ASSETS:
            pytest.fail(log.read_text())
