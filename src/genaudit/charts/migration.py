"""Charts of a migration plan: renames and exclusions as labelled bars."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import altair as alt
import pandas as pd

from genaudit.charts.counts import cause_bars, grouped, tally
from genaudit.charts.style import (
    BLUE,
    CAUSE_COLOURS,
    GREY,
    ROW_HEIGHT,
    coloured,
    labelled,
    of_values,
    stage_colours,
    tips,
    titled,
    with_room,
)
from genaudit.stages import STAGES, StageTable

_WHEN: Final = {"before": GREY, "after": BLUE}


def planned_renames(table: pd.DataFrame, stages: StageTable = STAGES) -> alt.LayerChart:
    """Draw how many generations a plan renames, by stage and cause.

    :param table: ``stage`` and ``cause`` of each rename.
    :param stages: the store's table of stages.
    """
    title = f"The plan renames {len(table):,} generation{'' if len(table) == 1 else 's'}"
    return grouped(
        cause_bars(table, stages), ("cause", CAUSE_COLOURS), "generations that are renamed (number)", title
    )


def before_and_after(counts: Mapping[str, tuple[int, int, int]]) -> alt.LayerChart:
    """Draw how many ids match their records before and after a migration, by stage.

    :param counts: by stage, the numbers of ids that hold today, of new ids, and of names kept.
    """
    bars = {}
    for stage, (holding, renamed, kept) in counts.items():
        total = holding + renamed + kept
        bars[stage, "before"] = (holding, f"before {holding:,} of {total:,}")
        bars[stage, "after"] = (holding + renamed, f"after {holding + renamed:,} of {total:,}")
    renamed = sum(count for _, count, _ in counts.values())
    title = f"{renamed:,} more ids match their records after the migration"
    return grouped(bars, ("when", _WHEN), "ids that match their records (number)", title)


def exclusions(table: pd.DataFrame, stages: StageTable = STAGES) -> alt.LayerChart:
    """Draw how many generations a plan leaves alone for each reason, by stage, the most frequent reason first.

    :param table: ``stage`` and ``reason`` of each exclusion.
    :param stages: the store's table of stages.
    """
    counted = tally(table, "reason", "stage")
    reasons = table["reason"].value_counts()
    bars: list[dict[str, Any]] = [
        {
            "what": f"{reason.replace('_', ' ')}: {stage}",
            "reason": reason,
            "stage": stage,
            "generations": count,
            "label": f"{count:,}",
        }
        for reason in sorted(reasons.index, key=lambda reason: (-reasons[reason], reason))
        for stage in stages
        if (count := counted[reason, stage])
    ]
    base = of_values(bars).encode(
        x=with_room("generations", "generations (number)", max((bar["generations"] for bar in bars), default=1), 60),
        y=alt.Y("what:N", sort=[bar["what"] for bar in bars], title="reason", axis=alt.Axis(labelLimit=260)),
        tooltip=tips("what:N", alt.Tooltip("generations:Q", format=",")),
    )
    bar = base.mark_bar(height=13).encode(color=coloured("stage", stage_colours(stages)))
    summary = "; ".join(f"{bar['what']} {bar['label']}" for bar in bars)
    return titled(
        [bar, labelled(base)],
        f"{len(table):,} ids stay as they are, for {len(reasons)} reason{'' if len(reasons) == 1 else 's'}",
        f"Generations that the plan leaves alone, by reason and stage: {summary or 'none'}.",
        ROW_HEIGHT * max(len(bars), 1),
    )
