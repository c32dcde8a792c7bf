"""Edits of cohorts: the ids in a membership, and its stage manifest."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import pandas as pd

from genaudit.cohorts.manifest import MANIFEST_NAME, StageManifest
from genaudit.cohorts.membership import MEMBERSHIP_NAME, PREVIOUS_NAME
from genaudit.cohorts.membership_csv import parse_membership
from genaudit.cohorts.safe_paths import open_below
from genaudit.errors import DDError
from genaudit.layout import Layout, is_safe_name
from genaudit.migration.edits import Edit, EditKind, EditScan, Ids, Rendered, digest
from genaudit.migration.spans import Span, column_places, csv_rows_with, text_at, trimmed
from genaudit.stages import PARENT, STAGES, StageTable
from genaudit.store.folders import kind_of, read_file
from genaudit.store.records import UnreadableError

_MAX_BYTES: Final = 1 << 28
_NAMES: Final = (MEMBERSHIP_NAME, MANIFEST_NAME, PREVIOUS_NAME)
_DEPTH: Final = 3
_WORD: Final = re.compile(rb"[0-9A-Za-z_-]+")


def has_edits_of_its_own(path: str) -> bool:
    """Return whether a file of the data root is a cohort's membership or manifest."""
    parts = path.split("/")
    return len(parts) == _DEPTH and parts[0] == Layout(Path()).cohorts.name and parts[2] in _NAMES


def scan_cohorts(layout: Layout, searches: Sequence[EditScan]) -> None:
    """Look at the membership and the manifests of every cohort, once for all searches."""
    base = layout.cohorts.name
    try:
        with open_below(layout.root, base) as handle:
            kinds = {name: kind_of(name, handle) for name in sorted(os.listdir(handle))}
    except FileNotFoundError:
        return
    except DDError as error:
        _leave(searches, base, str(error.reason))
        return
    near = [(search, _words(search)) for search in searches]
    for name, kind in kinds.items():
        path = f"{base}/{name}"
        if kind == "folder" and is_safe_name(name):
            try:
                data = _read_cohort(layout, path, searches)
            except (FileNotFoundError, DDError) as error:
                _leave(searches, path, str(error.reason) if isinstance(error, DDError) else "vanished")
                continue
            for search, words in near:
                if MEMBERSHIP_NAME in data and (
                    words is None or any(_names_any(each, words) for each in data.values())
                ):
                    _edit_cohort(layout, name, path, data, search)
        elif kind != "file":
            _leave(searches, path, "unsafe_name" if kind == "folder" else "unsafe_path")


def _leave(searches: Sequence[EditScan], path: str, reason: str) -> None:
    for search in searches:
        search.leave(path, reason)


def _words(search: EditScan) -> frozenset[bytes] | None:
    """Return the ids of a search that passes over cohorts without any of them, else ``None``."""
    words = frozenset(gen_id.encode() for new_ids in search.ids.values() for gen_id in new_ids)
    # An id with other characters can be a part of a word.
    return None if search.fingerprints or not all(map(_WORD.fullmatch, words)) else words


def _read_cohort(layout: Layout, path: str, searches: Sequence[EditScan]) -> dict[str, bytes]:
    """Read a cohort's files that can hold ids, by name."""
    data = {}
    with open_below(layout.root, *path.split("/")) as handle:
        for name in _NAMES:
            try:
                data[name] = read_file(name, handle, _MAX_BYTES)
            except FileNotFoundError:
                continue
            except UnreadableError as error:
                _leave(searches, f"{path}/{name}", error.state.value)
            else:
                for search in searches:
                    search.see(f"{path}/{name}", data[name])
    return data


