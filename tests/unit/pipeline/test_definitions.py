"""The definitions that Dagster loads: by itself, and behind its own web server."""

import ast
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import dagster as dg
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
PATIENCE = 600
QUERY = "{ assetsOrError { ... on AssetConnection { nodes { key { path } } } } }"


def test_everything_is_defined_and_validates():
    assert {key.path[-1] for key in defs.resolve_asset_graph().get_all_asset_keys()} == ASSETS
    checks = {key.name for key in defs.resolve_asset_graph().asset_check_keys}
    assert checks == {"metadata_complete", "parents_hold"}
    dg.Definitions.validate_loadable(defs)
    assert [sensor.name for sensor in defs.sensors] == ["new_cohorts"]
    assert [job.name for job in defs.jobs] == ["plan_cohort"]


def test_every_asset_has_the_owners_of_the_day():
    code = (
        "from genaudit.pipeline.definitions import defs\n"
        "print({owner for spec in defs.resolve_all_asset_specs() for owner in spec.owners or ['nobody']})"
    )
    for setting, owners in (
        ("", {"nobody"}),
        (" team:writers, ann@example.org,", {"team:writers", "ann@example.org"}),
    ):
        environment = {**os.environ, "DD_OWNERS": setting, "DAGSTER_DISABLE_TELEMETRY": "yes"}
        done = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        assert ast.literal_eval(done.stdout) == owners


def test_every_asset_has_a_group_and_kinds():
    specs = {spec.key.path[-1]: spec for spec in defs.resolve_all_asset_specs()}
    assert set(specs) == ASSETS
    for name, spec in specs.items():
        assert spec.kinds, name
        assert spec.description, name
    groups = {spec.group_name for spec in specs.values()}
    assert groups == {"cohort", "maintenance", "draft", "essay", "evaluation", "scores"}
    # Only the assets that may call a model cost money.
    assert {name for name, spec in specs.items() if spec.tags.get("genaudit/paid")} == {
        "draft_raw",
        "essay_raw",
        "evaluation_raw",
    }


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def asked(port):
    body = json.dumps({"query": QUERY}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/graphql", body, headers)
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 (loopback)
        nodes = json.load(answer)["data"]["assetsOrError"]["nodes"]
    return {node["key"]["path"][-1] for node in nodes}


@contextmanager
def development(home):
    """Run ``dagster dev`` in a session of its own, as a terminal does; remaining processes are killed at the end."""
    port = free_port()
    command = [sys.executable, "-m", "dagster", "dev", "-m", "genaudit.pipeline.definitions"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "DAGSTER_HOME": str(home), "DAGSTER_DISABLE_TELEMETRY": "yes"}
    log = home / "log.txt"
    # A shell that runs the tests in the background makes its children ignore the signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with log.open("w") as out:
            process = subprocess.Popen(
                command, cwd=home, env=environment, stdout=out, stderr=out, start_new_session=True
            )
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        yield process, port, log
    finally:
        for pid in session(process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()


def session(leader):
    """The living processes of a session, by their ids."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, _, _, of, *_ = stat.read_text().rpartition(")")[2].split()
            if int(of) == leader and state != "Z":
                found.append(int(stat.parent.name))
    return found


def wait_until(holds, process, log):
    """Wait patiently: a busy machine takes minutes to start the four processes."""
    until = time.monotonic() + PATIENCE
    while not holds(process) and time.monotonic() < until:
        time.sleep(0.3)
    if not holds(process):
        pytest.fail(log.read_text())


def test_dagster_dev_lists_the_assets_and_an_interrupt_ends_all_its_processes(tmp_path):
    (tmp_path / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    with development(tmp_path) as (process, port, log):

        def lists_the_assets(running):
            assert running.poll() is None, log.read_text()
            try:
                return asked(port) == ASSETS
            except OSError:
                return False

        wait_until(lists_the_assets, process, log)
        assert len(session(process.pid)) > 3
        # The signal of Ctrl-C, which a terminal sends to the whole group.
        os.killpg(process.pid, signal.SIGINT)
        wait_until(lambda running: running.poll() is not None and not session(running.pid), process, log)
        assert process.returncode == 0
        assert "Traceback" not in log.read_text()
