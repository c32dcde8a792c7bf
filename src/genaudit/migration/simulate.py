"""Simulation of a plan on a copy of the store: the same code as a real apply, then all checks that are possible.

The copy shares nothing with the store, so that edits of the one leave the other as it is; a file system with reflinks
makes it cheap. Hard links can be asked for: they cost little everywhere, but a program that writes *into* a file of
the copy, rather than replacing it, writes into the store's.
"""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

from genaudit.audits.registry import AUDITS
from genaudit.audits.run import run_audits
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import GENS, STATE
from genaudit.migration.apply import Applied, apply
from genaudit.migration.edits import EditScan, digest
from genaudit.migration.files import Files
from genaudit.migration.partitions import Partitions
from genaudit.migration.plan import Plan, scan_edits
from genaudit.migration.steps import stopping
from genaudit.schemas import IdClass
from genaudit.stages import partitions_of
from genaudit.store.copying import copy_file
from genaudit.store.folders import folder, kind_of, open_folder
from genaudit.store.snapshot import scan
from genaudit.store.source import LocalSource

# A migration changes the results of the rebuild audit on purpose.
_AUDITS: Final = tuple(audit for audit in AUDITS if audit != "rebuild")
_MAX_SHOWN: Final = 20
_NO_LINK: Final = frozenset({errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP})


