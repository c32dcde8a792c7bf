"""The workbench answers to its own pages only: not to other origins, other hosts, or for other folders."""

from __future__ import annotations

import http.client
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import expect

from helpers.server import serving
from helpers.stores import DRAFT, DRAFT_RECORD, make_stages, write_generation

WAIT = 60_000
ATTACK = """
async ({port, token, root}) => {
  const query = `session_id=s_1&file=workbench.py&root=${encodeURIComponent(root)}`;
  const socket = (host, more) => new Promise((done) => {
    const it = new WebSocket(`ws://${host}:${port}/ws?${query}${more}`);
    it.onmessage = (event) => done("message: " + event.data);
    it.onopen = () => setTimeout(() => done("open"), 1000);
    it.onclose = it.onerror = () => done("closed");
  });
  const asked = (path, options) => fetch(`http://127.0.0.1:${port}${path}`, options)
    .then((answer) => answer.text()).catch(() => "refused");
  return Promise.all([
    socket("127.0.0.1", ""), socket("localhost", ""), socket("127.0.0.1", `&access_token=${token}`),
    asked("/?file=workbench.py", {credentials: "include"}), asked(`/?access_token=${token}`, {}),
    asked("/api/kernel/run", {method: "POST", credentials: "include", body: "{}"}),
  ]);
}
"""


def store(root):
    make_stages(root)
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    return root


@pytest.fixture(scope="module")
def served(tmp_path_factory, chromium):  # noqa: ARG001 -- without a browser there is nothing to serve
    folder = tmp_path_factory.mktemp("served")
    with serving(folder, store(folder / "own")) as address:
        yield address


@pytest.fixture
def foreign():
    """A page of another origin on this machine, which browsers count as the same site."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>foreign</title>")

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def answer(served, path, **headers):
    """Ask with the token, and headers as no browser would send them."""
    address = ("127.0.0.1", urlsplit(served.url).port)
    with closing(http.client.HTTPConnection(*address, timeout=60)) as connection:
        connection.putrequest("GET", path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        with connection.getresponse() as found:
            return found.status, found.read().decode(errors="replace")


def test_a_page_of_another_origin_gets_nothing(served, foreign, chromium, tmp_path):
    context = chromium.new_context()
    page = context.new_page()
    page.goto(served.link("&file=workbench.py"))
    expect(page.get_by_label("Data root")).to_be_visible(timeout=WAIT)
    assert context.cookies()
    page.goto(foreign)
    facts = {"port": urlsplit(served.url).port, "token": served.token, "root": str(tmp_path)}
    assert page.evaluate(ATTACK, facts) == ["closed"] * 3 + ["refused"] * 3
    context.close()


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1.evil.example:{port}"]
)
def test_a_forged_host_gets_nothing(served, host):
    named = host.format(port=urlsplit(served.url).port)
    path = f"/?access_token={served.token}&file=workbench.py"
    assert answer(served, path)[0] in {200, 302, 303, 307}
    assert answer(served, path, Host=named) == (403, "This server answers to its own pages only.\n")
    assert answer(served, path, Origin="http://evil.example")[0] == 403


def test_without_the_token_there_is_only_the_login(served):
    for path in ("/?file=workbench.py", "/api/status", f"/?access_token={served.token}x"):
        status, text = answer(served, path)
        assert status in {302, 303, 307, 401, 403} or "login" in text.lower()
        assert "mountConfig" not in text


@pytest.mark.parametrize(
    "path",
    ["/@file/../../../../etc/passwd", "/public/../../../../etc/passwd", "/@file/%2e%2e%2f%2e%2e%2fetc%2fpasswd"],
)
def test_no_download_leads_out_of_its_folder(served, path):
    status, text = answer(served, f"{path}?access_token={served.token}")
    assert "root:" not in text
    assert status != 200


def test_a_link_names_only_stores_below_the_given_folders(served, look, tmp_path):
    other = store(tmp_path / "other")
    for root in (str(other), f"{urlsplit(served.url).path}../../../..{other}", "/"):
        page = look(served.link(f"&file=workbench.py&root={quote(root)}")).page
        expect(page.get_by_text("is not below the data root", exact=False).first).to_be_visible(timeout=WAIT)
        assert DRAFT not in page.content()
