"""The command that serves the workbench: its folders, its end, and the stores that it refuses."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time

import pytest

from genaudit.cli.workbench_app import HOSTS
from genaudit.workbench.serving import LOOPBACK
from helpers.server import PATIENCE

GENAUDIT = [sys.executable, "-m", "genaudit", "workbench"]


def call(*words):
    return subprocess.run([*GENAUDIT, *words], capture_output=True, text=True, check=False)


def test_ctrl_c_ends_it(stores, tmp_path):
    command = [*GENAUDIT, "--data-root", stores["clean"], "--no-browser", "--port", "0"]
    out, err = tmp_path / "out", tmp_path / "err"
    with out.open("wb") as to_out, err.open("wb") as to_err:
        server = subprocess.Popen(command, stdout=to_out, stderr=to_err, cwd=tmp_path)
    try:
        (port,) = _wait_for(server, lambda: re.findall(r":(\d+)/\?", out.read_text()))
        _wait_for(server, lambda: _answers(int(port)))
        server.send_signal(signal.SIGINT)
        assert server.wait(PATIENCE) == 0
    finally:
        server.kill()
    lines = out.read_text().splitlines()
    assert re.fullmatch(rf"Workbench: http://127\.0\.0\.1:{port}/\?access_token=\S{{32}}", lines[0])
    assert lines[1:] == ["Press Ctrl-C to end it.", "", "Workbench ended."]
    assert err.read_text() == ""


def _wait_for(server, wanted):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        if found := wanted():
            return found
        time.sleep(0.1)
    message = "the server did not start"
    raise RuntimeError(message)


def _answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_a_used_port_is_named(stores):
    with socket.socket() as used:
        used.bind(("127.0.0.1", 0))
        used.listen()
        done = call("--data-root", stores["clean"], "--port", str(used.getsockname()[1]), "--no-browser")
    assert done.returncode == 2
    assert "port not free" in done.stderr
    assert "'--port'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("name", "reason"), [("nowhere", "no such root"), ("no gens", "no store")])
def test_without_a_store_nothing_is_served(stores, name, reason):
    done = call("--data-root", stores[name], "--no-browser")
    assert (done.returncode, done.stdout) == (3, "")
    assert reason in done.stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org"])  # noqa: S104 (refused)
def test_other_machines_are_never_served(stores, host):
    done = call("--data-root", stores["clean"], "--host", host, "--no-browser")
    assert (done.returncode, done.stdout) == (2, "")
    assert "127.0.0.1" in done.stderr


def test_the_addresses_are_those_that_the_server_answers_to():
    assert {*HOSTS} == {*LOOPBACK}
