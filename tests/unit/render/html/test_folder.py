from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

import pytest

from genaudit.audits.registry import AUDITS
from genaudit.codes import Severity
from genaudit.layout import MIGRATION_PLAN
from genaudit.migration.plan import make_plan
from genaudit.migration.rename_filter import RenameFilter
from genaudit.render.html.folder import render_folder
from genaudit.report_pages import report_pages
from genaudit.reports import reports_of_pages
from genaudit.scores import aggregate_scores
from genaudit.store.snapshot import scan
from helpers.stores import DRAFT_RECORD, make_stages, write_generation

SCRIPTS = ["vega.js", "datatables.js"]
MARKUP = "<img src=x onerror=alert(1)>"


@pytest.fixture
def folder(audit):
    def made(root, **options):
        snapshot = scan(root)
        plan = make_plan(snapshot, RenameFilter())
        run = audit(root, only=AUDITS)
        scores = aggregate_scores(snapshot)
        reports = {**reports_of_pages(run, scores, "2025-10-14"), MIGRATION_PLAN: plan.to_bytes()}
        return render_folder(run, scores, plan, date="2025-10-14", reports=reports, **options)

    return made


def pages_of(made):
    return [name for name in made.files if not name.startswith("files/")]


def test_pages_are_written_after_their_requirements_and_before_the_index(broken, folder):
    made = folder(broken)
    assert pages_of(made) == [*SCRIPTS, *(f"{key}.html" for key in report_pages()), "index.html"]
    assert folder(broken) == made


def test_every_link_leads_to_a_file_of_the_folder(broken, folder):
    made = folder(broken)
    named = set()
    for name, content in made.files.items():
        if name.endswith(".html"):
            named |= set(re.findall(r'href="([^"#]+)', content.decode()))
    assert named <= {*made.files}
    assert {"files/findings.csv", "files/parent_chains.csv", "files/migration_plan.json"} <= named


def test_chosen_pages_refer_to_no_others(broken, folder):
    made = folder(broken, only=["parents", "inventory"])
    pages = {"inventory.html", "parents.html", "index.html"}
    assert pages_of(made) == [*SCRIPTS, "inventory.html", "parents.html", "index.html"]
    for name in pages:
        links = re.findall(r'href="([^"#]+)', made.files[name].decode())
        assert {link for link in links if not link.startswith("files/")} == pages


def test_a_page_shows_its_own_audits(broken, folder):
    pages = {name: content.decode() for name, content in folder(broken).files.items()}
    sections = {key: re.findall(r'<section id="([^"]+)"', pages[f"{key}.html"]) for key in report_pages()}
    assert sections["overview"] == ["summary", "all-findings", "coverage"]
    assert sections["identity"] == ["summary", "recompute", "all-findings", "coverage"]
    assert sections["cohorts"] == ["summary", "cohorts", "scores", "all-findings", "coverage"]
    assert not any("This audit was not run" in page for page in pages.values())
    found = [key for key in report_pages() if 'id="code-PARENT_MISSING"' in pages[f"{key}.html"]]
    assert found == ["overview", "parents"]


def test_the_index_gives_the_verdict_of_each_page(broken, folder):
    entries = {entry.page.name: entry for entry in folder(broken).entries}
    assert entries["inventory"].verdict == "The store holds 5 generations: 2 drafts, 2 essays, 1 evaluation."
    assert entries["parents"].verdict == "2 of 5 generations reach a readable draft."
    assert entries["parents"].severities[Severity.ERROR] == 1
    assert entries["overview"].verdict.startswith("Repair before anything is renamed. To do first: ")
    # The second sentence of a verdict is left to the page.
    found = "A spec or Cartesian plan finds generations by the ids that their records give: 2 of 5."
    assert entries["identity"].verdict == found
    index = folder(broken).files["index.html"].decode()
    assert "2 of 5 generations reach a readable draft." in index


def test_the_page_of_the_migration_shows_the_plan(broken, folder):
    made = folder(broken)
    plan = make_plan(scan(broken), RenameFilter())
    assert plan.digest in made.files["migration.html"].decode()
    assert made.entries[-1].page.name == "migration"
    assert not any(made.entries[-1].severities.values())


def test_without_a_plan_there_is_no_page_of_the_migration(broken, audit):
    made = render_folder(audit(broken, only=AUDITS), aggregate_scores(scan(broken)), date="2025-10-14")
    assert "migration.html" not in made.files
    assert "migration.html" not in made.files["index.html"].decode()


def test_an_empty_store_has_all_pages(tmp_path, folder):
    made = folder(make_stages(tmp_path / "empty"))
    assert {entry.page.name for entry in made.entries} == {*report_pages()}
    assert all(entry.verdict and not any(entry.severities.values()) for entry in made.entries)
    assert made.entries[0].verdict == "Nothing generated yet."


def test_pages_let_no_other_scripts_run(broken, folder):
    for name, content in folder(broken).files.items():
        if not name.endswith(".html"):
            continue
        page = content.decode()
        (rules,) = re.findall(r"script-src ([^;]+);", page.replace("&#39;", "'"))
        own = re.findall(r"<script(?: type=\"module\")?>(.*?)</script>", page, re.DOTALL)
        hashes = {f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in own}
        files = re.findall(r'<script src="([^"]+)"', page)
        assert files == ([] if name == "index.html" else SCRIPTS)
        assert set(rules.split()) == hashes | ({"'self'"} if files else set())
        assert "://" not in re.sub(r"https://vega.github.io/schema/", "", page)


def test_text_of_a_store_is_escaped(tmp_path, folder):
    root = make_stages(tmp_path / MARKUP)
    write_generation(root, "draft", "d_1", {**DRAFT_RECORD, "template_id": MARKUP, MARKUP: 1})
    pages = [content.decode() for name, content in folder(root).files.items() if name.endswith(".html")]
    assert not any("<img" in page for page in pages)
    assert any("&lt;img" in page for page in pages)
