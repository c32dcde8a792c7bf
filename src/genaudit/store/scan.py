"""Scan of a shard: a stage and a slice of its names in, columns out.

Shards share nothing, so processes can read them at the same time (:mod:`genaudit.store.pool`).
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import numpy as np

from genaudit.encoded import Encoded, encode, patched
from genaudit.layout import (
    ARTIFACTS,
    GENS,
    METADATA,
    MOVING,
    PARSED,
    PARSED_METADATA,
    PROMPT,
    RAW,
    RAW_METADATA,
    REPLACED,
)
from genaudit.schemas import ArtifactState, RecordState
from genaudit.stage_file import DEFAULTS, StoreSettings
from genaudit.stages import StageTable
from genaudit.store.base_ids import other_ids
from genaudit.store.folders import kind_of, open_folder, read_file
from genaudit.store.leftovers import leftover_kind, may_have_leftovers
from genaudit.store.records import UnreadableError, decode, decode_all, normalise, regular_part
from genaudit.store.usage import Usage, usage_in

_WENT_AWAY: Final = "the folder went away while it was read"
_TEXTS: Final = {PROMPT: "has_prompt", RAW: "has_raw", PARSED: "has_parsed"}
_REPORTS: Final = {RAW_METADATA: "raw_metadata", PARSED_METADATA: "parsed_metadata"}
_KEPT: Final = frozenset({REPLACED, MOVING})


# Most folders of a store with records only hold nothing else, which a comparison shows fast.
_RECORD_ALONE: Final = [METADATA]
_BARE: Final = (*(False for _ in _TEXTS), *(ArtifactState.ABSENT for _ in _REPORTS), 0)
# In place of a record that cannot be read.
_NOTHING: Final = b"{}"
_COLUMNS: Final = (*_TEXTS.values(), *_REPORTS.values(), "replaced")


@dataclass(frozen=True, slots=True)
class Stray:
    """A misplaced or unusable file or folder.

    :param code: a finding code of the inventory.
    :param stage: the stage's folder that contains it, or ``None`` directly below ``gens/``.
    :param name: the generation's folder, if there is one.
    :param path: relative to the data root.
    """

    code: str
    stage: str | None
    name: str | None
    path: str
    detail: str


@dataclass(slots=True)
class Shard:
    """The result of reading a slice of a stage: columns by row, and irregularities.

    :param columns: each column of :data:`genaudit.schemas.SNAPSHOT` but ``stage``.
    :param irregular: the stored record of each row whose stored values differ from the normalised ones.
    :param left_out: by name, the entries that the store's settings leave out.
    :param other_ids: as :func:`genaudit.store.base_ids.other_ids`.
    :param usages: the token counts of each row with a readable report of an answer.
    """

    stage: str
    columns: dict[str, Encoded]
    irregular: dict[int, dict[str, Any]] = field(default_factory=dict)
    strays: list[Stray] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    other_ids: dict[int, str | None] = field(default_factory=dict)
    usages: dict[int, Usage] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The folders' names, row by row."""
        return self.columns["gen_id"].values


def shown(name: str) -> str:
    """Escape control characters and broken UTF-8 in a name for a report."""
    return name if name.isprintable() else name.encode("unicode_escape").decode()


def scan_shard(stage_folder: int, stage: str, names: Sequence[str], settings: StoreSettings = DEFAULTS) -> Shard:
    """Read the generation folders of the given names.

    :param stage_folder: the open folder of the stage.
    :param names: entries of that folder, of any type; those that are not folders become strays.
    :param settings: the table of stages, and names to leave out, in that folder and in those of generations.
    """
    reader = _Reader(stage_folder, stage, settings)
    reader.expects_leftovers = may_have_leftovers(names)
    for name in names:
        if settings.ignore is not None and settings.ignores(name):
            reader.left_out[shown(name)] += 1
        else:
            reader.read(name)
    return reader.finish()


