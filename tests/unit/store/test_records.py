from __future__ import annotations

import json

import pytest

from genaudit.schemas import RecordState
from genaudit.stages import STAGES
from genaudit.store.records import UnreadableError, decode, decode_all, normal_field, normalise, regular_part

DRAFT = {"stage": "draft", "gen_id": "d_1", "template_id": "t", "combo_id": "c", "llm_model_id": "m", "replicate": 1}


def state_of(data):
    with pytest.raises(UnreadableError) as caught:
        decode(data)
    assert caught.value.detail
    assert "\n" not in caught.value.detail
    return caught.value.state


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b' \r\n\t{"a": 1}\n',
        b'{"a": {"b": {"b": [{"b": null}]}}, "b": 1.5e3}',
        b'{"a:b": ":", "c": "{\\"x\\":1,\\"x\\":2}"}',
        b'{"A": 1, "a": 2, " a": 3, "\\u00e9": 4}',
        '{"é": "😀", "x": "\\ud83d\\ude00"}'.encode(),
        b'{"a": "\\u0000\\n", "b": "NaN", "c": -0.0, "d": 1e-400}',
        b'{"a": [{"x": 1}, {"x": 1}]}',
        b'{"replicate": 18446744073709551615, "b": -9223372036854775808}',
        b'{"at": "12:30:00", "b": {"c": {"\\"d:": [{"e": {}}, [{"f": ":\\\\"}]]}}}',
    ],
)
def test_valid_json_is_read_as_by_the_json_module(data):
    assert decode(data) == json.loads(data)


@pytest.mark.parametrize("type_of_one", [int, bool, float])
def test_types_are_kept(type_of_one):
    value = decode(json.dumps({"a": type_of_one(1)}).encode())["a"]
    assert type(value) is type_of_one


@pytest.mark.parametrize(
    ("data", "state"),
    [
        # text
        (b'{"a": "\xff"}', "not_utf8"),
        (b'{"a": "\xc3"}', "not_utf8"),
        (b'{"a": "\xed\xa0\x80"}', "not_utf8"),
        (b'{"a": "\xc0\xaf"}', "not_utf8"),
        ('{"a": "b"}'.encode("utf-16"), "not_utf8"),
        ('{"é": 1}'.encode("latin-1"), "not_utf8"),
        (b'{"a": NaN, "b": "\xff"}', "not_utf8"),
        # JSON
        (b"", "not_json"),
        (b"\n", "not_json"),
        (b"\xef\xbb\xbf{}", "bom"),
        ("{}".encode("utf-16-le"), "not_json"),
        (b'{"a": 1', "not_json"),
        (b'{"a": "b', "not_json"),
        (b'{"a":', "not_json"),
        (b'{"a": 1,}', "not_json"),
        (b"{'a': 1}", "not_json"),
        (b"{a: 1}", "not_json"),
        (b'{"a": 1} {}', "not_json"),
        (b'{"a": 1}\x00', "not_json"),
        (b'{"a": 01}', "not_json"),
        (b'{"a": +1}', "not_json"),
        (b'{"a": 0x1}', "not_json"),
        (b'{"a": 1.}', "not_json"),
        (b'{"a": True}', "not_json"),
        (b'{"a": undefined}', "not_json"),
        (b'{"a": "\n"}', "not_json"),
        (b'{"a": "\\x41"}', "not_json"),
        (b'{"a": 1 // b\n}', "not_json"),
        (b'{"a": "\\ud800"}', "not_json"),
        (b'{"\\udfff": 1}', "not_json"),
        (b'{"a": 1e400}', "not_json"),
        (b'{"a": ' + b"1" * 5000 + b"}", "not_json"),
        # the top level
        (b"[]", "not_object"),
        (b'[{"a": 1}]', "not_object"),
        (b'"a"', "not_object"),
        (b"1", "not_object"),
        (b"1.5", "not_object"),
        (b"true", "not_object"),
        (b"null", "not_object"),
        # keys
        (b'{"a": 1, "a": 1}', "duplicate_key"),
        (b'{"a": 1, "b": 2, "a": 3}', "duplicate_key"),
        (b'{"a": {"b": 1, "b": 2}}', "duplicate_key"),
        (b'{"a": [[{"b": 1, "c": {}, "b": 2}]]}', "duplicate_key"),
        (b'{"a": 1, "\\u0061": 2}', "duplicate_key"),
        ('{"é": 1, "\\u00e9": 2}'.encode(), "duplicate_key"),
        (b'{"": 1, "": 2}', "duplicate_key"),
        (b'{"a": ":::", "a": 2}', "duplicate_key"),
        (b'{"a": ":", "b": {"c": 1, "c": ":"}}', "duplicate_key"),
        # numbers that JSON does not have
        (b'{"a": NaN}', "nan"),
        (b'{"a": Infinity}', "nan"),
        (b'{"a": -Infinity}', "nan"),
        (b'{"a": [1, {"b": NaN}]}', "nan"),
        (b"NaN", "nan"),
    ],
)
def test_states(data, state):
    assert state_of(data) == RecordState(state)


