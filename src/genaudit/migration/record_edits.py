"""The edits of generations: their own id and their parent's in the record, and the file that a copy repeats."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from genaudit.layout import GENS, METADATA, RAW_METADATA, is_safe_name
from genaudit.migration.spans import Span, path_spans, text_at, text_values
from genaudit.schemas import ArtifactState, RecordState
from genaudit.stages import PARENT, STAGES
from genaudit.store.folders import folder, read_file
from genaudit.store.records import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genaudit.migration.edits import Found, Ids
    from genaudit.stages import Stage
    from genaudit.store.snapshot import Snapshot

_COPIED_FROM: Final = "copied_from"


def scan_generations(snapshot: Snapshot, ids: Ids, found: Found) -> None:
    """Look at every generation's record, and at the report beside its answer."""
    with folder(os.path.realpath(snapshot.root, strict=True)) as top, folder(GENS, top) as gens:
        for stage in STAGES.values():
            if not snapshot.spans[stage.name]:
                continue
            with folder(stage.name, gens) as stage_folder:
                reader = _Reader(snapshot, stage, ids, found)
                for row in snapshot.spans[stage.name]:
                    reader.look(row, stage_folder)


class _Reader:
    """Looks at the generations of one stage."""

    def __init__(self, snapshot: Snapshot, stage: Stage, ids: Ids, found: Found) -> None:
        self.stage = stage
        self.ids = ids
        self.found = found
        self.own = ids[stage.name]
        self.above = ids[stage.parent] if stage.parent else {}
        self.names: list[str] = snapshot.values("gen_id")
        self.states: list[str] = snapshot.values("state")
        self.parents: list[str | None] = snapshot.values(PARENT)
        self.reports: list[str] = snapshot.values("raw_metadata")

    def look(self, row: int, stage_folder: int) -> None:
        name = self.names[row]
        path = f"{GENS}/{self.stage.name}/{name}"
        self.found.note(path, f"{self.states[row]}, {self.reports[row]}")
        has_record = self.states[row] == RecordState.OK
        has_report = self.reports[row] == ArtifactState.OK
        if not is_safe_name(name) or not (has_record or has_report):
            return
        try:
            with folder(name, stage_folder) as handle:
                if has_record:
                    self._record(row, f"{path}/{METADATA}", read_file(METADATA, handle))
                if has_report:
                    self._report(f"{path}/{RAW_METADATA}", read_file(RAW_METADATA, handle))
        except (OSError, UnreadableError):
            self.found.leave(path, "vanished")

    def _record(self, row: int, path: str, data: bytes) -> None:
        self.found.see(path, data)
        new, above = self.own.get(self.names[row]), self.above.get(self.parents[row] or "")
        if new is None and above is None:
            return
        places = text_values(data)
        wanted = (("gen_id", new), (PARENT, above))
        spans = [
            Span(places[key].start, text_at(data, places[key]), value)
            for key, value in wanted
            if value is not None and key in places
        ]
        self.found.edit(path, data, spans)

    def _report(self, path: str, data: bytes) -> None:
        self.found.see(path, data)
        # Nearly all answers are no copies: that is seen without taking the report apart.
        if GENS.encode() in data:
            self.found.edit(path, data, self._copied(data))

    def _copied(self, data: bytes) -> Iterator[Span]:
        place = text_values(data).get(_COPIED_FROM)
        if place:
            yield from path_spans(data, place, self.ids)
