from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from genaudit.render.html import render_page
from helpers.stores import DRAFT_RECORD, ESSAY_RECORD, make_stages, write_generation

DATE = "2025-10-14"
HOSTILE = "</script><script>alert(1)</script>"


class Page(HTMLParser):
    """Takes a page apart: its elements, the text in them, and its scripts."""

    VOID = frozenset({"meta", "img", "input", "br", "link"})

    def __init__(self, content):
        super().__init__()
        self.elements, self.ids, self.texts, self.scripts = [], [], [], []
        self.open, self.ends = [], []
        self.feed(content.decode())

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if tag not in self.VOID:
            self.open.append(tag)
        if tag == "script":
            self.scripts.append([attributes, ""])

    def handle_endtag(self, tag):
        self.ends.append((tag, self.open.pop()))

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.scripts[-1][1] += data
        elif "style" not in self.open:
            self.texts.append(data.strip())

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    def data(self):
        return {one["id"]: json.loads(text) for one, text in self.scripts if one.get("type") == "application/json"}


def anchors(page):
    """Places in the page that it links to; other links are those to files."""
    return {one["href"][1:] for one in page.all("a") if one["href"].startswith("#")}


def page_of(run, **options):
    return Page(render_page(run, date=DATE, **options))


def test_the_page_is_whole(broken, audit):
    page = page_of(audit(broken))
    assert page.open == []
    assert all(tag == opened for tag, opened in page.ends)
    assert len(page.ids) == len({*page.ids})
    assert page.all("html")[0]["lang"] == "en"
    assert anchors(page) <= {*page.ids}
    assert {one["id"] for one in page.all("section")} == {
        "summary",
        "inventory",
        "metadata",
        "parents",
        "recompute",
        "cohorts",
        "rebuild",
        "all-findings",
        "coverage",
    }


