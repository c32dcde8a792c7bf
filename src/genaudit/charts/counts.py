"""Bar charts: findings by code, links by state, ids by class and by cause of change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import altair as alt
import pandas as pd

from genaudit.charts.style import (
    CAUSE_COLOURS,
    CLASS_COLOURS,
    ROW_HEIGHT,
    SEVERITY_COLOURS,
    STATUS_COLOURS,
    coloured,
    labelled,
    of_values,
    tips,
    titled,
    with_room,
)
from genaudit.codes import SEVERITIES, Severity
from genaudit.humanize import counted as counted_of
from genaudit.schemas import IdClass, ParentStatus, RenameCause
from genaudit.stages import STAGES, StageTable

BECAUSE: Final = {RenameCause.OWN: "by its own record", RenameCause.CASCADE: "by its parent's new id"}


def findings_by_code(findings: pd.DataFrame, most: int | None = None) -> alt.LayerChart:
    """Draw the number of findings by code, most severe and most frequent first.

    :param findings: columns of :data:`genaudit.schemas.FINDINGS`.
    :param most: maximum number of codes; all by default.
    """
    counted = tally(findings, "severity", "code")
    order = sorted(counted, key=lambda key: (SEVERITIES.index(Severity(key[0])), -counted[key], key[1]))
    bars: list[dict[str, Any]] = [
        {"code": code, "severity": severity, "findings": count, "label": f"{count:,} · {severity}"}
        for severity, code in order[:most]
        for count in [counted[severity, code]]
    ]
    base = of_values(bars).encode(
        x=with_room("findings", "findings (number)", max(counted.values(), default=1), 90),
        y=alt.Y("code:N", sort=[bar["code"] for bar in bars], title="code", axis=alt.Axis(labelLimit=260)),
    )
    bar = base.mark_bar(height=13).encode(
        color=coloured("severity", SEVERITY_COLOURS),
        tooltip=tips("code:N", "severity:N", alt.Tooltip("findings:Q", format=",")),
    )
    summary = "; ".join(f"{bar['code']} {bar['label']}" for bar in bars)
    drawn = "" if len(bars) == len(order) else f" Not drawn: {len(order) - len(bars):,} further kinds."
    order_said = f"the gravest {len(bars)} drawn" if drawn else "the gravest first"
    kinds = f" of {len(order)} kinds, {order_said}" if len(order) > 1 else ""
    return titled(
        [bar, labelled(base)],
        f"{counted_of(len(findings), 'finding')}{kinds}",
        f"Findings by code: {summary or 'none'}.{drawn}",
        ROW_HEIGHT * max(len(bars), 1),
    )


def link_states(table: pd.DataFrame, stages: StageTable = STAGES) -> alt.LayerChart:
    """Draw how many links to a parent do not hold or could not be followed, by stage and state.

    :param table: columns of :data:`genaudit.schemas.PARENTS`.
    :param stages: the store's table of stages.
    """
    counted = tally(table, "stage", "status")
    bars: list[dict[str, Any]] = [
        {
            "link": f"{stage.name}: {name}",
            "stage": stage.name,
            "status": str(state),
            "state": name,
            "generations": count,
            "label": f"{count:,}",
        }
        for stage in stages.values()
        if stage.parent
        for state in STATUS_COLOURS
        if (count := counted.get((stage.name, state), 0))
        for name in [state.replace("_", " ")]
    ]
    broken = sum(bar["generations"] for bar in bars if bar["state"] != ParentStatus.UNKNOWN)
    base = of_values(bars).encode(
        x=with_room("generations", "generations (number)", max((bar["generations"] for bar in bars), default=1), 60),
        y=alt.Y("link:N", sort=[bar["link"] for bar in bars], title="link"),
        tooltip=tips("link:N", alt.Tooltip("generations:Q", format=",")),
    )
    colours = {state.replace("_", " "): colour for state, colour in STATUS_COLOURS.items()}
    scale = alt.Scale(domain=[*colours], range=[*colours.values()])
    bar = base.mark_bar(height=13).encode(color=alt.Color("state:N", scale=scale, legend=None))
    summary = "; ".join(f"{bar['link']} {bar['label']}" for bar in bars)
    return titled(
        [bar, labelled(base)],
        f"{broken:,} links to a parent do not hold" if broken else "Every link that can be followed holds",
        f"Links to a parent that do not hold or cannot be followed: {summary or 'none'}.",
        ROW_HEIGHT * max(len(bars), 1),
    )


def classes(table: pd.DataFrame, stages: StageTable = STAGES) -> alt.LayerChart:
    """Draw which share of each stage's ids falls in which class.

    :param table: columns of :data:`genaudit.schemas.MAPPING`.
    :param stages: the store's table of stages.
    """
    counted = tally(table, "stage", "class")
    totals = table["stage"].value_counts()
    bars = {}
    for stage in stages:
        for kind in CLASS_COLOURS:
            count = counted[stage, kind]
            share = 100 * count / int(totals[stage]) if count else 0.0
            bars[stage, kind] = (round(share, 3), f"{kind} {count:,} ({_percent(share)})")
    holding = sum(counted[stage, IdClass.DETERMINISTIC] for stage in stages)
    title = f"{holding:,} of {len(table):,} ids match their records"
    return grouped(bars, ("class", CLASS_COLOURS), "share of the stage's generations (%)", title)


def causes(table: pd.DataFrame, stages: StageTable = STAGES) -> alt.LayerChart:
    """Draw how many ids a migration would change, by stage and cause.

    :param table: columns of :data:`genaudit.schemas.MAPPING`.
    :param stages: the store's table of stages.
    """
    bars = cause_bars(table, stages)
    changing = sum(count for count, _ in bars.values())
    title = f"A migration would change {changing:,} of {len(table):,} ids"
    return grouped(bars, ("cause", CAUSE_COLOURS), "generations that get another id (number)", title)


def cause_bars(table: pd.DataFrame, stages: StageTable) -> dict[tuple[str, str], tuple[int, str]]:
    """Count the renames of each stage and cause, each with its label."""
    counted = tally(table, "stage", "cause")
    return {
        (stage, cause): (counted[stage, cause], f"{BECAUSE[RenameCause(cause)]} {counted[stage, cause]:,}")
        for stage in stages
        for cause in CAUSE_COLOURS
    }


def tally(table: pd.DataFrame, outer: str, inner: str) -> Counter[tuple[str, str]]:
    """Count the rows of each pair of values."""
    sizes = table.groupby([outer, inner], observed=True, sort=False).size()
    return Counter(dict(zip(sizes.index.tolist(), sizes.tolist(), strict=True)))


def _percent(share: float) -> str:
    # A share is rounded neither down to none nor up to all.
    return f"{min(max(share, 0.1), 99.9):.1f} %" if 0 < share < 100 else f"{share:.0f} %"  # noqa: PLR2004


def grouped(
    bars: Mapping[tuple[str, str], tuple[float, str]], group: tuple[str, Mapping[str, str]], x_title: str, title: str
) -> alt.LayerChart:
    """Draw labelled bars, grouped by stage.

    :param bars: length and label by stage and member of the group, in stage order.
    :param group: the name of the group, and the colours of its members.
    """
    name, colours = group
    kinds = {kind: colour for kind, colour in colours.items() if any(kind == other for _, other in bars)}
    stages = list(dict.fromkeys(stage for stage, _ in bars))
    values = [
        {"stage": stage, name: str(kind), "value": value, "label": label}
        for (stage, kind), (value, label) in bars.items()
    ]
    base = of_values(values).encode(
        x=with_room("value", x_title, max((value for value, _ in bars.values()), default=1), 170),
        y=alt.Y("stage:N", sort=stages, title="stage", scale=alt.Scale(paddingInner=0.16)),
        yOffset=alt.YOffset(f"{name}:N", sort=[*map(str, kinds)]),
    )
    bar = base.mark_bar().encode(
        color=coloured(name, kinds),
        tooltip=tips("stage:N", f"{name}:N", alt.Tooltip("value:Q", title=x_title, format=",.4~r"), "label:N"),
    )
    summary = "; ".join(f"{value['stage']}: {value['label']}" for value in values)
    return titled(
        [bar, labelled(base)],
        title,
        f"{title}. {summary or 'Nothing to show'}.",
        (ROW_HEIGHT * len(kinds) + 8) * max(len(stages), 1),
    )
