"""Decoder for ``metadata.json``: from bytes to a record, or to the reason why it is unreadable."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import Any, Final, NoReturn

import orjson

from genaudit.encoded import MISSING, Encoded, encode
from genaudit.ids import are_normal, normal_replicate, normal_text
from genaudit.schemas import RecordState
from genaudit.stages import MODES, PARENT, REPLICATE, STAGES, Stage, StageTable

MAX_RECORD_BYTES: Final = 1 << 20
# Well below the depth at which comparing or printing a value would exhaust the stack.
MAX_DEPTH: Final = 100

_STRINGS: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKETS: Final = re.compile(rb"[\[\]{}]")

# The word for no model, which the pipeline writes for copies; in lower case.
NO_MODEL: Final = "none"


class UnreadableError(Exception):
    """A record that cannot be read from its file: the state of its row, and the place of the error."""

    def __init__(self, state: RecordState, detail: str) -> None:
        """Create the error.

        :param state: state of the row.
        :param detail: place of the error.
        """
        self.state = state
        self.detail = detail
        super().__init__(state, detail)


def decode(data: bytes) -> dict[str, Any]:
    """Decode a record strictly: UTF-8, JSON without extensions, one object, no duplicate key at any depth.

    Whole numbers beyond 64 bits become floats; nesting deeper than :data:`MAX_DEPTH` is rejected as invalid JSON.

    :raises UnreadableError: with the state for the violated condition.
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        _diagnose(data, str(error))
    if type(value) is dict and _is_shallow(data):
        # Every pair has its own colon: as many colons as keys means that no pair overwrote another. Keys further down
        # than those of an object in the object are not counted here.
        keys = len(value)
        for inner in value.values():
            if type(inner) is dict:
                keys += len(inner)
        if data.count(b":") == keys:
            return value
    # Outside of strings this holds for documents of any depth.
    bare = _bare(data)
    _check_depth(bare)
    if type(value) is not dict:
        raise UnreadableError(RecordState.NOT_OBJECT, f"the top level is {_json_name(value)}")
    if bare.count(b":") != _keys(value):
        _check_keys(data)
    return value


def decode_all(documents: Sequence[bytes]) -> tuple[list[dict[str, Any]], dict[int, UnreadableError]]:
    """Decode many records as :func:`decode` does.

    All are checked at once first: if they have together as many colons as keys, and an opening brace each, every one
    of them is flat and has no key twice.

    :returns: the records, an empty one in place of one that is rejected; the errors of these, by their place.
    """
    try:
        values = [*map(orjson.loads, documents)]
    except orjson.JSONDecodeError:
        return _decoded(documents)
    joined = b"".join(documents)
    if (
        {dict}.issuperset(map(type, values))
        and joined.count(b":") == sum(map(len, values))
        and joined.count(b"{") == len(values)
        and b"[" not in joined
    ):
        return values, {}
    return _decoded(documents)


def _decoded(documents: Sequence[bytes]) -> tuple[list[dict[str, Any]], dict[int, UnreadableError]]:
    """Decode records one by one."""
    values: list[dict[str, Any]] = []
    errors: dict[int, UnreadableError] = {}
    for place, data in enumerate(documents):
        try:
            values.append(decode(data))
        except UnreadableError as error:
            values.append({})
            errors[place] = error
    return values, errors


def _diagnose(data: bytes, reason: str) -> NoReturn:
    """Raise the most specific error for data that the fast decoder rejected."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        detail = f"byte 0x{data[error.start]:02x} at offset {error.start}"
        raise UnreadableError(RecordState.NOT_UTF8, detail) from None
    if data.startswith(codecs.BOM_UTF8):
        raise UnreadableError(RecordState.BOM, "begins with a byte-order mark, which JSON does not allow")
    _check_depth(_bare(data))
    _check_keys(text)
    raise UnreadableError(RecordState.NOT_JSON, reason)


def _bare(data: bytes) -> bytes:
    """Remove the strings from a document, including unterminated ones."""
    # Without escapes, every other part between quotes is a string.
    return _STRINGS.sub(b"", data) if b"\\" in data else b"".join(data.split(b'"')[::2])


def _is_shallow(data: bytes) -> bool:
    return data.count(b"[") + data.count(b"{") <= MAX_DEPTH


def _check_depth(bare: bytes) -> None:
    """Raise an error for a document, given without its strings, that is nested too deeply."""
    if _is_shallow(bare):
        return
    depth = 0
    for bracket in _BRACKETS.findall(bare):
        depth += 1 if bracket in b"[{" else -1
        if depth > MAX_DEPTH:
            raise UnreadableError(RecordState.NOT_JSON, f"nested more than {MAX_DEPTH} deep")


def _keys(value: dict[str, Any]) -> int:
    """Count the keys of a value at every depth."""
    count = 0
    unseen: list[Any] = [value]
    while unseen:
        one = unseen.pop()
        if type(one) is dict:
            count += len(one)
            one = one.values()
        unseen += [inner for inner in one if type(inner) is dict or type(inner) is list]
    return count


def _check_keys(text: bytes | str) -> None:
    try:
        json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except ValueError as error:
        raise UnreadableError(RecordState.NOT_JSON, str(error)) from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise UnreadableError(RecordState.DUPLICATE_KEY, f"key {key!r} appears more than once")
        found[key] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise UnreadableError(RecordState.NAN, f"the value {name}")


def _json_name(value: object) -> str:
    names = {list: "an array", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def normalise(stage: str, stored: Mapping[str, Any], stages: StageTable = STAGES) -> dict[str, Any]:
    """Normalise a stored record: the known fields, ``None`` for missing or malformed values.

    Text is stripped, and lower-cased if it is hashed into ids; an old name of ``template_id`` is accepted; a missing
    replicate is 1.
    """
    record: dict[str, Any] = {field: normal_field(field, stored.get(field), stages) for field in stages.record_fields}
    old = stages[stage].old_template_field
    if old and stored.get("template_id") is None:
        record["template_id"] = normal_field("template_id", stored.get(old))
    if stored.get(REPLICATE) is None:
        record[REPLICATE] = 1
    return record


def normal_field(field: str, value: object, stages: StageTable = STAGES) -> str | int | None:
    """Bring one field's stored value into normal form: text that is hashed into ids is lower-cased."""
    if field == REPLICATE:
        return normal_replicate(value)
    if field in stages.hashed_fields:
        text = normal_text(value)
        return None if field == "llm_model_id" and text == NO_MODEL else text
    return (value.strip() or None) if isinstance(value, str) else None


