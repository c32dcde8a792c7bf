"""A real Chromium that can reach nothing but files: without it, tests fail in CI and are skipped elsewhere."""

from __future__ import annotations

import os
import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

# Machines are busy: a wait ends when the thing itself is there.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)

# A chart is drawn when it comes near the view.
DRAW_ALL = """async () => {
    for (const place of document.querySelectorAll("[data-chart]")) {
        place.scrollIntoView({ behavior: "instant" });
        while (!place.firstChild) await new Promise(requestAnimationFrame);
    }
    scrollTo({ top: 0, behavior: "instant" });
}"""

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # No name leads anywhere: only servers on this machine can be reached, by address.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
)


# The shell is the same browser without windows of its own, and takes half the processor time.
PROGRAMS = ("chromium-headless-shell", "chromium", "/usr/bin/chromium")


def chromium_path():
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@pytest.fixture(scope="module")
def chromium():
    """The browser, started once a module: its event loop must be gone when others, Dagster's runs, start theirs."""
    path = chromium_path()
    if path is None and os.environ.get("CI"):
        pytest.fail("there is no Chromium, which tests in CI must have")
    if path is None:
        pytest.skip("there is no Chromium to open pages with")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS])
        yield browser
        browser.close()


class Visit:
    """An opened page, with its requests, console messages, errors and dialogs.

    :param page: playwright's page.
    """

    def __init__(self, page):
        self.page = page
        self.requests, self.console, self.errors, self.dialogs = [], [], [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.console.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", self._dismiss)

    def _dismiss(self, dialog):
        self.dialogs.append(dialog.message)
        dialog.dismiss()


@pytest.fixture
def visit(chromium):
    """Open a file in a window of its own, and scroll to each chart until it is drawn."""
    contexts = []

    def opened(path, *, draw_all=True, **options):
        # Whatever is asked of the network is refused, and recorded all the same.
        context = chromium.new_context(**{"viewport": {"width": 1360, "height": 900}, "offline": True, **options})
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        made = Visit(context.new_page())
        made.page.goto(path.as_uri())
        made.page.wait_for_function("document.documentElement.dataset.ready")
        if draw_all:
            made.page.evaluate(DRAW_ALL)
        return made

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def cached(chromium):
    """A window whose pages share their cache: scripts of a server are compiled once."""
    context = chromium.new_context(viewport={"width": 1360, "height": 1000})
    yield context
    context.close()


@pytest.fixture
def look(cached):
    """Open a page of a server on this machine; requests to any other are recorded and blocked."""
    pages = []

    def opened(url):
        made = Visit(cached.new_page())
        pages.append(made.page)
        made.page.goto(url)
        return made

    yield opened
    for page in pages:
        page.close()
