"""axe-core finds nothing on the pages of the commands and on each page of a report folder, light and dark."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from genaudit.audits.registry import AUDITS
from genaudit.audits.run import run_audits
from genaudit.diff.comparison import compare
from genaudit.lookup.generation import Lookup
from genaudit.render.html import render_page
from genaudit.render.html.diff import render_diff
from genaudit.render.html.generation import render_generation
from genaudit.report_pages import report_pages
from genaudit.sample import FAULTS, SampleOptions, write_sample
from genaudit.snapshots.taking import take
from genaudit.store.snapshot import scan

SAMPLE = Path(__file__).parents[2] / "reports" / "sample"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return shutil.copytree(SAMPLE, tmp_path_factory.mktemp("elsewhere") / "pages")


@pytest.fixture(scope="module")
def audit_page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faulty")
    faults = tuple(code for code in FAULTS if not FAULTS[code].exclusive)
    write_sample(folder / "data", SampleOptions(drafts=8, faults=faults))
    path = folder / "audit.html"
    path.write_bytes(render_page(run_audits(scan(folder / "data"), AUDITS), date="2025-10-14"))
    return path


@pytest.fixture(scope="module")
def other_pages(audit_page):
    """The pages of one generation, of the differences between two states of a store, and of one audit alone."""
    folder = audit_page.parent
    lookup = Lookup(run_audits(scan(folder / "data"), ("inventory", "metadata", "parents", "recompute", "cohorts")))
    faulty = lookup.run.findings[lookup.run.findings["code"] == "PARENT_MISSING"].iloc[0]
    facts = lookup.facts(faulty["stage"], faulty["gen_id"])
    write_sample(folder / "before", SampleOptions(drafts=8))
    sides = [take(scan(folder / name), date="2025-10-14", left_out=[]) for name in ("before", "data")]
    contents = {
        "generation": render_generation(lookup, facts, None, date="2025-10-14"),
        "diff": render_diff(compare(*sides), date="2025-10-14"),
        "rebuild": render_page(run_audits(scan(folder / "data"), ("rebuild",)), date="2025-10-14"),
    }
    for name, content in contents.items():
        (folder / f"{name}.html").write_bytes(content)
    return folder


def opened(visit, path):
    # The page's policy forbids any script but its own; axe is one.
    return visit(path, color_scheme="light", reduced_motion="reduce", bypass_csp=True).page


def violations(page):
    """Run axe on an open page under both schemes; the page follows the system's."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") is (scheme == "dark")
        response = Axe().run(page).response
        assert response["passes"], "axe checked nothing"
        found += [(scheme, each["id"], each["nodes"][0]["html"]) for each in response["violations"]]
    return found


@pytest.mark.parametrize("key", ["index", *report_pages()])
def test_a_page_of_the_folder(folder, visit, key):
    assert violations(opened(visit, folder / f"{key}.html")) == []


def test_the_audit_page_and_a_closer_look(audit_page, visit):
    page = opened(visit, audit_page)
    assert violations(page) == []
    page.emulate_media(color_scheme="light")
    page.locator("#repairs td.id a").first.click()
    assert violations(page) == []


@pytest.mark.parametrize("name", ["generation", "diff", "rebuild"])
def test_pages_of_other_commands(other_pages, visit, name):
    assert violations(opened(visit, other_pages / f"{name}.html")) == []


def test_a_fault_is_found(folder, visit, tmp_path):
    text = (folder / "index.html").read_text(encoding="utf-8")
    (tmp_path / "bad.html").write_text(text.replace('<html lang="en">', "<html>"), encoding="utf-8")
    found = violations(opened(visit, tmp_path / "bad.html"))
    assert [(scheme, name) for scheme, name, _ in found if name == "html-has-lang"] == [
        ("light", "html-has-lang"),
        ("dark", "html-has-lang"),
    ]
