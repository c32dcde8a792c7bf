"""The size of a page does not grow with the store: every table is cut, and files have all rows."""

from __future__ import annotations

import re

import pytest

from genaudit.audits.registry import AUDITS
from genaudit.audits.run import run_audits
from genaudit.render.html.page import render_page
from genaudit.store.snapshot import scan
from helpers.stores import DRAFT_RECORD, ESSAY_RECORD, evaluation, make_stages, write_generation

LIMIT = 2_000_000
FIRST_TABLE = re.compile(r'<div class="table" id="([^"]+)">(.*?)</table>', re.DOTALL)


def damaged(root, drafts):
    """Write a store in which nearly every generation has a fault, of several kinds, with long values."""
    make_stages(root)
    for number in range(drafts):
        write_generation(root, "draft", f"old-draft-{number}", {**DRAFT_RECORD, "replicate": "x" * 500})
        write_generation(root, "draft", f"no-record-{number}", b"{")
        essay = {**ESSAY_RECORD, "parent_gen_id": f"d_gone{number}", f"unknown_{number}": 1}
        write_generation(root, "essay", f"e_orphan{number}", essay)
        write_generation(root, "evaluation", f"v_{number}", evaluation(f"e_orphan{number}", template_id="t" * 400))
    return root


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores")
    return {
        drafts: render_page(
            run_audits(scan(damaged(folder / str(drafts), drafts)), [*AUDITS][:5]), date="2026-01-02"
        ).decode()
        for drafts in (150, 450)
    }


def test_the_page_is_small_and_does_not_grow_with_the_store(pages):
    small, large = (len(pages[drafts].encode()) for drafts in (150, 450))
    assert large < LIMIT
    # Numbers get more digits; rows get no more.
    assert large - small < 0.01 * small


def test_a_cut_table_gives_the_counts_and_links_to_all_rows(pages):
    tables = dict(FIRST_TABLE.findall(pages[450]))
    assert tables["findings"].count("<tr") == 1 + 300
    assert tables["repairs"].count("<tr") == 1 + 100
    assert re.search(r"300 of [\d,]+ rows, some of each kind", tables["findings"])
    assert 'href="findings_2026-01-02.csv"' in tables["findings"]
    assert 'href="parent_chains_2026-01-02.csv"' in tables["repairs"]
    # Every kind of finding is among the rows, however many there are of the first.
    counted = set(re.findall(r'id="code-([A-Z_]+)">', pages[450]))
    assert counted == set(re.findall(r'href="#code-([A-Z_]+)"', tables["findings"]))
