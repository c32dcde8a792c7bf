"""Page model: sections with sentences, figures, tables and actions, free of any markup.

An audit yields sections; HTML, Markdown, the terminal and marimo render them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

# Maximum number of rows in a listing; the file that it names has every row.
MOST_ROWS: Final = 2000


@dataclass(frozen=True, slots=True)
class Card:
    """A number with its parts."""

    title: str
    total: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    :param name: the column of the frame that the values come from.
    :param label: the heading.
    :param kind: how a cell is shown: ``text``, ``id`` (of a generation), ``code`` (another name), ``value`` (of a
        field), ``path``, ``lines`` (of a text), ``number``, ``severity`` or ``finding`` (the name of a code).
    :param choose: whether readers can filter by the values of the column.
    """

    name: str
    label: str
    kind: str = "text"
    choose: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table.

    :param key: unique within a page.
    :param caption: its title.
    :param cells: one list for each row, with a value for each column.
    :param total: number of all rows; more than ``cells`` has if the table is cut.
    :param source: report file with all rows, as ``name.suffix``; the date is added when it is rendered.
    :param expandable: whether a row unfolds into all details of a finding.
    :param each: names of columns; a renderer that cuts the table keeps equally many rows of each of their values.
    """

    key: str
    caption: str
    columns: tuple[Column, ...]
    cells: list[list[Any]]
    total: int
    source: str | None = None
    expandable: bool = False
    each: tuple[str, ...] = ()

    @property
    def is_cut(self) -> bool:
        """Whether rows are left out."""
        return len(self.cells) < self.total

    def cut(self, most: int) -> Table:
        """Return the table with at most so many rows, the first ones of each kind."""
        if len(self.cells) <= most:
            return self
        places = [place for place, column in enumerate(self.columns) if column.name in self.each]
        kinds = [*map(itemgetter(*places), self.cells)] if places else [()] * len(self.cells)
        chosen = first_of_each(kinds, most)
        return replace(self, cells=[self.cells[place] for place in chosen])


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with its caption.

    :param key: unique within a page.
    :param caption: a sentence with the main message.
    :param chart: function that draws it; an Altair chart with a title.
    :param numbers: the same data as a table.
    """

    key: str
    caption: str
    chart: Callable[[], Any]
    numbers: Table | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """A recommended step.

    :param purpose: the goal, as it follows "To ".
    :param lines: lines to paste or run; empty if there is nothing to paste.
    :param reason: why, in a sentence.
    """

    purpose: str
    lines: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a page.

    :param key: unique within a page.
    :param question: the question that the section answers.
    :param sentences: the answer, verdict first.
    :param good: a sentence for the case that there are no errors, or no data.
    :param overview: the main numbers, small enough for a terminal.
    :param figures: charts.
    :param tables: further tables and listings.
    :param actions: recommended steps.
    :param abreast: whether figures are small enough to be shown side by side.
    :param lines: lines of text that a terminal shows instead of figures and tables, such as a drawn tree.
    """

    key: str
    title: str
    question: str
    sentences: tuple[str, ...] = ()
    good: str | None = None
    overview: Table | None = None
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    actions: tuple[Action, ...] = ()
    abreast: bool = False
    lines: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """The answer in one sentence."""
        return self.sentences[0] if self.sentences else self.good or ""

    def figure(self, key: str) -> Figure | None:
        """Find a figure by its key."""
        return next((one for one in self.figures if one.key == key), None)

    def table(self, key: str) -> Table | None:
        """Find a table by its key."""
        return next((one for one in self.tables if one.key == key), None)


def number_table(
    key: str, caption: str, heads: Sequence[str | Column], cells: Sequence[Sequence[Any]], texts: int = 1
) -> Table:
    """Build a small table whose first columns are text and whose other columns are numbers.

    :param heads: headings, or columns of another kind.
    :param texts: number of text columns.
    """
    columns = tuple(
        head if isinstance(head, Column) else Column(head, head, "text" if place < texts else "number")
        for place, head in enumerate(heads)
    )
    rows = [list(row) for row in cells]
    return Table(key, caption, columns, rows, len(rows))


def stage_table(
    key: str, caption: str, heads: Sequence[str], stages: Mapping[str, Any], values: Callable[[Any], Sequence[Any]]
) -> Table:
    """Build a table with a row for each stage.

    :param stages: the source of the numbers for ``values``, by stage.
    """
    return number_table(key, caption, ["Stage", *heads], [[name, *values(one)] for name, one in stages.items()])


def listing(
    key: str,
    caption: str,
    columns: Sequence[Column],
    frame: pd.DataFrame,
    *,
    source: str | None = None,
    expandable: bool = False,
    each: tuple[str, ...] = (),
) -> Table:
    """Build a listing of a frame's rows, cut at :data:`MOST_ROWS`; missing values become empty cells.

    :param source: as :class:`Table` takes it.
    :param each: as :class:`Table` takes it.
    """
    shown = frame.iloc[_chosen(frame, each)][[column.name for column in columns]]
    objects = shown.astype(object).where(shown.notna(), "")
    return Table(key, caption, tuple(columns), objects.to_numpy().tolist(), len(frame), source, expandable, each)


def _chosen(frame: pd.DataFrame, each: tuple[str, ...]) -> NDArray[Any]:
    """Choose the rows of a listing as :func:`first_of_each` does, without looking at every row in turn."""
    rows = np.arange(len(frame))
    if len(frame) <= MOST_ROWS or not each:
        return rows[:MOST_ROWS]
    ranks = frame.groupby([*each], sort=False, observed=True, dropna=False).cumcount().to_numpy()
    return np.sort(np.argsort(ranks, kind="stable")[:MOST_ROWS])


def first_of_each(kinds: Sequence[object], most: int = MOST_ROWS) -> list[int]:
    """Choose the positions of the first items of each kind, equally many of each as far as there are.

    >>> first_of_each("aaaabaac", 4)
    [0, 1, 4, 7]
    """
    if len(kinds) <= most:
        return list(range(len(kinds)))
    seen: Counter[object] = Counter()
    ranks = []
    for kind in kinds:
        ranks.append(seen[kind])
        seen[kind] += 1
    return sorted(sorted(range(len(kinds)), key=ranks.__getitem__)[:most])


def spaced(name: object) -> str:
    """Format the name of a reason, status or kind as words.

    >>> spaced("wrong_stage")
    'wrong stage'
    """
    return str(name).replace("_", " ")
