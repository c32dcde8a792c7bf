"""Changes between two snapshots, as labelled bars."""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt

from genaudit.charts.counts import grouped
from genaudit.charts.style import CHANGE_COLOURS
from genaudit.stages import STAGE_NAMES


def changes(counts: Mapping[str, Mapping[str, int]]) -> alt.LayerChart:
    """Draw how many generations changed, by stage and kind of change.

    :param counts: by kind of change and stage.
    """
    bars = {
        (stage, kind): (counts[kind].get(stage, 0), f"{kind} {counts[kind].get(stage, 0):,}")
        for stage in STAGE_NAMES
        for kind in CHANGE_COLOURS
    }
    total = sum(number for number, _ in bars.values())
    title = f"{total:,} change{'' if total == 1 else 's'} of generations"
    return grouped(bars, ("change", CHANGE_COLOURS), "generations (number)", title)
