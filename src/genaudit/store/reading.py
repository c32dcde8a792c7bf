"""Parts of a store to shards: in this process, in several, or wherever an engine runs :func:`read_part`."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import partial

from genaudit.layout import GENS
from genaudit.stage_file import StoreSettings
from genaudit.store.pool import processes, share_out
from genaudit.store.scan import Shard, Stray, scan_shard
from genaudit.store.source import LocalSource, Part, Source

Read = Callable[[Part, StoreSettings], Shard]
# Reads parts elsewhere, and yields each shard with the number of its part.
Engine = Callable[[Sequence[Part], StoreSettings, Read], Iterator[tuple[int, Shard]]]


@dataclass(frozen=True, slots=True)
class Reading:
    """The way in which the parts of a store are read; the result is the same for any.

    :param progress: called after each part with the entries read so far and their total.
    :param jobs: the number of processes on this machine; ``None`` for one per core, if the store is large. Only a
        local store is read by several.
    :param engine: reads the parts elsewhere instead.
    """

    progress: Callable[[int, int], None] | None = None
    jobs: int | None = 1
    engine: Engine | None = None

    def shards(self, source: Source, names: Mapping[str, Sequence[str]], settings: StoreSettings) -> list[Shard]:
        """Read generations.

        :param names: by stage, the sorted names of their folders.
        """
        total, done = sum(map(len, names.values())), 0
        parts = [*source.parts(names)]
        shards: dict[int, Shard] = {}
        # The processes of a pool end with the iterator.
        with closing(self._numbered(source, parts, settings, total)) as numbered:
            for number, shard in numbered:
                shards[number] = shard
                done += len(parts[number].names)
                if self.progress:
                    self.progress(done, total)
        return [shards[number] for number in sorted(shards)]

    def _numbered(
        self, source: Source, parts: Sequence[Part], settings: StoreSettings, total: int
    ) -> Generator[tuple[int, Shard], None, None]:
        jobs = processes(self.jobs, total)
        if self.engine:
            yield from self.engine(parts, settings, read_part)
        elif jobs == 1 or not isinstance(source, LocalSource):
            yield from ((number, read_part(part, settings)) for number, part in enumerate(parts))
        else:
            yield from share_out(parts, partial(read_part, settings=settings), jobs)


def read_part(part: Part, settings: StoreSettings) -> Shard:
    """Read the generations of a part; if its stage is gone, it is only a stray."""
    with ExitStack() as stack:
        try:
            stage_folder = stack.enter_context(part.opened())
        except OSError as error:
            detail = f"{os.strerror(error.errno or 0)}, after it was listed"
            gone = Stray("VANISHED", part.stage, None, f"{GENS}/{part.stage}", detail)
            return replace(scan_shard(-1, part.stage, (), settings), strays=[gone])
        return scan_shard(stage_folder, part.stage, part.names, settings)


def is_gone(shard: Shard) -> bool:
    """Return whether the stage of a shard was gone when it was to be read."""
    return any(stray.code == "VANISHED" and stray.name is None for stray in shard.strays)
