import re
import sys
from pathlib import Path

import pytest

from genaudit.cli import main
from genaudit.report_pages import report_pages

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
COMMANDS = ROOT / "docs" / "commands.md"
GUIDE = ROOT / "docs/guides/gen_id_migration_analysis.md"
REPORTS = ROOT / "docs/reports"
PAGES = [README, *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "benchmarks").glob("*.md"))]
LINKS = [(page, link) for page in PAGES for link in re.findall(r"\]\(([^):]+)\)", page.read_text(encoding="utf-8"))]
# The work expected of a script with each name, and the command for it.
SCRIPTS = {
    "gen_id_inventory.py": ["inventory"],
    "validate_migration_metadata.py": ["metadata"],
    "recompute_gen_ids.py": ["recompute", "--check-only"],
}


def test_the_checks_before_a_push_compare_generated_files():
    # It takes minutes, so `make test` does not do it again.
    assert "docs/generate.py --check" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^make check$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_samples_pages_are_those_of_every_subject_and_no_others():
    # `make check` compares their contents.
    pages = {path.name for path in (ROOT / "reports" / "sample").iterdir()}
    assert pages == {"index.html", "vega.js", "datatables.js", "files"} | {f"{key}.html" for key in report_pages()}


def test_the_readme_has_examples_to_run():
    assert len(re.findall(r"^\$ genaudit", README.read_text(encoding="utf-8"), re.MULTILINE)) >= 2


def headings(page):
    """The anchors that a page has, as the hosting site makes them."""
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize(("page", "link"), LINKS, ids=str)
def test_links_lead_somewhere(page, link):
    path, _, anchor = link.partition("#")
    target = page.parent / path if path else page
    assert target.exists()
    assert not anchor or anchor in headings(target)


@pytest.mark.parametrize(("script", "arguments"), SCRIPTS.items(), ids=str)
def test_each_script_has_its_command_with_a_dry_run_and_an_output(script, arguments, tmp_path, monkeypatch):
    [row] = re.findall(rf"^\| `genaudit (\w+)` \|.*`{script}.*$", COMMANDS.read_text(encoding="utf-8"), re.MULTILINE)
    assert row == arguments[0]
    root, output = tmp_path / "store", tmp_path / "out"
    (root / "gens" / "draft").mkdir(parents=True)
    for more in (["--dry-run"], []):
        assert not output.exists()
        monkeypatch.setattr(sys, "argv", ["genaudit", *arguments, "--data-root", root, "--output", output, *more])
        with pytest.raises(SystemExit) as stop:
            main()
        assert not stop.value.code
    assert len(list(output.glob("*.json"))) == 1


def test_pages_stay_short_enough_to_read():
    most = dict.fromkeys(REPORTS.glob("*.md"), 120) | {README: 150, GUIDE: 249, REPORTS / "rebuild.md": 180}
    long = {page.name: lines for page, limit in most.items() if (lines := len(page.read_text().splitlines())) > limit}
    assert long == {}


def test_the_published_reports_are_listed_once_each():
    listed = re.findall(r"\]\((\w+\.md)\)", (REPORTS / "README.md").read_text(encoding="utf-8"))
    assert sorted(listed) == sorted(path.name for path in REPORTS.iterdir() if path.name != "README.md")
