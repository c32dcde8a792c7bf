from __future__ import annotations

from genaudit.charts import lineage
from genaudit.schemas import PARENTS, from_rows
from helpers.charts import compiles, layers


def link(stage, gen_id, parent_stage=None, parent=None, status="ok"):
    return {
        "stage": stage,
        "gen_id": gen_id,
        "parent_stage": parent_stage,
        "parent_gen_id": parent,
        "status": status,
        "reaches_root": True,
        "children": 0,
        "descendants": 0,
    }


LINKS = from_rows(
    PARENTS,
    [link("draft", "d", status="root"), link("essay", "e", "draft", "d"), link("evaluation", "v", "essay", "e")],
)
CLASSES = {("draft", "d"): "legacy", ("essay", "e"): "deterministic", ("evaluation", "v"): "mismatched"}


def drawn(chart):
    return {node["gen_id"]: node for node in layers(chart)[1]}


def test_relatives_are_in_the_columns_of_their_stages():
    chart = lineage(LINKS, CLASSES, ("essay", "e"), {})
    compiles(chart)
    nodes = drawn(chart)
    assert {name: (node["column"], node["class"]) for name, node in nodes.items()} == {
        "d": (0, "legacy"),
        "e": (1, "deterministic"),
        "v": (2, "mismatched"),
    }
    assert len({point["edge"] for point in layers(chart)[0]}) == 2


def test_the_shown_generation_is_highlighted_and_named():
    chart = lineage(LINKS, CLASSES, ("essay", "e"), {})
    nodes = drawn(chart)
    assert nodes["e"]["size"] > nodes["d"]["size"] == nodes["v"]["size"]
    assert nodes["e"]["label"] != "e"
    assert "essay ▸" not in chart.to_dict()["description"]
    assert chart.to_dict()["description"].count("the one looked at") == 1


def test_class_is_encoded_by_colour_and_shape():
    encoding = lineage(LINKS, CLASSES, ("essay", "e"), {}).to_dict()["layer"][1]["encoding"]
    for channel in ("fill", "shape"):
        assert encoding[channel]["scale"]["domain"] == ["deterministic", "legacy", "mismatched"]
        assert len({*encoding[channel]["scale"]["range"]}) == 3


def test_a_parent_that_is_gone_and_children_left_out_are_drawn():
    links = from_rows(PARENTS, [link("essay", "e", "draft", "gone", "missing")])
    chart = lineage(links, CLASSES, ("essay", "e"), {(("essay", "e"), "evaluation"): 1})
    compiles(chart)
    assert {node["label"]: node["class"] for node in drawn(chart).values()} == {
        "▸ e": "deterministic",
        "gone": "not in the store",
        "1 more evaluation": "further ones, not drawn",
    }


def test_one_alone_is_drawn():
    chart = lineage(LINKS.head(1), CLASSES, ("draft", "d"), {})
    compiles(chart)
    assert list(drawn(chart)) == ["d"]
    assert layers(chart)[0] == []


def test_a_cycle_is_drawn():
    links = from_rows(PARENTS, [link("essay", "a", "essay", "b", "cycle"), link("essay", "b", "essay", "a", "cycle")])
    chart = lineage(links, {}, ("essay", "a"), {})
    compiles(chart)
    assert {name: node["label_at"] for name, node in drawn(chart).items()} == {"a": "right", "b": "right"}


def test_labels_keep_off_the_lines():
    places = {name: node["label_at"] for name, node in drawn(lineage(LINKS, CLASSES, ("essay", "e"), {})).items()}
    assert places == {"d": "above, to the left", "e": "above, to the left", "v": "right"}
    cycle = [link("essay", "a", "essay", "b", "cycle"), link("essay", "b", "essay", "a", "cycle")]
    links = from_rows(PARENTS, [*cycle, link("evaluation", "v", "essay", "a")])
    places = {name: node["label_at"] for name, node in drawn(lineage(links, {}, ("essay", "a"), {})).items()}
    assert places == {"a": "above, to the right", "b": "right", "v": "right"}
