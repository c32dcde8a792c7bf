"""A marimo server with all notebooks on a port of its own."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import NamedTuple

# Seconds; a busy machine takes one minute to start the program.
PATIENCE = 240


class Served(NamedTuple):
    """The address of a server and its token."""

    url: str
    token: str

    def link(self, query=""):
        """Return a link that carries the token."""
        return f"{self.url}?access_token={self.token}{query}"


@contextmanager
def serving(folder, data_root, *more, program=(sys.executable, "-m", "genaudit")):
    """Serve the notebooks by the command, and end the server, and nothing else, afterwards.

    :param folder: holds the settings, the server's log and ``reports``.
    :param more: further options.
    :param program: the command.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", "--port", str(port)]
    own = ["--data-root", str(data_root), "--output", str(folder / "reports")]
    environment = {**os.environ, "XDG_CONFIG_HOME": str(folder)}
    with (folder / "server.log").open("wb") as log:
        command = [*program, "workbench", *options, *own, *more]
        server = subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=folder)
        try:
            _wait_for(port, server)
            printed = (folder / "server.log").read_text()
            ((url, token),) = re.findall(r"^Workbench: (http://\S+/)\?access_token=(\S+)$", printed, re.MULTILINE)
            yield Served(url, token)
        finally:
            server.terminate()
            server.wait(PATIENCE)


def _wait_for(port, server):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    message = f"the server did not answer at port {port}"
    raise RuntimeError(message)
