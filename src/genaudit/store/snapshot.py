"""A store as it was read, once: what every audit works on."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from genaudit.errors import DDError, Err
from genaudit.ids import SEPARATOR
from genaudit.layout import GENS, Layout, are_safe_names, is_safe_name
from genaudit.schemas import SNAPSHOT, STRAYS, RecordState, frame, from_rows
from genaudit.stages import RECORD_FIELDS, REPLICATE, STAGES
from genaudit.store.catalogs import CatalogIds, read_catalog_ids
from genaudit.store.collector import without_gc
from genaudit.store.folders import folder, kind_of, open_folder
from genaudit.store.ignored import read_ignored
from genaudit.store.leftovers import leftover_kind
from genaudit.store.scan import Shard, Stray, scan_shard, shown

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import pandas as pd

SHARD_SIZE: Final = 4096


@dataclass(frozen=True)
class Snapshot:
    """What one scan found.

    :param root: the data root.
    :param generations: a row for every generation folder, whatever its state; columns of
        :data:`genaudit.schemas.SNAPSHOT`, record fields normalised, sorted by stage and id, numbered from 0.
    :param irregular: by row number, the record as stored where it differs from the normalised one.
    :param strays: what does not belong where it lies; columns of :data:`genaudit.schemas.STRAYS`, sorted.
    :param catalogs: the ids that the store's catalogs know.
    :param left_out: by name, the entries below ``gens/`` that ``[ignore]`` in ``genaudit.toml`` leaves out.
    """

    root: Path
    generations: pd.DataFrame
    irregular: Mapping[int, Mapping[str, Any]]
    strays: pd.DataFrame
    catalogs: CatalogIds
    left_out: Mapping[str, int] = field(default_factory=dict)
    _lists: dict[str, list[Any]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @cached_property
    def spans(self) -> Mapping[str, range]:
        """The row numbers of each stage, in stage order; they follow each other."""
        counts = self.generations["stage"].value_counts()
        ends = list(accumulate(int(counts[stage]) for stage in STAGES))
        return {stage: range(end - int(counts[stage]), end) for stage, end in zip(STAGES, ends, strict=True)}

    @cached_property
    def rows(self) -> Mapping[str, Mapping[str, int]]:
        """The row number of each generation, by stage and id."""
        names = self.values("gen_id")
        return {stage: {names[row]: row for row in span} for stage, span in self.spans.items()}

    @cached_property
    def signatures(self) -> list[str | None]:
        """The text that each row's id is hashed from, its parts joined; ``None`` where a part is missing."""
        texts: list[str | None] = []
        for stage, span in self.spans.items():
            fields = (*STAGES[stage].signature, REPLICATE)
            columns = [self.values(name)[span.start : span.stop] for name in fields]
            if any(None in column for column in columns):
                texts.extend(
                    None if None in parts else SEPARATOR.join(map(str, parts)) for parts in zip(*columns, strict=True)
                )
            else:
                columns[-1] = list(map(str, columns[-1]))
                texts.extend(map(SEPARATOR.join, zip(*columns, strict=True)))
        return texts

    def signature(self, row: int) -> tuple[Any, ...]:
        """The parts of a row's signature: equal texts can hide a separator inside a part, equal parts cannot."""
        fields = (*STAGES[self.values("stage")[row]].signature, REPLICATE)
        return tuple(self.values(name)[row] for name in fields)

    def values(self, column: str) -> list[Any]:
        """A column of the generations as a list, with ``None`` for what is missing; not to be changed."""
        if column not in self._lists:
            series = self.generations[column]
            missing = series.isna()
            objects = series.astype(object).where(~missing, None) if missing.any() else series
            self._lists[column] = objects.tolist()
        return self._lists[column]

    def stored(self, row: int) -> dict[str, Any]:
        """The record of a row as it is stored: every field that the file has, with its value.

        Empty for a row whose record could not be read.
        """
        if row in self.irregular:
            return dict(self.irregular[row])
        if self.values("state")[row] != RecordState.OK:
            return {}
        record = {name: self.values(name)[row] for name in RECORD_FIELDS}
        return {name: value for name, value in record.items() if value is not None}


def scan(root: Path, progress: Callable[[int, int], None] | None = None) -> Snapshot:
    """Read a store in one pass, changing nothing in it.

    :param progress: called after each shard with the entries read so far and their total.
    :raises DDError: ``DATA_MISSING`` with reason ``no_such_root``, ``root_is_no_folder``, ``no_store`` (there is no
        ``gens``) or ``gens_is_no_folder``; ``IO_ERROR`` with reason ``not_readable``.
    """
    strays: list[Stray] = []
    shards: list[Shard] = []
    with _gens(root) as gens, without_gc():
        ignored = read_ignored(root)
        left_out: Counter[str] = Counter()
        names = _stage_names(gens, strays, ignored, left_out)
        total = sum(map(len, names.values()))
        done = 0
        for stage, entries in names.items():
            try:
                stage_folder = open_folder(stage, gens)
            except OSError as error:
                detail = f"{os.strerror(error.errno or 0)}, after it was listed"
                strays.append(Stray("VANISHED", stage, None, f"{GENS}/{stage}", detail))
                continue
            try:
                for start in range(0, len(entries), SHARD_SIZE):
                    shards.append(scan_shard(stage_folder, stage, entries[start : start + SHARD_SIZE], ignored))
                    done += len(entries[start : start + SHARD_SIZE])
                    if progress:
                        progress(done, total)
            finally:
                os.close(stage_folder)
        return _assemble(root, shards, strays, left_out)


