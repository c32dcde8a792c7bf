"""A snapshot as it is sent to another process: its columns, and the files of today's inputs."""

from __future__ import annotations

import io
import shutil
import tarfile
import tempfile
import weakref
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from genaudit.layout import Layout
from genaudit.store.catalogs import CatalogIds
from genaudit.store.snapshot import Snapshot
from genaudit.store.source import LocalSource


@dataclass(frozen=True)
class SentSnapshot:
    """A snapshot that can be pickled. Only its name, its stages and the columns of its generations arrive.

    :param is_local: whether its root is the store's own folder; otherwise the catalogs and the texts beside them are
        sent too.
    """

    snapshot: Snapshot
    is_local: bool

    @classmethod
    def of(cls, snapshot: Snapshot) -> SentSnapshot:
        """Wrap a snapshot."""
        return cls(snapshot, snapshot.source is None or isinstance(snapshot.source, LocalSource))

    def __reduce__(self) -> tuple[Any, ...]:
        """Send the columns, and files if necessary."""
        own, no_ids = self.snapshot, CatalogIds({}, None, None)
        # A worker may run in another folder.
        root = own.root.absolute()
        sent = Snapshot(root, own.generations, {}, own.strays[:0], no_ids, own.stages, own.name)
        return _arrived, (sent, None if self.is_local else _packed(own.layout))


def _packed(layout: Layout) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for path in (layout.catalogs, layout.combo_mappings):
            if path.exists():
                archive.add(path, path.relative_to(layout.root))
    return packed.getvalue()


def _arrived(sent: Snapshot, files: bytes | None) -> SentSnapshot:
    if files is None:
        return SentSnapshot(sent, is_local=True)
    root = Path(tempfile.mkdtemp(prefix="genaudit-inputs-")).resolve()
    arrived = SentSnapshot(replace(sent, root=root), is_local=False)
    weakref.finalize(arrived, shutil.rmtree, root, ignore_errors=True)
    with tarfile.open(fileobj=io.BytesIO(files)) as archive:
        archive.extractall(root, filter="data")
    return arrived
