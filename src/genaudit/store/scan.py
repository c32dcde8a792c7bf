"""The one pass over a store: a shard (a stage and a slice of its names) in, columns out.

Shards share nothing, so that a pool of processes would only have to spread them; one process reads about as fast as
the bare system calls, and that is what :func:`genaudit.store.snapshot.scan` does.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from genaudit.layout import ARTIFACTS, GENS, METADATA, PARSED, PARSED_METADATA, PROMPT, RAW, RAW_METADATA
from genaudit.schemas import ArtifactState, RecordState
from genaudit.stages import RECORD_FIELDS, STAGES
from genaudit.store.folders import kind_of, open_folder, read_file
from genaudit.store.records import UnreadableError, decode, irregular_rows, is_regular_shape, normalise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from genaudit.stages import Stage

_WENT_AWAY: Final = "the folder went away while it was read"
_TEXTS: Final = {PROMPT: "has_prompt", RAW: "has_raw", PARSED: "has_parsed"}
_REPORTS: Final = {RAW_METADATA: ("raw_metadata", RAW), PARSED_METADATA: ("parsed_metadata", PARSED)}


@dataclass(frozen=True, slots=True)
class Stray:
    """Something that does not belong where it lies, or cannot be used as it lies there.

    :param code: a finding code of the inventory.
    :param stage: the stage's folder it lies in, or ``None`` directly below ``gens/``.
    :param name: the generation's folder, where there is one.
    :param path: relative to the data root.
    """

    code: str
    stage: str | None
    name: str | None
    path: str
    detail: str


@dataclass(slots=True)
class Shard:
    """What was read of a slice of a stage: columns by row, and what is out of order.

    :param columns: a list for each column of :data:`genaudit.schemas.SNAPSHOT` but ``stage``.
    :param irregular: the stored record of each row whose stored values differ from the normalised ones.
    """

    stage: str
    columns: dict[str, list[Any]]
    irregular: dict[int, dict[str, Any]] = field(default_factory=dict)
    strays: list[Stray] = field(default_factory=list)


def shown(name: str) -> str:
    """Write a name so that it is fit for a report: control characters and broken UTF-8 escaped."""
    return name if name.isprintable() else name.encode("unicode_escape").decode()


def scan_shard(stage_folder: int, stage: str, names: Sequence[str]) -> Shard:
    """Read the generation folders of the given names.

    :param stage_folder: the open folder of the stage.
    :param names: entries of that folder, any kind; what is no folder becomes a stray.
    """
    reader = _Reader(stage_folder, STAGES[stage])
    for name in names:
        reader.read(name)
    return reader.finish()


@lru_cache(maxsize=1024)
def _shape(entries: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Sort the entries of a generation folder into texts, JSON artifacts and those that do not belong."""
    return (
        tuple(name for name in _TEXTS if name in entries),
        tuple(name for name in _REPORTS if name in entries),
        tuple(sorted(entries.difference(ARTIFACTS))),
    )


def _shared(values: list[Any]) -> list[Any]:
    """Keep one object of each distinct value: a store repeats few templates, models and parents many times."""
    kept: dict[Any, Any] = {}
    return [kept.setdefault(value, value) for value in values]


