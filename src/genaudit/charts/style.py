"""What all charts share: the colours, and how a chart is titled and described.

A colour means the same everywhere, is told apart with every common colour blindness, shows on white and on black, and
never stands alone: a label, a shape or a position says the same. Text has no colour of its own, so that the theme of
the page or notebook decides.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import altair as alt

from genaudit.codes import Severity
from genaudit.schemas import Cause, IdClass, ParentStatus, Treatment
from genaudit.stages import STAGE_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Chart = alt.LayerChart

BLUE: Final = "#3f7cb5"
OCHRE: Final = "#b5871b"
RED: Final = "#c4302b"
GREY: Final = "#858c96"
VIOLET: Final = "#8e44c0"
GREEN: Final = "#16a06a"

CLASS_COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        IdClass.DETERMINISTIC: BLUE,
        IdClass.LEGACY: OCHRE,
        IdClass.MISMATCHED: RED,
        IdClass.UNVERIFIABLE: GREY,
    }
)
SEVERITY_COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {Severity.ERROR: RED, Severity.WARNING: OCHRE, Severity.INFO: BLUE}
)
CAUSE_COLOURS: Final[Mapping[str, str]] = MappingProxyType({Cause.OWN: VIOLET, Cause.CASCADE: GREEN})
STATUS_COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        ParentStatus.MISSING: RED,
        ParentStatus.UNREADABLE: OCHRE,
        ParentStatus.WRONG_STAGE: VIOLET,
        ParentStatus.CYCLE: GREEN,
        ParentStatus.UNNAMED: GREY,
        ParentStatus.UNKNOWN: GREY,
    }
)
TREATMENT_COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Treatment.REWRITE: BLUE,
        Treatment.AMBIGUOUS: OCHRE,
        Treatment.HISTORICAL: GREY,
        Treatment.DANGLING: RED,
        Treatment.UNSCANNED: VIOLET,
    }
)
STAGE_COLOURS: Final[Mapping[str, str]] = MappingProxyType(dict(zip(STAGE_NAMES, (VIOLET, BLUE, OCHRE), strict=True)))
CHANGE_COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {"added": GREEN, "gone": RED, "renamed": BLUE, "changed": OCHRE}
)

ROW_HEIGHT: Final = 22
_WIDTH: Final = 680


def of_values(values: Sequence[Mapping[str, Any]]) -> alt.Chart:
    """Begin a chart of a few plain rows."""
    return alt.Chart(alt.InlineData(values=list(values)))


def coloured(name: str, colours: Mapping[str, str], columns: int = 0) -> alt.Color:
    """Encode a column of names by their fixed colours.

    :param columns: of the legend; 0 for all in a line.
    """
    names = [str(one) for one in colours]
    scale = alt.Scale(domain=names, range=[*colours.values()])
    return alt.Color(
        f"{name}:N", scale=scale, legend=alt.Legend(orient="top", title=None, symbolType="square", columns=columns)
    )


def few_ticks(largest: float) -> int:
    """Choose how many ticks an axis of counts has: few, and none between two whole numbers."""
    return max(1, min(4, int(largest)))


def with_room(name: str, title: str, largest: float, room: int) -> alt.X:
    """Encode a bar's length, and keep room for a label behind the longest bar.

    :param largest: the longest bar's value.
    :param room: pixels.
    """
    scale = alt.Scale(domainMin=0, range=[0, alt.ExprRef(f"max(width - {room}, 40)")])
    axis = alt.Axis(tickCount=few_ticks(largest), labelFlush=False, format=",d")
    return alt.X(f"{name}:Q", title=title, axis=axis, scale=scale)


def labelled(base: alt.Chart) -> alt.Chart:
    """Write the column ``label`` behind each bar."""
    text: alt.Chart = base.mark_text(align="left", baseline="middle", dx=6, aria=False).encode(text="label:N")
    return text


def titled(layers: Sequence[alt.Chart], title: str, description: str, height: int) -> alt.LayerChart:
    """Lay charts over each other, and give the whole a title, a text alternative and its size.

    :param title: what to see.
    :param description: what somebody who cannot see the chart should know.
    :param height: pixels, without axes.
    """
    chart = alt.LayerChart(layer=[*layers])
    return chart.properties(title=title, description=description, width=_WIDTH, height=height)
