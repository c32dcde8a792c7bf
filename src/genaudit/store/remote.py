"""Stores behind a URL: one listing, then bulk reads, laid out as local folders part by part."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import weakref
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from genaudit.errors import DDError, Err, Reason
from genaudit.layout import ARTIFACTS, BASELINE, GENS, METADATA, PARSED, REPORTS, SETTINGS, STATE, Layout
from genaudit.store import source
from genaudit.store.addresses import is_url, shown
from genaudit.store.bucket import Bucket, RememberingBucket, Stored
from genaudit.store.folders import folder
from genaudit.store.laid_out import lay_out, lay_out_sizes
from genaudit.store.object_tree import Unusable, build_tree, key_of
from genaudit.store.records import MAX_RECORD_BYTES
from genaudit.store.source import LocalSource, ParentOf, Source, on_demand

_READ: Final = frozenset({METADATA, *REPORTS})
# A part is read whole: by so many bulk reads, and into so much memory.
PART_NAMES: Final = 4096
PART_BYTES: Final = 1 << 24
# Files outside gens/ and texts above it are laid out without contents; readers refuse them by their size.
_LARGEST: Final = 1 << 28
_HELD: Final = 1024
UNSUPPORTED: Final = "links, empty folders and permissions, which an object store does not hold"


@dataclass(frozen=True)
class RemotePart:
    """Generations of an object store, laid out in a temporary folder while they are read.

    :param files: for each name, its files by path; a blank path is the entry itself.
    :param parents: the parsed texts of parents, by key.
    """

    bucket: Bucket
    stage: str
    names: Sequence[str]
    files: Sequence[Mapping[str, Stored]]
    parents: Mapping[str, Stored] = field(default_factory=dict)

    @contextmanager
    def opened(self) -> Iterator[int]:
        """Lay out records, reports and the sizes of texts."""
        read: dict[str, tuple[str, Stored]] = {}
        sizes: dict[str, Stored] = {}
        for name, files in zip(self.names, self.files, strict=True):
            for path, facts in files.items():
                place = f"{name}/{path}" if path else name
                if path in _READ:
                    read[place] = (key_of(self.stage, name, path), facts)
                else:
                    sizes[place] = facts
        with tempfile.TemporaryDirectory(prefix="genaudit-part-") as made:
            lay_out(self.bucket, read, Path(made), MAX_RECORD_BYTES)
            lay_out_sizes(sizes, Path(made))
            with folder(os.path.realpath(made)) as handle:
                yield handle

    @contextmanager
    def whole(self) -> Iterator[Path]:
        """Lay out every file."""
        wanted = {key: (key, facts) for key, facts in self.parents.items()}
        for name, files in zip(self.names, self.files, strict=True):
            for path, facts in files.items():
                key = key_of(self.stage, name, path)
                wanted[key] = (key, facts)
        with tempfile.TemporaryDirectory(prefix="genaudit-part-") as made:
            root = Path(made).resolve()
            lay_out(self.bucket, wanted, root, sys.maxsize)
            yield root

    def is_here(self) -> bool:
        """Return true: a URL leads to the store from anywhere."""
        return True


class RemoteSource:
    """A store behind a URL.

    Files outside ``gens/`` are copied to a temporary folder at once, files of generations when they are read. The
    folder goes away with the source.

    :param url: the data root.
    :param known: files that were read before, with their facts and contents.
    :raises DDError: ``DATA_MISSING``, reason ``no_such_root``; as :meth:`genaudit.store.bucket.Bucket.listing`.
    """

    def __init__(self, url: str, known: Mapping[str, tuple[Stored, bytes]] = MappingProxyType({})) -> None:
        self.named: str | None = shown(url)
        self.unsupported: str | None = UNSUPPORTED
        self._bucket = Bucket(url)
        self._tree = build_tree(self._bucket.listing())
        self._remembered = self._bucket
        if known:
            listed = self._tree.every()
            same = {key: known[key][1] for key, facts in listed if key in known and known[key][0] == facts}
            self._remembered = RememberingBucket(url, same)
        if not self._tree:
            raise DDError(Err.DATA_MISSING, {"reason": Reason.NO_SUCH_ROOT, "path": self.named, "expected": GENS})
        made = Path(tempfile.mkdtemp(prefix="genaudit-store-")).resolve()
        weakref.finalize(self, shutil.rmtree, made, ignore_errors=True)
        self.root = made / "store"
        self.root.mkdir()
        self._held: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._copy_outside()
        on_demand(self)

    @property
    def unusable(self) -> Sequence[Unusable]:
        """The keys that are no paths."""
        return self._tree.unusable

    def _copy_outside(self) -> None:
        """Copy what commands read by path."""
        layout = Layout(self.root)
        tops = {layout.catalogs.name, layout.tasks.name, layout.cohorts.name, layout.combo_mappings.name}
        wanted = {*tops, STATE, SETTINGS, BASELINE}
        files = {
            path: (path, facts) for path, facts in self._tree.outside.items() if path.partition("/")[0] in wanted
        }
        lay_out(self._remembered, files, self.root, _LARGEST)
        # Stages are folders without entries: names() lists them.
        for stage in self._tree.gens:
            (layout.gens / stage).mkdir(parents=True)
        loose = {f"{GENS}/{name}" if name else GENS: facts for name, facts in self._tree.loose.items()}
        lay_out_sizes(loose, self.root)

    @contextmanager
    def gens(self) -> Iterator[int]:
        """Open a folder with the entries of ``gens/``."""
        with ExitStack() as stack:
            try:
                handle = stack.enter_context(folder(str(self.root / GENS)))
            except FileNotFoundError:
                ctx = {"reason": Reason.NO_STORE, "path": self.named, "expected": GENS}
                raise DDError(Err.DATA_MISSING, ctx) from None
            except NotADirectoryError:
                ctx = {"reason": Reason.GENS_IS_NO_FOLDER, "path": self.named}
                raise DDError(Err.DATA_MISSING, ctx) from None
            yield handle

    def names(self, stage: str, gens: int) -> list[str]:
        """List a stage's generations."""
        with folder(stage, gens):
            return [*self._tree.gens[stage]]

    def parts(self, names: Mapping[str, Sequence[str]]) -> Iterator[RemotePart]:
        """Cut the generations of each stage into parts of at most so many names, and bytes to read."""
        for stage, entries in names.items():
            known = self._tree.gens.get(stage, {})
            for some in self._cut(stage, entries, _READ):
                yield RemotePart(self._bucket, stage, some, [known.get(name, {}) for name in some])

    def whole_parts(
        self, names: Mapping[str, Sequence[str]], parent_of: ParentOf | None = None
    ) -> Iterator[RemotePart]:
        """Cut generations into parts by their sizes."""
        for stage, entries in names.items():
            known = self._tree.gens.get(stage, {})
            for some in self._cut(stage, entries, None, source.TEXT_BYTES):
                parents = {parent for name in some if parent_of and (parent := parent_of(stage, name))}
                texts = {
                    key_of(*parent, PARSED): facts
                    for parent in sorted(parents)
                    if (facts := self._tree.gens.get(parent[0], {}).get(parent[1], {}).get(PARSED))
                }
                yield RemotePart(self._bucket, stage, some, [known.get(name, {}) for name in some], texts)

    def batches(self, stage: str, names: Sequence[str], files: Collection[str]) -> Iterator[Sequence[str]]:
        """Cut generations into batches, and copy their files one batch at a time."""
        for some in self._cut(stage, names, files):
            with self.at_hand(stage, some, files):
                yield some

    def _cut(
        self, stage: str, names: Sequence[str], files: Collection[str] | None, limit: int | None = None
    ) -> Iterator[Sequence[str]]:
        """Cut generations into slices by the sizes of files, or of all files."""
        limit = limit or PART_BYTES
        known = self._tree.gens.get(stage, {})
        some: list[str] = []
        size = 0
        for name in names:
            weight = sum(facts.size for path, facts in known.get(name, {}).items() if files is None or path in files)
            if some and (len(some) == PART_NAMES or size + weight > limit):
                yield some
                some, size = [], 0
            some.append(name)
            size += weight
        if some:
            yield some

    @contextmanager
    def at_hand(self, stage: str, names: Sequence[str], files: Collection[str]) -> Iterator[None]:
        """Copy files of generations for a ``with`` block."""
        made = self._copy(stage, names, files)
        try:
            yield
        finally:
            self._remove(made)

    @contextmanager
    def whole(self, but: Mapping[str, Collection[str]] = MappingProxyType({})) -> Iterator[None]:
        """Copy every file that is not there for a ``with`` block."""
        every = self._tree.every(but)
        missing = {key: (key, facts) for key, facts in every if not os.path.lexists(self.root / key)}
        try:
            lay_out(self._remembered, missing, self.root, sys.maxsize)
            yield
        finally:
            self._remove(missing)

    def fetch(self, stage: str, name: str) -> None:
        """Copy the files of one generation; the latest thousand stay."""
        if (stage, name) in self._held:
            self._held.move_to_end((stage, name))
            return
        self._copy(stage, [name], ARTIFACTS)
        self._held[stage, name] = None
        if len(self._held) > _HELD:
            shutil.rmtree(self.root.joinpath(GENS, *self._held.popitem(last=False)[0]), ignore_errors=True)

    def listed(self) -> Iterator[tuple[str, Stored]]:
        """Yield every file with its path, sorted by path."""
        return iter(sorted(self._tree.every()))

    def _copy(self, stage: str, names: Sequence[str], files: Collection[str]) -> list[str]:
        known = self._tree.gens.get(stage, {})
        wanted: dict[str, tuple[str, Stored]] = {}
        for name in names:
            for path, facts in known.get(name, {}).items():
                key = key_of(stage, name, path)
                if path in files and not os.path.lexists(self.root / key):
                    wanted[key] = (key, facts)
        lay_out(self._remembered, wanted, self.root, _LARGEST)
        return [*wanted]

    def _remove(self, paths: Iterable[str]) -> None:
        """Remove files, and the folders of generations that they leave empty."""
        for path in paths:
            (self.root / path).unlink(missing_ok=True)
        for parent in sorted({path.rpartition("/")[0] for path in paths}, key=len, reverse=True):
            if parent.count("/") > 1:
                with suppress(OSError):
                    (self.root / parent).rmdir()


def source_of(store: Path | str, known: Mapping[str, tuple[Stored, bytes]] = MappingProxyType({})) -> Source:
    """Return the source that leads to a data root.

    :param store: a path, or a URL that fsspec knows.
    :param known: for a URL, files that were read before.
    :raises DDError: as :class:`RemoteSource`.
    """
    return RemoteSource(str(store), known) if is_url(store) else LocalSource(Path(store))
