"""Server of the notebooks: with a token, and for its own pages only.

Any page that a browser shows may send requests to this machine, and a name of its own may lead to it (DNS rebinding).
So a request must carry the token, name the bound address as its host, and come from no page of another origin.
"""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from marimo._cli.cli import main as marimo
from marimo._server.registry import MIDDLEWARE_REGISTRY
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from genaudit.workbench.notebook_args import arguments
from genaudit.workbench.places import allow

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_TOKEN_BYTES: Final = 24
_POLICY_VIOLATION: Final = 1008


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
            await self._app(scope, receive, send)
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


def hosts_of(host: str, port: int) -> list[str]:
    """List the values of the header ``Host`` that name a bound address.

    >>> hosts_of("127.0.0.1", 2718)
    ['127.0.0.1:2718', 'localhost:2718', '[::1]:2718']
    """
    names = LOOPBACK if host in LOOPBACK else (host,)
    return [f"[{name}]:{port}" if ":" in name else f"{name}:{port}" for name in names]


def main(argv: Sequence[str]) -> None:
    """Serve a folder of notebooks until the program is ended; prints the link that carries the token.

    :param argv: without the program's name.
    """
    parser = argparse.ArgumentParser(prog="python -m genaudit.workbench.serving", description=main.__doc__)
    parser.add_argument("notebooks", type=Path)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=2718)
    parser.add_argument("--headless", action="store_true", help="open no browser")
    parser.add_argument("--allow", action="append", default=[], metavar="FOLDER", help="stores below it may be read")
    server, own = parser.parse_known_args(argv)
    started = arguments(own, server.notebooks.resolve().parents[1])
    for folder in (started.data_root, *server.allow):
        allow(folder)
    hosts = hosts_of(server.host, server.port)
    MIDDLEWARE_REGISTRY.register("genaudit", Middleware(OwnPagesOnly, hosts=hosts))
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    sys.stdout.write(f"Workbench: http://{hosts[0]}/?access_token={token}\n")
    sys.stdout.flush()
    options = ["--host", server.host, "--port", str(server.port), "--token", "--token-password", token]
    options += ["--headless"] if server.headless else []
    passed = ["--data-root", started.data_root, "--output", started.output]
    marimo(["run", str(server.notebooks), *options, "--", *passed])


if __name__ == "__main__":
    main(sys.argv[1:])
