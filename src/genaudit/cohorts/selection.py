"""A curated selection: the files ``2_tasks/selected_essays.txt`` and ``selected_drafts.txt``, and what they ask for.

A line holds one id; blank lines and what follows a ``#`` are comments, but for a comment line that is a directive:
``# mode: ...`` or one of :data:`SKIP_DIRECTIVES`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from genaudit.errors import DDError, Err
from genaudit.layout import is_safe_name
from genaudit.store.folders import read_file
from genaudit.store.records import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genaudit.layout import Layout


class CuratedMode(StrEnum):
    """How much of what a selection names is made anew."""

    REGENERATE = "regenerate"
    REUSE_DRAFTS = "reuse-drafts"
    REUSE_ESSAYS = "reuse-essays"


# A line for each of a few million ids.
MAX_SELECTION_BYTES: Final = 1 << 27
FILES: Final[Mapping[str, str]] = MappingProxyType({"essay": "selected_essays.txt", "draft": "selected_drafts.txt"})
DEFAULT_MODES: Final[Mapping[str, CuratedMode]] = MappingProxyType(
    {"essay": CuratedMode.REGENERATE, "draft": CuratedMode.REUSE_DRAFTS}
)
MODE_WORDS: Final[Mapping[str, CuratedMode]] = MappingProxyType(
    {
        **{mode.value: mode for mode in CuratedMode},
        "reuse_drafts": CuratedMode.REUSE_DRAFTS,
        "reuse_essays": CuratedMode.REUSE_ESSAYS,
        "evaluation-only": CuratedMode.REUSE_ESSAYS,
        "evaluations-only": CuratedMode.REUSE_ESSAYS,
    }
)
SKIP_DIRECTIVES: Final = (
    "skip-existing-evaluations",
    "fill-up",
    "fillup",
    "include-existing-evaluations",
    "backfill-mode",
)

_MODE: Final = re.compile(r"mode\s*:\s*(.*)")
# "# fill-up: yes" is meant as a directive; taken for a comment it would be paid for.
_ALMOST: Final = re.compile(rf"(?:{'|'.join(SKIP_DIRECTIVES)})\s*[:=].*|mode\s*=.*")
# The gravest first: it gives the error its reason, the others stand among its problems.
_REASONS: Final = ("unsupported_curated_mode", "empty_selection", "invalid_selection")


@dataclass(frozen=True, slots=True)
class Cartesian:
    """A plan without a selection: everything that the active catalogs combine to."""


@dataclass(frozen=True, slots=True)
class Selection:
    """A curated plan.

    :param stage: what the ids are: ``essay`` or ``draft``.
    :param ids: in the order of the file, no one twice.
    :param skip_existing: whether evaluations that exist already count towards the replicates.
    :param repeated: ids that stood in the file more than once.
    :param source: the file, relative to the data root.
    """

    stage: str
    ids: tuple[str, ...]
    mode: CuratedMode
    skip_existing: bool = False
    repeated: tuple[str, ...] = ()
    source: str = "selection"


def read_selection(layout: Layout) -> Selection | None:
    """Read the selection of a data root.

    :returns: ``None`` when there is none.
    :raises DDError: ``INVALID_CONFIG``, reason ``multiple_curated_inputs`` (``paths``), or as
        :func:`parse_selection`; ``IO_ERROR``, reason ``selection_unreadable``.
    """
    texts: dict[str, bytes] = {}
    for stage, name in FILES.items():
        path = layout.tasks / name
        try:
            texts[stage] = read_file(str(path), limit=MAX_SELECTION_BYTES)
        except FileNotFoundError:
            continue
        except UnreadableError as error:
            ctx = {"reason": "selection_unreadable", "path": str(path), "error": error.detail}
            raise DDError(Err.IO_ERROR, ctx) from None
    if len(texts) > 1:
        paths = [f"{layout.tasks.name}/{FILES[stage]}" for stage in texts]
        raise DDError(Err.INVALID_CONFIG, {"reason": "multiple_curated_inputs", "paths": paths})
    for stage, data in texts.items():
        source = f"{layout.tasks.name}/{FILES[stage]}"
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            ctx = {"reason": "selection_unreadable", "path": source, "error": f"no UTF-8 at offset {error.start}"}
            raise DDError(Err.IO_ERROR, ctx) from None
        return parse_selection(stage, text, source)
    return None


def parse_selection(stage: str, text: str, source: str = "selection") -> Selection:
    """Read the text of a selection.

    :param stage: what its ids are: ``essay`` or ``draft``.
    :param source: what errors call it.
    :raises DDError: ``INVALID_CONFIG`` with ``file`` and everything that is wrong under ``problems``
        (``problem, line, value, nearest``); reason ``unsupported_curated_mode`` (``mode`` has the first one),
        ``empty_selection`` or ``invalid_selection``.
    """
    selection, problems = read_lines(stage, text, source)
    raise_selection_problems(source, problems)
    return selection


def read_lines(stage: str, text: str, source: str = "selection") -> tuple[Selection, list[dict[str, Any]]]:
    """Read the text of a selection as far as it can be read, for who wants to go on looking for mistakes.

    :returns: what was read, and everything that is wrong with it, as :func:`parse_selection` raises it.
    """
    parser = _Parser(stage)
    for number, line in enumerate(text.splitlines(), start=1):
        parser.take(number, line.strip())
    return parser.selection(source), parser.problems


def raise_selection_problems(source: str, problems: list[dict[str, Any]]) -> None:
    """Raise problems of a selection, if there are any, under the reason of the gravest.

    :param problems: mappings with the keys ``problem`` and ``value``, and whatever tells more.
    :raises DDError: see :func:`parse_selection`.
    """
    if not problems:
        return
    found = [problem["problem"] for problem in problems]
    reason = next((reason for reason in _REASONS if reason in found), _REASONS[-1])
    ctx: dict[str, Any] = {"reason": reason, "file": source, "problems": problems}
    if reason == _REASONS[0]:
        ctx["mode"] = problems[found.index(reason)]["value"]
    raise DDError(Err.INVALID_CONFIG, ctx)


class _Parser:
    """Reads a selection line by line."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._ids: dict[str, int] = {}
        self._modes: dict[CuratedMode, int] = {}
        self._skip_line: int | None = None
        self.problems: list[dict[str, Any]] = []

    def take(self, number: int, line: str) -> None:
        if line.startswith("#"):
            self._directive(number, line[1:].strip().lower())
        elif gen_id := line.partition("#")[0].strip():
            if is_safe_name(gen_id):
                self._ids[gen_id] = self._ids.get(gen_id, 0) + 1
            else:
                self._add("not_an_id", number, gen_id)

    def _directive(self, number: int, text: str) -> None:
        if match := _MODE.fullmatch(text):
            mode = MODE_WORDS.get(match[1])
            if mode is None:
                self._add("unsupported_curated_mode", number, match[1], tuple(MODE_WORDS))
            else:
                self._modes.setdefault(mode, number)
        elif text in SKIP_DIRECTIVES:
            self._skip_line = number
        elif _ALMOST.fullmatch(text):
            self._add("malformed_directive", number, text, SKIP_DIRECTIVES)

    def selection(self, source: str) -> Selection:
        """Put together what was read, and check that it goes together."""
        if len(self._modes) > 1:
            self._add("contradicting_modes", max(self._modes.values()), ", ".join(self._modes))
        if self._stage == "draft":
            if CuratedMode.REUSE_ESSAYS in self._modes:
                self._add(
                    "unsupported_curated_mode", self._modes[CuratedMode.REUSE_ESSAYS], CuratedMode.REUSE_ESSAYS.value
                )
            if self._skip_line is not None:
                self._add("skip_existing_needs_essays", self._skip_line, SKIP_DIRECTIVES[0])
        if not self._ids:
            self._add("empty_selection", None, None)
        return Selection(
            stage=self._stage,
            ids=tuple(self._ids),
            mode=next(iter(self._modes), DEFAULT_MODES[self._stage]),
            skip_existing=self._skip_line is not None,
            repeated=tuple(gen_id for gen_id, count in self._ids.items() if count > 1),
            source=source,
        )

    def _add(self, problem: str, line: int | None, value: str | None, among: tuple[str, ...] = ()) -> None:
        nearest = next(iter(get_close_matches(value or "", among, n=1)), None)
        self.problems.append({"problem": problem, "line": line, "value": value, "nearest": nearest})
