"""Parser for curated selections: the files ``2_tasks/selected_essays.txt`` and ``selected_drafts.txt``.

A line holds one id; blank lines and text after a ``#`` are comments, except a comment line that is a directive:
``# mode: ...``, ``# reuse: ...`` or one of :data:`SKIP_DIRECTIVES`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from genaudit.cohorts.near_directives import directive_meant, folded
from genaudit.errors import DDError, Err
from genaudit.layout import is_safe_name
from genaudit.stages import STAGE_NAMES
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

# The words of ``# reuse:`` in stage order; ``existing`` means all of them.
REUSE_STAGES: Final[Mapping[str, str]] = MappingProxyType({f"{stage}s": stage for stage in STAGE_NAMES})
EXISTING: Final = "existing"

_MODE: Final = re.compile(r"mode\s*:\s*(.*)")
_REUSE: Final = re.compile(r"reuse\s*:\s*(.*)")
# "# fill-up: yes" is meant as a directive; taken for a comment it would be paid for.
_ALMOST: Final = re.compile(rf"(?:{'|'.join(SKIP_DIRECTIVES)})\s*[:=].*|(?:mode|reuse)\s*=.*")
_REUSE_FORMS: Final = (EXISTING, *(", ".join([*REUSE_STAGES][: count + 1]) for count in range(len(REUSE_STAGES))))
# Comments that mean a directive, and that directive. A mode without "mode" counts, but "regenerate" is plain English.
_FORMS: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{f"mode: {word}": f"# mode: {word}" for word in MODE_WORDS},
        **{word: f"# mode: {word}" for word in MODE_WORDS if word != CuratedMode.REGENERATE},
        **{word: f"# {word}" for word in SKIP_DIRECTIVES},
        **{f"reuse: {words}": f"# reuse: {words}" for words in _REUSE_FORMS},
    }
)
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
    :param reuse: the stages that ``# reuse:`` names, parents first: stored generations count towards the replicates.
    """

    stage: str
    ids: tuple[str, ...]
    mode: CuratedMode
    skip_existing: bool = False
    repeated: tuple[str, ...] = ()
    source: str = "selection"
    reuse: tuple[str, ...] = ()


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
        self._reuse_line: int | None = None
        self._reuse: tuple[str, ...] = ()
        self.problems: list[dict[str, Any]] = []

    def take(self, number: int, line: str) -> None:
        if line.startswith("#"):
            self._directive(number, line[1:].strip())
            return
        gen_id, _, comment = map(str.strip, line.partition("#"))
        if gen_id:
            if comment:
                self._near_directive(number, comment)
            if is_safe_name(gen_id):
                self._ids[gen_id] = self._ids.get(gen_id, 0) + 1
            else:
                self._add("not_an_id", number, gen_id)

    def _directive(self, number: int, written: str) -> None:
        text = written.lower()
        if match := _MODE.fullmatch(text):
            mode = MODE_WORDS.get(match[1])
            if mode is None:
                self._add("unsupported_curated_mode", number, match[1], tuple(MODE_WORDS))
            else:
                self._modes.setdefault(mode, number)
        elif match := _REUSE.fullmatch(text):
            self._take_reuse(number, match[1])
        elif text in SKIP_DIRECTIVES:
            self._skip_line = number
        else:
            self._near_directive(number, written)

    def _take_reuse(self, number: int, words: str) -> None:
        """Read the stages of ``# reuse:``, all of them or the first ones."""
        if self._reuse_line is not None:
            self._add("repeated_directive", number, f"reuse: {words}")
            return
        self._reuse_line = number
        named = [word.strip() for word in words.split(",")]
        known = (EXISTING, *REUSE_STAGES)
        if "" in named or (EXISTING in named and len(named) > 1):
            self._add("malformed_directive", number, f"reuse: {words}", meant=f"# reuse: {EXISTING}")
        elif strange := [word for word in named if word not in known]:
            for word in strange:
                self._add("unknown_stage", number, word, known)
        elif named == [EXISTING]:
            self._reuse = STAGE_NAMES
        elif named != [*REUSE_STAGES][: len(named)]:
            self._add("stages_out_of_order", number, words, meant=f"# reuse: {', '.join(REUSE_STAGES)}")
        else:
            self._reuse = tuple(REUSE_STAGES[word] for word in named)

    def _near_directive(self, number: int, text: str) -> None:
        """Refuse a comment that is almost a directive: ignored, it would change the plan and its cost."""
        plain = folded(text)
        meant = directive_meant(plain, _FORMS)
        if meant or _ALMOST.fullmatch(plain) or _MODE.fullmatch(plain) or _REUSE.fullmatch(plain):
            nearest = _FORMS[meant] if meant else next(iter(get_close_matches(plain, _FORMS, n=1, cutoff=0.4)), None)
            self._add("malformed_directive", number, text, meant=_FORMS.get(nearest or "", nearest))

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
        mode = next(iter(self._modes), DEFAULT_MODES[self._stage])
        if self._reuse_line is not None and mode is CuratedMode.REGENERATE:
            self._add("contradicting_directives", self._reuse_line, f"# reuse: beside # mode: {mode}")
        if not self._ids:
            self._add("empty_selection", None, None)
        return Selection(
            stage=self._stage,
            ids=tuple(self._ids),
            mode=mode,
            skip_existing=self._skip_line is not None,
            repeated=tuple(gen_id for gen_id, count in self._ids.items() if count > 1),
            source=source,
            reuse=self._reuse,
        )

    def _add(
        self,
        problem: str,
        line: int | None,
        value: str | None,
        among: tuple[str, ...] = (),
        *,
        meant: str | None = None,
    ) -> None:
        nearest = meant or next(iter(get_close_matches(value or "", among, n=1)), None)
        self.problems.append({"problem": problem, "line": line, "value": value, "nearest": nearest})
