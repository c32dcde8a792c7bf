"""Where a store lies: the operations by which every reading command reaches its generations.

Everything outside ``gens/`` is read below :attr:`Source.root`, a local folder. Generations are reached by parts, each
an open local folder with some of them, so that one reader serves every kind of source.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, Protocol

from genaudit.errors import DDError, Err, Reason
from genaudit.layout import GENS
from genaudit.store.bucket import Stored
from genaudit.store.folders import folder, open_folder

SHARD_SIZE: Final = 4096
# Bytes of a part that is read whole: a fraction of a second's work, so that no process waits long for the others.
TEXT_BYTES: Final = 1 << 22
# Generations of a stage from whose sizes those of all are estimated.
_SAMPLED: Final = 32

# Returns the parent of a generation, both as stage and id.
ParentOf = Callable[[str, str], tuple[str, str] | None]


class Part(Protocol):
    """Some generations of a stage. Another process can read them: a part can be pickled."""

    @property
    def stage(self) -> str:
        """The stage."""

    @property
    def names(self) -> Sequence[str]:
        """The names of the generations' folders, sorted."""

    def opened(self) -> AbstractContextManager[int]:
        """Open a folder that holds the generations with all that a scan reads.

        :returns: its descriptor.
        :raises OSError: the stage is gone.
        """

    def whole(self) -> AbstractContextManager[Path]:
        """Hold every file of the generations below a data root for a ``with`` block.

        :returns: the data root.
        """

    def is_here(self) -> bool:
        """Return whether this machine sees the generations."""


class Source(Protocol):
    """A store that is only read."""

    @property
    def root(self) -> Path:
        """A local folder that holds everything of the data root outside ``gens/``."""

    @property
    def named(self) -> str | None:
        """The data root as reports name it; ``None`` for the root itself."""

    @property
    def unsupported(self) -> str | None:
        """The things that such a store never holds, for the coverage; ``None`` for a local folder."""

    @property
    def unusable(self) -> Sequence[tuple[str, str]]:
        """Keys that are no paths, each with the problem."""

    def gens(self) -> AbstractContextManager[int]:
        """Open a folder with the entries of ``gens/``.

        :raises DDError: ``DATA_MISSING`` with reason ``no_such_root``, ``root_is_no_folder``, ``no_store`` or
            ``gens_is_no_folder``; ``IO_ERROR`` with reason ``not_readable``.
        """

    def names(self, stage: str, gens: int) -> list[str]:
        """List a stage's folder.

        :param gens: the open folder of :meth:`gens`.
        :raises OSError: it is no folder, or cannot be listed.
        """

    def parts(self, names: Mapping[str, Sequence[str]]) -> Iterator[Part]:
        """Cut the generations of each stage into parts, in order."""

    def whole_parts(self, names: Mapping[str, Sequence[str]], parent_of: ParentOf | None = None) -> Iterator[Part]:
        """Cut generations into parts of at most so many bytes, for readers of every file.

        :param parent_of: gives the parents whose parsed texts a part has too.
        """

    def batches(self, stage: str, names: Sequence[str], files: Collection[str]) -> Iterator[Sequence[str]]:
        """Cut generations into batches; these files of a batch are below ``root / "gens"`` until the next one."""

    def at_hand(self, stage: str, names: Sequence[str], files: Collection[str]) -> AbstractContextManager[None]:
        """Hold files of generations below ``root / "gens"`` for a ``with`` block."""

    def whole(self, but: Mapping[str, Collection[str]] = MappingProxyType({})) -> AbstractContextManager[None]:
        """Hold every file of the data root below :attr:`root` for a ``with`` block.

        :param but: by stage, generations that are left out.
        """

    def fetch(self, stage: str, name: str) -> None:
        """Hold the files of one generation for a while; :func:`fetch_generation` calls it."""

    def listed(self) -> Iterator[tuple[str, Stored]] | None:
        """Yield every file with its path, sorted by path; ``None`` if a walk over the root finds them."""


@dataclass(frozen=True, slots=True)
class LocalPart:
    """Generations in a local folder."""

    root: Path
    stage: str
    names: Sequence[str]

    @contextmanager
    def opened(self) -> Iterator[int]:
        """Open the stage's folder."""
        with folder(os.path.realpath(self.root)) as top, folder(GENS, top) as gens, folder(self.stage, gens) as stage:
            yield stage

    @contextmanager
    def whole(self) -> Iterator[Path]:
        """Return the data root."""
        yield self.root

    def is_here(self) -> bool:
        """Return whether the stage's folder is visible."""
        return (self.root / GENS / self.stage).is_dir()


