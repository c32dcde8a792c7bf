"""Collector for the errors and warnings of a spec, raised together."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum
from pathlib import PurePath
from typing import Any, Final

from genaudit.errors import DDError, Err, Reason

# Each misspelt level is compared with all valid ones; long lists must not take minutes.
_MAX_COMPARISONS: Final = 50_000
# JSON may be nested more deeply than Python can follow.
_MAX_DEPTH: Final = 8


class SpecProblem(StrEnum):
    """Kinds of errors in a spec: the values of ``ctx["problems"][i]["problem"]``."""

    # The file and its syntax.
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    NOT_YAML = "not_yaml"
    NOT_JSON = "not_json"
    NOT_OBJECT = "not_object"
    NOT_CSV = "not_csv"
    NAN = "nan"
    DUPLICATE_KEY = "duplicate_key"
    ALIAS = "alias"
    TAG = "tag"
    TOO_DEEP = "too_deep"
    UNKNOWN_FORMAT = "unknown_format"
    # Files that a spec refers to.
    UNSAFE_PATH = "unsafe_path"
    NO_FOLDER = "no_folder"
    FILE_MISSING = "file_missing"
    HEADER = "header"
    HEADER_ORDER = "header_order"
    # Names and values.
    WRONG_TYPE = "wrong_type"
    WRONG_LENGTH = "wrong_length"
    MISSING = "missing"
    EMPTY = "empty"
    UNKNOWN = "unknown"
    UNDECLARED = "undeclared"
    DECLARED = "declared"
    DUPLICATE = "duplicate"
    CASE_OR_BLANKS = "case_or_blanks"
    NOT_TEXT = "not_text"
    OUT_OF_DOMAIN = "out_of_domain"
    # Rules.
    NOT_A_LEVEL = "not_a_level"
    NO_COMMON_VALUE = "no_common_value"
    NOTHING_LEFT = "nothing_left"
    TIED = "tied"
    BOUND = "bound"
    NAME_TAKEN = "name_taken"
    UNBALANCED = "unbalanced"
    MODELS_AT_ODDS = "essay_models_at_odds"


@dataclass(frozen=True, slots=True)
class Misread:
    """A scalar that YAML readers do not take for text: ``no``, ``1.10``, ``2024-01-01``, ``~``.

    :param text: its spelling in the file, which the parsed value no longer shows.
    """

    text: str


@dataclass(slots=True)
class _Gathered:
    problems: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    comparisons: int = 0


@dataclass(frozen=True, slots=True)
class SpecReport:
    """A position in a spec, with all problems found so far.

    Every report derived by :meth:`at` or :meth:`within` adds to the same list.

    :param source: name of the spec in errors.
    :param file: the current file: the spec, or one that it refers to.
    :param section: the dotted path of keys, as in ``rules.pairs.draft_eval``.
    """

    source: str
    file: str
    section: str = ""
    gathered: _Gathered = field(default_factory=_Gathered, compare=False)

    def at(self, *keys: object) -> SpecReport:
        """Descend by some keys."""
        return replace(self, section=".".join([part for part in (self.section, *map(str, keys)) if part]))

    def within(self, file: str) -> SpecReport:
        """Continue in a file that the section refers to, by its path from the spec's folder."""
        return replace(self, file=(PurePath(self.source).parent / file).as_posix())

    @property
    def count(self) -> int:
        """The number of problems so far, of all sections."""
        return len(self.gathered.problems)

    def add(
        self, problem: SpecProblem, *, axis: str | None = None, value: object = None, among: Collection[Any] = ()
    ) -> None:
        """Add an error.

        :param axis: the axis concerned, if any.
        :param value: the contents of the file; for ``unbalanced`` the count of each value.
        :param among: the valid names, for ``nearest``.
        """
        self.gathered.problems.append({**self._place(axis, value, among), "problem": problem.value})

    def warn(
        self, warning: str, *, axis: str | None = None, value: object = None, among: Collection[Any] = ()
    ) -> None:
        """Add a warning about a part of the spec that is ignored. The parameters are those of :meth:`add`."""
        self.gathered.warnings.append({"warning": warning, **self._place(axis, value, among)})

    def _place(self, axis: str | None, value: object, among: Collection[Any]) -> dict[str, Any]:
        return {
            "file": self.file,
            "section": self.section,
            "axis": axis,
            "value": _plain(value),
            "nearest": self._nearest(value, among),
        }

    def _nearest(self, value: object, among: Collection[Any]) -> str | None:
        self.gathered.comparisons += len(among)
        if not isinstance(value, str) or self.gathered.comparisons > _MAX_COMPARISONS:
            return None
        spellings = {str(name).lower(): str(name) for name in among}
        close = get_close_matches(value.strip().lower(), spellings, n=1)
        return spellings[close[0]] if close else None

    def raise_any(self) -> None:
        """Raise the collected errors, if there are any.

        :raises DDError: as :meth:`error` builds it.
        """
        if self.count:
            raise self.error()

    def error(self) -> DDError:
        """Build the error that names all problems.

        :returns: ``INVALID_CONFIG`` with ``file`` (the spec) and ``problems``, mappings with the keys ``file``,
            ``section``, ``axis``, ``value``, ``problem`` and ``nearest``; reason ``invalid_constraint`` if all of
            them are about rules, ``invalid_spec`` otherwise.
        """
        problems = self.gathered.problems
        in_rules = all(problem["section"].startswith("rules.") for problem in problems)
        reason = Reason.INVALID_CONSTRAINT if in_rules else Reason.INVALID_SPEC
        return DDError(Err.INVALID_CONFIG, {"reason": reason, "file": self.source, "problems": problems})


def _plain(value: object, depth: int = 0) -> object:
    """Convert a value of a spec to plain JSON values, for the context of an error."""
    if isinstance(value, Misread):
        return value.text
    if isinstance(value, (dict, list, tuple)) and depth == _MAX_DEPTH:
        return "..."
    if isinstance(value, dict):
        return {str(key): _plain(part, depth + 1) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part, depth + 1) for part in value]
    return value if isinstance(value, (str, int, float, type(None))) else repr(value)


class RefusedError(Exception):
    """Well-formed contents that a spec must not have."""

    def __init__(self, problem: SpecProblem, value: object) -> None:
        """Create the error."""
        self.problem = problem
        self.value = value
        super().__init__(problem, value)
