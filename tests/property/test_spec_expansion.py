"""Rows of a spec against a brute-force reading of the format.

The oracle makes the full Cartesian product of all axes, filters it rule by rule with plain predicates, and sorts the
rest by the ranks of the values. It shares no code with the package.
"""

from __future__ import annotations

from collections import Counter
from itertools import product

from hypothesis import event, given
from hypothesis import strategies as st

from genaudit.cohorts.definition import define
from genaudit.cohorts.spec import expand, parse_spec
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
LETTERS = ("a", "b", "c")


class Refused(Exception):  # noqa: N818 - a result, not a fault
    """The format refuses the spec."""


def once(values):
    return list(dict.fromkeys(values))


def frozen(value):
    return tuple(frozen(part) for part in value) if isinstance(value, list) else value


class Oracle:
    def __init__(self, spec):
        self.rules = spec.get("rules") or {}
        self.levels = {axis: once(values) for axis, values in spec.get("axes", {}).items()}
        ties_seen = set()
        for section, entries in self.rules.items():
            if section == "ties":
                ties_seen = {name for name, axes in entries.items() if name not in axes}
            if section == "tuples":
                for entry in entries.values():
                    for place, axis in enumerate(entry["axes"]):
                        if axis not in ties_seen:
                            self.levels[axis] = once(item[place] for item in entry["items"])
        self.rows = [dict(zip(self.levels, row, strict=True)) for row in product(*self.levels.values())]
        self.slots = list(self.levels)
        self.value = {axis: (lambda row, axis=axis: row[axis]) for axis in self.levels}
        self.rank = {axis: (lambda row, axis=axis: self.levels[axis].index(row[axis])) for axis in self.levels}
        self.stands_for = {}
        self.composite = set()

    def slot(self, name):
        while name not in self.slots and name in self.stands_for:
            name = self.stands_for[name]
        if name not in self.slots:
            raise Refused(name)
        return name

    def filter(self, predicate):
        self.rows = [row for row in self.rows if predicate(row)]
        if not self.rows:
            raise Refused("nothing left")

    def put(self, name, old):
        place = name if name in self.slots else min(old, key=self.slots.index)
        self.slots = [name if slot == place else slot for slot in self.slots if slot == place or slot not in old]

    def subset(self, name, keep):
        if name not in self.slots or name in self.composite:
            raise Refused(name)
        self.filter(lambda row: self.value[name](row) in keep)

    def tie(self, name, axes):
        old = once(self.slot(axis) for axis in axes)
        if self.composite.intersection(old):
            raise Refused(name)
        values = [self.value[slot] for slot in old]
        self.filter(lambda row: len({value(row) for value in values}) == 1)
        self.value[name], self.rank[name] = self.value[old[0]], self.rank[old[0]]
        self.put(name, old)
        self.stands_for.update({slot: name for slot in old if slot != name})

    def bind(self, name, names, items):
        old = [self.slot(each) for each in names]
        items = once(frozen(item) for item in items)
        for place, slot in enumerate(old):
            if {item[place] for item in items} - {self.value[slot](row) for row in self.rows}:
                raise Refused("no level")
        if any(
            len({item[place] for place in range(len(old)) if old[place] == slot}) > 1
            for item in items
            for slot in old
        ):
            raise Refused("tied")
        values = [self.value[slot] for slot in old]
        whole = self.value[name] = lambda row: tuple(value(row) for value in values)
        self.filter(lambda row: whole(row) in items)
        self.rank[name] = lambda row: items.index(whole(row))
        self.put(name, old)
        self.composite.add(name)
        self.stands_for = {key: name for key, name in self.stands_for.items() if name not in old}
        return items

    def pair(self, name, entry):
        if entry["left"] == entry["right"]:
            raise Refused(name)
        items = self.bind(name, [entry["left"], entry["right"]], entry["allowed"])
        for side, place in (("left", 0), ("right", 1)):
            counts = Counter(item[place] for item in items)
            if entry.get("balance") in (side, "both") and len(set(counts.values())) > 1:
                raise Refused("unbalanced")

    def run(self):
        for section, entries in self.rules.items():
            for name, entry in entries.items():
                if section == "subsets":
                    self.subset(name, entry)
                elif section == "ties":
                    self.tie(name, entry)
                elif section == "pairs":
                    self.pair(name, entry)
                else:
                    self.bind(name, entry["axes"], entry["items"])
        ranks = [self.rank[slot] for slot in self.slots]
        return sorted(self.rows, key=lambda row: [rank(row) for rank in ranks])


levels = st.lists(st.sampled_from(LETTERS), min_size=1, max_size=4)


