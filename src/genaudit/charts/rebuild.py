"""Charts of a rebuild: decisions and costs by mode and stage."""

from __future__ import annotations

from typing import Any, Final

import altair as alt
import pandas as pd

from genaudit.charts.style import (
    OCHRE,
    coloured,
    labelled,
    of_values,
    stage_colours,
    tips,
    titled,
    with_room,
)
from genaudit.decisions import Decision
from genaudit.schemas import rows
from genaudit.stages import STAGE_NAMES

_SAID: Final = {
    Decision.REUSE: "reused",
    Decision.PARSE: "parsed",
    Decision.COPY: "copied",
    Decision.CALL: "called",
    Decision.BLOCKED: "blocked",
}
_CELL: Final = 58
# A cell has room for two decisions side by side.
_A_LINE: Final = 2
_SEPARATOR: Final = " · "
_BREAK: Final = "\n"
_BAR: Final = 44


def rebuild_matrix(table: pd.DataFrame) -> alt.LayerChart:
    """Draw the decisions of each mode and stage; the more calls, the stronger the colour.

    :param table: columns of :data:`genaudit.audits.rebuild.frames.COMPARISON`.
    """
    cells = [_cell(row) for row in rows(table)]
    modes = list(dict.fromkeys(cell["mode"] for cell in cells))
    x = alt.X(
        "stage:N",
        sort=[*STAGE_NAMES],
        title="stage",
        axis=alt.Axis(labelAngle=0, orient="top", domain=False),
        scale=alt.Scale(paddingInner=0.015, paddingOuter=0),
    )
    y = alt.Y(
        "mode:N",
        sort=modes,
        title="mode",
        axis=alt.Axis(domain=False, labelLimit=220),
        scale=alt.Scale(paddingInner=0.08, paddingOuter=0),
    )
    counts = [alt.Tooltip(f"{decision}:Q", format=",") for decision in Decision]
    base = of_values(cells).encode(x=x, y=y, tooltip=tips("mode:N", "stage:N", *counts, "cost:N"))
    opacity = alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.04, 0.5]), legend=None)
    cell = base.mark_rect(color=OCHRE, cornerRadius=3).encode(opacity=opacity)
    labels = [
        base.transform_filter(alt.datum.lines == lines)
        .mark_text(dy=dy, lineBreak=_BREAK, fontWeight="bold", aria=False)
        .encode(text=alt.Text("label:N"))
        for lines, dy in ((1, -8), (2, -17))
    ]
    cost = base.mark_text(dy=9, aria=False).encode(text=alt.Text("cost:N"))
    calls = {mode: sum(each["call"] for each in cells if each["mode"] == mode) for mode in modes}
    summary = "; ".join(
        f"{each['mode']}, {each['stage']}: {each['label'].replace(_BREAK, _SEPARATOR)}, {each['cost']}"
        for each in cells
    )
    return titled(
        [cell, *labels, cost],
        _matrix_title(calls),
        f"Outcomes of each mode at each stage. {summary or 'No mode was tried'}.",
        _CELL * max(len(modes), 1),
    )


def _matrix_title(calls: dict[str, int]) -> str:
    if not calls:
        return "No mode was tried"
    least, most = min(calls, key=lambda mode: calls[mode]), max(calls, key=lambda mode: calls[mode])
    if calls[least] == calls[most]:
        return f"Every mode calls models {calls[most]:,} times"
    return f"Model calls: {calls[least]:,} with {least}, {calls[most]:,} with {most}"


def _cell(row: Any) -> dict[str, Any]:  # noqa: ANN401 -- a frame's rows are named tuples without a type of their own
    counts = {decision.value: int(getattr(row, decision)) for decision in Decision}
    parts = [f"{count:,} {_SAID[Decision(name)]}" for name, count in counts.items() if count]
    half = len(parts) if len(parts) <= _A_LINE else (len(parts) + 1) // 2
    lines = [_SEPARATOR.join(line) for line in (parts[:half], parts[half:]) if line]
    return {
        "mode": row.mode,
        "stage": row.stage,
        **counts,
        "share": counts["call"] / row.planned if row.planned else 0.0,
        "label": _BREAK.join(lines) or "nothing planned",
        "lines": len(lines) or 1,
        "cost": _cost(row),
    }


