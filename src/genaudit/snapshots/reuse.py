"""Records of a saved snapshot, for a scan that reads only what has changed since."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from genaudit.encoded import encode
from genaudit.layout import GENS, SETTINGS, is_safe_name
from genaudit.schemas import RecordState
from genaudit.snapshots.listing import File, files_of
from genaudit.snapshots.saved import Saved
from genaudit.stage_file import StoreSettings
from genaudit.store.base_ids import other_ids
from genaudit.store.bucket import Stored
from genaudit.store.scan import Shard
from genaudit.store.source import Source

_DEPTH = 4


class _Facts(NamedTuple):
    """The files of one generation, and whether there is anything else."""

    files: frozenset[File]
    is_plain: bool


class Unchanged:
    """The generations of a snapshot whose files have the same sizes, times, and inodes or entity tags.

    :param left_out: folders that were not listed.
    """

    def __init__(self, saved: Saved, left_out: Sequence[Path] = ()) -> None:
        self._saved = saved
        self._left_out = left_out
        self.reused = 0

    @property
    def contents(self) -> Mapping[str, tuple[Stored, bytes]]:
        """The files that the snapshot keeps."""
        facts = {file.path: file for file in self._files()}
        return {
            one.path: (Stored("file", facts[one.path].size, facts[one.path].mtime_ns, facts[one.path].etag), one.data)
            for one in self._saved.kept
            if one.kind == "file" and one.path in facts and facts[one.path].etag
        }

    def _files(self) -> Iterator[File]:
        table = self._saved.files
        columns = (table[name].astype(object).where(table[name].notna(), "").tolist() for name in table.columns)
        return map(File._make, zip(*columns, strict=True))

    def unchanged(self, source: Source, settings: StoreSettings) -> Mapping[str, Shard]:
        """Return the generations that are as they were, by stage.

        None are if the settings of the store have changed, or leave names out.
        """
        before, now = _by_generation(self._files()), _by_generation(files_of(source, self._left_out))
        if settings.ignore is not None or before.get(("", "")) != now.get(("", "")):
            return {}
        same = {key for key, facts in before.items() if facts.is_plain and now.get(key) == facts}
        found: dict[str, list[int]] = defaultdict(list)
        table = self._saved.generations
        strays = {*zip(self._saved.strays["stage"], self._saved.strays["name"], strict=True)}
        for row, key in enumerate(zip(table["stage"].tolist(), table["gen_id"].tolist(), strict=True)):
            if key in same and key not in strays and is_safe_name(key[1]):
                found[key[0]].append(row)
        states = table["state"].tolist()
        shards = {
            stage: self._shard(stage, [row for row in rows if states[row] == RecordState.OK])
            for stage, rows in found.items()
        }
        self.reused = sum(len(shard.names) for shard in shards.values())
        return shards

    def _shard(self, stage: str, rows: list[int]) -> Shard:
        table = self._saved.generations.iloc[rows].drop(columns="stage")
        columns = {
            str(name): encode(table[name].astype(object).where(table[name].notna(), None).tolist())
            for name in table.columns
        }
        irregular = {
            place: dict(self._saved.irregular[row]) for place, row in enumerate(rows) if row in self._saved.irregular
        }
        others = other_ids(stage, columns["gen_id"].take().tolist(), columns, self._saved.stages)
        return Shard(stage, columns, irregular, other_ids=others)


def _by_generation(files: Iterator[File]) -> dict[tuple[str, str], _Facts]:
    """Group files by stage and id; the store's settings have blank ones."""
    groups: dict[tuple[str, str], list[File]] = defaultdict(list)
    for file in files:
        top, *rest = file.path.split("/")
        if top == GENS and len(rest) >= _DEPTH - 1:
            groups[rest[0], rest[1]].append(file)
        elif file.path == SETTINGS:
            groups["", ""].append(file)
    return {
        key: _Facts(frozenset(found), all(file.is_file and file.path.count("/") == _DEPTH - 1 for file in found))
        for key, found in groups.items()
    }