@pytest.mark.parametrize("opened", [b"[", b'{"a":', b'[{"a":'])
@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_deep_nesting_is_refused_and_never_a_crash(opened, depth):
    closing = b"".join(b"]" if byte == ord("[") else b"}" for byte in reversed(opened) if byte in b"[{")
    document = b'{"x": ' + opened * depth + b"1" + closing * depth + b"}"
    assert state_of(document) is RecordState.NOT_JSON
    assert state_of(b'{"x": ' + opened * depth) is RecordState.NOT_JSON


def test_nesting_is_counted_outside_of_strings():
    shallow = {"a": [[]] * 200, "b": "[" * 200, "c": '\\"' + "{" * 200, "[": '"'}
    assert decode(json.dumps(shallow).encode()) == shallow


@pytest.mark.parametrize("opened", [b"[", b'{"a":'])
def test_the_answer_does_not_depend_on_the_callers_stack(opened):
    def answer(data):
        try:
            decode(data)
        except UnreadableError as error:
            return error.state
        return RecordState.OK

    def deeper(levels, data):
        return deeper(levels - 1, data) if levels else answer(data)

    closing = b"]" if opened == b"[" else b"}"
    for depth in (50, 99, 100, 200, 600, 900):
        document = b'{"x": ' + opened * depth + b"1" + closing * depth + b"}"
        assert deeper(500, document) == answer(document)
        assert (answer(document) is RecordState.OK) is (depth < 100)


def test_unclosed_strings_and_backslashes_take_no_time():
    # A pattern that backtracks would need hours for these.
    for data in (b"[" * 101 + b'"' + b'\\"' * 400_000, b"[]" * 101 + b'"' * 400_001, b"[]" * 101 + b"\\" * 400_001):
        assert state_of(data) is RecordState.NOT_JSON


def test_whole_numbers_beyond_64_bits_become_floats():
    found = decode(b'{"replicate": 18446744073709551617}')["replicate"]
    assert (type(found), found) == (float, 2.0**64)


class TestNormalise:
    def test_strips_folds_and_defaults(self):
        stored = {"stage": " draft ", "gen_id": " D_1 ", "origin_cohort_id": " C7 ", "mode": "LLM "}
        stored |= {"template_id": " T-v1 ", "combo_id": "C\n", "llm_model_id": "\tM", "parent_gen_id": " X "}
        assert normalise("draft", stored) == {
            "stage": "draft",
            "gen_id": "D_1",
            "origin_cohort_id": "C7",
            "mode": "LLM",
            "template_id": "t-v1",
            "combo_id": "c",
            "parent_gen_id": "x",
            "llm_model_id": "m",
            "replicate": 1,
        }

    @pytest.mark.parametrize("stage", STAGES)
    @pytest.mark.parametrize("absent", [{}, {"template_id": None}])
    def test_the_stages_own_old_name_is_understood(self, stage, absent):
        others = {f"{other}_template": "wrong" for other in STAGES if other != stage}
        assert normalise(stage, {**absent, **others, f"{stage}_template": " Old "})["template_id"] == "old"
        assert normalise(stage, {**absent, **others})["template_id"] is None

    @pytest.mark.parametrize(("new", "found"), [("new", "new"), ("  ", None), (7, None), ([], None)])
    def test_a_template_id_that_is_there_wins_over_the_old_name(self, new, found):
        assert normalise("essay", {"template_id": new, "essay_template": "old"})["template_id"] == found

    @pytest.mark.parametrize(
        ("stored", "found"),
        [
            ({}, 1),
            ({"replicate": None}, 1),
            ({"replicate": "2"}, 2),
            ({"replicate": 2.0}, 2),
            ({"replicate": ""}, None),
            ({"replicate": True}, None),
            ({"replicate": 0}, None),
            ({"replicate": 2**31}, None),
        ],
    )
    def test_replicate(self, stored, found):
        assert normalise("draft", stored)["replicate"] == found

    @pytest.mark.parametrize("value", [1, 1.5, True, [], {}, ["x"], "", "  ", None])
    def test_no_text_is_missing(self, value):
        fields = [field for field in DRAFT if field != "replicate"]
        assert [normal_field(field, value) for field in fields] == [None] * len(fields)


