from __future__ import annotations

import json
import re

import pytest

from genaudit.audits.run import run_audits
from genaudit.page_model import Column, Table
from genaudit.render.html import looks, render_page
from genaudit.render.html.looks import looks_of
from genaudit.store.snapshot import scan
from helpers.stores import DRAFT_RECORD, ESSAY_RECORD, make_stages, write_generation

COLUMNS = (Column("gen_id", "Generation", "id"), Column("field", "Field", "code"))


def naming(*ids):
    return Table("t", "A table", COLUMNS, [[one, "no id"] for one in ids], len(ids))


@pytest.fixture
def run(tmp_path):
    """Audit a draft with two essays, and an essay whose draft is not there."""
    root = make_stages(tmp_path)
    write_generation(root, "draft", "d_1", DRAFT_RECORD)
    for name, parent in (("e_1", "d_1"), ("e_2", "d_1"), ("e_3", "d_gone")):
        write_generation(root, "essay", name, {**ESSAY_RECORD, "parent_gen_id": parent})
    return run_audits(scan(root), ["recompute", "parents"])


def entry(found, gen_id):
    stage, _, _, *rest = found["ids"][gen_id][0]
    return (found["stages"][stage], *rest)


def test_relatives_and_findings_of_the_named_generations(run):
    found = looks_of(run, [naming("e_1", "d_1", "e_3", "not in the store")])
    assert [*found["ids"]] == ["e_1", "d_1", "e_3"]
    draft_codes, essay_codes, orphan_codes = (entry(found, one)[5] for one in ("d_1", "e_1", "e_3"))
    assert entry(found, "d_1") == ("draft", [], ["e_1", "e_2"], 2, 2, draft_codes, "")
    assert entry(found, "e_1") == ("essay", ["d_1"], [], 0, 0, essay_codes, "")
    assert entry(found, "e_3") == ("essay", [], [], 0, 0, orphan_codes, "d_gone")
    assert "PARENT_MISSING" in orphan_codes
    assert "PARENT_MISSING" not in essay_codes


def test_details_are_bounded(run, monkeypatch):
    monkeypatch.setattr(looks, "MOST_LOOKS", 1)
    monkeypatch.setattr(looks, "MOST_CHILDREN", 1)
    found = looks_of(run, [naming("d_1", "e_1")])
    assert [*found["ids"]] == ["d_1"]
    assert entry(found, "d_1")[1:5] == ([], ["e_1"], 2, 2)


def test_every_cell_with_an_id_is_marked_and_has_its_details(run):
    page = render_page(run, date="2026-01-02").decode()
    data = json.loads(re.search(r'id="looks">(.*?)</script>', page, re.DOTALL)[1])
    named = {one.strip() for one in re.findall(r'<td class="code id[^"]*">([^<]+)</td>', page)}
    assert {"e_3", "d_gone"} <= named
    assert named - {"d_gone"} <= {*data["ids"]}
    assert data["command"].startswith("genaudit show --data-root ")