class Writer:
    """Writes specs in which each rule is well formed by itself; combined, they may still be refused."""

    def __init__(self, draw):
        self.draw = draw
        order = draw(st.permutations(["subsets", "ties", "pairs", "tuples"]))
        names = list(draw(st.permutations(AXES)))[:6]
        declared, brought = names[: draw(st.integers(2, 4))], names[4:]
        self.axes = {axis: draw(levels) for axis in declared}
        self.sources = dict(self.axes)
        self.rules = {section: {} for section in order if draw(st.integers(0, 3))}
        self.items = None
        if "tuples" in self.rules:
            self.items = draw(
                st.lists(st.lists(st.sampled_from(LETTERS), min_size=2, max_size=2), min_size=1, max_size=4)
            )
            self.sources.update({axis: [item[place] for item in self.items] for place, axis in enumerate(brought)})
            self.sources["bundle"] = self.items
            self.rules["tuples"]["bundle"] = {"axes": brought, "items": self.items}
        for section in self.rules:
            getattr(self, section)()

    def name(self, among=None):
        return self.draw(st.sampled_from(list(among or self.sources)))

    def subsets(self):
        name = self.name()
        self.rules["subsets"][name] = self.draw(levels)

    def ties(self):
        for name in ("shared", "again")[: self.draw(st.integers(1, 2))]:
            simple = [source for source in self.sources if source not in {"bundle", "first", "second"}]
            axes = self.draw(st.lists(st.sampled_from(simple), min_size=1, max_size=3))
            own = [axis for axis in axes if axis in AXES and axis not in self.rules["ties"]]
            tie = self.draw(st.sampled_from([name, *own]))
            if any(axis in other for other in self.rules["ties"].values() for axis in axes):
                tie = name
            self.rules["ties"][tie] = axes
            self.sources[tie] = self.sources[axes[0]]

    def pairs(self):
        for name in ("first", "second")[: self.draw(st.integers(1, 2))]:
            left, right = self.name(), self.name()
            item = st.tuples(st.sampled_from(self.sources[left]), st.sampled_from(self.sources[right])).map(list)
            allowed = self.draw(st.lists(item, min_size=1, max_size=4))
            self.rules["pairs"][name] = {"left": left, "right": right, "allowed": allowed}
            if balance := self.draw(st.sampled_from([None, None, None, "left", "right", "both"])):
                self.rules["pairs"][name]["balance"] = balance
            self.sources[name] = allowed

    def tuples(self):
        """Let the tuple name a tie in place of one of its axes, now and then."""
        if "shared" in self.sources and not self.draw(st.integers(0, 3)):
            self.rules["tuples"]["bundle"]["axes"][0] = "shared"


@st.composite
def specs(draw):
    writer = Writer(draw)
    axes = [*writer.axes, *(axis for entry in writer.rules.get("tuples", {}).values() for axis in entry["axes"])]
    order = draw(st.lists(st.sampled_from([axis for axis in axes if axis in AXES]), min_size=1, unique=True))
    return {"axes": writer.axes, "rules": writer.rules, "output": {"field_order": order}}


def outcome(spec):
    """Read a spec, or take the context of the error."""
    try:
        return parse_spec(spec), None
    except DDError as error:
        return None, error.ctx


@given(specs())
def test_the_rows_and_their_order_are_those_of_the_filtered_product(spec):
    try:
        expected = Oracle(spec).run()
    except Refused as error:
        expected = None
        reason = str(error)
    event("accepted" if expected else "refused")
    parsed, refused = outcome(spec)

    if expected is None:
        assert refused, reason
        assert refused["reason"] == "invalid_constraint"
        return
    assert not refused, refused
    rows = list(expand(parsed))
    assert rows == expected
    assert parsed.row_count == len(expected)
    columns = spec["output"]["field_order"]
    assert all(list(row)[: len(columns)] == columns for row in rows)


@given(specs())
def test_reading_a_spec_twice_gives_the_same(spec):
    assert outcome(spec) == outcome(spec)


@given(
    st.fixed_dictionaries({**dict.fromkeys(AXES, levels), "essay_llm": st.just(["m"])}),
    st.lists(st.integers(1, 9), min_size=1, max_size=3),
)
def test_a_definition_has_the_distinct_entries_of_the_rows(axes, replicates):
    axes = {**axes, "essay_replicate": replicates}
    spec = parse_spec({"axes": axes, "output": {"field_order": ["essay_llm"]}})

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
            "rules": st.dictionaries(st.sampled_from(["subsets", "ties", "pairs", "tuples"]), MESS, min_size=1),
            "output": st.fixed_dictionaries({"field_order": st.lists(st.sampled_from(AXES), max_size=3)}),
        }
    )
)
def test_any_mapping_is_a_spec_or_a_list_of_problems(mapping):
    spec, refused = outcome(mapping)

    keys = {"file", "section", "axis", "value", "problem", "nearest"}
    assert all(set(found) == keys for found in refused["problems"]) if refused else spec.row_count >= 1
    assert not refused or refused["problems"]
