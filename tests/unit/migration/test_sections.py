"""The page of a plan: counts add up, every reason is explained, and text of a store is escaped."""

from __future__ import annotations

import re
from html import unescape

import pytest

from genaudit.migration.edits import Edit, EditKind, Left
from genaudit.migration.mapping import Excluded, KeepReason
from genaudit.migration.plan import Plan
from genaudit.migration.sections import file_kind, plan_sections, plan_summary
from genaudit.migration.spans import Span
from genaudit.page_model import MOST_ROWS
from genaudit.render.html import render_plan
from helpers.migrations import LEGACY_DRAFT, NEW_DRAFT, migratable, plan_of
from helpers.stores import make_stages


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    return plan_of(migratable(tmp_path_factory.mktemp("store")))


def changed(plan, **changes):
    fields = ("choice", "fingerprint", "renames", "edits", "excluded", "left", "unchanged")
    return Plan(**{name: getattr(plan, name) for name in fields} | changes)


def tables(plan):
    return {table.key: table for section in plan_sections(plan, "plan.json") for table in section.tables}


def test_the_page_agrees_with_the_plan(plan):
    facts = plan_summary(plan, "plan.json")
    assert [(card.total, sum(card.counts.values())) for card in facts.cards] == [(3, 3), (8, 8), (0, 0), (2, 2)]
    # Three records, one report of a copy, a membership and its manifest, a selection and a table.
    assert list(facts.cards[1].counts.values()) == [3, 1, 1, 1, 2]
    assert facts.tone == "attention"
    assert any("migrate simulate plan.json" in step["command"] for step in facts.first)
    found = tables(plan)
    assert found["renames-counts"].cells == [["draft", 1, 0, 0, 0], ["essay", 0, 1, 0, 1], ["evaluation", 1, 0, 0, 0]]
    assert found["renames-all"].cells[0][:3] == ["draft", LEGACY_DRAFT, NEW_DRAFT]
    assert {row[1] for row in found["files-all"].cells} == {edit.path for edit in plan.edits}
    assert sum(row[2] for row in found["files-counts"].cells) == sum(len(edit.spans) for edit in plan.edits)
    assert {row[0] for row in found["left-all"].cells} == {"ambiguous"}
    assert "kept-all" not in found


def test_every_reason_to_keep_a_name_has_a_meaning_and_a_fix(plan):
    every = tuple(Excluded("draft", f"g{number}", why.value, None) for number, why in enumerate(KeepReason))
    found = tables(changed(plan, excluded=every))
    assert len(found["kept-counts"].cells) == len(KeepReason)
    assert all(row[1] == 1 and row[2] and row[3] for row in found["kept-counts"].cells)
    assert len({row[2] for row in found["kept-counts"].cells}) == len(KeepReason)


def test_a_long_plan_is_cut_and_shows_some_of_every_stage(plan):
    many = tuple(plan.renames[0]._replace(old=f"{number}") for number in range(MOST_ROWS)) + plan.renames[1:]
    table = tables(changed(plan, renames=many))["renames-all"]
    assert table.is_cut
    assert table.total == MOST_ROWS + 2
    assert {row[0] for row in table.cells} == {"draft", "essay", "evaluation"}


def test_a_plan_that_renames_nothing(tmp_path):
    made = plan_of(make_stages(tmp_path))
    facts = plan_summary(made, "plan.json")
    assert facts.tone == "empty"
    assert [step["command"] for step in facts.first] == [""]
    assert render_plan(made, "plan.json")


def test_a_file_is_of_one_kind():
    kinds = [
        file_kind(path, kind)
        for path, kind in [
            ("gens/draft/a/metadata.json", EditKind.SPANS),
            ("gens/draft/a/raw_metadata.json", EditKind.SPANS),
            ("cohorts/c/stage_manifest.json", EditKind.MANIFEST),
            ("cohorts/c/membership.csv", EditKind.SPANS),
            ("2_tasks/selected_essays.txt", EditKind.SPANS),
        ]
    ]
    assert len(set(kinds)) == len(kinds)


def test_names_from_a_store_stay_text_and_the_same_plan_gives_the_same_bytes(plan):
    path = "cohorts/<script>alert(1)</script>\x1b[31m/x.csv"
    forged = changed(
        plan,
        left=(Left(path, "<b>odd</b>"),),
        edits=(Edit(path, EditKind.SPANS.value, "a", "b", (Span(0, "<q9>", "&"),)),),
    )
    page = render_plan(forged, "<plan>.json")
    text = page.decode()
    assert "<script>alert" not in text
    assert "<b>odd" not in text
    assert "<q9>" not in text
    assert "<plan>" not in text
    assert "\x1b" not in text
    assert render_plan(forged, "<plan>.json") == page
    # Nothing can be fetched, and no script runs but the page's own.
    assert re.search(r"default-src 'none'; script-src( 'sha256-[\w+/=]+')+;", unescape(text))
