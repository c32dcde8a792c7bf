"""Taking snapshots: one scan, its audits, the scores, and the state of every file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from genaudit import __version__
from genaudit.audits.recompute_sections import RECOMPUTE
from genaudit.audits.run import AuditRun, run_audits
from genaudit.audits.table import default_audits
from genaudit.cohorts.flags import SLIM_FLAG
from genaudit.cohorts.id_scheme import FLAG
from genaudit.cohorts.pipeline_stages import has_pipeline_stages
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import Layout
from genaudit.limits import MAX_MEMBERS
from genaudit.schemas import SCORES, frame, from_rows
from genaudit.scores import aggregate_scores
from genaudit.snapshots.kept import keep_files, lay_out
from genaudit.snapshots.listing import files_of
from genaudit.snapshots.manifest import Manifest
from genaudit.snapshots.saved import FILES, Saved
from genaudit.store.catalogs import read_catalog_ids
from genaudit.store.settings import read_settings
from genaudit.store.snapshot import Snapshot
from genaudit.store.source import LocalSource

FLAGS: Final = (FLAG, SLIM_FLAG)


def take(
    snapshot: Snapshot,
    *,
    date: str,
    name: str = "",
    number: int = 1,
    with_references: bool = False,
    left_out: Sequence[Path] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Saved:
    """Audit a scanned store and collect all that a snapshot holds.

    :param date: the day of the snapshot, ``YYYY-MM-DD``.
    :param number: its place in the order of snapshots.
    :param with_references: whether to search for references, which reads every file.
    :param left_out: folders that are not searched, nor listed.
    :raises DDError: the store changed since the scan.
    """
    names = [*default_audits(), *(["references"] if with_references else [])]
    run = run_audits(snapshot, names, left_out=left_out, progress=progress)
    manifest = Manifest(
        name=name,
        number=number,
        date=date,
        data_root=snapshot.name,
        fingerprint="",
        genaudit_version=__version__,
        flags={flag: os.environ.get(flag) for flag in FLAGS},
        audits=[*run.results],
        coverage={audit: _coverage(result) for audit, result in run.results.items()},
        generations={stage: len(span) for stage, span in snapshot.spans.items()},
        classes=_classes(run),
        findings={
            str(key): int(count) for key, count in run.findings["severity"].value_counts().sort_index().items()
        },
        left_out=dict(snapshot.left_out),
        files={},
    )
    saved = Saved(
        manifest,
        snapshot.generations,
        snapshot.irregular,
        snapshot.strays,
        run.findings,
        aggregate_scores(snapshot) if has_pipeline_stages(snapshot.stages) else from_rows(SCORES, []),
        _files(snapshot, left_out),
        keep_files(run),
        run.results.get("references"),
    )
    return saved.sealed()[0]


def _coverage(result: Any) -> dict[str, dict[str, int]]:  # noqa: ANN401 (a result of any audit)
    coverage = result.coverage
    return {name: dict(getattr(coverage, name)) for name in ("checked", "skipped", "unverified")}


def _classes(run: AuditRun) -> dict[str, dict[str, int]]:
    recomputed = run.result(RECOMPUTE)
    if recomputed is None:
        return {}
    return {
        stage: {str(kind): count for kind, count in one.classes.items()}
        for stage, one in recomputed.summary.stages.items()
    }


def _files(snapshot: Snapshot, left_out: Sequence[Path]) -> pd.DataFrame:
    """List every file below a data root with its size, times, and inode or entity tag."""
    listed = [file for file in files_of(snapshot.source or LocalSource(snapshot.root), left_out) if file.is_file]
    values = [(one.path, one.size, one.mtime_ns, one.ctime_ns, one.inode, one.etag or None) for one in listed]
    columns = zip(*values, strict=True) if values else [()] * len(FILES)
    return frame(FILES, dict(zip(FILES, map(list, columns), strict=True)))


@contextmanager
def opened(saved: Saved) -> Iterator[Snapshot]:
    """Lay out a snapshot in a temporary folder, under the flags that it was taken with, for audits to read."""
    with laid_out(saved) as snapshot, under_flags(saved):
        yield snapshot


@contextmanager
def laid_out(saved: Saved) -> Iterator[Snapshot]:
    """Lay out the files that a snapshot keeps in a temporary folder."""
    with TemporaryDirectory(prefix="genaudit-") as folder:
        root = Path(folder).resolve() / "store"
        try:
            lay_out(saved.kept, saved.stages, root)
        except OSError as error:
            ctx = {
                "reason": Reason.SNAPSHOT_DAMAGED,
                "path": saved.manifest.name,
                "problem": os.strerror(error.errno or 0),
            }
            raise DDError(Err.INVALID_CONFIG, ctx) from error
        yield Snapshot(
            root=root,
            generations=saved.generations,
            irregular=MappingProxyType(dict(saved.irregular)),
            strays=saved.strays,
            catalogs=read_catalog_ids(Layout(root, saved.stages)),
            named=saved.manifest.data_root,
            stages=saved.stages,
            left_out=dict(saved.manifest.left_out),
            limits=read_settings(root).limits,
        )


@contextmanager
def under_flags(saved: Saved) -> Iterator[None]:
    """Set the flags that a snapshot was taken with, and restore those of today."""
    before = {name: os.environ.get(name) for name in FLAGS}
    _set({name: saved.manifest.flags.get(name) for name in FLAGS})
    try:
        yield
    finally:
        _set(before)


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


def run_saved(saved: Saved, snapshot: Snapshot, names: Sequence[str], max_members: int = MAX_MEMBERS) -> AuditRun:
    """Run audits over an opened snapshot; the search for references is taken from it.

    :param max_members: the largest number of members of a stage in a plan.
    :raises DDError: ``INVALID_CONFIG``, reason ``not_in_snapshot``: no search was saved, or the content audit is
        requested, which reads every text.
    """
    if "references" in names and saved.references is None:
        ctx = {"reason": Reason.NOT_IN_SNAPSHOT, "audit": "references", "snapshot": saved.manifest.name}
        raise DDError(Err.INVALID_CONFIG, {**ctx, "expected": "a snapshot saved with --with-references"})
    if "content" in names:
        ctx = {"reason": Reason.NOT_IN_SNAPSHOT, "audit": "content", "snapshot": saved.manifest.name}
        raise DDError(Err.INVALID_CONFIG, {**ctx, "expected": "the store itself: a snapshot keeps no texts"})
    known = {"references": saved.references} if saved.references else {}
    return run_audits(snapshot, names, known=known, max_members=max_members)
