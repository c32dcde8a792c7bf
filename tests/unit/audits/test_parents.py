import networkx as nx
import pytest

from genaudit.audits.parents import parents, repairs
from genaudit.charts.layout import graph_of
from genaudit.store.links import follow
from genaudit.store.snapshot import scan
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD, evaluation, make_stages, write_generation


def essay(parent):
    return {**ESSAY_RECORD, "parent_gen_id": parent}


@pytest.fixture
def root(tmp_path):
    return make_stages(tmp_path)


def table(root):
    frame = parents(scan(root)).frame
    return {row["gen_id"]: row for row in frame.to_dict("records")}


def codes(root):
    return [(row["code"], row["gen_id"]) for row in parents(scan(root)).findings.to_dict("records")]


def test_sound_chain_reaches_the_first_stage(root):
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_generation(root, "essay", ESSAY, ESSAY_RECORD)
    write_generation(root, "evaluation", "v_1", evaluation(ESSAY))
    write_generation(root, "evaluation", "v_2", evaluation(ESSAY, replicate=2))
    rows = table(root)
    assert [rows[name]["status"] for name in (DRAFT, ESSAY, "v_1")] == ["root", "ok", "ok"]
    assert [rows[name]["children"] for name in (DRAFT, ESSAY, "v_1")] == [1, 2, 0]
    assert [rows[name]["descendants"] for name in (DRAFT, ESSAY, "v_1")] == [3, 2, 0]
    assert all(row["reaches_root"] for row in rows.values())
    assert codes(root) == []


def test_a_missing_parent_breaks_its_descendants(root):
    write_generation(root, "essay", ESSAY, ESSAY_RECORD)
    write_generation(root, "evaluation", "v_1", evaluation(ESSAY))
    rows = table(root)
    assert (rows[ESSAY]["status"], rows["v_1"]["status"]) == ("missing", "ok")
    assert (rows["v_1"]["break_stage"], rows["v_1"]["break_gen_id"]) == ("essay", ESSAY)
    assert not rows["v_1"]["reaches_root"]
    assert codes(root) == [("PARENT_MISSING", ESSAY), ("CHAIN_BROKEN_ABOVE", "v_1")]
    finding = parents(scan(root)).findings.iloc[0]
    assert finding["detail"] == "descendants: 1"


def test_unreadable_parent(root):
    write_generation(root, "draft", DRAFT, b"[]")
    write_generation(root, "essay", ESSAY, ESSAY_RECORD)
    rows = table(root)
    assert (rows[DRAFT]["status"], rows[ESSAY]["status"]) == ("unknown", "unreadable")
    assert codes(root) == [("PARENT_UNREADABLE", ESSAY)]


def test_parent_of_the_wrong_stage(root):
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_generation(root, "evaluation", "v_1", evaluation(DRAFT))
    rows = table(root)
    assert (rows["v_1"]["status"], rows["v_1"]["parent_stage"]) == ("wrong_stage", "draft")
    assert rows[DRAFT]["descendants"] == 1
    assert codes(root) == [("PARENT_WRONG_STAGE", "v_1")]


def test_blank_parent_is_left_to_the_metadata_audit(root):
    write_generation(root, "essay", ESSAY, essay(" "))
    write_generation(root, "evaluation", "v_1", evaluation(ESSAY))
    assert table(root)[ESSAY]["status"] == "unnamed"
    assert codes(root) == [("CHAIN_BROKEN_ABOVE", "v_1")]


def test_cycle_counts_everything_below_once(root):
    # The parent of e_1 is v_1, whose parent is e_1; the parent of e_2 is e_1, of the wrong stage, that of v_2 is e_2.
    write_generation(root, "essay", "e_1", essay("v_1"))
    write_generation(root, "evaluation", "v_1", evaluation("e_1"))
    write_generation(root, "essay", "e_2", essay("e_1"))
    write_generation(root, "evaluation", "v_2", evaluation("e_2"))
    rows = table(root)
    assert {name: row["status"] for name, row in rows.items()} == {
        "e_1": "cycle",
        "v_1": "ok",
        "e_2": "wrong_stage",
        "v_2": "ok",
    }
    assert {name: row["descendants"] for name, row in rows.items()} == {"e_1": 3, "v_1": 3, "e_2": 1, "v_2": 0}


def test_own_parent_is_a_cycle_of_one(root):
    write_generation(root, "essay", "e_1", essay("e_1"))
    row = table(root)["e_1"]
    assert (row["status"], row["children"], row["descendants"]) == ("cycle", 1, 0)


def test_long_chains_through_one_stage_are_followed_to_their_end(root):
    # The parent of each essay is the next one: deeper than any recursion limit.
    count = 1500
    for number in range(count):
        write_generation(root, "essay", f"e_{number:05}", essay(f"e_{number + 1:05}"))
    snapshot = scan(root)
    links = follow(snapshot)
    assert links.descendants[snapshot.rows["essay"][f"e_{count - 1:05}"]] == count - 1
    assert set(links.broken_at.tolist()) == set(range(count))


def test_descendants_agree_with_networkx(root):
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    for number in range(6):
        write_generation(root, "essay", f"e_{number}", essay([DRAFT, "e_0", "v_0", "e_5", "e_3", "d_0"][number]))
        write_generation(root, "evaluation", f"v_{number}", evaluation(f"e_{(number * 5 + 2) % 6}"))
    frame = parents(scan(root)).frame
    graph = graph_of(frame)
    for row in frame.to_dict("records"):
        below = nx.descendants(graph, (row["stage"], row["gen_id"]))
        assert row["descendants"] == len(below), row


def test_the_graph_marks_absent_and_omitted_nodes(root):
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_generation(root, "essay", ESSAY, ESSAY_RECORD)
    write_generation(root, "essay", "e_1", essay("d_gone"))
    frame = parents(scan(root)).frame
    graph = graph_of(frame[frame["stage"] == "essay"])
    assert dict(graph.nodes(data="status")) == {
        ("essay", ESSAY): "ok",
        ("essay", "e_1"): "missing",
        ("draft", DRAFT): "outside",
        ("draft", "d_gone"): "absent",
    }
    assert set(graph.edges) == {(("draft", DRAFT), ("essay", ESSAY)), (("draft", "d_gone"), ("essay", "e_1"))}


def test_repairs_name_near_misses_and_the_heaviest_break_first(root):
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_generation(root, "essay", "e_1", essay("d_5ezrffv9uf3lrXXX".lower()))
    write_generation(root, "essay", "e_2", essay("d_nothinglikeit"))
    write_generation(root, "evaluation", "v_1", evaluation("e_2"))
    write_generation(root, "evaluation", "v_2", evaluation(DRAFT))
    listed = repairs(parents(scan(root)).frame).to_dict("records")
    assert [row["gen_id"] for row in listed] == ["e_2", "e_1", "v_2"]
    assert listed[1]["near_miss"] == DRAFT
    assert listed[0]["near_miss"] != listed[0]["near_miss"]  # missing
    assert (listed[2]["parent_stage"], listed[2]["found_stage"]) == ("essay", "draft")