def _cost(row: Any) -> str:  # noqa: ANN401 -- as above
    """Describe the cost of a stage's calls: none, an amount, a lower bound, or unknown."""
    if not row.call:
        return "no tokens"
    if row.prompt_tokens is None:
        return "tokens unknown"
    at_least = "at least " if row.calls_of_unknown_cost else ""
    return f"{at_least}{row.prompt_tokens + row.completion_tokens:,.0f} tokens"


def rebuild_costs(table: pd.DataFrame) -> alt.LayerChart:
    """Draw the tokens of each mode by stage, with the range from low to high; unknown calls are labelled.

    :param table: columns of :data:`genaudit.audits.rebuild.frames.COMPARISON`.
    """
    parts, totals = _parts(table), _totals(table)
    modes = [total["mode"] for total in totals]
    largest = max((total["high"] for total in totals), default=1.0)
    y = alt.Y("mode:N", sort=modes, title="mode", axis=alt.Axis(labelLimit=220), scale=alt.Scale(paddingInner=0.45))

    def x(name: str) -> alt.X:
        return with_room(name, "tokens, prompt and answer together (number)", largest or 1, 260)

    bars = (
        of_values(parts)
        .mark_bar()
        .encode(
            x=x("start"),
            x2=alt.X2("end:Q"),
            y=y,
            color=coloured("stage", stage_colours(STAGE_NAMES)),
            tooltip=tips(
                "mode:N", "stage:N", alt.Tooltip("tokens:Q", format=",.0f"), alt.Tooltip("calls:Q", format=",")
            ),
        )
    )
    ends = of_values(totals).encode(y=y)
    spread = ends.mark_rule(strokeWidth=1.5, color="currentColor", aria=False).encode(x=x("low"), x2=alt.X2("high:Q"))
    text = labelled(ends.encode(x=x("high")))
    summary = "; ".join(f"{total['mode']}: {total['label']}" for total in totals)
    return titled(
        [bars, spread, text],
        _costs_title(totals),
        f"Tokens that each mode takes. {summary or 'No mode was tried'}.",
        _BAR * max(len(modes), 1),
    )


def _parts(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Stack the stages of each mode."""
    parts: list[dict[str, Any]] = []
    ends: dict[str, float] = {}
    for row in rows(table):
        tokens = (row.prompt_tokens or 0.0) + (row.completion_tokens or 0.0)
        start = ends.get(row.mode, 0.0)
        ends[row.mode] = start + tokens
        calls = {"tokens": tokens, "calls": int(row.call)}
        parts.append({"mode": row.mode, "stage": row.stage, "start": start, "end": start + tokens, **calls})
    return parts


def _totals(table: pd.DataFrame) -> list[dict[str, Any]]:
    totals: list[dict[str, Any]] = []
    for mode, part in table.groupby("mode", sort=False):
        calls, unknown = int(part["call"].sum()), int(part["calls_of_unknown_cost"].sum())
        middle = float((part["prompt_tokens"].fillna(0) + part["completion_tokens"].fillna(0)).sum())
        low, high = (float(part[f"tokens_{end}"].fillna(0).sum()) for end in ("low", "high"))
        totals.append({"mode": mode, "low": low, "high": high, "tokens": middle, "calls": calls, "unknown": unknown})
        totals[-1]["label"] = _total_label(calls, unknown, middle, low, high)
    return totals


def _total_label(calls: int, unknown: int, middle: float, low: float, high: float) -> str:
    if not calls:
        return "no call, nothing to pay"
    calls_made = f"{calls:,} call{'' if calls == 1 else 's'}"
    if unknown == calls:
        return f"{calls_made}, tokens unknown"
    known = f"{calls_made}: {middle:,.0f} ({low:,.0f} to {high:,.0f})"
    return f"{known}, {unknown:,} of unknown cost" if unknown else known


def _costs_title(totals: list[dict[str, Any]]) -> str:
    known = [total for total in totals if total["calls"] == 0 or total["unknown"] < total["calls"]]
    if not known:
        return "The cost of the calls is unknown"
    least, most = (pick(known, key=lambda total: total["tokens"]) for pick in (min, max))
    if least["tokens"] == most["tokens"]:
        return f"Every mode takes about {most['tokens']:,.0f} tokens"
    return f"From {least['tokens']:,.0f} tokens with {least['mode']} to {most['tokens']:,.0f} with {most['mode']}"
