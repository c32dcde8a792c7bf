"""Checks of a spec: the names of axes, the shape of entries, and the report that collects all errors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum
from pathlib import PurePath
from types import MappingProxyType
from typing import Any, Final, NoReturn, TypeAlias, TypeVar

from genaudit.errors import DDError, Err, Reason
from genaudit.stages import REPLICATE, STAGES

Level: TypeAlias = str | int
Row: TypeAlias = tuple[Level, ...]
T = TypeVar("T")
R = TypeVar("R")

# The word in place of a model for essays that only copy their draft, and the only axis that may hold it.
NO_MODEL: Final = "None"
NO_MODEL_AXIS: Final = "essay_llm"

ID_AXES: Final = (
    "combo_id",
    *(axis for stage in STAGES.values() for axis in (stage.old_template_field, f"{stage.name}_llm")),
)
REPLICATE_AXES: Final = tuple(f"{stage}_{REPLICATE}" for stage in STAGES)
AXES: Final = (*ID_AXES, *REPLICATE_AXES)
# Other names of the axes, as the pipeline's own specs use them.
OTHER_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "combo": "combo_id",
        "draft_model": "draft_llm",
        "generation_llm": "draft_llm",
        "evaluation_llm_replicate": f"evaluation_{REPLICATE}",
        **{f"{stage.old_template_field}_{REPLICATE}": f"{stage.name}_{REPLICATE}" for stage in STAGES.values()},
        **{f"{stage}_rep": f"{stage}_{REPLICATE}" for stage in STAGES},
    }
)

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


class ReportedError(Exception):
    """An error is in the report, and what depends on it is not read."""


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

    def fail(self, problem: SpecProblem, **details: Any) -> NoReturn:  # noqa: ANN401 - as for add
        """Add an error and leave the part of the spec that has it. The parameters are those of :meth:`add`.

        :raises ReportedError: always.
        """
        self.add(problem, **details)
        raise ReportedError

    @contextmanager
    def collect(self) -> Iterator[None]:
        """Run a block to its end, then leave if it has added errors.

        :raises ReportedError: errors were added.
        """
        before = self.count
        yield
        if self.count > before:
            raise ReportedError

    def each(self, read: Callable[[T], R], items: Iterable[T]) -> list[R]:
        """Read all items, and leave if any of them has errors.

        :raises ReportedError: errors were added.
        """
        found = []
        with self.collect():
            for item in items:
                with suppress(ReportedError):
                    found.append(read(item))
        return found

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

    def has_length(self, row: object, length: int) -> bool:
        """Check that a value is a list of some length, or add an error."""
        if not isinstance(row, list):
            self.add(SpecProblem.WRONG_TYPE, value=row)
        elif len(row) != length:
            self.add(SpecProblem.WRONG_LENGTH, value=row)
        else:
            return True
        return False

    def entry(self, raw: object, required: Sequence[str], optional: Sequence[str] = ()) -> Mapping[str, Any]:
        """Check the keys of a mapping.

        :raises ReportedError: there are errors.
        """
        if not isinstance(raw, dict):
            self.fail(SpecProblem.WRONG_TYPE, value=raw)
        with self.collect():
            for key in raw:
                if key not in required and key not in optional:
                    self.add(SpecProblem.UNKNOWN, value=key, among=(*required, *optional))
            for key in required:
                if key not in raw:
                    self.at(key).add(SpecProblem.MISSING)
        return raw

    def names(self, raw: object) -> list[str]:
        """Check a list of names.

        :raises ReportedError: it is none, or empty.
        """
        if not isinstance(raw, list):
            self.fail(SpecProblem.WRONG_TYPE, value=raw)
        if not raw:
            self.fail(SpecProblem.EMPTY, value=raw)
        if wrong := [name for name in raw if not isinstance(name, str)]:
            self.fail(SpecProblem.NOT_TEXT, value=wrong[0])
        return raw

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


def first_name(name: str) -> str:
    """Return the first name of an axis. Every other name is its own first name."""
    return OTHER_NAMES.get(name, name)
