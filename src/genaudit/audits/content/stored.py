"""Reader for the files of a generation: texts with their problems, and reports."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final

from genaudit.audits.content.texts import TextProblem, text_problem
from genaudit.cohorts.safe_paths import open_below
from genaudit.errors import DDError
from genaudit.generating.preflight import PlannedGeneration
from genaudit.layout import ARTIFACTS, GENS, PARSED, PARSED_METADATA, PROMPT, RAW, RAW_METADATA, is_safe_name
from genaudit.schemas import ArtifactState, RecordState
from genaudit.stages import PARENT, STAGES
from genaudit.store.folders import folder, read_file
from genaudit.store.records import UnreadableError
from genaudit.store.snapshot import Snapshot
from genaudit.store.texts import MAX_TEXT_BYTES, read_report

_TEXTS: Final = {PROMPT: "has_prompt", RAW: "has_raw", PARSED: "has_parsed"}
_REPORTS: Final = {RAW_METADATA: "raw_metadata", PARSED_METADATA: "parsed_metadata"}
_PLANNED: Final = ("stage", "gen_id", "mode", "template_id", "combo_id", PARENT, "llm_model_id")


@dataclass(slots=True)
class StoredGeneration:
    """A generation with its files.

    :param row: its row in the snapshot.
    :param texts: the texts that can be compared, by file name.
    :param problems: by file name, the problem of each text that cannot.
    :param unread: the files that cannot be read, by file name, with the reason.
    :param reports: the JSON reports that can be read, by file name.
    """

    row: int
    generation: PlannedGeneration
    has_record: bool
    texts: dict[str, str] = field(default_factory=dict)
    problems: dict[str, TextProblem] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    reports: dict[str, Mapping[str, Any]] = field(default_factory=dict)


class StoredTexts:
    """Reads the files of a store's generations, children of one parent after each other.

    :param snapshot: source of the list of files.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._parent: tuple[tuple[str, str], str | TextProblem | None] | None = None
        self._bases: dict[str, int] = {}

    def each(self, stages: Mapping[str, range]) -> Iterator[StoredGeneration]:
        """Read every generation whose name can be a path, stage by stage.

        :param stages: the rows of each stage.
        """
        names, parents = self._snapshot.values("gen_id"), self._snapshot.values(PARENT)
        with ExitStack() as opened:
            for stage, span in stages.items():
                try:
                    self._bases[stage] = opened.enter_context(open_below(self._snapshot.root, GENS, stage))
                except (DDError, FileNotFoundError):
                    continue
                above = self._snapshot.stages[stage].parent
                rows = {names[row]: row for row in sorted(span, key=lambda row: (parents[row] or "", row))}
                own = [name for name in rows if is_safe_name(name)]
                for batch in self._snapshot.batches(stage, own, ARTIFACTS):
                    wanted = [*dict.fromkeys(parent for name in batch if (parent := parents[rows[name]]))]
                    with self._snapshot.at_hand(above, wanted, (PARSED,)) if above else nullcontext():
                        for name in batch:
                            yield self._read(self._bases[stage], rows[name])

    def parent_text(self, generation: PlannedGeneration) -> str | TextProblem | None:
        """Read the parsed text of a generation's parent, while :meth:`each` goes on.

        :returns: its problem if it is no usable text; ``None`` if there is none.
        """
        key = (STAGES[generation.stage].parent or "", generation.parent_gen_id or "")
        if self._parent is None or self._parent[0] != key:
            self._parent = (key, self._parsed(*key))
        return self._parent[1]

    def _parsed(self, stage: str, gen_id: str) -> str | TextProblem | None:
        row = self._snapshot.rows.get(stage, {}).get(gen_id)
        if row is None or stage not in self._bases or not self._snapshot.values("has_parsed")[row]:
            return None
        try:
            with folder(gen_id, self._bases[stage]) as handle:
                data = read_file(PARSED, handle, MAX_TEXT_BYTES)
        except (OSError, UnreadableError):
            return TextProblem("", "cannot be read")
        problem = text_problem(data)
        return problem or data.decode()

    def _read(self, base: int, row: int) -> StoredGeneration:
        values = self._snapshot.values
        planned = PlannedGeneration(*(values(name)[row] for name in _PLANNED))
        found = StoredGeneration(row, planned, values("state")[row] == RecordState.OK)
        wanted = [name for name, column in _TEXTS.items() if values(column)[row]]
        reports = [name for name, column in _REPORTS.items() if values(column)[row] == ArtifactState.OK]
        if not wanted and not reports:
            return found
        try:
            with folder(planned.gen_id, base) as handle:
                for name in wanted:
                    self._read_text(found, name, handle)
                for name in reports:
                    found.reports[name] = read_report(handle, (name,))
        except (OSError, UnreadableError) as error:
            found.unread[planned.gen_id] = _reason(error)
        return found

    def _read_text(self, found: StoredGeneration, name: str, handle: int) -> None:
        try:
            data = read_file(name, handle, MAX_TEXT_BYTES)
        except (OSError, UnreadableError) as error:
            found.unread[name] = _reason(error)
            return
        problem = text_problem(data)
        if problem:
            found.problems[name] = problem
        elif data:
            found.texts[name] = data.decode()
        else:
            found.unread[name] = "empty"


def _reason(error: OSError | UnreadableError) -> str:
    return error.detail if isinstance(error, UnreadableError) else os.strerror(error.errno or 0)