class _Reader:
    """The state of one shard's reading."""

    def __init__(self, stage_folder: int, stage: Stage) -> None:
        self.stage_folder = stage_folder
        self.stage = stage
        self.names: list[str] = []
        self.states: list[RecordState] = []
        self.details: list[str | None] = []
        self.stored: list[dict[str, Any]] = []
        self.odd: set[int] = set()
        self.artifacts: dict[str, list[Any]] = {name: [] for name in _TEXTS.values()}
        self.artifacts |= {name: [] for name, _ in _REPORTS.values()}
        self.strays: list[Stray] = []
        self.regular_shapes: dict[tuple[str, ...], bool] = {}

    def read(self, name: str) -> None:
        try:
            folder = open_folder(name, self.stage_folder)
        except OSError as error:
            self._refused(name, error)
            return
        try:
            entries = os.listdir(folder)
            if entries:
                self._row(name, *self._record(folder, entries))
                self._artifacts(name, folder, entries)
            elif os.fstat(folder).st_nlink:
                self._bad_folder(name, RecordState.FOLDER_EMPTY, "nothing in it")
            else:
                self._bad_folder(name, RecordState.VANISHED, _WENT_AWAY)
        except FileNotFoundError:
            self._bad_folder(name, RecordState.VANISHED, _WENT_AWAY)
        finally:
            os.close(folder)

    def _refused(self, name: str, error: OSError) -> None:
        kind = kind_of(name, self.stage_folder)
        if kind == "gone":
            self._bad_folder(name, RecordState.VANISHED, _WENT_AWAY)
        elif kind in ("folder", "unreachable"):
            self._bad_folder(name, RecordState.FOLDER_UNREADABLE, os.strerror(error.errno or 0))
        else:
            self._misplaced(name, "", kind)

    def _misplaced(self, name: str, entry: str, kind: str) -> None:
        code = {"symbolic link": "SYMLINK", "gone": "VANISHED"}.get(kind, "STRAY_FILE")
        self._stray(code, name, entry, "went away while the folder was read" if kind == "gone" else f"a {kind}")

    def _bad_folder(self, name: str, state: RecordState, detail: str) -> None:
        self._row(name, state, detail, {})
        self._artifacts(name, self.stage_folder, [])
        self._stray(state.name, name, "", detail)

    def _stray(self, code: str, name: str, entry: str, detail: str) -> None:
        path = "/".join(filter(None, (GENS, self.stage.name, name, entry)))
        self.strays.append(Stray(code, self.stage.name, shown(name), shown(path), detail))

    def _row(self, name: str, state: RecordState, detail: str | None, record: dict[str, Any]) -> None:
        self.names.append(name)
        self.states.append(state)
        self.details.append(detail)
        self.stored.append(record)

    def _record(self, folder: int, entries: list[str]) -> tuple[RecordState, str | None, dict[str, Any]]:
        if METADATA not in entries:
            return RecordState.MISSING, None, {}
        try:
            record = decode(read_file(METADATA, folder))
        except UnreadableError as error:
            return error.state, error.detail, {}
        keys = tuple(record)
        regular = self.regular_shapes.get(keys)
        if regular is None:
            regular = self.regular_shapes[keys] = is_regular_shape(self.stage, keys)
        if not regular or None in record.values():
            self.odd.add(len(self.names))
        return RecordState.OK, None, record

    def _artifacts(self, name: str, folder: int, entries: list[str]) -> None:
        columns = self.artifacts
        texts, reports, others = _shape(frozenset(entries))
        for text, column in _TEXTS.items():
            columns[column].append(text in texts and self._text(name, folder, text))
        for report, (column, text) in _REPORTS.items():
            state = self._report(name, folder, report) if report in reports else ArtifactState.ABSENT
            columns[column].append(state)
            if state is ArtifactState.ABSENT and columns[_TEXTS[text]][-1]:
                self._stray(f"{column.upper()}_MISSING", name, report, f"{text} is there")
        for other in others:
            self._misplaced(name, other, kind_of(other, folder))

    def _text(self, name: str, folder: int, text: str) -> bool:
        try:
            status = os.stat(text, dir_fd=folder, follow_symlinks=False)
        except OSError as error:
            code = "VANISHED" if isinstance(error, FileNotFoundError) else "FOLDER_UNREADABLE"
            self._stray(code, name, text, os.strerror(error.errno or 0))
            return False
        if not stat.S_ISREG(status.st_mode):
            self._misplaced(name, text, kind_of(text, folder))
            return False
        if not status.st_size:
            self._stray("TEXT_EMPTY", name, text, "0 bytes")
        return True

    def _report(self, name: str, folder: int, report: str) -> ArtifactState:
        try:
            decode(read_file(report, folder))
        except FileNotFoundError:
            self._stray("VANISHED", name, report, "the file went away while it was read")
            return ArtifactState.INVALID
        except UnreadableError as error:
            detail = f"{error.state.replace('_', ' ')}: {error.detail}"
            self._stray(f"{report.removesuffix('.json').upper()}_INVALID", name, report, detail)
            return ArtifactState.INVALID
        return ArtifactState.OK

    def finish(self) -> Shard:
        fields = {name: [record.get(name) for record in self.stored] for name in RECORD_FIELDS}
        odd = self.odd | irregular_rows(self.stage, self.names, fields)
        # A name that is shown otherwise than it is cannot stand for the stored gen_id.
        odd |= {row for row, name in enumerate(self.names) if not name.isprintable()}
        odd = {row for row in odd if self.states[row] is RecordState.OK}
        for row in odd:
            for name, value in normalise(self.stage.name, self.stored[row]).items():
                fields[name][row] = value
        return Shard(
            stage=self.stage.name,
            columns={
                "gen_id": self.names,
                "state": self.states,
                "state_detail": self.details,
                **{name: _shared(fields[name]) for name in RECORD_FIELDS[2:]},
                **self.artifacts,
            },
            irregular={row: self.stored[row] for row in sorted(odd)},
            strays=self.strays,
        )
