"""The folder of pages in a real browser, as it lies in the repository: from disk and without a network."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

from genaudit.report_pages import report_pages

SAMPLE = Path(__file__).parents[2] / "reports" / "sample"
# The charts of each page.
CHARTS = {
    "overview": ["overview"],
    "inventory": ["lengths-draft", "lengths-essay", "lengths-evaluation"],
    "metadata": ["metadata-codes", "fields"],
    "parents": ["links", "chains"],
    "identity": ["classes", "causes"],
    "cohorts": ["scores", "score-spread", "score-means", "score-pivot"],
    "rebuild": ["rebuild-matrix", "rebuild-costs"],
    "content": ["content-prompts"],
    "references": ["references"],
    "migration": ["before-after"],
}
# A table of each page, and a column of words to sort it by.
SORTED = {
    "overview": ("codes", "Code"),
    "inventory": ("artifacts", "Stage"),
    "metadata": ("codes", "Code"),
    "parents": ("repairs", "Stage"),
    "identity": ("mapping", "Id today"),
    "cohorts": ("cohort-list", "Cohort"),
    "rebuild": ("rebuild-why", "Planned generation"),
    "content": ("codes", "Code"),
    "references": ("reference-list", "Kind of file"),
    "migration": ("renames-all", "Id today"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder by itself: nothing that lies around it helps."""
    return shutil.copytree(SAMPLE, tmp_path_factory.mktemp("elsewhere") / "pages")


def column(page, table, title):
    heads = [head.strip() for head in page.locator(f"#{table} thead th").all_inner_texts()]
    place = heads.index(title) + 1
    return [text.strip() for text in page.locator(f"#{table} tbody td:nth-child({place})").all_inner_texts()]


@pytest.mark.parametrize("key", report_pages())
def test_a_page_opens_from_disk_draws_its_charts_and_sorts(folder, visit, key):
    seen = visit(folder / f"{key}.html")
    page = seen.page
    assert [chart.get_attribute("data-chart") for chart in page.locator("[data-chart]").all()] == [
        f"spec-{name}" for name in CHARTS[key]
    ]
    for name in CHARTS[key]:
        svg = page.locator(f"[data-chart=spec-{name}] svg")
        assert svg.count() == 1, name
        assert svg.locator("[role=graphics-symbol] path, path[role=graphics-symbol]").count() > 0, name
    table, title = SORTED[key]
    head = page.locator(f"#{table} thead th", has_text=title).first
    head.click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    up = column(page, table, title)
    # The table sorts without regard to case.
    assert up == sorted(up, key=str.lower)
    head.click()
    expect(head).to_have_attribute("aria-sort", "descending")
    down = column(page, table, title)
    assert down == sorted(down, key=str.lower, reverse=True)
    assert down[0] > up[0]
    assert page.evaluate("document.documentElement.scrollWidth") <= 1360
    # Nothing is asked for that does not lie in the folder.
    assert seen.requests == [(folder / name).as_uri() for name in (f"{key}.html", "vega.js", "datatables.js")]
    assert (seen.console, seen.errors, seen.dialogs) == ([], [], [])


def test_the_index_leads_to_every_page_and_back(folder, visit):
    seen = visit(folder / "index.html")
    page = seen.page
    assert seen.requests == [(folder / "index.html").as_uri()]
    links = page.locator(".entry h2 a")
    assert links.all_inner_texts() == [subject.title for subject in report_pages().values()]
    for key, subject in report_pages().items():
        page.locator(f"#{key} h2 a").click()
        expect(page.locator("html[data-ready] h1")).to_have_text(subject.title)
        assert page.locator(".pages [aria-current=page]").inner_text() == subject.title
        page.locator("nav").get_by_text("All pages").click()
        expect(page.locator("html[data-ready] .entries")).to_be_visible()
        assert page.url == (folder / "index.html").as_uri()
    assert (seen.console, seen.errors) == ([], [])


@pytest.mark.parametrize("width", [700, 1024])
@pytest.mark.parametrize("key", ["index", "cohorts"])
def test_a_page_fits_a_narrow_window(folder, visit, key, width):
    page = visit(folder / f"{key}.html", viewport={"width": width, "height": 900}).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_the_scripts_beside_it_a_page_still_has_its_tables(folder, visit, tmp_path):
    shutil.copy(folder / "inventory.html", tmp_path)
    page = visit(tmp_path / "inventory.html").page
    assert page.locator("#artifacts tbody tr").count() == 3
    for place in page.locator("[data-chart]").all():
        assert "the scripts that belong beside this page are missing" in place.inner_text()
