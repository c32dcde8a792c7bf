"""Parser for a store's own settings, ``genaudit.toml`` at the data root.

A further top-level table is a field of :class:`StoreSettings` and a row of :data:`_TABLES`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import translate
from keyword import iskeyword
from typing import Any, Final

from genaudit.errors import DDError, Err, Reason
from genaudit.layout import SETTINGS, is_safe_name
from genaudit.limits import NO_LIMITS, StoreLimits
from genaudit.schemas import COHORTS, SNAPSHOT
from genaudit.stages import MAX_STAGE_NAME, PARENT, RECORD_FIELDS, REPLICATE, STAGES, Stage, StageTable

_KEYS: Final = ("name", "prefix", "parent", "required", "extraneous", "signature", "template_catalog")
_MANDATORY: Final = ("name", "prefix", "required", "signature")
_LISTS: Final = ("required", "extraneous", "signature")
_NAME: Final = re.compile(rf"[a-z][a-z0-9_]{{0,{MAX_STAGE_NAME - 1}}}")
_PREFIX: Final = re.compile(r"[a-z][a-z0-9]{0,7}_")
_FIELD: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_NAME_FORM: Final = f"a lower-case letter, then up to {MAX_STAGE_NAME - 1} letters, digits or underscores"
_PREFIX_FORM: Final = "a lower-case letter, then up to 7 letters or digits, then an underscore"
_FIELD_FORM: Final = "a lower-case letter, then up to 63 letters, digits or underscores"
# Columns of the frames that have a column for each stage or field.
_TAKEN_NAMES: Final = frozenset(COHORTS).difference(STAGES) | {"all"}
_TAKEN_FIELDS: Final = frozenset(SNAPSHOT).difference(RECORD_FIELDS) | {"stage", "gen_id"}
_MAX_SHOWN: Final = 80
_MAX_STAGES: Final = 50
_MAX_NAMES: Final = 200
_MAX_NAME: Final = 128


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The settings of a store; a missing file or table leaves the default.

    :param stages: the stages of its generations.
    :param ignore: a pattern for whole names of files and folders that a scan leaves out.
    :param limits: limits that lower those of commands.
    """

    stages: StageTable = STAGES
    ignore: re.Pattern[str] | None = None
    limits: StoreLimits = NO_LIMITS

    def ignores(self, name: str) -> bool:
        """Return whether a scan leaves a name out."""
        return self.ignore is not None and self.ignore.match(name) is not None


DEFAULTS: Final = StoreSettings()


