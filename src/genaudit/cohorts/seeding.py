"""Seeding: the first ``metadata.json`` of generations that a cohort plans and the store does not have yet.

Everything is checked before the first byte is written. Records are written beside the cohort, synced together, and
moved into place one by one; a move fails if the target exists. So a generation has its whole record or none, whenever
the seeding is stopped, and seeding again finishes it.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson
import pandas as pd

from genaudit.cohorts.membership_rows import MODE
from genaudit.cohorts.safe_paths import open_below, open_in
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import GENS, METADATA, Layout, metadata_path
from genaudit.schemas import rows as rows_of
from genaudit.stages import RECORD_FIELDS, STAGES
from genaudit.store.folders import read_file
from genaudit.store.records import UnreadableError, decode, normal_field, normalise
from genaudit.store.written import record_written

STAGING_NAME: Final = ".seeding"

# A reused generation keeps its origin cohort, so a different one is not a contradiction.
_COMPARED: Final = tuple(name for name in RECORD_FIELDS if name != "origin_cohort_id")
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_TAKEN: Final = frozenset({errno.ENOTEMPTY, errno.EEXIST})


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A generation that already has a ``metadata.json``, which is not changed.

    :param differences: by field, the stored and the planned value, normalised.
    :param problem: the reason why the stored record could not be compared, if it could not.
    """

    stage: str
    gen_id: str
    differences: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Seeding:
    """The result of a seeding, planned or done.

    :param new: the records to write, by stage and id.
    :param kept: the generations that already have one.
    """

    new: Mapping[tuple[str, str], Mapping[str, Any]]
    kept: Sequence[KeptRecord]


def plan_seeding(layout: Layout, frame: pd.DataFrame) -> Seeding:
    """Plan the seeding without writing anything.

    :param frame: members in normal form; columns of :data:`~genaudit.cohorts.membership_rows.WITH_MODE`.
    :raises DDError: ``DATA_MISSING``, reason ``seed_incomplete``: ``problems`` has ``stage``, ``gen_id`` and
        ``fields`` of every new generation with missing fields; ``INVALID_CONFIG``, reason ``unsafe_path``: the path
        of a generation exists and is not a folder.
    """
    records = {(row.stage, row.gen_id): _record(row._asdict()) for row in rows_of(frame)}
    kept: list[KeptRecord] = []
    for stage in STAGES:
        kept += _existing(layout, stage, [record for key, record in records.items() if key[0] == stage])
    for each in kept:
        del records[each.stage, each.gen_id]
    problems = [
        {"stage": stage, "gen_id": gen_id, "fields": missing}
        for (stage, gen_id), record in records.items()
        if (missing := [name for name in (*STAGES[stage].required, MODE) if name not in record])
    ]
    if problems:
        raise DDError(Err.DATA_MISSING, {"reason": Reason.SEED_INCOMPLETE, "problems": problems})
    return Seeding(records, kept)


def _record(row: Mapping[str, Any]) -> dict[str, Any]:
    """Build the record of a member from the known fields of its stage."""
    extraneous = STAGES[row["stage"]].extraneous
    names = [name for name in RECORD_FIELDS if name not in extraneous]
    return {name: row[name] for name in names if row.get(name) is not None}


def _existing(layout: Layout, stage: str, records: Sequence[Mapping[str, Any]]) -> list[KeptRecord]:
    """Find the generations of a stage that have a ``metadata.json``, of whatever file type."""
    try:
        with open_below(layout.root, GENS, stage) as handle:
            present = frozenset(os.listdir(handle))
            base = layout.stage(stage)
            found = [_kept(handle, base, record) for record in records if record["gen_id"] in present]
    except FileNotFoundError:
        return []
    return [kept for kept in found if kept]


def _kept(stage_folder: int, base: Path, record: Mapping[str, Any]) -> KeptRecord | None:
    stage, gen_id = record["stage"], record["gen_id"]
    try:
        with open_in(stage_folder, gen_id, base) as folder:
            as_stored = decode(read_file(METADATA, folder))
    except FileNotFoundError:
        return None
    except UnreadableError as error:
        return KeptRecord(stage, gen_id, problem=f"{error.state}: {error.detail}")
    stored = normalise(stage, as_stored)
    # A missing optional field contradicts nothing: old essays name no model.
    left_out = {name for name in STAGES[stage].optional if as_stored.get(name) is None}
    compared = [name for name in _COMPARED if name in record and name not in left_out]
    planned = {name: normal_field(name, record[name]) for name in compared}
    differences = {name: (stored[name], value) for name, value in planned.items() if stored[name] != value}
    return KeptRecord(stage, gen_id, differences)


