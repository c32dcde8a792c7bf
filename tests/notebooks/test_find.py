"""Find an id on every page; a saved snapshot opened like a store; the front page."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from genaudit.page_model import number_table
from genaudit.snapshots.folder import save
from genaudit.snapshots.taking import take
from genaudit.store.snapshot import scan
from genaudit.workbench.front import bars, cards
from genaudit.workbench.notebook_args import notebooks
from genaudit.workbench.session import Sessions
from helpers.migrations import LEGACY_DRAFT, NEW_DRAFT, applied, migratable, plan_of
from helpers.notebooks import NAMES, listed


def looked_up(run, name, root, text):
    """Open a notebook with an id alone, as a link or the search field gives it."""
    moved = []
    shown, defs = run(name, root, get_chosen=lambda: (None, text), set_chosen=moved.append)
    return shown, defs, moved


def test_an_id_of_today_leads_to_its_generation(stores, run):
    essay = next(iter(scan(stores["clean"]).rows["essay"]))
    _, defs, _ = looked_up(run, "identity", stores["clean"], f" {essay} ")
    assert (defs["page"].seen.stage, defs["page"].seen.gen_id) == ("essay", essay)
    assert defs["page"].find(f" {essay}\n") == ("essay", essay)
    assert defs["page"].find("  ") == (None, None)


def test_an_earlier_name_leads_to_the_name_of_today(tmp_path, run):
    root = migratable(tmp_path / "store")
    applied(root, plan_of(root))
    shown, defs, _ = looked_up(run, "inventory", root, LEGACY_DRAFT)
    assert (defs["page"].seen.stage, defs["page"].seen.gen_id) == ("draft", NEW_DRAFT)
    assert f"{LEGACY_DRAFT} is an earlier name of draft {NEW_DRAFT}." in shown
    assert f"Names, oldest first: {LEGACY_DRAFT} → {NEW_DRAFT}." in shown


def test_a_part_of_an_id_lists_every_generation_that_has_it(stores, run):
    snapshot = scan(stores["clean"])
    draft = next(iter(snapshot.rows["draft"]))
    part = draft[3:9]
    expected = {(stage, name) for stage, names in snapshot.rows.items() for name in names if part in name}
    shown, defs, _ = looked_up(run, "parents", stores["clean"], part)
    assert defs["page"].seen is None
    assert f"No generation has or had the id {part}." in shown
    assert expected <= set(listed(defs["page"].detail.elements[0]))


def test_a_word_without_similar_ids_is_reported(stores, run):
    shown, defs, _ = looked_up(run, "workbench", stores["clean"], "~nothing~<img>")
    assert "None is similar or contains it." in shown
    assert "<img>" not in shown
    assert defs["page"].detail.elements == ()


def test_texts_are_shown_side_by_side(stores, run):
    snapshot = scan(stores["clean"])
    essay = next(iter(snapshot.rows["essay"]))
    parent = snapshot.stored(snapshot.rows["essay"][essay])["parent_gen_id"]
    folder = stores["clean"] / "gens"
    shown, _, _ = looked_up(run, "metadata", stores["clean"], essay)
    first = (folder / "draft" / parent / "parsed.txt").read_text().split("\n")[0]
    assert "parsed.txt of its parent" in shown
    assert first.split("'")[0][:40] in shown
    assert shown.count("<pre") == 4


@pytest.fixture(scope="module")
def twin(stores, tmp_path_factory):
    """A store of its own, and a snapshot of it."""
    folder = tmp_path_factory.mktemp("twin")
    store = shutil.copytree(stores["sample"], folder / "store", symlinks=True)
    return store, save(take(scan(store), date="2026-01-02", name="first"), folder / "reports")


@pytest.mark.parametrize("name", ["workbench", "inventory", "rebuild", "migration", "references", "cohorts"])
def test_a_snapshot_is_opened_like_a_store(twin, run, name):
    store, saved = twin
    _, expected = run(name, store)
    away = store.rename(store.parent / "away")
    try:
        shown, defs = run(name, saved)
    finally:
        away.rename(store)
    assert "A saved snapshot of" in shown
    assert "Traceback" not in shown
    assert defs["session"].findings.equals(expected["session"].findings)
    assert defs["session"].day == "2026-01-02"
    if "rows" in expected and name != "migration":
        columns = ["stage", "gen_id"]
        assert defs["rows"][columns].equals(expected["rows"][columns])
    if name == "migration":
        assert "A saved snapshot cannot be migrated" in shown


def test_the_front_page_has_a_card_for_every_notebook(stores, tmp_path):
    session = Sessions().open(stores["sample"])
    save(take(session.snapshot, date="2026-01-02", name="first"), tmp_path)
    found = {card.notebook: card for card in cards(session, str(tmp_path)) if card.notebook}
    assert [*found] == [name for name in notebooks() if name != "workbench"]
    assert {*found} == {*NAMES} - {"workbench"}
    stages = session.facts.stages
    assert found["inventory"].picture.startswith("<svg")
    assert found["changes"].answer == f"1 snapshot in {tmp_path}."
    assert f"first {sum(stages.values()):,}" in found["changes"].picture
    assert found["references"].answer == "not run yet."


def test_a_picture_has_a_bar_for_each_row_in_proportion():
    picture = bars(number_table("lengths", "Lengths", ["Length", "ids"], [[18, 40], [17, 10], [16, 0]]))
    assert "aria-label='18 40, 17 10, 16 0'" in picture
    assert [float(height) for height in re.findall(r"height='([\d.]+)' rx", picture)] == [40, 10, 0]
    assert bars(number_table("none", "None", ["Stage", "ids"], [])) == ""


def test_a_front_page_of_nothing_has_no_pictures(stores):
    session = Sessions().open(Path(stores["empty"]))
    assert {card.picture for card in cards(session, "nowhere")} == {""}
