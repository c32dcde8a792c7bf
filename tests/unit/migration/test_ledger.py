from __future__ import annotations

import pytest

from genaudit.errors import DDError
from genaudit.migration.files import Files
from genaudit.migration.ledger import Ledger, read_ledger
from genaudit.migration.lines import append_line, parse_lines, read_lines, render_line
from helpers.migrations import (
    CASCADED,
    LEGACY_DRAFT,
    NEW_DRAFT,
    NEW_ESSAY,
    RENAMES,
    applied,
    migratable,
    plan_of,
    rolled_back,
)


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


def test_what_is_undone_leads_back():
    ledger = Ledger((*CHAIN, undone("p2")))
    assert names(ledger, "c") == [("draft", ("a", "b", "c", "b"), ("p1", "p2", "p2"))]
    assert ledger.current("draft", "a") == "b"
    assert ledger.standing() == ["p1"]
    again = Ledger((*CHAIN, undone("p2"), undone("p1"), CHAIN[0]))
    assert again.current("draft", "c") == "b"
    assert again.standing() == ["p1"]


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
    assert Ledger(()).standing() == []


def test_the_ledger_of_a_store(tmp_path):
    root = migratable(tmp_path)
    assert read_ledger(root).events == []
    made = plan_of(root)
    applied(root, made)
    ledger = read_ledger(root)
    assert ledger.standing() == [made.digest]
    for stage, ids in RENAMES.items():
        for old, new in ids.items():
            assert names(ledger, old) == names(ledger, new) == [(stage, (old, new), (made.digest,))]
    rolled_back(root)
    assert read_ledger(root).current("essay", NEW_ESSAY) == CASCADED
    applied(root, plan_of(root))
    assert read_ledger(root).current("draft", LEGACY_DRAFT) == NEW_DRAFT
    assert [entry["event"] for entry in read_ledger(root).events] == ["applied", "undone", "applied"]


LINES = [{"event": "one", "n": 1}, {"event": "two"}, {"event": "three", "text": "a b\n"}]


def test_a_file_of_lines_survives_being_cut_anywhere(tmp_path):
    data = b"".join(map(render_line, LINES))
    ends = [sum(len(render_line(entry)) for entry in LINES[:count]) for count in range(len(LINES) + 1)]
    (tmp_path / "x").mkdir()
    for size in range(len(data) + 1):
        read = parse_lines(data[:size], "lines")
        whole = sum(end <= size for end in ends) - 1
        assert read.entries == LINES[:whole]
        assert read.end == ends[whole]
        (tmp_path / "lines").write_bytes(data[:size])
        with Files(tmp_path) as files:
            append_line(files, "lines", {"event": "more"})
            assert read_lines(files, "lines").entries == [*LINES[:whole], {"event": "more"}]


def test_a_last_line_whose_checksum_is_wrong_is_unfinished_and_an_earlier_one_is_damage():
    data = b"".join(map(render_line, LINES))
    assert parse_lines(data[:-3] + b"xx\n", "lines").entries == LINES[:2]
    with pytest.raises(DDError) as caught:
        parse_lines(data.replace(b"two", b"too"), "lines")
    assert caught.value.ctx == {"reason": "lines_damaged", "path": "lines", "line": 2}