@dataclass(frozen=True, slots=True)
class Check:
    """A check of the copy with its failures.

    :param checked: number of checked items.
    :param problems: the first failures; empty if the check holds.
    """

    name: str
    checked: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Simulation:
    """The result of a simulation.

    :param linked: number of files that the copy shares with the store; ``copied``: number of its own files.
    """

    digest: str
    renamed: int
    edited: int
    linked: int
    copied: int
    checks: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Whether every check holds."""
        return not any(check.problems for check in self.checks)


def simulate(
    root: Path,
    plan: Plan,
    into: Path,
    partitions: Partitions | None = None,
    progress: Callable[[int, int], None] | None = None,
    *,
    hard_links: bool = False,
) -> Simulation:
    """Apply a plan to a copy, and check the result.

    :param into: a folder that is not there yet, or is empty; outside the data root.
    :param partitions: keys to try the change on: those of a sandbox.
    :param hard_links: whether the copy shares its unchanged files with the store, if the file system allows it.
    :raises DDError: ``INVALID_CONFIG``, reason ``target_not_empty``, ``target_is_no_folder`` or
        ``target_inside_store``; as :func:`genaudit.migration.apply.apply`.
    """
    check_target(root, into)
    copy = _Copy(hard_links=hard_links)
    with stopping(Reason.NOT_WRITABLE):
        into.mkdir(parents=True, exist_ok=True)
        with folder(os.path.realpath(root)) as source, folder(os.path.realpath(into)) as target:
            copy.tree(source, target, into, leave_out=STATE)
    keys = _keys(partitions, plan)
    with Files(into) as files:
        done = apply(files, plan, partitions, progress)
    with stopping(Reason.NOT_READABLE):
        checks = [*_checks(root, into, plan, done)]
        if partitions:
            checks.append(
                _check("partition keys are unchanged but for the new names", _moved(keys, plan, partitions))
            )
    return Simulation(plan.digest, done.renamed, done.edited, copy.linked, copy.copied, tuple(checks))


def check_target(root: Path, into: Path) -> None:
    """Check that a copy can be written to a folder.

    :raises DDError: ``INVALID_CONFIG``, reason ``target_not_empty``, ``target_is_no_folder`` or
        ``target_inside_store``.
    """
    reason = None
    if into.is_symlink() or (into.exists() and not into.is_dir()):
        reason = Reason.TARGET_IS_NO_FOLDER
    elif into.exists() and any(into.iterdir()):
        reason = Reason.TARGET_NOT_EMPTY
    elif into.resolve().is_relative_to(root.resolve()) or root.resolve().is_relative_to(into.resolve()):
        reason = Reason.TARGET_INSIDE_STORE
    if reason:
        raise DDError(Err.INVALID_CONFIG, {"reason": reason, "path": str(into)})


class _Copy:
    """Copier of a tree that follows no link and counts files."""

    def __init__(self, *, hard_links: bool) -> None:
        self.hard_links = hard_links
        self.linked = 0
        self.copied = 0

    def tree(self, source: int, target: int, path: Path, leave_out: str | None = None) -> None:
        """Copy the contents of a folder.

        :param path: the folder of the copy, for errors.
        """
        for name in os.listdir(source):
            if name == leave_out:
                continue
            try:
                self._entry(name, source, target, path)
            except OSError as error:
                # A call on a descriptor names no file, and one on an entry only the entry.
                if error.filename is None or "/" not in str(error.filename):
                    error.filename = str(path / name)
                raise
        status = os.fstat(source)
        os.fchmod(target, status.st_mode & 0o7777)
        os.utime(target, ns=(status.st_atime_ns, status.st_mtime_ns))

    def _entry(self, name: str, source: int, target: int, path: Path) -> None:
        kind = kind_of(name, source)
        if kind == "folder":
            os.mkdir(name, 0o700, dir_fd=target)
            with folder(name, target) as inner:
                try:
                    handle = open_folder(name, source)
                except PermissionError:
                    return
                try:
                    self.tree(handle, inner, path / name)
                finally:
                    os.close(handle)
        elif kind == "symbolic link":
            os.symlink(os.readlink(name, dir_fd=source), name, dir_fd=target)
        elif kind == "file":
            if self.hard_links and _link(name, source, target):
                self.linked += 1
            else:
                copy_file(name, source, name, target)
                self.copied += 1
        elif kind != "gone":
            # A pipe or a socket has no content to share.
            _link(name, source, target)


def _link(name: str, source: int, target: int) -> bool:
    try:
        os.link(name, name, src_dir_fd=source, dst_dir_fd=target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        return False
    return True


def _checks(root: Path, into: Path, plan: Plan, done: Applied) -> Iterator[Check]:
    # The copy is read from the disk again after the apply, as a check.
    after = run_audits(scan(into), _AUDITS)
    mapping = after.results["recompute"].frame
    yield _check("every new name recomputes from its record", _not_recomputing(mapping, plan))
    extra = _findings(after.findings, {})
    if extra:
        # The apply read the copy while it equalled the store. An audit without findings now needs no comparison.
        earlier = done.before or scan(root)
        named = [name for name, result in after.results.items() if len(result.findings)]
        before = run_audits(replace(earlier, root=root, source=LocalSource(root)), named)
        extra -= _findings(before.findings, plan.ids)
    shown = [": ".join(filter(None, map(str, finding))) for finding in extra]
    yield _check("no audit finds anything that it did not find before", (len(after.findings), sorted(shown)))
    left = EditScan(plan.ids, fingerprints=False)
    scan_edits(after.snapshot, [left])
    yield _check(
        "no file contains an old id where a new one belongs", (len(plan.edits), [e.path for e in left.edits])
    )
    yield _check("only the planned changes were made", _differing(root, into, plan))


def _keys(partitions: Partitions | None, plan: Plan) -> dict[str, frozenset[str]]:
    """List all partition keys by stage."""
    if partitions is None:
        return {}
    return {stage: frozenset(partitions.keys(partitions_of(stage))) for stage in plan.stages}


def _moved(before: Mapping[str, frozenset[str]], plan: Plan, partitions: Partitions) -> tuple[int, list[str]]:
    wrong: list[str] = []
    for stage, present in _keys(partitions, plan).items():
        new = plan.ids.get(stage, {})
        wanted = {new.get(key, key) for key in before[stage]}
        wrong += [f"{partitions_of(stage)}: {key}: missing" for key in sorted(wanted - present)]
        wrong += [f"{partitions_of(stage)}: {key}: should be gone" for key in sorted(present - wanted)]
    return sum(map(len, before.values())), wrong


def _check(name: str, found: tuple[int, list[str]]) -> Check:
    checked, problems = found
    return Check(name, checked, tuple(problems[:_MAX_SHOWN]))


def _not_recomputing(mapping: pd.DataFrame, plan: Plan) -> tuple[int, list[str]]:
    holds = mapping.loc[mapping["class"] == IdClass.DETERMINISTIC, ["stage", "gen_id"]].astype(object)
    names = set(holds.itertuples(index=False, name=None))
    wrong = [rename.new for rename in plan.renames if (rename.stage, rename.new) not in names]
    return len(plan.renames), wrong


def _findings(findings: pd.DataFrame, ids: Mapping[str, Mapping[str, str]]) -> Counter[tuple[Any, ...]]:
    """Count findings by code, stage, generation and field, with the new names of generations."""
    columns = findings[["code", "stage", "gen_id", "field"]].astype(object)
    rows = columns.where(columns.notna(), None).itertuples(index=False, name=None)
    return Counter(
        (code, stage, ids.get(stage, {}).get(gen_id, gen_id), field) for code, stage, gen_id, field in rows
    )


def _differing(root: Path, into: Path, plan: Plan) -> tuple[int, list[str]]:
    """Compare the files of the store with those of the copy, under their new names."""
    edits = {_renamed(edit.path, plan.ids): edit for edit in plan.edits}
    old = {_renamed(path, plan.ids): (path, where) for path, where in _listed(root)}
    new = dict(_listed(into))
    wrong = [f"{path}: only in one of the two" for path in sorted(old.keys() ^ new.keys())]
    for path in sorted(old.keys() & new.keys()):
        if path in edits:
            if digest(_content(into, path)) != edits[path].after:
                wrong.append(f"{path}: not the planned content")
        elif old[path][1] != new[path] and _content(into, path) != _content(root, old[path][0]):
            wrong.append(f"{path}: another content")
    return len(new), wrong


def _content(base: Path, path: str) -> bytes:
    # Paths as objects take longer than the reading.
    with open(f"{base}/{path}", "rb", buffering=0) as file:  # noqa: PTH123
        return file.read()


def _renamed(path: str, ids: Mapping[str, Mapping[str, str]]) -> str:
    parts = path.split("/")
    if parts[0] == GENS and len(parts) > 2:  # noqa: PLR2004 (gens, stage, id)
        parts[2] = ids.get(parts[1], {}).get(parts[2], parts[2])
    return "/".join(parts)


def _listed(root: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    """List the files below a data root, each with its device and inode."""
    pending = [""]
    while pending:
        base = pending.pop()
        with os.scandir(root / base) as entries:
            for entry in entries:
                path = f"{base}/{entry.name}" if base else entry.name
                if entry.is_dir(follow_symlinks=False) and path != STATE:
                    pending.append(path)
                elif entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    yield path, (status.st_dev, status.st_ino)
