"""Chart of the lineage of a generation, with the sentence about it."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final, NamedTuple

from genaudit import charts
from genaudit.lookup.generation import Lookup

MOST_BELOW: Final = 40


class Picture(NamedTuple):
    """A chart, and the sentence about drawn and omitted relatives."""

    chart: Any
    caption: str


def lineage_picture(lookup: Lookup, stage: str, gen_id: str) -> Picture:
    """Draw a stored generation with its ancestors and at most :data:`MOST_BELOW` descendants."""
    snapshot, lineage = lookup.run.snapshot, lookup.lineage
    row = snapshot.rows[stage][gen_id]
    above, below = lineage.above(row), lineage.below(row)
    drawn = [*above, row, *below[:MOST_BELOW]]
    stages, names = snapshot.values("stage"), snapshot.values("gen_id")
    classes = {(stages[one], names[one]): lookup.class_of(one) for one in drawn}
    left_out = omitted(lookup, row, set(drawn), below)
    chart = charts.lineage(lineage.links(drawn), classes, (stage, gen_id), left_out, snapshot.stages)
    return Picture(chart, caption(len(above), len(below)))


def omitted(lookup: Lookup, row: int, drawn: set[int], below: list[int]) -> dict[tuple[tuple[str, str], str], int]:
    """Count the children of drawn generations that are not drawn; children of ancestors do not count."""
    snapshot = lookup.run.snapshot
    stages, names = snapshot.values("stage"), snapshot.values("gen_id")
    within = {row, *below}
    counted = Counter(
        ((stages[parent], names[parent]), stages[child])
        for parent in sorted(drawn & within)
        for child in lookup.lineage.children(parent)
        if child not in drawn
    )
    return dict(counted)


def caption(above: int, below: int) -> str:
    """Word the caption of a lineage by the numbers of ancestors and descendants."""
    drawn = f"Parents on the left, children on the right: {above:,} above it, {below:,} below."
    if below > MOST_BELOW:
        drawn += f" Of those below the first {MOST_BELOW} are drawn; the tables list all."
    return drawn