def write_seeds(layout: Layout, cohort_id: str, seeding: Seeding) -> Seeding:
    """Write the records of new generations; existing files are never touched.

    :param cohort_id: the cohort in whose folder the records are prepared, by one writer at a time.
    :returns: the written and the kept records.
    :raises DDError: ``IO_ERROR``, reason ``not_writable``; ``INVALID_CONFIG``, reason ``unsafe_path``.
    """
    if not seeding.new:
        return seeding
    cohort = layout.cohort(cohort_id).relative_to(layout.root).parts
    try:
        with open_below(layout.root, *cohort, make=True) as folder:
            clear_staging(folder)
            with open_below(layout.root, *cohort, STAGING_NAME, make=True) as staging:
                _stage(staging, seeding.new)
                places = {layout.generation(*key) / METADATA: record for key, record in seeding.new.items()}
                record_written(layout.root, {path: _rendered(record) for path, record in places.items()})
                raced = [each for stage in STAGES for each in _place(layout, stage, staging, seeding.new)]
            clear_staging(folder)
    except OSError as error:
        ctx = {"reason": Reason.NOT_WRITABLE, "path": str(error.filename), "error": error.strerror or str(error)}
        raise DDError(Err.IO_ERROR, ctx) from error
    taken = {(each.stage, each.gen_id) for each in raced}
    new = {key: record for key, record in seeding.new.items() if key not in taken}
    return Seeding(new, [*seeding.kept, *raced])


def clear_staging(folder: int) -> None:
    """Delete the leftovers of an interrupted seeding from a cohort's folder.

    :param folder: the open folder.
    """
    if STAGING_NAME in os.listdir(folder):
        shutil.rmtree(STAGING_NAME, dir_fd=folder)


def _rendered(record: Mapping[str, Any]) -> bytes:
    return orjson.dumps(record, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _stage(staging: int, records: Mapping[tuple[str, str], Mapping[str, Any]]) -> None:
    """Write each record into its own folder, the form in which it moves to the store."""
    for stage in dict.fromkeys(stage for stage, _ in records):
        os.mkdir(stage, dir_fd=staging)
    for (stage, gen_id), record in records.items():
        os.mkdir(f"{stage}/{gen_id}", dir_fd=staging)
        handle = os.open(f"{stage}/{gen_id}/{METADATA}", _NEW, 0o644, dir_fd=staging)
        try:
            os.write(handle, _rendered(record))
        finally:
            os.close(handle)
    # One call for all: syncing a hundred thousand files one by one takes a minute.
    os.sync()


def _place(
    layout: Layout, stage: str, staging: int, records: Mapping[tuple[str, str], Mapping[str, Any]]
) -> list[KeptRecord]:
    """Move the records of a stage into place.

    :returns: the generations whose ``metadata.json`` appeared since the planning.
    """
    mine = {gen_id: record for (each, gen_id), record in records.items() if each == stage}
    if not mine:
        return []
    taken: list[KeptRecord] = []
    base = layout.stage(stage)
    with open_below(layout.root, GENS, stage, make=True) as target:
        for gen_id, record in mine.items():
            try:
                # Succeeds if the target is missing or an empty folder.
                os.rename(f"{stage}/{gen_id}", gen_id, src_dir_fd=staging, dst_dir_fd=target)
            except OSError as error:
                if error.errno not in _TAKEN:
                    raise
                if not _link(target, base, record, staging):
                    taken.append(_kept(target, base, record) or KeptRecord(stage, gen_id, problem="went away"))
        os.fsync(target)
    return taken


def _link(stage_folder: int, base: Path, record: Mapping[str, Any], staging: int) -> bool:
    """Write metadata.json into an existing folder. Return False if one already exists."""
    stage, gen_id = record["stage"], record["gen_id"]
    staged = f"{stage}/{gen_id}/{METADATA}"
    with open_in(stage_folder, gen_id, base) as folder:
        try:
            os.link(staged, METADATA, src_dir_fd=staging, dst_dir_fd=folder, follow_symlinks=False)
        except FileExistsError:
            return False
        os.fsync(folder)
        return True


def kept_as_plain(kept: Sequence[KeptRecord]) -> list[dict[str, Any]]:
    """List the kept generations that differ from their seed, as plain values.

    :returns: mappings with ``stage``, ``gen_id``, ``path``, ``problem`` and ``differences``: by field, a mapping with
        ``stored`` and ``planned``.
    """
    return [
        {
            "stage": each.stage,
            "gen_id": each.gen_id,
            "path": metadata_path(each.stage, each.gen_id),
            "problem": each.problem,
            "differences": {
                name: {"stored": stored, "planned": planned} for name, (stored, planned) in each.differences.items()
            },
        }
        for each in kept
        if each.differences or each.problem
    ]
