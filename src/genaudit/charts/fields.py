"""Chart of the fields that records have."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from genaudit.charts.style import BLUE, RED, of_values, tips, titled
from genaudit.schemas import rows
from genaudit.stages import STAGES, StageTable


def completeness(table: pd.DataFrame, stages: StageTable = STAGES) -> alt.LayerChart:
    """Draw which share of the readable records has each field, a cell for each stage and field.

    :param table: columns of :data:`genaudit.schemas.FIELDS`.
    :param stages: the store's table of stages.
    :returns: a heat map; a frame marks a required field that records lack, and a field that does not belong there.
    """
    cells = [_cell(row, stages) for row in rows(table)]
    gaps = [f"{cell['stage']} {cell['field']}: {cell['label']}" for cell in cells if cell["framed"]]
    x = alt.X(
        "stage:N",
        sort=[*stages],
        title="stage",
        axis=alt.Axis(labelAngle=0, orient="top", domain=False),
        scale=_gaps(0.015),
    )
    y = alt.Y(
        "field:N",
        sort=[*stages.record_fields],
        title="field of the record",
        axis=alt.Axis(domain=False),
        scale=_gaps(0.07),
    )
    numbers = [alt.Tooltip(f"{name}:Q", format=",") for name in ("present", "absent", "findings")]
    base = of_values(cells).encode(x=x, y=y, tooltip=tips("stage:N", "field:N", "label:N", *numbers))
    opacity = alt.Opacity("share:Q", scale=alt.Scale(domain=[0, 1], range=[0.03, 0.45]), legend=None)
    cell = base.mark_rect(color=BLUE, cornerRadius=3).encode(opacity=opacity)
    framed = of_values([cell for cell in cells if cell["framed"]]).encode(x=x, y=y)
    frame = framed.mark_rect(filled=False, stroke=RED, strokeWidth=2, cornerRadius=3)
    return titled(
        [cell, frame, base.mark_text(aria=False).encode(text=alt.Text("label:N"))],
        f"Not as required in {len(gaps)} places, which are framed"
        if gaps
        else "Every record has the fields it needs",
        "Share of the readable records that have each field, by stage."
        + (f" Not as required: {'; '.join(gaps)}." if gaps else " Every record has exactly the fields of its stage."),
        28 * len(stages.record_fields),
    )


def _cell(row: Any, stages: StageTable) -> dict[str, Any]:  # noqa: ANN401 -- a frame's rows are named tuples without a type of their own
    stray = row.field in stages[row.stage].extraneous
    return {
        "stage": row.stage,
        "field": row.field,
        "present": row.present,
        "absent": row.absent,
        "findings": row.flagged,
        "share": row.present / (row.present + row.absent) if row.present else 0.0,
        "label": _label(row.present, row.absent, required=row.required, stray=stray),
        "framed": bool(row.present) if stray else row.required and row.absent > 0,
    }


def _label(present: int, absent: int, *, required: bool, stray: bool) -> str:
    if stray:
        return f"{present:,} do not belong" if present else "none belongs"
    if not present + absent:
        return "no records"
    need = "required" if required else "optional"
    if not absent:
        return f"all · {need}"
    # A share is rounded neither down to none nor up to all.
    share = min(max(present / (present + absent), 0.001), 0.999) if present else 0.0
    return f"{100 * share:.1f} % · {need}"


def _gaps(share: float) -> alt.Scale:
    return alt.Scale(paddingInner=share, paddingOuter=0)