def _edit_cohort(layout: Layout, cohort: str, path: str, data: Mapping[str, bytes], found: EditScan) -> None:
    before, ids = data[MEMBERSHIP_NAME], found.ids
    try:
        membership = parse_membership(before, cohort, path, layout.stages)
    except DDError as error:
        found.leave(f"{path}/{MEMBERSHIP_NAME}", str(error.reason))
        return
    after = found.edit(f"{path}/{MEMBERSHIP_NAME}", before, _membership_spans(before, ids, layout.stages))
    for name, content in data.items():
        if name == MEMBERSHIP_NAME:
            continue
        file = f"{path}/{name}"
        try:
            manifest = StageManifest.from_bytes(content, cohort, file, layout.stages)
        except DDError as error:
            found.leave(file, str(error.reason))
            continue
        if not manifest.belongs_to(membership):
            found.leave(file, "belongs_to_another_membership")
        elif _is_edited(manifest, ids):
            new = _rendered(manifest, after, ids, layout.stages)
            found.manifests[file] = Rendered(digest(before), new)
            found.edits.append(Edit(file, EditKind.MANIFEST.value, digest(content), digest(new)))


def _names_any(data: bytes, words: frozenset[bytes]) -> bool:
    """Return whether a file may contain an id: as a word, or spelled with escapes."""
    return b"\\" in data or not words.isdisjoint(_WORD.findall(data))


def _membership_spans(data: bytes, ids: Ids, stages: StageTable) -> Iterator[Span]:
    rows = csv_rows_with(data, [gen_id.encode() for new_ids in ids.values() for gen_id in new_ids])
    header = [text_at(data, trimmed(data, place)) for place in next(rows, [])]
    for row in rows:
        cells = column_places(row, header)
        stage = stages.get(text_at(data, trimmed(data, cells["stage"]))) if "stage" in cells else None
        if stage is None:
            continue
        columns = [("gen_id", ids[stage.name]), *([(PARENT, ids[stage.parent])] if stage.parent else [])]
        for column, new_ids in columns:
            if column in cells:
                cell = trimmed(data, cells[column])
                if new := new_ids.get(old := text_at(data, cell)):
                    yield Span(cell.start, old, new)


def _is_edited(manifest: StageManifest, ids: Ids) -> bool:
    return any(old != new for _, old, new in _columns(manifest, ids))


def _columns(manifest: StageManifest, ids: Ids) -> Iterator[tuple[str, list[str | None], list[str | None]]]:
    """The columns of a manifest that hold ids, as they are and as they will be."""
    stages = [manifest.stages[stage] for stage in manifest.frame["stage"].tolist()]
    own = [stage.name for stage in stages]
    above = [stage.parent for stage in stages]
    for column, where in (("gen_id", own), (PARENT, above)):
        objects = manifest.frame[column].astype(object)
        old: list[str | None] = objects.where(objects.notna(), None).tolist()
        yield (
            column,
            old,
            [
                ids[stage].get(value, value) if stage and value else value
                for stage, value in zip(where, old, strict=True)
            ],
        )


def render_manifest(content: bytes, membership: bytes, cohort: str, ids: Ids, stages: StageTable = STAGES) -> bytes:
    """Render a manifest for the membership with the new ids; its build metadata stays.

    :param content: the manifest as it is.
    :param membership: the membership as it will be.
    :param stages: the store's table of stages.
    :raises DDError: ``INVALID_MEMBERSHIP``: one of the two cannot be read.
    """
    return _rendered(StageManifest.from_bytes(content, cohort, MANIFEST_NAME, stages), membership, ids, stages)


def _rendered(manifest: StageManifest, membership: bytes, ids: Ids, stages: StageTable) -> bytes:
    frame = manifest.frame.copy()
    for column, _, new in _columns(manifest, ids):
        frame[column] = pd.Series(new, index=frame.index, dtype=frame[column].dtype)
    bound_to = parse_membership(membership, manifest.cohort_id, MEMBERSHIP_NAME, stages).canonical()
    return StageManifest(manifest.cohort_id, frame, stages=stages).bound_to(bound_to, manifest.metadata).to_bytes()
