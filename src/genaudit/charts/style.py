"""Shared style of charts: colours, titles and descriptions.

A colour has the same meaning everywhere, is distinguishable with every common colour blindness, shows on white and on
black, and never carries meaning alone: a label, a shape or a position repeats it. Text has no colour of its own, so
the theme of the page or notebook decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from types import MappingProxyType
from typing import Any, Final

import altair as alt

from genaudit.codes import Severity
from genaudit.schemas import IdClass, ParentStatus, RenameCause, Treatment

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
CAUSE_COLOURS: Final[Mapping[str, str]] = MappingProxyType({RenameCause.OWN: VIOLET, RenameCause.CASCADE: GREEN})
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
_IN_ORDER: Final = (VIOLET, BLUE, OCHRE, GREEN, RED, GREY)
CHANGE_COLOURS: Final[Mapping[str, str]] = MappingProxyType(
    {"added": GREEN, "gone": RED, "renamed": BLUE, "changed": OCHRE}
)

ROW_HEIGHT: Final = 22
_WIDTH: Final = 680


def stage_colours(stages: Iterable[str]) -> dict[str, str]:
    """Return the colour of each stage, by its place in the table; a seventh stage has the first one's again."""
    return dict(zip(stages, cycle(_IN_ORDER), strict=False))


class _Rows(alt.InlineData):
    """Rows that all copies of a chart share; Altair would copy every value whenever it puts layers together."""

    def __deepcopy__(self, _memo: object) -> _Rows:
        return self


def of_values(values: Sequence[Mapping[str, Any]]) -> alt.Chart:
    """Create a chart of a few plain rows."""
    return alt.Chart(_Rows(values=list(values)))


def coloured(name: str, colours: Mapping[str, str], columns: int = 0) -> alt.Color:
    """Encode a column of names by their fixed colours.

    :param columns: number of legend columns; 0 for a single line.
    """
    names = [str(one) for one in colours]
    scale = alt.Scale(domain=names, range=[*colours.values()])
    return alt.Color(
        f"{name}:N", scale=scale, legend=alt.Legend(orient="top", title=None, symbolType="square", columns=columns)
    )


def tips(*shown: str | alt.Tooltip) -> list[alt.Tooltip]:
    """List what a tooltip shows. Altair would compare a plain name with the schema of every class that it has."""
    return [one if isinstance(one, alt.Tooltip) else alt.Tooltip(one) for one in shown]


def few_ticks(largest: float) -> int:
    """Choose the number of ticks for an axis of counts: few, and none between whole numbers."""
    return max(1, min(4, int(largest)))


def with_room(name: str, title: str, largest: float, room: int) -> alt.X:
    """Encode a bar's length, with space for a label after the longest bar.

    :param largest: the longest bar's value.
    :param room: space in pixels.
    """
    scale = alt.Scale(domainMin=0, range=[0, alt.ExprRef(f"max(width - {room}, 40)")])
    axis = alt.Axis(tickCount=few_ticks(largest), labelFlush=False, format=",d")
    return alt.X(f"{name}:Q", title=title, axis=axis, scale=scale)


def labelled(base: alt.Chart) -> alt.Chart:
    """Write the column ``label`` after each bar."""
    mark = base.mark_text(align="left", baseline="middle", dx=6, aria=False)
    text: alt.Chart = mark.encode(text=alt.Text("label:N"))
    return text


def titled(layers: Sequence[alt.Chart], title: str, description: str, height: int) -> alt.LayerChart:
    """Layer charts, and add a title, a text alternative and a size.

    :param title: the main message.
    :param description: text alternative for readers who cannot see the chart.
    :param height: height in pixels, without axes.
    """
    # Altair would copy a chart, with all its parts, for properties that it gets later.
    return alt.LayerChart(layer=[*layers], title=title, description=description, width=_WIDTH, height=height)
