"""The lookups of a ledger, and files that are none."""

from __future__ import annotations

from hashlib import sha256

import pytest

from genaudit.errors import DDError
from genaudit.store.checksummed_log import render_line
from genaudit.store.ledger import LEDGER, Ledger, read_ledger


def event(plan, *renames):
    return {"event": "applied", "plan": plan, "renames": [list(each) for each in renames]}


def undone(plan):
    return {"event": "undone", "plan": plan}


CHAIN = (event("p1", ("draft", "a", "b"), ("essay", "a", "x")), event("p2", ("draft", "b", "c")))


def names(ledger, gen_id):
    return [(each.stage, each.names, each.plans) for each in ledger.resolve(gen_id)]


@pytest.mark.parametrize("gen_id", ["a", "b", "c"])
def test_every_name_of_a_chain_leads_to_all_of_it(gen_id):
    found = [each for each in names(Ledger(CHAIN), gen_id) if each[0] == "draft"]
    assert found == [("draft", ("a", "b", "c"), ("p1", "p2"))]
    assert Ledger(CHAIN).current("draft", gen_id) == "c"


def test_a_name_of_several_stages_is_resolved_in_each():
    assert [(each.stage, each.current) for each in Ledger(CHAIN).resolve("a")] == [("draft", "c"), ("essay", "x")]
    assert Ledger(CHAIN).current("essay", "a") == "x"


def test_undone_renames_lead_back():
    ledger = Ledger((*CHAIN, undone("p2")))
    assert names(ledger, "c") == [("draft", ("a", "b", "c", "b"), ("p1", "p2", "p2"))]
    assert ledger.current("draft", "a") == "b"
    assert ledger.applied() == ["p1"]
    again = Ledger((*CHAIN, undone("p2"), undone("p1"), CHAIN[0]))
    assert again.current("draft", "c") == "b"
    assert again.applied() == ["p1"]


def test_a_name_that_another_generation_has_by_now_means_that_one():
    ledger = Ledger((event("p1", ("draft", "a", "b")), event("p2", ("draft", "z", "a"))))
    assert ledger.current("draft", "a") == "a"
    assert [each.names for each in ledger.resolve("a")] == [("z", "a"), ("a", "b")]


def test_a_name_that_became_free_again_is_known_for_both():
    ledger = Ledger((event("p1", ("draft", "a", "b")), event("p2", ("draft", "z", "b"))))
    assert [each.names for each in ledger.resolve("b")] == [("a", "b"), ("z", "b")]
    assert ledger.current("draft", "a") == "b"


def test_names_that_are_exchanged_in_one_migration():
    ledger = Ledger((event("p1", ("draft", "a", "b"), ("draft", "b", "a")),))
    assert [each.names for each in ledger.resolve("a")] == [("b", "a"), ("a", "b")]


def test_a_name_that_nothing_touched():
    assert Ledger(CHAIN).resolve("q") == []
    assert Ledger(CHAIN).current("draft", "q") == "q"
    assert Ledger(()).applied() == []


def written(root, *entries):
    (root / ".genaudit").mkdir()
    (root / LEDGER).write_bytes(b"".join(map(render_line, entries)))
    return root


def test_a_root_without_a_ledger_has_an_empty_one(tmp_path):
    assert read_ledger(tmp_path).events == []
    with pytest.raises(DDError) as caught:
        read_ledger(tmp_path / "none")
    assert caught.value.ctx["reason"] == "no_such_root"


def test_written_lines_are_read_and_an_unfinished_one_is_ignored(tmp_path):
    root = written(tmp_path, *CHAIN, undone("p2"))
    path = root / LEDGER
    path.write_bytes(path.read_bytes()[:-5])
    assert read_ledger(root).events == [*CHAIN]


def test_a_complete_but_invalid_last_line_is_reported_as_damage(tmp_path):
    root = written(tmp_path, *CHAIN)
    path = root / LEDGER
    path.write_bytes(path.read_bytes()[:-3] + b"??\n")
    with pytest.raises(DDError) as caught:
        read_ledger(root)
    ctx = caught.value.ctx
    assert (ctx["reason"], ctx["path"], ctx["line"]) == ("workspace_damaged", LEDGER, 2)


@pytest.mark.parametrize(
    "entries",
    [
        [{}],
        [{"event": "renamed", "plan": "p"}],
        [{"event": "applied", "plan": 1, "renames": []}],
        [{"event": "applied", "plan": "p"}],
        [event("p", ("../poem", "a", "b"))],
        [event("p", ("draft", "a", "../b"))],
        [event("p", ("draft", "", "b"))],
        [event("p", ("draft", "a"))],
        [event("p", ("draft", "a", 1))],
        [event("p", ("draft", "a", "b"), ("draft", "a", "c"))],
        [event("p", ("draft", "a", "c"), ("draft", "b", "c"))],
        [undone("p")],
        [*CHAIN, CHAIN[0]],
        [*CHAIN, undone("p2"), undone("p2")],
    ],
)
def test_whole_lines_with_impossible_values_are_damage(tmp_path, entries):
    root = written(tmp_path, *entries)
    with pytest.raises(DDError) as caught:
        read_ledger(root)
    assert caught.value.ctx["reason"] == "workspace_damaged"
    assert caught.value.ctx["line"] == len(entries)


@pytest.mark.parametrize("text", ["[]", "{", "1", "null"])
def test_a_line_that_is_no_object_is_damage(tmp_path, text):
    root = written(tmp_path)
    checksum = sha256(text.encode()).hexdigest()[:16]
    (root / LEDGER).write_text(f"{checksum} {text}\n")
    with pytest.raises(DDError) as caught:
        read_ledger(root)
    assert caught.value.ctx["reason"] == "workspace_damaged"


def test_a_ledger_behind_a_link_is_not_read(tmp_path):
    (tmp_path / "away").mkdir()
    away = written(tmp_path / "away", *CHAIN)
    root = tmp_path / "store"
    root.mkdir()
    (root / ".genaudit").symlink_to(away / ".genaudit")
    with pytest.raises(DDError) as caught:
        read_ledger(root)
    assert caught.value.ctx["reason"] == "not_readable"
    (root / ".genaudit").unlink()
    (root / ".genaudit").mkdir()
    (root / LEDGER).symlink_to(away / LEDGER)
    with pytest.raises(DDError) as caught:
        read_ledger(root)
    assert caught.value.ctx["reason"] == "workspace_damaged"