def test_the_page_asks_for_nothing(broken, audit):
    page = page_of(audit(broken))
    assert [*page.all("link"), *page.all("img"), *page.all("iframe")] == []
    assert all("src" not in attributes for _, attributes in page.elements)
    (policy,) = [one["content"] for one in page.all("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data: blob:"
    assert "unsafe" not in rules["script-src"]


def test_only_the_scripts_of_the_page_may_run(broken, audit):
    page = page_of(audit(broken))
    (policy,) = [one["content"] for one in page.all("meta") if one.get("http-equiv") == "Content-Security-Policy"]
    allowed = re.findall(r"'sha256-([^']+)'", policy)
    running = [text for attributes, text in page.scripts if attributes.get("type") != "application/json"]
    assert [b64encode(sha256(text.encode()).digest()).decode() for text in running] == allowed
    assert len(running) == 5


def test_every_chart_finds_its_data(broken, audit):
    page = page_of(audit(broken))
    places = [one["data-chart"] for one in page.all("div") if "data-chart" in one]
    data = page.data()
    assert {*data} == {*places, "remedies", "looks"}
    assert all(data[place]["$schema"].startswith("https://vega.github.io/schema/vega-lite/") for place in places)


@pytest.mark.parametrize(
    "only", ["inventory", "metadata", "parents", "recompute", "cohorts", "rebuild", "content", "references"]
)
def test_a_page_of_one_audit(broken, audit, only):
    page = page_of(audit(broken, only=[only]))
    keys = {one["id"] for one in page.all("section")}
    assert keys == {"summary", only, "all-findings", "coverage"}
    assert page.texts.count("This audit was not run.") == 7
    assert anchors(page) <= {*page.ids}


def test_a_run_of_no_audit_at_all(store, audit):
    page = page_of(audit(store, only=[]))
    assert page.texts.count("This audit was not run.") == 8


def test_the_verdicts_of_a_clean_and_an_empty_store(store, tmp_path, audit):
    clean = page_of(audit(store)).texts
    assert "All in order" in clean
    assert any(text.startswith("No findings") for text in clean)
    assert any("no audit found anything" in text for text in clean)
    empty = page_of(audit(make_stages(tmp_path / "empty"))).texts
    assert "Nothing generated yet" in empty
    assert any("Once the pipeline has written generations" in text for text in empty)


def test_hostile_text_is_text(store, audit):
    write_generation(
        store, "draft", "d_2", {**DRAFT_RECORD, "template_id": HOSTILE, "replicate": HOSTILE, HOSTILE: 1}
    )
    write_generation(store, "essay", "<img src=x onerror=alert(2)>", {**ESSAY_RECORD, "parent_gen_id": HOSTILE})
    write_generation(store, "essay", "e_9", {**ESSAY_RECORD, "parent_gen_id": '"><svg onload=alert(3)>{{7*7}}'})
    page = page_of(audit(store), title=HOSTILE)
    assert page.open == []
    assert [*page.all("img"), *page.all("svg")] == []
    assert len(page.scripts) == 7 + sum("data-chart" in one for one in page.all("div"))
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    for literal in (HOSTILE, f'"{HOSTILE}"', "<img src=x onerror=alert(2)>", '"><svg onload=alert(3)>{{7*7}}'):
        assert literal in page.texts, literal
    assert HOSTILE in [node["id"] for node in nodes(page)]


def nodes(page):
    spec = page.data()["spec-chains"]
    return [row for values in spec["datasets"].values() for row in values if "id" in row]


def test_text_that_misleads_is_shown_escaped(store, audit):
    write_generation(store, "essay", "e_2", {**ESSAY_RECORD, "parent_gen_id": "abc\u202egnp\n" + "x" * 100_000})
    content = render_page(audit(store), date=DATE)
    assert "\u202e" not in content.decode()
    assert r"abc\u202egnp\nxxx" in content.decode()
    assert len(content) < 2_000_000


def test_the_root_is_shown_as_it_was_given(store, audit, monkeypatch):
    monkeypatch.chdir(store.parent)
    content = render_page(audit(Path("store")), date=DATE).decode()
    assert "<code>store</code>" in content
    assert str(store.parent) not in content


def test_a_root_that_is_no_text(tmp_path, audit):
    root = make_stages(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")))
    assert rb"caf\udce9" in render_page(audit(root), date=DATE)


def test_title_and_date(store, audit):
    page = page_of(audit(store), title="Autumn & winter")
    assert "Autumn & winter" in page.texts
    assert DATE in page.texts
    assert page.texts.count("Audit of a generation store") == 0


def test_a_cut_table_names_the_file_with_all_rows(store, audit):
    for number in range(301):
        (store / "gens" / "draft" / f"note-{number:03}.txt").touch()
    page = page_of(audit(store, only=["inventory"]))
    text = " ".join(page.texts)
    assert "300 of 301 rows, some of each kind. All are in findings_2025-10-14.csv" in text


_RENDER = """
import sys
from pathlib import Path
from genaudit.audits.run import run_audits
from genaudit.render.html import render_page
from genaudit.store.snapshot import scan
sys.stdout.buffer.write(render_page(run_audits(scan(Path(sys.argv[1]))), date="2025-10-14"))
"""


def test_the_same_run_gives_the_same_bytes(broken, audit):
    pages = {
        subprocess.run(
            [sys.executable, "-c", _RENDER, str(broken)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert pages == {render_page(audit(broken), date=DATE)}


def styles():
    return (Path(sys.modules["genaudit"].__file__).parent / "templates" / "page.css").read_text()


def contrast(one, other):
    def luminance(colour):
        values = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]
        return sum(part * weight for part, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_can_be_read_on_every_ground(theme):
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", styles())
    colours = {name: pair[theme] for name, *pair in found}
    assert len(colours) >= 12
    poor = {
        (text, ground): ratio
        for text in ("ink", "muted", "link", "error", "warning", "info", "good")
        for ground in ("paper", "surface", "sunken")
        # The contrast that WCAG 2 requires of small text (AA).
        if (ratio := contrast(colours[text], colours[ground])) < 4.5
    }
    assert poor == {}
