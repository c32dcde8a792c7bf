"""Reader for the files of a generation: texts with their problems, and reports."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from genaudit.audits.content.texts import TextProblem, text_problem
from genaudit.cohorts.safe_paths import open_below
from genaudit.errors import DDError
from genaudit.generating.preflight import PlannedGeneration
from genaudit.layout import GENS, PARSED, PARSED_METADATA, PROMPT, RAW, RAW_METADATA
from genaudit.schemas import ArtifactState, RecordState
from genaudit.stages import PARENT, STAGES
from genaudit.store.folders import folder, read_file
from genaudit.store.records import MAX_RECORD_BYTES, UnreadableError, decode
from genaudit.store.snapshot import Snapshot
from genaudit.store.texts import MAX_TEXT_BYTES

_TEXTS: Final = {PROMPT: "has_prompt", RAW: "has_raw", PARSED: "has_parsed"}
_REPORTS: Final = {RAW_METADATA: "raw_metadata", PARSED_METADATA: "parsed_metadata"}
# Characters of parsed texts that are kept for the prompts of children; those of other parents are read again.
_MOST_KEPT: Final = 1 << 28
_Key = tuple[str, str]
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
    """Reads the files of a store's generations.

    :param snapshot: source of the list of files.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._parent: tuple[_Key, str | TextProblem | None] | None = None
        self._kept: dict[_Key, str | TextProblem] = {}
        self._kept_characters = 0
        self._bases: dict[str, int] = {}

    @contextmanager
    def opened(self, root: Path) -> Iterator[None]:
        """Open the folders of the stages below a data root for a ``with`` block that reads generations."""
        with ExitStack() as opened:
            opened.callback(self._bases.clear)
            for stage in self._snapshot.spans:
                with suppress(DDError, FileNotFoundError):
                    self._bases[stage] = opened.enter_context(open_below(root, GENS, stage))
            yield

    def wanted(self, row: int) -> dict[str, int]:
        """List the files of a generation that are read, each with its largest size."""
        values = self._snapshot.values
        texts = {name: MAX_TEXT_BYTES for name, column in _TEXTS.items() if values(column)[row]}
        reports = [name for name, column in _REPORTS.items() if values(column)[row] == ArtifactState.OK]
        return texts | dict.fromkeys(reports, MAX_RECORD_BYTES)

    def generation(self, row: int, files: Mapping[str, bytes]) -> StoredGeneration | None:
        """Take the files of a generation that were read elsewhere, and keep its parsed text for its children.

        :returns: ``None`` if a file is missing among them, too large, or no report any more.
        """
        wanted = self.wanted(row)
        if any(name not in files or len(files[name]) > limit for name, limit in wanted.items()):
            return None
        found = self._empty(row)
        try:
            self._fill(found, wanted, lambda name, _limit: files[name])
        except UnreadableError:
            return None
        parsed = found.texts.get(PARSED) or found.problems.get(PARSED)
        size = len(parsed) if isinstance(parsed, str) else 0
        if parsed is not None and self._kept_characters + size <= _MOST_KEPT:
            self._kept[found.generation.stage, found.generation.gen_id] = parsed
            self._kept_characters += size
        return found

    def parent_text(self, generation: PlannedGeneration) -> str | TextProblem | None:
        """Read the parsed text of a generation's parent, if it is not kept.

        :returns: its problem if it is no usable text; ``None`` if there is none.
        """
        key = (STAGES[generation.stage].parent or "", generation.parent_gen_id or "")
        if key in self._kept:
            return self._kept[key]
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

    def _empty(self, row: int) -> StoredGeneration:
        values = self._snapshot.values
        planned = PlannedGeneration(*(values(name)[row] for name in _PLANNED))
        return StoredGeneration(row, planned, values("state")[row] == RecordState.OK)

    def read(self, row: int) -> StoredGeneration:
        """Read the files of a generation."""
        found, wanted = self._empty(row), self.wanted(row)
        if not wanted:
            return found
        try:
            with folder(found.generation.gen_id, self._bases[found.generation.stage]) as handle:
                self._fill(found, wanted, lambda name, limit: read_file(name, handle, limit))
        except (OSError, UnreadableError) as error:
            found.unread[found.generation.gen_id] = _reason(error)
        return found

    def _fill(self, found: StoredGeneration, wanted: Mapping[str, int], read: Callable[[str, int], bytes]) -> None:
        for name, limit in wanted.items():
            if name in _TEXTS:
                self._read_text(found, name, partial(read, name, limit))
            else:
                found.reports[name] = decode(read(name, limit))

    def _read_text(self, found: StoredGeneration, name: str, read: Callable[[], bytes]) -> None:
        try:
            data = read()
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
