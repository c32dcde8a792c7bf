"""A spec's rows against a brute-force reading of the format: the whole product, and each rule as a filter on it."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from genaudit.cohorts.definition import define
from genaudit.cohorts.spec import parse_spec
from genaudit.cohorts.spec_expand import expand
from genaudit.errors import DDError

AXES = (
    "combo_id",
    "draft_template",
    "draft_llm",
    "essay_template",
    "essay_llm",
    "evaluation_template",
    "evaluation_llm",
)
CONTRADICTIONS = {"not_a_level", "no_common_value", "tied", "overlap"}
LEVELS = ("a", "b", "c", "d")
# Pairs take from the first group and tuples from the second, for they must not share an axis; ties take from all.
PAIRED, TUPLED = AXES[:4], AXES[4:]

levels = st.lists(st.sampled_from(LEVELS), min_size=1, max_size=3, unique=True)


@st.composite
def specs(draw):
    """A spec in which each rule is well formed by itself; combined, they may still leave nothing or contradict."""
    axes = {axis: draw(levels) for axis in draw(st.permutations(AXES))[: draw(st.integers(2, 6))]}
    rules = {}
    for section in draw(st.permutations(["subsets", "ties", "pairs", "tuples"])):
        entry = draw(SECTIONS[section](axes))
        if entry and draw(st.booleans()):
            rules[section] = entry
    order = draw(st.permutations(sorted(axes)))
    return {"axes": axes, **({"rules": rules} if rules else {}), "output": {"field_order": order}}


@st.composite
def subsets(draw, axes):
    axis = draw(st.sampled_from(sorted(axes)))
    return {axis: draw(st.lists(st.sampled_from(axes[axis]), min_size=1, unique=True))}


@st.composite
def ties(draw, axes):
    return {"t": draw(st.permutations(sorted(axes)))[: draw(st.integers(2, 3))]}


@st.composite
def pairs(draw, axes):
    sides = [axis for axis in draw(st.permutations(PAIRED)) if axis in axes][:2]
    if len(sides) < 2:
        return None
    return {"p": {"left": sides[0], "right": sides[1], "allowed": combinations(draw, axes, sides)}}


@st.composite
def tuples(draw, axes):
    bound = [axis for axis in draw(st.permutations(TUPLED)) if axis in axes]
    return {"t": {"axes": bound, "items": combinations(draw, axes, bound)}} if len(bound) >= 2 else None


def combinations(draw, axes, bound):
    everything = [list(item) for item in product(*(axes[axis] for axis in bound))]
    return draw(st.lists(st.sampled_from(everything), min_size=1, max_size=4, unique_by=tuple))


SECTIONS = {"subsets": subsets, "ties": ties, "pairs": pairs, "tuples": tuples}


def allowed_by(rules, row):
    """Say whether a row satisfies every rule, whatever the order of the rules."""
    if any(row[axis] not in kept for axis, kept in rules.get("subsets", {}).items()):
        return False
    if any(len({row[axis] for axis in tied}) > 1 for tied in rules.get("ties", {}).values()):
        return False
    if any([row[p["left"]], row[p["right"]]] not in p["allowed"] for p in rules.get("pairs", {}).values()):
        return False
    return all([row[axis] for axis in t["axes"]] in t["items"] for t in rules.get("tuples", {}).values())


def brute_force(spec):
    axes = spec["axes"]
    everything = (dict(zip(axes, row, strict=True)) for row in product(*axes.values()))
    return [row for row in everything if allowed_by(spec.get("rules", {}), row)]


def as_set(rows):
    return {frozenset(row.items()) for row in rows}


def outcome(spec):
    """What reading a spec gives, and the context of the error that it gives instead."""
    try:
        return parse_spec(spec), None
    except DDError as error:
        return None, error.ctx


@given(specs())
def test_the_rows_are_the_product_filtered_by_every_rule(spec):
    parsed, refused = outcome(spec)
    if refused:
        # The rules contradict one another; whether they do depends on their order, and is tested by hand.
        assert refused["reason"] == "invalid_constraint"
        assert {found["problem"] for found in refused["problems"]} <= CONTRADICTIONS
        return

    rows = list(expand(parsed))

    expected = brute_force(spec)
    assert as_set(rows) == as_set(expected)
    assert len(rows) == len(expected) == parsed.row_count
    assert all(list(row) == spec["output"]["field_order"] for row in rows)


@given(specs())
def test_without_pairs_and_tuples_even_the_order_is_that_of_the_product(spec):
    rules = spec.pop("rules", {})
    if "subsets" in rules:
        spec["rules"] = {"subsets": rules["subsets"]}

    assert list(expand(parse_spec(spec))) == brute_force(spec)


@given(specs())
def test_reading_a_spec_twice_gives_the_same(spec):
    assert outcome(spec) == outcome(spec)


@given(
    st.fixed_dictionaries(dict.fromkeys(AXES, levels)),
    st.lists(st.integers(1, 9), min_size=1, max_size=3, unique=True),
)
def test_a_definition_has_what_the_rows_say_and_nothing_twice(axes, replicates):
    axes = {**axes, "essay_replicate": replicates}
    spec = parse_spec({"axes": axes, "output": {"field_order": list(axes)}})

    found = define(spec)

    def distinct(*columns):
        return list(dict.fromkeys(tuple(row[column] for column in columns) for row in expand(spec)))

    drafts = [(d.combo_id, d.template_id, d.llm_model_id) for d in found.drafts]
    essays = [(*flat_draft(e.draft), e.template_id, e.llm_model_id, e.replicate) for e in found.essays]
    assert drafts == distinct(*AXES[:3])
    assert essays == distinct(*AXES[:5], "essay_replicate")
    assert len(found.evaluations) == len(set(found.evaluations)) == len(distinct(*axes))


def flat_draft(draft):
    return draft.combo_id, draft.template_id, draft.llm_model_id


MESS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.sampled_from(AXES),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*AXES, "axes", "left", "items", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(["axes", "output", "rules", "x"]), MESS, max_size=4)
    | st.fixed_dictionaries(
        {
            "axes": st.dictionaries(st.sampled_from(AXES), levels, min_size=1, max_size=3),
            "rules": st.dictionaries(st.sampled_from(sorted(SECTIONS)), MESS, min_size=1),
            "output": st.fixed_dictionaries({"field_order": st.lists(st.sampled_from(AXES), max_size=3)}),
        }
    )
)
def test_whatever_comes_is_a_spec_or_a_list_of_problems(mapping):
    spec, refused = outcome(mapping)

    keys = {"file", "section", "axis", "value", "problem", "nearest"}
    assert all(set(found) == keys for found in refused["problems"]) if refused else spec.row_count >= 1
    assert not refused or refused["problems"]