def _each(document):
    try:
        return decode(document)
    except UnreadableError as error:
        return error.state, error.detail


@pytest.mark.parametrize(
    "odd",
    [
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 2}}',
        b'{"a": {"b": 1}}',
        b'{"a": "12:30"}',
        b'{"a": "{[:"}',
        b'{"a": ' + b"[" * 200 + b"]" * 200 + b"}",
        b"[1, 2",
        b"3]",
        b"[]",
        b"null",
        b"",
        b"\xff",
        b'{"a": 1}, {"b": 2}',
        b'{"a": NaN}',
    ],
)
def test_records_decoded_together_are_those_decoded_one_by_one(odd):
    documents = [b'{"a": 1}', odd, b'{"b": "x", "c": null}', b"{}"]
    records, errors = decode_all(documents)
    assert [
        (errors[place].state, errors[place].detail) if place in errors else record
        for place, record in enumerate(records)
    ] == [*map(_each, documents)]
    assert all(records[place] == {} for place in errors)


def test_flat_records_decoded_together():
    assert decode_all([b"{}", b'{"a": 1, "b": null}']) == ([{}, {"a": 1, "b": None}], {})
    assert decode_all([]) == ([], {})


@pytest.mark.parametrize(
    ("keys", "regular"),
    [
        (tuple(DRAFT), True),
        ((*DRAFT, "mode", "origin_cohort_id"), True),
        ((*DRAFT, "parent_gen_id"), False),
        ((*DRAFT, "note"), False),
        ((*DRAFT, "draft_template"), False),
        (tuple(field for field in DRAFT if field != "replicate"), False),
        (tuple(field for field in DRAFT if field != "stage"), False),
        ((), False),
    ],
)
def test_regular_shapes_of_a_draft(keys, regular):
    records = [DRAFT, {key: DRAFT.get(key, "llm") for key in keys}]
    found, _ = regular_part(STAGES["draft"], ["d_1"] * 2, records)
    assert found == (set() if regular else {1})


@pytest.mark.parametrize("first", [DRAFT, {**DRAFT, "template_id": 5}])
@pytest.mark.parametrize(
    ("change", "irregular"),
    [
        ({}, False),
        ({"mode": "copy"}, False),
        ({"origin_cohort_id": "C7"}, False),
        ({"stage": "essay"}, True),
        ({"gen_id": "d_2"}, True),
        ({"gen_id": None}, True),
        ({"template_id": "T"}, True),
        ({"template_id": " t"}, True),
        ({"template_id": ["t"]}, True),
        ({"combo_id": ""}, True),
        ({"llm_model_id": 5}, True),
        ({"mode": "LLM"}, True),
        ({"mode": "poem"}, True),
        ({"replicate": True}, True),
        ({"replicate": 1.0}, True),
        ({"replicate": "1"}, True),
        ({"replicate": 0}, True),
        ({"replicate": 2**31}, True),
        ({"replicate": []}, True),
        ({"replicate": None}, True),
        ({"origin_cohort_id": None}, True),
    ],
)
def test_irregular_rows_are_found_beside_other_rows(first, change, irregular):
    # `first` is a row beside the tested one: columns are judged by all their values together.
    records = [first, {**DRAFT, **change}, DRAFT]
    found, _ = regular_part(STAGES["draft"], ["d_1"] * 3, records)
    assert found == ({0} if first is not DRAFT else set()) | ({1} if irregular else set())
