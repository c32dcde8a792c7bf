"""Server of the notebooks: with a token, and for its own pages only.

Any page that a browser shows may send requests to this machine, and a name of its own may lead to it (DNS rebinding).
So a request must carry the token, name the bound address as its host, and come from no page of another origin.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import parse_qs

from marimo._cli.cli import main as marimo
from marimo._server.registry import LIFESPAN_REGISTRY, MIDDLEWARE_REGISTRY
from marimo._server.uvicorn_utils import close_uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from genaudit.errors import DDError, Err, Reason
from genaudit.snapshots.folder import find_given, is_snapshot
from genaudit.store.snapshot import check_store
from genaudit.workbench.allowed_roots import allow

__all__ = ["LOOPBACK", "NOTEBOOKS", "Served", "find_given", "hosts_of", "serve"]

NOTEBOOKS: Final = Path(__file__).parent / "notebooks"
FRONT: Final = "workbench"
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_TOKEN_BYTES: Final = 24
_POLICY_VIOLATION: Final = 1008


class Served(NamedTuple):
    """A store, and where its workbench is served.

    :param data_root: the data root, or the folder of a saved snapshot.
    :param output: the output folder of reports.
    :param host: an address of this machine only, one of :data:`LOOPBACK`.
    :param port: the port; 0 for any free one.
    :param browser: whether a browser is opened.
    :param allowed: further folders whose stores may be opened on a page.
    """

    data_root: Path
    output: Path
    host: str
    port: int
    browser: bool = True
    allowed: Sequence[Path] = ()


class OwnPagesOnly:
    """Middleware that refuses requests for other hosts, and from pages of other origins.

    :param hosts: values of the header ``Host`` that name this server.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        """Wrap an application."""
        self._app = app
        self._hosts = {host.encode() for host in hosts}
        self._origins = {b"http://" + host for host in self._hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request of an own page on; answer any other with 403."""
        if scope["type"] not in ("http", "websocket") or self._is_own(scope):
            front = _front_page(scope)
            await (front or self._app)(scope, receive, send)
        elif scope["type"] == "http":
            refusal = PlainTextResponse("This server answers to its own pages only.\n", 403)
            await refusal(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})

    def _is_own(self, scope: Scope) -> bool:
        hosts = [value.lower() for name, value in scope["headers"] if name == b"host"]
        origins = [value.lower() for name, value in scope["headers"] if name == b"origin"]
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return False
        return all(origin in self._origins for origin in origins)


def _front_page(scope: Scope) -> RedirectResponse | None:
    """Lead from the bare address, where marimo lists files, to the front page; the token goes along."""
    query = scope.get("query_string", b"").decode("ascii", "replace")
    if scope["type"] != "http" or scope["path"] != "/" or "file" in parse_qs(query):
        return None
    return RedirectResponse("/?" + "&".join(filter(None, [query, f"file={FRONT}.py"])))


def hosts_of(host: str, port: int) -> list[str]:
    """List the values of the header ``Host`` that name a bound address.

    >>> hosts_of("127.0.0.1", 2718)
    ['127.0.0.1:2718', 'localhost:2718', '[::1]:2718']
    """
    names = LOOPBACK if host in LOOPBACK else (host,)
    return [f"[{name}]:{port}" if ":" in name else f"{name}:{port}" for name in names]


def serve(served: Served) -> None:
    """Serve the notebooks until the program is interrupted; print the link that carries the token.

    :raises DDError: as :func:`genaudit.store.snapshot.check_store`; ``INVALID_CONFIG``, reason ``port_not_free``.
    """
    if not is_snapshot(served.data_root):
        check_store(served.data_root)
    port = _free_port(served.host, served.port)
    for folder in (served.data_root, *served.allowed):
        allow(folder)
    hosts = hosts_of(served.host, port)
    MIDDLEWARE_REGISTRY.register("genaudit", Middleware(OwnPagesOnly, hosts=hosts))
    LIFESPAN_REGISTRY.register("genaudit", _ended_by_ctrl_c)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    sys.stdout.write(f"Workbench: http://{hosts[0]}/?access_token={token}\nPress Ctrl-C to end it.\n")
    sys.stdout.flush()
    # No request leaves this machine.
    os.environ["MARIMO_SKIP_UPDATE_CHECK"] = "1"
    options = ["--host", served.host, "--port", str(port), "--token", "--token-password", token]
    options += [] if served.browser else ["--headless"]
    passed = ["--data-root", str(served.data_root), "--output", str(served.output)]
    # Quiet: marimo prints no second link.
    marimo(["--quiet", "run", str(NOTEBOOKS), *options, "--", *passed], standalone_mode=False)
    sys.stdout.write("\nWorkbench ended.\n")


@asynccontextmanager
async def _ended_by_ctrl_c(app: Starlette) -> AsyncIterator[None]:
    """Replace marimo's handler of the signal, which asks whether it is meant."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, lambda: close_uvicorn(app.state.server))
    yield


def _free_port(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as free:
        # As servers do: a port that a closed connection still waits on is free.
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            free.bind((host, port))
        except OSError as error:
            ctx = {"reason": Reason.PORT_NOT_FREE, "option": "--port", "value": port, "error": error.strerror}
            raise DDError(Err.INVALID_CONFIG, ctx) from error
        found: int = free.getsockname()[1]
        return found
