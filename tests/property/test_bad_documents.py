"""Plans and state files with any value at any place: read as they are, or refused with the place, no traceback."""

from __future__ import annotations

import json
from copy import deepcopy
from hashlib import sha256

import orjson
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from genaudit.errors import DDError
from genaudit.migration.files import Files
from genaudit.migration.plan_file import read_plan
from genaudit.migration.state_files import Before, Carried, Keys, read_state
from helpers.migrations import migratable, plan_of

SHA = "0" * 64
STATES = [
    (Before, {"mtimes": {"gens/draft": 1_700_000_000_000_000_000}, "quoting": ["notes.md"]}),
    (Keys, {"old": {"drafts": ["a"]}, "new": {"drafts": []}}),
    (Carried, {"files": {"notes.md": SHA}}),
]
DEEP = "[" * 2_000 + "]" * 2_000
SCALARS = [None, True, False, 0, 1, -1, 1.0, 2**53 + 1, 2**63, -(2**63), 10**30, 1e308]
SCALARS += [float("nan"), float("inf"), "", "..", "\0", "\ud800", "a/b", ".genaudit/x", SHA.upper(), "é"]
KEYS = st.text("abé \0'", max_size=5)
VALUES = st.recursive(
    st.sampled_from(SCALARS) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


def places(value, path=()):
    """Every place of a document, the document itself first."""
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in parts:
        yield from places(one, (*path, key))


def changed(document, data):
    """Replace, remove or add one value of a document; return it with the place."""
    made = deepcopy(document)
    *way, last = data.draw(st.sampled_from([place for place in places(document) if place]))
    inside = made
    for key in way:
        inside = inside[key]
    kind = data.draw(st.sampled_from(["replace", "remove", "add"]))
    if kind == "remove":
        del inside[last]
    elif kind == "add" and isinstance(inside, dict):
        last = data.draw(KEYS.filter(lambda key: key not in inside))
        inside[last] = data.draw(VALUES)
    else:
        inside[last] = data.draw(VALUES)
    assume(made != document)
    return made, (*way, last)


def with_digest(document):
    """The bytes of a document with its digest, so that its shape alone is at fault; without one if it has none."""
    try:
        return orjson.dumps({**document, "digest": digest(document)}, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return json.dumps({**document, "digest": SHA}).encode()


def digest(document, end=b""):
    return sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS) + end).hexdigest()


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    folder = tmp_path_factory.mktemp("planned")
    plan = plan_of(migratable(folder / "store"), excepted=["99evaluation9old"], stages=["draft", "evaluation"])
    document = json.loads(plan.to_bytes())
    del document["digest"]
    return folder / "plan.json", document


@given(data=st.data())
def test_a_changed_plan_is_refused_with_the_place(planned, data):
    path, document = planned
    made, place = changed(document, data)
    try:
        path.write_bytes(orjson.dumps({**made, "digest": digest(made, b"\n")}))
    except TypeError:
        path.write_text(json.dumps({**made, "digest": SHA}))
    refused = refusal(lambda: read_plan(path))
    if refused is None:
        # The numbers of keys follow from the renames: a plan counts them itself.
        again, stored = json.loads(read_plan(path).to_bytes()), json.loads(path.read_bytes())
        assert [again.pop(name) == stored.pop(name) for name in ("digest", "partitions")].count(False) in {0, 2}
        assert again == stored
        return
    assert refused["reason"] in {"plan_malformed", "plan_version", "plan_edited"}
    problems = refused.get("problems", [])
    assert len(problems) <= 20
    for problem in problems:
        # A contradiction concerns a whole list.
        assert problem["field"].split(".")[0] == str(place[0])
        assert problem["problem"]


def refusal(read):
    """The context of the error that a call ends with, if it does."""
    try:
        read()
    except DDError as error:
        return error.ctx
    return None


@pytest.mark.parametrize(("model", "document"), STATES, ids=lambda one: getattr(one, "__name__", ""))
@given(data=st.data())
def test_a_changed_state_file_is_refused_with_the_place(tmp_path_factory, model, document, data):
    folder = tmp_path_factory.getbasetemp()
    made, place = changed(document, data)
    (folder / "state.json").write_bytes(with_digest(made))
    with Files(folder) as files:
        refused = refusal(lambda: read_state(files, "state.json", model))
        if refused is None:
            assert vars(read_state(files, "state.json", model)) == made
            return
    assert refused["reason"] == "workspace_damaged"
    assert refused["problem"]
    # JSON that no parser takes has no place.
    assert refused.get("field", str(place[0])).split(".")[0] in {str(place[0]), "digest"}


@pytest.mark.parametrize("text", [DEEP, f'{{"renames": {DEEP}}}', '{"version": NaN}', '"\\ud800"', "[]", "null", ""])
def test_a_document_of_no_shape_at_all_is_refused(planned, text):
    path, _ = planned
    path.write_text(text)
    with pytest.raises(DDError) as caught:
        read_plan(path)
    assert caught.value.ctx["reason"] == "plan_malformed"
    with Files(path.parent) as files, pytest.raises(DDError) as caught:
        read_state(files, path.name, Before)
    assert caught.value.ctx["reason"] == "workspace_damaged"
