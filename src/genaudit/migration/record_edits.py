"""Edits of generations: their own id and their parent's in the record, and the source file of a copy."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Final

from genaudit.layout import (
    GENS,
    METADATA,
    MOVING,
    PARSED_METADATA,
    RAW_METADATA,
    REPLACED,
    REPORTS,
    are_safe_names,
    is_safe_name,
)
from genaudit.migration.edits import EditScan
from genaudit.migration.spans import Span, may_name, path_spans, text_at, text_values
from genaudit.schemas import ArtifactState, RecordState
from genaudit.stages import PARENT, Stage
from genaudit.store.folders import folder, kind_of, open_folder, read_file
from genaudit.store.records import UnreadableError, decode
from genaudit.store.snapshot import Snapshot

_COPIED_FROM: Final = "copied_from"


def scan_generations(snapshot: Snapshot, searches: Sequence[EditScan]) -> None:
    """Scan every generation's record, and the reports beside its answer, once for all searches."""
    with folder(os.path.realpath(snapshot.root, strict=True)) as top, folder(GENS, top) as gens:
        for stage in snapshot.stages.values():
            if not snapshot.spans[stage.name]:
                continue
            with folder(stage.name, gens) as stage_folder:
                reader = _Reader(snapshot, stage, searches)
                for row in snapshot.spans[stage.name]:
                    reader.look(row, stage_folder)


class _Reader:
    """The scan of one stage's generations."""

    def __init__(self, snapshot: Snapshot, stage: Stage, searches: Sequence[EditScan]) -> None:
        self.stage = stage
        self.editors = [_Editor(stage, search) for search in searches]
        self.names: list[str] = snapshot.values("gen_id")
        self.all_safe = are_safe_names(self.names)
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
        states = [self.states[row], *(state[row] for state in self.reports.values())]
        near = [editor.start(path, name, self.parents[row], states) for editor in self.editors]
        has_record = states[0] == RecordState.OK and any(near)
        reports = [
            report for report, state in zip(self.reports, states[1:], strict=True) if state == ArtifactState.OK
        ]
        if not (self.all_safe or is_safe_name(name)) or not (has_record or reports or self.replaced[row]):
            return
        try:
            handle = open_folder(name, stage_folder)
            try:
                if has_record:
                    data = read_file(METADATA, handle)
                    for editor in self.editors:
                        editor.record(f"{path}/{METADATA}", data)
                for report in reports:
                    self._report(f"{path}/{report}", read_file(report, handle))
                if self.replaced[row]:
                    self._earlier(path, handle)
            finally:
                os.close(handle)
        except (OSError, UnreadableError):
            self._leave(path, "vanished")

    def _report(self, path: str, data: bytes) -> None:
        for editor in self.editors:
            editor.report(path, data)

    def _leave(self, path: str, reason: str) -> None:
        for editor in self.editors:
            editor.found.leave(path, reason)

    def _earlier(self, path: str, handle: int) -> None:
        """Look at the reports of earlier answers, and of those that a stopped step was moving."""
        if kind_of(MOVING, handle) == "folder":
            with folder(MOVING, handle) as moving:
                self._reports_in(f"{path}/{MOVING}", moving)
        if kind_of(REPLACED, handle) != "folder":
            return
        with folder(REPLACED, handle) as kept:
            for name in sorted(filter(str.isdecimal, os.listdir(kept))):
                if kind_of(name, kept) == "folder":
                    with folder(name, kept) as numbered:
                        self._reports_in(f"{path}/{REPLACED}/{name}", numbered)

    def _reports_in(self, path: str, handle: int) -> None:
        for name in REPORTS:
            if kind_of(name, handle) != "file":
                continue
            try:
                data = read_file(name, handle)
                decode(data)
            except UnreadableError as error:
                self._leave(f"{path}/{name}", error.state.value)
            else:
                self._report(f"{path}/{name}", data)


class _Editor:
    """The edits of one generation after another, for one search."""

    def __init__(self, stage: Stage, found: EditScan) -> None:
        self.found = found
        self.ids = found.ids
        self.own_ids = self.ids[stage.name]
        self.ids_above = self.ids[stage.parent] if stage.parent else {}
        self.own: str | None = None
        self.above: str | None = None

    def start(self, path: str, name: str, parent: str | None, states: Sequence[str]) -> bool:
        """Begin with a generation, and return whether its record is wanted.

        :param states: the states of its record and its reports.
        """
        self.found.note(path, ", ".join(states))
        self.own, self.above = self.own_ids.get(name), self.ids_above.get(parent or "")
        return self.found.fingerprints or self._is_near()

    def _is_near(self) -> bool:
        """Return whether the generation or its parent is renamed."""
        return self.own is not None or self.above is not None

    def record(self, path: str, data: bytes) -> None:
        self.found.see(path, data)
        if not self._is_near():
            return
        places = text_values(data)
        spans = [
            Span(places[key].start, text_at(data, places[key]), value)
            for key, value in (("gen_id", self.own), (PARENT, self.above))
            if value is not None and key in places
        ]
        self.found.edit(path, data, spans)

    def report(self, path: str, data: bytes) -> None:
        self.found.see(path, data)
        # Most reports are far from any rename, and only the others are taken apart.
        if self._is_near() or may_name(data, self.ids):
            self.found.edit(path, data, sorted(self._spans(data), key=lambda span: span.offset))

    def _spans(self, data: bytes) -> Iterator[Span]:
        own = {"gen_id": self.own, PARENT: self.above}
        for key, place in text_values(data).items():
            new = own.get(key)
            if new is not None:
                yield Span(place.start, text_at(data, place), new)
            elif key == _COPIED_FROM or key.endswith("_path"):
                yield from path_spans(data, place, self.ids)
