from __future__ import annotations

from html import escape
from types import SimpleNamespace

import pandas as pd
import pytest

from genaudit.page_model import Column, Table
from genaudit.workbench.detail_panels import look_at, outcomes
from genaudit.workbench.generation_detail import generation_detail
from genaudit.workbench.notebook_args import Arguments, link, notebooks
from genaudit.workbench.panels import (
    chain_chart,
    chooser,
    neighbours,
    open_store,
    paragraph,
    plain_table,
    root_field,
    share,
    table_of,
)
from genaudit.workbench.session import Sessions
from helpers.stores import DRAFT, ESSAY

MARKUP = "<script>alert(1)</script>"

STARTED = Arguments("data", "reports")


def test_text_is_no_markup():
    assert "<script" not in paragraph(MARKUP).text
    assert "<script" not in neighbours("workbench", MARKUP, ("essay", MARKUP), {"file": "x.py"}).text


def test_a_list_offers_everything_first():
    assert chooser("Stage", ["draft", "essay"]).value is None
    assert chooser("Stage", ["draft", "essay"], "essay").value == "essay"
    assert chooser("Stage", ["draft", "essay"], "gone").value is None
    assert chooser("Cohort", ["all", "none"]).value is None
    assert chooser("Cohort", ["all", "none"], "all").value == "all"


def test_notebooks_are_linked_only_where_they_have_addresses():
    assert "href" not in neighbours("inventory", "root", (None, None), {}).text
    links = neighbours("inventory", "a&b", ("essay", "e_1"), {"file": "inventory.py"}).text
    assert links.count("href") == len(notebooks()) - 1
    assert "root=a%26b" in links


@pytest.mark.parametrize(
    ("frame", "goes_to"),
    [
        (pd.DataFrame({"stage": ["essay"], "id": ["e_1"]}), [("essay", "e_1")]),
        (pd.DataFrame({"stage": [""], "id": [""]}), []),
        (pd.DataFrame({"stage": [], "id": []}), []),
    ],
)
def test_a_picked_row_is_looked_at(frame, goes_to):
    gone = []
    rows = pd.DataFrame({"stage": ["essay"], "gen_id": ["e_1"]})
    table = table_of(rows, ("stage", "gen_id"), "", gone.append)
    table._on_change(frame)
    assert gone == goes_to


def test_a_click_on_a_relative_moves_on(session):
    gone = []
    chart = chain_chart(generation_detail(session, "essay", ESSAY).chart, gone.append)
    point = {"stage": "evaluation", "gen_id": "v_2"}
    chart._update({"pick": {"vlPoint": {"or": [point]}, "stage": ["evaluation"], "gen_id": ["v_2"]}})
    assert gone == [("evaluation", "v_2")]
    chart._update({})
    assert len(gone) == 1


def test_a_store_is_opened_or_the_reason_shown(family, tmp_path):
    outside = open_store(str(family), STARTED, again=False)
    assert outside.session is None
    assert "--allow" in outside.message.text
    root_field({"root": str(family)}, str(tmp_path))
    opened = open_store(str(family), STARTED, again=False)
    assert (len(opened.session.generations), opened.message) == (6, None)
    refused = open_store(str(tmp_path / "<nowhere>"), STARTED, again=False)
    assert refused.session is None
    assert "<nowhere>" not in refused.message.text


def test_tried_modes_are_listed(chained):
    assert "reuse-drafts" in outcomes(generation_detail(chained, "essay", ESSAY), {"file": "x.py"}).text


def test_untried_modes_have_a_link(session):
    unknown = generation_detail(session, "essay", ESSAY)
    alone = link("rebuild", str(session.root), ("essay", ESSAY))
    assert escape(alone) in outcomes(unknown, {"file": "x.py"}).text
    assert "href" not in outcomes(unknown, {}).text


def test_a_damaged_ledger_hides_names_and_not_the_generation(family):
    (family / "gens" / "draft" / DRAFT / "parsed.txt").write_text("words of the draft")
    (family / ".genaudit").mkdir()
    (family / ".genaudit" / "ledger.jsonl").write_text("x\n")
    seen, look = look_at(Sessions().open(family), ("essay", ESSAY), lambda _: None, {})
    assert seen.gen_id == ESSAY
    assert "words of the draft" in look.shown.text
    assert "The earlier names cannot be read" in look.shown.text


def test_a_table_of_the_page_is_only_shown():
    columns = (Column("a", "A"), Column("b", "B", "number"), Column("c", "C"))
    table = plain_table(Table("key", "caption", columns, [["http://x/a.png", 3, None]], 1))
    assert table.data == [{"A": "http:\\//x/a.png", "B": 3, "C": ""}]


@pytest.mark.parametrize(
    ("root", "chosen", "stage", "query"),
    [
        ("there", (None, None), None, {"file": "x.py"}),
        ("else", (None, None), None, {"file": "x.py", "root": "else"}),
        ("there", (None, None), "essay", {"file": "x.py", "stage": "essay"}),
        ("there", ("draft", "d_1"), "essay", {"file": "x.py", "stage": "draft", "id": "d_1"}),
    ],
)
def test_the_address_names_the_shown_generation(root, chosen, stage, query):
    class Query(dict):
        """As marimo's: setting to nothing takes away."""

        def __setitem__(self, name, value):
            if value is None:
                self.pop(name, None)
            else:
                super().__setitem__(name, value)

    address = Query({"file": "x.py", "root": "old", "id": "old"})
    share(address, root, "there", chosen, stage)
    assert address == query
    share(address, root, "there", chosen, stage, way="legacy")
    assert address == {**query, "way": "legacy"}
    share(address, root, "there", chosen, stage, way=None)
    seen = SimpleNamespace(changes=0)
    address.__class__.__setitem__ = lambda *_: setattr(seen, "changes", seen.changes + 1)
    share(address, root, "there", chosen, stage)
    assert seen.changes == 0
