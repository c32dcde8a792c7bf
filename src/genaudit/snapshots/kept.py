"""Files that audits read after the scan: kept in a snapshot, and laid out again for an audit of it.

Catalogs, cohorts, selections, settings and the migration ledger are kept whole. Of the generations, only those files
are kept that the default audits read: reports of answers, and the files of generations that a rebuild would touch.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from genaudit.audits.duplicates import duplicates
from genaudit.audits.run import AuditRun
from genaudit.cohorts.safe_paths import open_below
from genaudit.layout import ARTIFACTS, GENS, RAW_METADATA, SETTINGS, STATE, Layout, is_safe_name
from genaudit.schemas import ArtifactState
from genaudit.stages import PARENT, StageTable
from genaudit.store.folders import kind_of, open_folder, read_file
from genaudit.store.records import UnreadableError

_LARGEST: Final = 1 << 28
_LINK: Final = "symbolic link"
_SPECIAL: Final = "special file"
_OUTSIDE: Final = frozenset({"", ".", ".."})


class KeptFile(NamedTuple):
    """A kept file.

    :param path: relative to the data root, with forward slashes.
    :param kind: ``file``, ``folder``, ``symbolic link``, or another kind, of which nothing else is known.
    :param data: the content; the target of a link.
    """

    path: str
    kind: str
    data: bytes = b""

    def to_list(self) -> list[str]:
        """Return the file as plain values."""
        return [self.path, self.kind, base64.b85encode(self.data).decode()]

    @classmethod
    def from_list(cls, values: Any) -> KeptFile:  # noqa: ANN401 (as it was read)
        """Read plain values.

        :raises ValueError: they are no kept file, or its path leads out of the data root.
        """
        path, kind, data = values
        if (
            not all(isinstance(each, str) for each in (path, kind, data))
            or _OUTSIDE & {*path.split("/")}
            or "\0" in path
        ):
            raise ValueError("no kept file")
        return cls(path, kind, base64.b85decode(data))


def keep_files(run: AuditRun) -> list[KeptFile]:
    """Read the files that the default audits of a snapshot need, sorted by path."""
    layout = Layout(run.snapshot.root)
    kept: dict[str, KeptFile] = {}
    with open_below(layout.root) as top:
        folders = [layout.catalogs.name, layout.tasks.name, layout.cohorts.name, STATE]
        names = [*folders, layout.combo_mappings.name, SETTINGS]
        for name in names:
            for one in _tree(top, name, name):
                kept[one.path] = one
        for stage, wanted in _wanted(run).items():
            with suppress(OSError), _opened(top, GENS) as gens, _opened(gens, stage) as folder:
                for batch in run.snapshot.batches(stage, sorted(wanted), ARTIFACTS):
                    for gen_id in batch:
                        kept.update((one.path, one) for one in _generation(folder, stage, gen_id, wanted[gen_id]))
    return [kept[path] for path in sorted(kept)]


class _opened:  # noqa: N801 (used as a function)
    """Hold a folder open by its name in an open folder."""

    def __init__(self, parent: int, name: str) -> None:
        self._handle = open_folder(name, parent)

    def __enter__(self) -> int:
        return self._handle

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)


def _tree(parent: int, name: str, path: str) -> Iterator[KeptFile]:
    """Read a file, or everything below a folder, following no link."""
    kind = kind_of(name, parent)
    if kind == "gone":
        return
    if kind == "folder":
        yield KeptFile(path, kind)
        try:
            with _opened(parent, name) as folder:
                for inner in sorted(os.listdir(folder)):
                    yield from _tree(folder, inner, f"{path}/{inner}")
        except OSError:
            return
    else:
        yield _file(parent, name, path, kind)


def _file(parent: int, name: str, path: str, kind: str) -> KeptFile:
    if kind == _LINK:
        return KeptFile(path, kind, os.fsencode(os.readlink(name, dir_fd=parent)))
    if kind != "file":
        return KeptFile(path, kind)
    try:
        return KeptFile(path, kind, read_file(name, parent, _LARGEST))
    except (UnreadableError, FileNotFoundError):
        return KeptFile(path, "unreadable")


def _generation(stage_folder: int, stage: str, gen_id: str, files: Iterable[str]) -> Iterator[KeptFile]:
    with suppress(OSError), _opened(stage_folder, gen_id) as folder:
        for name in files:
            kind = kind_of(name, folder)
            if kind != "gone":
                yield _file(folder, name, f"{GENS}/{stage}/{gen_id}/{name}", kind)


def _wanted(run: AuditRun) -> dict[str, dict[str, tuple[str, ...]]]:
    """Name the files of generations that audits read after the scan, by stage and id."""
    snapshot = run.snapshot
    wanted: dict[str, dict[str, tuple[str, ...]]] = {stage: {} for stage in snapshot.stages}
    reports = snapshot.generations["raw_metadata"] == ArtifactState.OK
    for stage, gen_id in snapshot.generations.loc[reports, ["stage", "gen_id"]].itertuples(index=False):
        wanted[stage][gen_id] = (RAW_METADATA,)
    for stage, gen_id in _touched(run):
        wanted[stage][gen_id] = ARTIFACTS
    return {
        stage: {name: files for name, files in found.items() if is_safe_name(name)} for stage, found in wanted.items()
    }


def _touched(run: AuditRun) -> set[tuple[str, str]]:
    """Name the generations that audits read: those of a rebuild, duplicates, paid answers at risk, and parents."""
    snapshot = run.snapshot
    table = snapshot.generations
    at_risk = table[table["has_raw"] & ~table["has_prompt"]]
    found = set(zip(at_risk["stage"], at_risk["gen_id"], strict=True))
    names = snapshot.values("gen_id")
    found |= {(stage, names[row]) for stage, _, group in duplicates(snapshot) for row in group}
    if "rebuild" in run.results:
        planned = run.results["rebuild"].frame
        found |= set(zip(planned["stage"], planned["gen_id"], strict=True))
    for stage in reversed([*snapshot.stages.values()]):
        if stage.parent:
            rows = [snapshot.rows[stage.name].get(gen_id) for name, gen_id in found if name == stage.name]
            above = {snapshot.values(PARENT)[row] for row in rows if row is not None} - {None}
            found |= {(stage.parent, gen_id) for gen_id in above}
    return {(stage, gen_id) for stage, gen_id in found if gen_id in snapshot.rows[stage]}


def lay_out(kept: Iterable[KeptFile], stages: StageTable, root: Path) -> None:
    """Write kept files below an empty folder; links last, so that nothing is written through one.

    :raises DDError: ``IO_ERROR``, reason ``not_writable``.
    """
    (root / GENS).mkdir(parents=True)
    for stage in stages:
        (root / GENS / stage).mkdir()
    for one in sorted(kept, key=lambda one: (one.kind == _LINK, one.path)):
        path = root / one.path
        if one.kind == "folder":
            path.mkdir(parents=True, exist_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if one.kind == _LINK:
            path.symlink_to(os.fsdecode(one.data))
        elif one.kind == _SPECIAL:
            os.mkfifo(path)
        else:
            path.write_bytes(one.data)
            path.chmod(0o600 if one.kind == "file" else 0o000)
