"""Edits of generations: their own id and their parent's in the record, and the source file of a copy."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Final

from genaudit.layout import GENS, METADATA, MOVING, PARSED_METADATA, RAW_METADATA, REPLACED, REPORTS, is_safe_name
from genaudit.migration.edits import EditScan, Ids
from genaudit.migration.spans import Span, may_name, path_spans, text_at, text_values
from genaudit.schemas import ArtifactState, RecordState
from genaudit.stages import PARENT, Stage
from genaudit.store.folders import folder, kind_of, read_file
from genaudit.store.records import UnreadableError, decode
from genaudit.store.snapshot import Snapshot

_COPIED_FROM: Final = "copied_from"


def scan_generations(snapshot: Snapshot, ids: Ids, found: EditScan) -> None:
    """Scan every generation's record, and the reports beside its answer."""
    with folder(os.path.realpath(snapshot.root, strict=True)) as top, folder(GENS, top) as gens:
        for stage in snapshot.stages.values():
            if not snapshot.spans[stage.name]:
                continue
            with folder(stage.name, gens) as stage_folder:
                reader = _Reader(snapshot, stage, ids, found)
                for row in snapshot.spans[stage.name]:
                    reader.look(row, stage_folder)


class _Reader:
    """The scan of one stage's generations."""

    def __init__(self, snapshot: Snapshot, stage: Stage, ids: Ids, found: EditScan) -> None:
        self.stage = stage
        self.ids = ids
        self.found = found
        self.own = ids[stage.name]
        self.above = ids[stage.parent] if stage.parent else {}
        self.names: list[str] = snapshot.values("gen_id")
        self.states: list[str] = snapshot.values("state")
        self.parents: list[str | None] = snapshot.values(PARENT)
        self.reports: dict[str, list[str]] = {
            RAW_METADATA: snapshot.values("raw_metadata"),
            PARSED_METADATA: snapshot.values("parsed_metadata"),
        }
        self.replaced: list[int] = snapshot.values("replaced")

    def look(self, row: int, stage_folder: int) -> None:
        name = self.names[row]
        path = f"{GENS}/{self.stage.name}/{name}"
        self.found.note(path, ", ".join([self.states[row], *(states[row] for states in self.reports.values())]))
        has_record = self.states[row] == RecordState.OK and (self.found.fingerprints or self._is_near(row))
        reports = {report: states[row] == ArtifactState.OK for report, states in self.reports.items()}
        if not is_safe_name(name) or not (has_record or any(reports.values()) or self.replaced[row]):
            return
        try:
            with folder(name, stage_folder) as handle:
                if has_record:
                    self._record(row, f"{path}/{METADATA}", read_file(METADATA, handle))
                for name_of_report, is_there in reports.items():
                    if is_there:
                        self._report(row, f"{path}/{name_of_report}", read_file(name_of_report, handle))
                if self.replaced[row]:
                    self._earlier(row, path, handle)
        except (OSError, UnreadableError):
            self.found.leave(path, "vanished")

    def _is_near(self, row: int) -> bool:
        """Return whether the generation or its parent is renamed."""
        return self.names[row] in self.own or (self.parents[row] or "") in self.above

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

    def _report(self, row: int, path: str, data: bytes) -> None:
        self.found.see(path, data)
        own = {"gen_id": self.own.get(self.names[row]), PARENT: self.above.get(self.parents[row] or "")}
        # Most reports are far from any rename, and only the others are taken apart.
        if not any(own.values()) and not may_name(data, self.ids):
            return
        self.found.edit(path, data, sorted(self._spans(data, own), key=lambda span: span.offset))

    def _earlier(self, row: int, path: str, handle: int) -> None:
        """Look at the reports of earlier answers, and of those that a stopped step was moving."""
        if kind_of(MOVING, handle) == "folder":
            with folder(MOVING, handle) as moving:
                self._reports_in(row, f"{path}/{MOVING}", moving)
        if kind_of(REPLACED, handle) != "folder":
            return
        with folder(REPLACED, handle) as kept:
            for name in sorted(filter(str.isdecimal, os.listdir(kept))):
                if kind_of(name, kept) == "folder":
                    with folder(name, kept) as numbered:
                        self._reports_in(row, f"{path}/{REPLACED}/{name}", numbered)

    def _reports_in(self, row: int, path: str, handle: int) -> None:
        for name in REPORTS:
            if kind_of(name, handle) != "file":
                continue
            try:
                data = read_file(name, handle)
                decode(data)
            except UnreadableError as error:
                self.found.leave(f"{path}/{name}", error.state.value)
            else:
                self._report(row, f"{path}/{name}", data)

    def _spans(self, data: bytes, own: Mapping[str, str | None]) -> Iterator[Span]:
        for key, place in text_values(data).items():
            new = own.get(key)
            if new is not None:
                yield Span(place.start, text_at(data, place), new)
            elif key == _COPIED_FROM or key.endswith("_path"):
                yield from path_spans(data, place, self.ids)
