"""Parts of a store to shards, by :func:`read_part` in any process."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import partial

from genaudit.layout import GENS
from genaudit.stage_file import StoreSettings
from genaudit.store.pool import ALONE, Workers
from genaudit.store.scan import Shard, Stray, scan_shard
from genaudit.store.source import Part, Source


@dataclass(frozen=True, slots=True)
class Reading:
    """The way in which the parts of a store are read; the result is the same for any.

    :param progress: called after each part with the entries read so far and their total.
    """

    progress: Callable[[int, int], None] | None = None
    workers: Workers = ALONE

    def shards(self, source: Source, names: Mapping[str, Sequence[str]], settings: StoreSettings) -> list[Shard]:
        """Read generations.

        :param names: by stage, the sorted names of their folders.
        """
        total, done = sum(map(len, names.values())), 0
        parts = [*source.parts(names)]
        shards: dict[int, Shard] = {}
        # The processes of a pool end with the iterator.
        with closing(self.workers.over(parts, partial(read_part, settings=settings), total)) as numbered:
            for number, shard in numbered:
                shards[number] = shard
                done += len(parts[number].names)
                if self.progress:
                    self.progress(done, total)
        return [shards[number] for number in sorted(shards)]


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
