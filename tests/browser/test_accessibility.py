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


def violations(visit, path, scheme):
    # The page's policy forbids any script but its own; axe is one.
    page = visit(path, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True).page
    found = Axe().run(page).response
    assert found["passes"], "axe checked nothing"
    return [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("key", ["index", *report_pages()])
def test_a_page_of_the_folder(folder, visit, key, scheme):
    assert violations(visit, folder / f"{key}.html", scheme) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_audit_page(audit_page, visit, scheme):
    assert violations(visit, audit_page, scheme) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["generation", "diff", "rebuild"])
def test_pages_of_other_commands(other_pages, visit, name, scheme):
    assert violations(visit, other_pages / f"{name}.html", scheme) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_closer_look(audit_page, visit, scheme):
    page = visit(audit_page, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True).page
    page.locator("#repairs td.id a").first.click()
    assert [(one["id"], one["nodes"][0]["html"]) for one in Axe().run(page).response["violations"]] == []


def test_a_fault_is_found(folder, visit, tmp_path):
    text = (folder / "index.html").read_text(encoding="utf-8")
    (tmp_path / "bad.html").write_text(text.replace('<html lang="en">', "<html>"), encoding="utf-8")
    assert "html-has-lang" in [name for name, _ in violations(visit, tmp_path / "bad.html", "light")]
