"""The campaign: its parts, each with a seed of its own, so that one can be repeated alone."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from torture.crashes import crashes, dagster_crashes
from torture.part import Part
from torture.power import power_losses
from torture.records import mutated_records
from torture.states import state_files
from torture.worlds import make_world

PARTS: Final = ("crashes", "dagster", "losses", "states", "records")


@dataclass(frozen=True)
class Size:
    """The size of a campaign.

    :param every: stop at each n-th effect only.
    :param losses: number of power losses; ``states``: of damaged state files; ``records``: of mutated records.
    """

    every: int = 1
    losses: int = 500
    states: int = 600
    records: int = 1_000_000


def run(base: Path, seed: int, size: Size, parts: Sequence[str] = PARTS) -> Iterator[Part]:
    """Run some of the parts."""
    world = make_world(base)
    for name in parts:
        chosen = random.Random(f"{seed} {name}")  # noqa: S311 (cases to repeat)
        match name:
            case "crashes":
                yield crashes(base, world, size.every)
            case "dagster":
                yield dagster_crashes(base, world, size.every)
            case "losses":
                yield power_losses(base, world, chosen, size.losses)
            case "states":
                yield state_files(base, world, chosen, size.states)
            case _:
                yield mutated_records(base, chosen, size.records)