def _is_regular_shape(stage: Stage, keys: tuple[str, ...], stages: StageTable = STAGES) -> bool:
    """Return whether a record with these keys can be regular: all required fields, no unknown ones."""
    present = frozenset(keys)
    return (
        present.issuperset(("stage", "gen_id", *stage.required))
        and present.issubset(stages.record_fields)
        and present.isdisjoint(stage.extraneous)
    )


def regular_part(
    stage: Stage, names: list[str], records: Sequence[dict[str, Any]], stages: StageTable = STAGES
) -> tuple[set[int], dict[str, Encoded]]:
    """Encode the stored records of a shard, and find those that must be normalised.

    Works on the distinct shapes of records and the distinct values of a column: a store has few templates and models.

    :param names: the folders' names, row by row.
    :returns: the rows whose record has another shape than a regular one, or a stored value that is not in normal form
        or contradicts the folder; the columns of the fields of normal form, where such a value is missing.
    """
    columns, rows = _columns(stage, records, stages)
    for field, folder in (("stage", [stage.name] * len(names)), ("gen_id", names)):
        if columns[field] != folder:
            rows.update(row for row, value in enumerate(columns[field]) if value != folder[row])
    encoded: dict[str, Encoded] = {}
    for field in stages.record_fields[2:]:
        values, wanted = columns[field], int if field == REPLICATE else str
        if not {wanted, type(None)}.issuperset(map(type, values)):
            # Some of them cannot be compared, or equal a value of another type.
            odd = {row for row, value in enumerate(values) if not _is_normal(field, value, wanted, stages)}
            values = [None if row in odd else value for row, value in enumerate(values)]
            rows |= odd
        encoded[field] = encode(values)
        distinct = encoded[field].values
        if field != PARENT or not are_normal(distinct):
            bad = [place for place, value in enumerate(distinct) if not _is_normal(field, value, wanted, stages)]
            rows.update(encoded[field].rows(bad) if bad else ())
    missing = sum(int((column.places == MISSING).sum()) for column in encoded.values())
    if rows or missing != len(columns) * len(records) - sum(map(len, records)):
        # A field is null instead of absent.
        rows.update(row for row, record in enumerate(records) if None in record.values())
    return rows, encoded


def _columns(
    stage: Stage, records: Sequence[dict[str, Any]], stages: StageTable
) -> tuple[dict[str, list[Any]], set[int]]:
    """Turn records into columns, and find those whose keys are not those of a regular one."""
    shapes = [*map(tuple, records)]
    different = {*shapes}
    odd = {shape for shape in different if not _is_regular_shape(stage, shape, stages)}
    if len(different) == 1 and not odd:
        columns = {field: [None] * len(records) for field in stages.record_fields}
        columns.update(zip(shapes[0], map(list, zip(*map(dict.values, records), strict=True)), strict=True))
        return columns, set()
    columns = {field: [*map(dict.get, records, repeat(field))] for field in stages.record_fields}
    return columns, {row for row, shape in enumerate(shapes) if shape in odd} if odd else set()


def _is_normal(field: str, value: object, wanted: type, stages: StageTable) -> bool:
    if value is None:
        return True
    # True == 1 == 1.0: only the type differs.
    return (
        type(value) is wanted and normal_field(field, value, stages) == value and (field != "mode" or value in MODES)
    )
