"""What a section of the page is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt

    from genaudit.page.tables import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with the words around it.

    :param key: its id on the page.
    :param title: what to see.
    :param caption: a sentence below.
    :param spec: the chart in Vega-Lite, without its title.
    :param numbers: the table that says the same.
    """

    key: str
    title: str
    caption: str
    spec: dict[str, Any]
    numbers: Table | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """An audit on the page: sentences, charts beside or below each other, tables."""

    key: str
    title: str
    question: str
    sentences: tuple[str, ...]
    good: str | None
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]


def figure(key: str, chart: alt.LayerChart, caption: str, numbers: Table | None = None) -> Figure:
    """Take a chart apart into its title, which the page sets itself, and the drawing."""
    spec = chart.to_dict()
    title = spec.pop("title")
    # The page's own theme, and as wide as there is room.
    del spec["config"]
    spec["width"] = "container"
    return Figure(key, title, caption, spec, numbers)