@dataclass(frozen=True, slots=True)
class LocalSource:
    """A store in a local folder, read through descriptors without following a link.

    :param root: the data root, whose own path may contain links.
    """

    root: Path
    named: None = None
    unsupported: str | None = None
    unusable: tuple[tuple[str, str], ...] = ()

    @contextmanager
    def gens(self) -> Iterator[int]:
        """Open the folder ``gens/``."""
        handle = self._open_gens()
        try:
            yield handle
        finally:
            os.close(handle)

    def _open_gens(self) -> int:
        root = self.root
        try:
            with folder(os.path.realpath(root, strict=True)) as top:
                return open_folder(GENS, top)
        except FileNotFoundError as error:
            reason = Reason.NO_STORE if root.exists() else Reason.NO_SUCH_ROOT
            ctx = {"reason": reason, "path": str(root), "expected": GENS}
            raise DDError(Err.DATA_MISSING, ctx) from error
        except NotADirectoryError as error:
            # A link in place of gens/ is also refused: it may lead out of the data root.
            reason = Reason.GENS_IS_NO_FOLDER if root.is_dir() else Reason.ROOT_IS_NO_FOLDER
            raise DDError(Err.DATA_MISSING, {"reason": reason, "path": str(root)}) from error
        except OSError as error:
            ctx = {"reason": Reason.NOT_READABLE, "path": str(root), "error": os.strerror(error.errno or 0)}
            raise DDError(Err.IO_ERROR, ctx) from error

    def names(self, stage: str, gens: int) -> list[str]:
        """List a stage's folder."""
        with folder(stage, gens) as handle:
            return os.listdir(handle)

    def parts(self, names: Mapping[str, Sequence[str]]) -> Iterator[LocalPart]:
        """Cut the generations of each stage into parts of the same number."""
        for stage, entries in names.items():
            for start in range(0, len(entries), SHARD_SIZE):
                # A worker may run in another folder.
                yield LocalPart(self.root.absolute(), stage, entries[start : start + SHARD_SIZE])

    def whole_parts(
        self,
        names: Mapping[str, Sequence[str]],
        parent_of: ParentOf | None = None,  # noqa: ARG002
    ) -> Iterator[LocalPart]:
        """Cut generations into parts, by the sizes of some of them."""
        for stage, entries in names.items():
            size = self._usual_size(stage, entries)
            step = max(1, min(SHARD_SIZE, int(TEXT_BYTES / size)))
            for start in range(0, len(entries), step):
                yield LocalPart(self.root.absolute(), stage, entries[start : start + step])

    def _usual_size(self, stage: str, names: Sequence[str]) -> float:
        """Estimate the bytes of a generation."""
        sampled = names[:: max(1, len(names) // _SAMPLED)]
        size = 1
        with suppress(OSError), LocalPart(self.root, stage, names).opened() as opened:
            for name in sampled:
                with suppress(OSError), folder(name, opened) as handle, os.scandir(handle) as entries:
                    size += sum(entry.stat(follow_symlinks=False).st_size for entry in entries)
        return size / max(1, len(sampled))

    def batches(self, stage: str, names: Sequence[str], files: Collection[str]) -> Iterator[Sequence[str]]:  # noqa: ARG002
        """Return one batch: the files are there."""
        yield names

    @contextmanager
    def at_hand(self, stage: str, names: Sequence[str], files: Collection[str]) -> Iterator[None]:  # noqa: ARG002
        """Do nothing: the files are there."""
        yield

    @contextmanager
    def whole(self, but: Mapping[str, Collection[str]] = MappingProxyType({})) -> Iterator[None]:  # noqa: ARG002
        """Do nothing: the files are there."""
        yield

    def fetch(self, stage: str, name: str) -> None:
        """Do nothing: the files are there."""

    def listed(self) -> None:
        """Return ``None``: a walk lists the files."""


# Sources whose generations are not below their root before they are asked for, by root.
_ON_DEMAND: Final[weakref.WeakValueDictionary[Path, Source]] = weakref.WeakValueDictionary()


def on_demand(source: Source) -> None:
    """Let :func:`fetch_generation` ask a source for generations below its root, as long as the source exists."""
    _ON_DEMAND[source.root] = source


def fetch_generation(root: Path, stage: str, name: str) -> None:
    """Make the files of a generation readable below a root, if they lie elsewhere.

    :raises DDError: as :meth:`genaudit.store.bucket.Bucket.read`.
    """
    if source := _ON_DEMAND.get(root):
        source.fetch(stage, name)