def parse_settings(data: bytes, path: str = SETTINGS) -> StoreSettings:
    """Parse and validate a settings file.

    :param path: the file's name for errors.
    :raises DDError: ``INVALID_CONFIG``, reason ``settings_not_toml``, or ``settings_invalid`` with all ``problems``:
        each has ``key``, ``value``, ``problem`` and, depending on it, ``nearest`` or ``expected``.
    """
    try:
        document = tomllib.loads(data.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        ctx = {"reason": Reason.SETTINGS_NOT_TOML, "path": path, "error": str(error)}
        raise DDError(Err.INVALID_CONFIG, ctx) from error
    problems = _Problems()
    problems.unknown_keys("", document, tuple(_TABLES))
    settings = {name: read(document[name], problems) for name, read in _TABLES.items() if name in document}
    if problems.found:
        raise DDError(
            Err.INVALID_CONFIG, {"reason": Reason.SETTINGS_INVALID, "path": path, "problems": problems.found}
        )
    return StoreSettings(**settings)


class _Problems:
    """Collector for the errors of a file."""

    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []

    def add(self, key: str, value: object, problem: str, **more: str) -> None:
        """Add an error about the value of a key."""
        text = repr(value)
        shown = text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"
        self.found.append(
            {"key": key, "value": value if isinstance(value, str) else shown, "problem": problem, **more}
        )

    def unknown_keys(self, place: str, table: Mapping[str, Any], known: Sequence[str]) -> None:
        """Add an error for each key that has no meaning."""
        for key in table:
            if key not in known:
                self.add(f"{place}{key}", table[key], "unknown_key", **_nearest(key, known))


def _nearest(value: str, known: Sequence[str]) -> dict[str, str]:
    near = get_close_matches(value, known, n=1)
    return {"nearest": near[0]} if near else {"expected": ", ".join(known)}


def _stages(value: object, problems: _Problems) -> StageTable:
    """Read ``[[stages]]``."""
    if not isinstance(value, list) or not value or not all(isinstance(row, dict) for row in value):
        problems.add("stages", value, "wrong_type", expected="one [[stages]] table or more")
        return STAGES
    if len(value) > _MAX_STAGES:
        problems.add("stages", len(value), "too_many", expected=f"at most {_MAX_STAGES} stages")
        return STAGES
    before = len(problems.found)
    for number, row in enumerate(value):
        _check_row(f"stages[{number}].", row, problems)
    if len(problems.found) == before:
        _check_table(value, problems)
    if len(problems.found) > before:
        return STAGES
    return StageTable(map(_stage, _parents_first(value)))


def _stage(row: Mapping[str, Any]) -> Stage:
    return Stage(
        name=row["name"],
        prefix=row["prefix"],
        parent=row.get("parent"),
        required=tuple(row["required"]),
        extraneous=tuple(row.get("extraneous", ())),
        signature=tuple(row["signature"]),
        template_catalog=row.get("template_catalog", ""),
    )


def _check_row(place: str, row: Mapping[str, Any], problems: _Problems) -> None:
    """Check the keys and values of a stage by themselves."""
    before = len(problems.found)
    problems.unknown_keys(place, row, _KEYS)
    for key in _MANDATORY:
        if key not in row:
            problems.add(f"{place}{key}", None, "missing")
    for key in _KEYS:
        if key in row:
            (_check_fields if key in _LISTS else _check_text)(place, key, row[key], problems)
    if len(problems.found) == before:
        _check_rules(place, row, problems)


def _check_text(place: str, key: str, value: object, problems: _Problems) -> None:
    if not isinstance(value, str):
        problems.add(f"{place}{key}", value, "wrong_type", expected="text")
    elif key == "name" and (not _NAME.fullmatch(value) or iskeyword(value)):
        problems.add(f"{place}{key}", value, "unsafe_name", expected=_NAME_FORM)
    elif key == "name" and value in _TAKEN_NAMES:
        problems.add(f"{place}{key}", value, "reserved", expected="another name")
    elif key == "prefix" and not _PREFIX.fullmatch(value):
        problems.add(f"{place}{key}", value, "unsafe_name", expected=_PREFIX_FORM)
    elif key == "template_catalog" and not (is_safe_name(value) and value.endswith(".csv")):
        problems.add(f"{place}{key}", value, "unsafe_name", expected="a file name that ends in .csv")


def _check_fields(place: str, key: str, value: object, problems: _Problems) -> None:
    if not isinstance(value, list) or not all(isinstance(field, str) for field in value):
        problems.add(f"{place}{key}", value, "wrong_type", expected="a list of field names")
        return
    for number, field in enumerate(value):
        where = f"{place}{key}[{number}]"
        if not _FIELD.fullmatch(field) or iskeyword(field):
            problems.add(where, field, "unsafe_name", expected=_FIELD_FORM)
        elif field in _TAKEN_FIELDS:
            problems.add(where, field, "reserved", expected="another name")
        elif field in value[:number]:
            problems.add(where, field, "repeated")


def _check_rules(place: str, row: Mapping[str, Any], problems: _Problems) -> None:
    """Check the fields of a stage against each other."""
    required, signature = row["required"], row["signature"]
    if not signature:
        problems.add(f"{place}signature", signature, "empty", expected="at least one field")
    for number, field in enumerate(signature):
        if field == REPLICATE:
            expected = "no replicate: it joins the signature last by itself"
            problems.add(f"{place}signature[{number}]", field, "reserved", expected=expected)
        elif field not in required:
            problems.add(f"{place}signature[{number}]", field, "not_required", expected=f"a field of {place}required")
    for number, field in enumerate(row.get("extraneous", ())):
        if field in required:
            problems.add(f"{place}extraneous[{number}]", field, "also_required", expected="one of the two")
    if "parent" in row and PARENT not in required:
        problems.add(f"{place}required", required, "parent_field_missing", expected=f"{PARENT}, as there is a parent")
    if "parent" not in row and PARENT in required:
        number = required.index(PARENT)
        problems.add(f"{place}required[{number}]", PARENT, "parent_missing", expected=f"a stage as {place}parent")


def _check_table(rows: Sequence[Mapping[str, Any]], problems: _Problems) -> None:
    """Check the stages against each other: repeated values, unknown and cyclic parents."""
    for key in ("name", "prefix", "template_catalog"):
        seen: dict[str, int] = {}
        for number, row in enumerate(rows):
            if key in row and row[key] in seen:
                first = f"stages[{seen[row[key]]}].{key}"
                problems.add(f"stages[{number}].{key}", row[key], "repeated", expected=f"another one than {first}")
            elif key in row:
                seen[row[key]] = number
    names = [row["name"] for row in rows]
    known = True
    for number, row in enumerate(rows):
        if "parent" in row and row["parent"] not in names:
            problems.add(f"stages[{number}].parent", row["parent"], "unknown_stage", **_nearest(row["parent"], names))
            known = False
    if known and len(set(names)) == len(names):
        ordered = _parents_first(rows)
        for number, row in enumerate(rows):
            if row not in ordered:
                problems.add(f"stages[{number}].parent", row["parent"], "cyclic_parent", expected="no circle")


def _parents_first(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Order stages so that parents precede their children, else as in the file; those of a circle are left out."""
    ordered: list[Mapping[str, Any]] = []
    waiting = list(rows)
    while waiting:
        done = {row["name"] for row in ordered}
        ready = next((row for row in waiting if row.get("parent") is None or row["parent"] in done), None)
        if ready is None:
            break
        ordered.append(ready)
        waiting.remove(ready)
    return ordered


def _ignored_names(value: object, problems: _Problems) -> re.Pattern[str] | None:
    """Read ``[ignore]``: ``names`` lists names below ``gens/``, with ``*`` and ``?`` as in a shell."""
    if not isinstance(value, dict):
        problems.add("ignore", value, "wrong_type", expected="a table")
        return None
    problems.unknown_keys("ignore.", value, ("names",))
    names = value.get("names", [])
    if not isinstance(names, list) or len(names) > _MAX_NAMES or not all(map(_is_ignorable, names)):
        expected = f"a list of at most {_MAX_NAMES} names without slashes"
        problems.add("ignore.names", names, "wrong_type", expected=expected)
        return None
    return re.compile("|".join(map(translate, names))) if names else None


def _is_ignorable(name: object) -> bool:
    return isinstance(name, str) and 0 < len(name) <= _MAX_NAME and "/" not in name


def _limits(value: object, problems: _Problems) -> StoreLimits:
    """Read ``[limits]``: ``max_members``, the largest number of members of a stage in a plan."""
    if not isinstance(value, dict):
        problems.add("limits", value, "wrong_type", expected="a table")
        return NO_LIMITS
    problems.unknown_keys("limits.", value, ("max_members",))
    most = value.get("max_members")
    if most is not None and (type(most) is not int or most < 1):
        problems.add("limits.max_members", most, "wrong_type", expected="a whole number of at least 1")
        return NO_LIMITS
    return StoreLimits(most)


# Every top-level table of the file with its reader; the result becomes the field of that name.
_TABLES: Final[Mapping[str, Callable[[object, _Problems], Any]]] = {
    "stages": _stages,
    "ignore": _ignored_names,
    "limits": _limits,
}