@lru_cache(maxsize=1024)
def _shape(entries: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Split the entries of a generation folder into texts, JSON artifacts and misplaced ones."""
    return (
        tuple(name for name in _TEXTS if name in entries),
        tuple(name for name in _REPORTS if name in entries),
        tuple(sorted(entries.difference(ARTIFACTS))),
    )


class _Reader:
    """The state of reading one shard."""

    def __init__(self, stage_folder: int, stage: str, settings: StoreSettings) -> None:
        self.settings = settings
        self.left_out: Counter[str] = Counter()
        self.stage_folder = stage_folder
        self.stages = settings.stages
        self.stage = settings.stages[stage]
        self.names: list[str] = []
        self.documents: list[bytes] = []
        self.artifacts: dict[int, tuple[Any, ...]] = {}
        self.bad: dict[int, tuple[RecordState, str | None]] = {}
        self.usages: dict[int, Usage] = {}
        self.expects_leftovers = True
        self.strays: list[Stray] = []

    def read(self, name: str) -> None:
        if self.expects_leftovers and leftover_kind(name):
            self._misplaced(name, "", kind_of(name, self.stage_folder))
            return
        try:
            folder = open_folder(name, self.stage_folder)
        except OSError as error:
            self._refused(name, error)
            return
        try:
            entries = os.listdir(folder) if self.settings.ignore is None else self._listed(folder)
            if entries == _RECORD_ALONE:
                document = self._document(folder)
            elif entries:
                document = self._document(folder) if METADATA in entries else self._bad(RecordState.MISSING, None)
                self.artifacts[len(self.names)] = self._artifacts(name, folder, entries)
            elif os.fstat(folder).st_nlink:
                document = self._bad_folder(name, RecordState.FOLDER_EMPTY, "nothing in it")
            else:
                document = self._bad_folder(name, RecordState.VANISHED, _WENT_AWAY)
        except FileNotFoundError:
            document = self._bad_folder(name, RecordState.VANISHED, _WENT_AWAY)
        finally:
            os.close(folder)
        self.names.append(name)
        self.documents.append(document)

    def _document(self, folder: int) -> bytes:
        try:
            return read_file(METADATA, folder)
        except UnreadableError as error:
            return self._bad(error.state, error.detail)

    def _listed(self, folder: int) -> list[str]:
        """List a generation's folder without ignored names; artifacts are never ignored."""
        entries = os.listdir(folder)
        ignored = [name for name in entries if name not in ARTIFACTS and self.settings.ignores(name)]
        self.left_out.update(map(shown, ignored))
        return [name for name in entries if name not in ignored]

    def _refused(self, name: str, error: OSError) -> None:
        kind = kind_of(name, self.stage_folder)
        if kind == "gone":
            self.documents.append(self._bad_folder(name, RecordState.VANISHED, _WENT_AWAY))
        elif kind in ("folder", "unreachable"):
            detail = os.strerror(error.errno or 0)
            self.documents.append(self._bad_folder(name, RecordState.FOLDER_UNREADABLE, detail))
        else:
            self._misplaced(name, "", kind)
            return
        self.names.append(name)

    def _misplaced(self, name: str, entry: str, kind: str) -> None:
        if kind != "symbolic link" and (leftover := leftover_kind(entry or name)):
            self._stray("SYSTEM_LEFTOVER", name, entry, leftover)
            return
        code = {"symbolic link": "SYMLINK", "gone": "VANISHED"}.get(kind, "STRAY_FILE")
        self._stray(code, name, entry, "went away while the folder was read" if kind == "gone" else f"a {kind}")

    def _bad(self, state: RecordState, detail: str | None) -> bytes:
        """Note why the next row has no record, and return the document in its place."""
        self.bad[len(self.names)] = (state, detail)
        return _NOTHING

    def _bad_folder(self, name: str, state: RecordState, detail: str) -> bytes:
        self._stray(state.name, name, "", detail)
        return self._bad(state, detail)

    def _stray(self, code: str, name: str, entry: str, detail: str) -> None:
        path = "/".join(filter(None, (GENS, self.stage.name, name, entry)))
        self.strays.append(Stray(code, self.stage.name, shown(name), shown(path), detail))

    def _artifacts(self, name: str, folder: int, entries: list[str]) -> tuple[Any, ...]:
        """Check the files beside a record: which texts exist, and the state of the JSON artifacts."""
        texts, reports, others = _shape(frozenset(entries))
        there = [text in texts and self._text(name, folder, text) for text in _TEXTS]
        health = [
            self._report(name, folder, report) if report in reports else ArtifactState.ABSENT for report in _REPORTS
        ]
        replaced = 0
        for other in others:
            kind = kind_of(other, folder)
            if other in _KEPT and kind == "folder":
                replaced += self._replaced(folder, other)
            else:
                self._misplaced(name, other, kind)
        return (*there, *health, replaced)

    def _replaced(self, folder: int, name: str) -> int:
        """Count the earlier answers of a generation, including one that an interrupted run was moving."""
        if name == MOVING:
            return 1
        try:
            kept = open_folder(name, folder)
        except OSError:
            return 0
        try:
            return sum(entry.isdecimal() for entry in os.listdir(kept))
        finally:
            os.close(kept)

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
            content = decode(read_file(report, folder))
        except FileNotFoundError:
            self._stray("VANISHED", name, report, "the file went away while it was read")
            return ArtifactState.INVALID
        except UnreadableError as error:
            detail = f"{error.state.replace('_', ' ')}: {error.detail}"
            self._stray(f"{report.removesuffix('.json').upper()}_INVALID", name, report, detail)
            return ArtifactState.INVALID
        if report == RAW_METADATA:
            self.usages[len(self.names)] = usage_in(content)
        return ArtifactState.OK

    def finish(self) -> Shard:
        stored = self._decoded()
        odd, encoded = regular_part(self.stage, self.names, stored, self.stages)
        if not "".join(self.names).isprintable():
            # A name that is displayed with escapes cannot equal the stored gen_id.
            odd |= {row for row, name in enumerate(self.names) if not name.isprintable()}
        odd -= self.bad.keys()
        irregular = {row: stored[row] for row in sorted(odd)}
        if irregular:
            _put_normalised(encoded, irregular, self.stage.name, self.stages)
        rows = len(self.names)
        artifacts = patched(_BARE, self.artifacts, rows)
        columns = {
            "gen_id": Encoded(np.arange(rows, dtype=np.int32), self.names),
            "state": patched(RecordState.OK, {row: state for row, (state, _) in self.bad.items()}, rows),
            "state_detail": patched(None, {row: detail for row, (_, detail) in self.bad.items()}, rows),
            **encoded,
            **{name: _nth(artifacts, place) for place, name in enumerate(_COLUMNS)},
        }
        others = other_ids(self.stage.name, self.names, columns, self.stages)
        return Shard(self.stage.name, columns, irregular, self.strays, self.left_out, others, self.usages)

    def _decoded(self) -> list[dict[str, Any]]:
        """Decode the records; one that cannot be read is empty."""
        stored, errors = decode_all(self.documents)
        self.bad.update({row: (error.state, error.detail) for row, error in errors.items()})
        return stored


def _put_normalised(
    columns: dict[str, Encoded], irregular: Mapping[int, Mapping[str, Any]], stage: str, stages: StageTable
) -> None:
    """Put the normalised values of irregular records into the columns."""
    normal = [normalise(stage, record, stages) for record in irregular.values()]
    rows = np.fromiter(irregular, np.int64, len(irregular))
    for name, column in columns.items():
        wanted = [record[name] for record in normal]
        if Encoded(column.places[rows], column.values).take().tolist() != wanted:
            values = column.take()
            values[rows] = wanted
            columns[name] = encode(values.tolist())


def _nth(column: Encoded, place: int) -> Encoded:
    """Return a column of the parts at one place of a column's tuples."""
    return column.derived([value[place] for value in column.values])