@contextmanager
def _gens(root: Path) -> Iterator[int]:
    gens = _open_gens(root)
    try:
        yield gens
    finally:
        os.close(gens)


def _open_gens(root: Path) -> int:
    try:
        with folder(os.path.realpath(root, strict=True)) as top:
            return open_folder(GENS, top)
    except FileNotFoundError as error:
        reason = "no_store" if root.exists() else "no_such_root"
        ctx = {"reason": reason, "path": str(root), "expected": GENS}
        raise DDError(Err.DATA_MISSING, ctx) from error
    except NotADirectoryError as error:
        # A link in place of gens/ is refused as well: it may lead out of the data root.
        reason = "gens_is_no_folder" if root.is_dir() else "root_is_no_folder"
        raise DDError(Err.DATA_MISSING, {"reason": reason, "path": str(root)}) from error
    except OSError as error:
        ctx = {"reason": "not_readable", "path": str(root), "error": os.strerror(error.errno or 0)}
        raise DDError(Err.IO_ERROR, ctx) from error


def _stage_names(
    gens: int, strays: list[Stray], ignored: re.Pattern[str] | None, left_out: Counter[str]
) -> dict[str, list[str]]:
    """List the entries of each stage's folder, sorted; what is no stage's folder becomes a stray."""
    entries = set(os.listdir(gens))
    for name in sorted(entries.difference(STAGES)):
        if ignored and ignored.match(name):
            left_out[shown(name)] += 1
            continue
        kind = kind_of(name, gens)
        if kind != "symbolic link" and (leftover := leftover_kind(name)):
            strays.append(Stray("SYSTEM_LEFTOVER", None, None, f"{GENS}/{shown(name)}", leftover))
            continue
        code = {"folder": "STAGE_UNKNOWN", "symbolic link": "SYMLINK"}.get(kind, "STRAY_FILE")
        strays.append(Stray(code, None, None, f"{GENS}/{shown(name)}", f"a {kind}"))
    names: dict[str, list[str]] = {}
    for stage in STAGES:
        path = f"{GENS}/{stage}"
        if stage not in entries:
            strays.append(Stray("STAGE_FOLDER_MISSING", stage, None, path, "no such folder"))
            continue
        try:
            with folder(stage, gens) as stage_folder:
                names[stage] = sorted(os.listdir(stage_folder))
        except NotADirectoryError:
            kind = kind_of(stage, gens)
            code = "SYMLINK" if kind == "symbolic link" else "STRAY_FILE"
            strays.append(Stray(code, stage, None, path, f"a {kind}"))
        except OSError as error:
            detail = os.strerror(error.errno or 0)
            strays.append(Stray("FOLDER_UNREADABLE", stage, None, path, detail))
    return names


def _assemble(root: Path, shards: list[Shard], strays: list[Stray], left_out: Counter[str]) -> Snapshot:
    columns: dict[str, list[Any]] = {name: [] for name in SNAPSHOT}
    irregular: dict[int, Mapping[str, Any]] = {}
    for shard in shards:
        first = len(columns["stage"])
        columns["stage"].extend([shard.stage] * len(shard.columns["gen_id"]))
        for name, values in shard.columns.items():
            columns[name].extend(values)
        irregular.update((first + row, record) for row, record in shard.irregular.items())
        strays.extend(shard.strays)
        left_out.update(shard.left_out)
    strays.extend(_bad_names(columns["stage"], columns["gen_id"]))
    if not are_safe_names(columns["gen_id"]):
        columns["gen_id"] = [shown(name) for name in columns["gen_id"]]
    rows = [
        {
            "code": stray.code,
            "stage": stray.stage,
            "name": stray.name,
            "path": stray.path,
            "detail": stray.detail,
        }
        for stray in strays
    ]
    return Snapshot(
        root=root,
        generations=frame(SNAPSHOT, columns),
        irregular=MappingProxyType(irregular),
        strays=from_rows(STRAYS, rows).sort_values(["path", "code"], ignore_index=True),
        catalogs=read_catalog_ids(Layout(root)),
        left_out=MappingProxyType(dict(sorted(left_out.items()))),
    )


def _bad_names(stages: list[str], names: list[str]) -> Iterator[Stray]:
    """Find the folder names that cannot be ids, and those that differ only in case."""
    joined = "/".join(names)
    if are_safe_names(names) and joined == joined.lower():
        return
    lowered = Counter(zip(stages, map(str.lower, names), strict=True))
    clashing = {key for key, count in lowered.items() if count > 1}
    for stage, name in zip(stages, names, strict=True):
        path = f"{GENS}/{stage}/{shown(name)}"
        if not is_safe_name(name):
            yield Stray("NAME_NOT_AN_ID", stage, shown(name), path, f"{len(name)} characters")
        if (stage, name.lower()) in clashing:
            yield Stray("NAME_CASE_CLASH", stage, shown(name), path, f"clashes as {shown(name.lower())!r}")
