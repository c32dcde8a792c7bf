"""Snapshots of an output folder: saving, listing and reading them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from genaudit.errors import DDError, Err, Reason
from genaudit.layout import GENS, is_safe_name
from genaudit.snapshots.manifest import MANIFEST, Manifest, parse_manifest
from genaudit.snapshots.saved import Saved, unseal
from genaudit.store.folders import read_file
from genaudit.store.records import UnreadableError
from genaudit.store.write import write_atomic

LAST: Final = "last"
_FOLDER: Final = "snapshots"
_LARGEST: Final = 1 << 32


def snapshots_folder(output: Path) -> Path:
    """Return the folder of the snapshots below an output folder."""
    return output / _FOLDER


def list_snapshots(output: Path) -> list[Manifest]:
    """Read the manifests of all snapshots of an output folder, in the order in which they were saved.

    :raises DDError: ``INVALID_CONFIG``, reason ``snapshot_damaged``.
    """
    return sorted(_manifests(output), key=lambda manifest: (manifest.number, manifest.name))


def _manifests(output: Path) -> Iterator[Manifest]:
    try:
        names = sorted(os.listdir(snapshots_folder(output)))
    except FileNotFoundError:
        return
    for name in names:
        if is_safe_name(name):
            yield _manifest(snapshots_folder(output) / name)


def check_name(output: Path, name: str) -> None:
    """Check that a name is free, and fit to be the name of a folder.

    :raises DDError: ``INVALID_CONFIG``, reason ``unsafe_name`` or ``snapshot_exists``.
    """
    if not is_safe_name(name) or name == LAST:
        raise DDError(
            Err.INVALID_CONFIG, {"reason": Reason.UNSAFE_NAME, "value": name, "expected": "a plain file name"}
        )
    if os.path.lexists(snapshots_folder(output) / name):
        path = str(snapshots_folder(output) / name)
        raise DDError(
            Err.INVALID_CONFIG, {"reason": Reason.SNAPSHOT_EXISTS, "path": path, "expected": "another name"}
        )


def save(saved: Saved, output: Path) -> Path:
    """Write a snapshot: all of its files, or nothing.

    :returns: its folder.
    :raises DDError: as :func:`check_name`; ``IO_ERROR``, reason ``not_writable``.
    """
    check_name(output, saved.manifest.name)
    sealed, files = saved.sealed()
    target = snapshots_folder(output) / sealed.manifest.name
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent))
    except OSError as error:
        ctx = {"reason": Reason.NOT_WRITABLE, "path": str(target), "error": os.strerror(error.errno or 0)}
        raise DDError(Err.IO_ERROR, ctx) from error
    try:
        for name, data in files.items():
            write_atomic(folder / name, data)
        write_atomic(folder / MANIFEST, sealed.manifest.to_bytes())
        folder.chmod(0o755)
        folder.rename(target)
    except OSError as error:
        ctx = {"reason": Reason.NOT_WRITABLE, "path": str(target), "error": os.strerror(error.errno or 0)}
        raise DDError(Err.IO_ERROR, ctx) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return target


def find(output: Path, name: str) -> Path:
    """Return the folder of a snapshot.

    :param name: its name, or ``last``.
    :raises DDError: ``DATA_MISSING``, reason ``snapshot_missing``; ``INVALID_CONFIG``, reason ``unsafe_name`` or
        ``snapshot_damaged``.
    """
    if name == LAST:
        known = list_snapshots(output)
        if known:
            return snapshots_folder(output) / known[-1].name
    elif not is_safe_name(name):
        raise DDError(
            Err.INVALID_CONFIG, {"reason": Reason.UNSAFE_NAME, "value": name, "expected": "a plain file name"}
        )
    path = snapshots_folder(output) / name
    if not path.is_dir():
        near = get_close_matches(name, [one.name for one in list_snapshots(output)], n=1)
        ctx = {"reason": Reason.SNAPSHOT_MISSING, "path": str(path), "expected": "genaudit snapshot save"}
        raise DDError(Err.DATA_MISSING, {**ctx, **({"closest": near[0]} if near else {})})
    return path


def find_given(output: Path, given: str) -> Path:
    """Return the folder of a snapshot that a command line names: by its name, ``last``, or the path of its folder.

    :raises DDError: as :func:`find`.
    """
    return Path(given) if "/" in given and is_snapshot(Path(given)) else find(output, given)


def is_snapshot(path: Path) -> bool:
    """Return whether a folder holds a snapshot, to judge by its names."""
    return (path / MANIFEST).is_file() and not (path / GENS).exists()


def read(path: Path) -> Saved:
    """Read a snapshot from its folder.

    :raises DDError: ``INVALID_CONFIG``, reason ``snapshot_damaged``.
    """
    manifest = _manifest(path)
    try:
        files = {name: _read(path, name) for name in manifest.files}
        return unseal(manifest, files)
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(path, str(error)) from error


def _manifest(path: Path) -> Manifest:
    try:
        return parse_manifest(_read(path, MANIFEST))
    except ValueError as error:
        raise _damaged(path, f"{MANIFEST}: {error}") from error


def _read(path: Path, name: str) -> bytes:
    if not is_safe_name(name):
        raise _damaged(path, f"a file called {name!r}")
    try:
        return read_file(str(path / name), limit=_LARGEST)
    except FileNotFoundError as error:
        raise _damaged(path, f"{name}: no such file") from error
    except UnreadableError as error:
        raise _damaged(path, f"{name}: {error.detail}") from error


def _damaged(path: Path, problem: str) -> DDError:
    return DDError(Err.INVALID_CONFIG, {"reason": Reason.SNAPSHOT_DAMAGED, "path": str(path), "problem": problem})
