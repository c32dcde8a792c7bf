from __future__ import annotations

from genaudit.charts.layout import lay_out
from genaudit.schemas import PARENTS, from_rows


def table(*rows):
    """Rows of stage, id, parent stage, parent, status, and the break above where there is one."""
    made = []
    for stage, gen_id, parent_stage, parent, status, *above in rows:
        broken = above[0] if above else None if status in {"ok", "root"} else (stage, gen_id)
        made.append(
            {
                "stage": stage,
                "gen_id": gen_id,
                "parent_stage": parent_stage,
                "parent_gen_id": parent,
                "status": status,
                "reaches_root": broken is None,
                "break_stage": broken and broken[0],
                "break_gen_id": broken and broken[1],
                "children": 0,
                "descendants": sum(1 for row in rows if len(row) > 5 and row[5] == (stage, gen_id)),
            }
        )
    return from_rows(PARENTS, made)


def by_id(drawing):
    return {node["id"]: node for node in drawing.nodes}


def pairs(drawing):
    """The lines drawn, by the ids at their ends."""
    place = {(node["column"], node["row"]): node["id"] for node in drawing.nodes}
    assert len(place) == len(drawing.nodes), "two generations are drawn over each other"
    lines = {}
    for point in drawing.edges:
        lines.setdefault(point["edge"], []).append((point["column"], point["row"]))
    return {(place[line[0]], place[line[-1]]) for line in lines.values()}


BROKEN = ("essay", "e_1")
GONE = table(
    ("draft", "d_1", None, None, "root"),
    ("essay", "e_1", "draft", "d_gone", "missing"),
    ("essay", "e_2", "draft", "d_1", "ok"),
    ("evaluation", "v_1", "essay", "e_1", "ok", BROKEN),
    ("evaluation", "v_2", "essay", "e_1", "ok", BROKEN),
    ("evaluation", "v_3", "essay", "e_2", "ok"),
)


def test_a_missing_parent_is_drawn_with_its_descendants():
    drawing = lay_out(GONE, 60)
    assert (drawing.shown, drawing.total) == (1, 1)
    states = {name: (node["stage"], node["column"], node["state"]) for name, node in by_id(drawing).items()}
    assert states == {
        "e_1": ("essay", 1, "missing"),
        "d_gone": ("draft", 0, "absent"),
        "2 evaluations below": ("evaluation", 2, "below"),
    }
    assert by_id(drawing)["e_1"]["hanging"] == 2
    assert pairs(drawing) == {("d_gone", "e_1"), ("e_1", "2 evaluations below")}
    assert len(drawing.edges) == 8


def test_siblings_share_a_missing_parent_drawn_between_them():
    drawing = lay_out(
        table(
            ("essay", "e_1", "draft", "d_gone", "missing"),
            ("essay", "e_2", "draft", "d_gone", "missing"),
            ("essay", "e_3", "draft", "d_gone", "missing"),
        ),
        60,
    )
    nodes = by_id(drawing)
    assert sorted(nodes[name]["row"] for name in ("e_1", "e_2", "e_3")) == [0, 1, 2]
    assert nodes["d_gone"]["row"] == 1
    assert drawing.height == 3


def test_existing_parents_have_their_state():
    drawing = lay_out(
        table(
            ("draft", "d_1", None, None, "root"),
            ("draft", "d_2", None, None, "unknown"),
            ("essay", "e_1", "draft", "d_2", "unreadable"),
            ("evaluation", "v_1", "draft", "d_1", "wrong_stage"),
        ),
        60,
    )
    states = {name: node["state"] for name, node in by_id(drawing).items()}
    assert states == {"d_1": "holds", "d_2": "unknown", "e_1": "unreadable", "v_1": "wrong_stage"}
    assert pairs(drawing) == {("d_1", "v_1"), ("d_2", "e_1")}


def test_a_parent_that_is_a_break_not_drawn_itself_keeps_its_state():
    rows = [
        ("essay", "e_1", "essay", "e_2", "wrong_stage"),
        ("essay", "e_2", "draft", "gone", "missing"),
    ]
    drawing = lay_out(table(*rows), 1)
    assert {name: node["state"] for name, node in by_id(drawing).items()} == {"e_1": "wrong_stage", "e_2": "missing"}


def test_cycles_end_and_nothing_is_drawn_over_each_other():
    drawing = lay_out(
        table(
            ("essay", "e_1", "essay", "e_2", "cycle"),
            ("essay", "e_2", "essay", "e_1", "cycle"),
            ("essay", "e_3", "essay", "e_3", "cycle"),
            ("evaluation", "v_1", "evaluation", "v_2", "wrong_stage"),
            ("evaluation", "v_2", "essay", "e_1", "ok", ("essay", "e_1")),
            ("essay", "e_4", "evaluation", "v_1", "wrong_stage"),
            ("evaluation", "v_4", "essay", "e_4", "ok", ("essay", "e_4")),
        ),
        60,
    )
    assert {(one, other) for one, other in pairs(drawing) if "below" not in other} == {
        ("e_1", "e_2"),
        ("e_2", "e_1"),
        ("e_3", "e_3"),
        ("v_2", "v_1"),
        ("v_1", "e_4"),
    }
    assert {one for one, other in pairs(drawing) if "below" in other} == {"e_1", "e_4"}


def test_an_unnamed_parent_is_a_break_without_a_line():
    drawing = lay_out(table(("essay", "e_1", "draft", None, "unnamed")), 60)
    assert [(node["id"], node["state"]) for node in drawing.nodes] == [("e_1", "unnamed")]
    assert drawing.edges == []


def test_the_breaks_with_the_most_below_them_are_drawn():
    rows = [("essay", f"e_{number}", "draft", f"gone_{number}", "missing") for number in range(9)]
    rows += [("evaluation", f"v_{number}", "essay", "e_7", "ok", ("essay", "e_7")) for number in range(3)]
    rows += [("evaluation", "v_9", "essay", "e_4", "ok", ("essay", "e_4"))]
    drawing = lay_out(table(*rows), 3)
    assert (drawing.shown, drawing.total) == (3, 9)
    drawn = [node["id"] for node in drawing.nodes if node["state"] == "missing"]
    assert drawn == ["e_7", "e_4", "e_0"]


def test_hostile_ids_are_cut_and_made_legible():
    drawing = lay_out(table(("essay", "e_1", "draft", "\u202e" + "x" * 5000, "missing")), 60)
    (absent,) = [node["id"] for node in drawing.nodes if node["state"] == "absent"]
    assert absent.startswith(r"\u202exxx")
    assert absent.endswith("… (5,001 characters)")
    assert len(absent) < 100


def test_nothing_broken():
    drawing = lay_out(table(("draft", "d_1", None, None, "root")), 60)
    assert (drawing.nodes, drawing.edges, drawing.shown, drawing.total) == ([], [], 0, 0)
