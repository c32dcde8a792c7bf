"""Frame of every notebook: store, navigation, search for an id, detail of a generation, shared link and reports."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import marimo as mo
import pandas as pd

from genaudit.audits.finding_kinds import condensed
from genaudit.audits.result import AuditResult
from genaudit.errors import DDError
from genaudit.workbench import scripts
from genaudit.workbench.choice import Points, narrow
from genaudit.workbench.detail_panels import Look, jump, look_at
from genaudit.workbench.downloads import download, written
from genaudit.workbench.generation_detail import GenerationDetail
from genaudit.workbench.notebook_args import Chosen, arguments, chosen_by, notebooks, one
from genaudit.workbench.panels import beside, chooser, neighbours, open_store, root_field, share
from genaudit.workbench.saving import write_results
from genaudit.workbench.session import Session

FINDING_LINES: Final = "Findings, one line for a code that hits most of a stage; pick one to look at its generation"


def started() -> tuple[str, str]:
    """Return the data root and the output folder that a notebook was started with."""
    return arguments(sys.argv[1:])[:2]


class Page:
    """The parts that a notebook shares with the others; its cells call them.

    :param notebook: its file name without suffix.
    :param data_root: the store that it opens first.
    :param output: the folder of its reports.
    """

    def __init__(self, notebook: str, data_root: str, output: str) -> None:
        self.notebook = notebook
        self.output = Path(output)
        self.started = arguments(sys.argv[1:])
        # marimo's query parameters, which are written like a mapping.
        self.query: Any = mo.query_params()
        self.chosen: Chosen = chosen_by(self.query.to_dict())
        self._default = data_root
        self._root = self._default
        self._choice: Chosen = self.chosen
        self._filters: dict[str, str | None] = {}
        self._session: Session | None = None
        # Results of the last cells that ran, kept because controls answer only as long as somebody holds them.
        self.top = mo.Html("")
        self.seen: GenerationDetail | None = None
        self.detail = Look(self.top)
        self.written: Sequence[Path] | DDError = ()

    def controls(self, move_on: Callable[[Chosen], None]) -> tuple[mo.ui.text, mo.ui.run_button]:
        """Build the top of the page: title and question, the store's path, *Read again*, and the search for an id.

        :param move_on: called with the generation that a search leads to.
        :returns: the path and the button.
        """
        about = notebooks()[self.notebook]
        root = root_field(self.query, self._default)
        again = mo.ui.run_button(label="Read again")
        self._find = mo.ui.text(
            label="Find an id",
            placeholder="today's, an earlier one, or a part",
            full_width=True,
            on_change=lambda text: move_on(self.find(text)),
        )
        self.top = mo.vstack([mo.md(f"# {about.title}\n{about.question}"), beside([root, self._find, again], 15)])
        return root, again

    def find(self, text: str) -> Chosen:
        """Return the generation that an id leads to, or the id without a stage if there is none or more than one."""
        asked = text.strip()
        if not asked or self._session is None:
            return None, asked or None
        try:
            matches = self._session.lookup.find(asked).matches
        except DDError:
            return None, asked
        return (matches[0].stage, matches[0].gen_id) if len(matches) == 1 else (None, asked)

    def navigation(self, root: str, chosen: Chosen) -> mo.Html:
        """Link to the other notebooks, and to the detail of the chosen generation further down."""
        parts = [neighbours(self.notebook, root, chosen, self.query)]
        if chosen[1]:
            parts.append(jump(f"Looking at {chosen[0] or ''} {chosen[1]}".replace("  ", " ")))
        return mo.vstack(parts)

    def open(self, root: str, *, again: bool) -> Session:
        """Open a store; if it cannot be read, the cell and those that need the store end with the reason."""
        opened = open_store(root, self.started, again=again)
        if opened.session is None:
            raise mo.MarimoStopError(opened.message)
        self._session, self._root = opened.session, root
        return opened.session

    def look(
        self,
        session: Session,
        chosen: Chosen,
        move_on: Callable[[Chosen], None],
        rebuild: AuditResult[Any] | DDError | None = None,
    ) -> mo.Html:
        """Show the chosen generation, or what a search has found; write the choice into the address.

        :param rebuild: a rebuild that was planned on demand.
        """
        self._choice = chosen
        self._share()
        self.seen, self.detail = look_at(session, chosen, move_on, self.query, rebuild)
        return self.detail.shown

    def filter(self, column: str, values: Iterable[str]) -> str | None:
        """Return the value of a filter that the link gives, if it is one of the values."""
        value = one(self.query.get(column))
        return value if value in [*values] else None

    def chooser(self, label: str, column: str, values: Iterable[str]) -> mo.ui.dropdown:
        """Build a filter on a column, with the value that the link gives."""
        return chooser(label, values, one(self.query.get(column)))

    def narrow(self, table: pd.DataFrame, chosen: Mapping[str, str | None], points: Points = ()) -> pd.DataFrame:
        """Keep the rows that match filters and clicks, worst findings first, and write the choice into the address.

        A link keeps a click as the same choice in the filters, so it shows the same rows.

        :param chosen: the value of each filter, by column.
        :param points: points picked on a chart; only a single one fits into a link.
        """
        clicked = points[0] if len(points) == 1 else {}
        self._filters |= {column: value or clicked.get(column) for column, value in chosen.items()}
        self._share()
        rows = narrow(table, chosen, points)
        return rows.sort_values("severity", kind="stable") if "severity" in rows else rows

    def in_lines(self, found: pd.DataFrame) -> pd.DataFrame:
        """Make one line of a code that hits more than half of a stage, until a filter or a click chooses a code."""
        if self._session is None or self._filters.get("code"):
            return found
        return condensed(found, self._session.snapshot.rows)

    def share(self, choice: Mapping[str, str | None]) -> None:
        """Write further choices into the address."""
        self._filters |= choice
        self._share()

    def _share(self) -> None:
        filters = {name: value for name, value in self._filters.items() if name != "stage"}
        share(self.query, self._root, self._default, self._choice, self._filters.get("stage"), **filters)

    def downloads(self, rows: pd.DataFrame, name: str, *more: mo.Html) -> tuple[mo.ui.run_button, mo.Html]:
        """Build the button that writes the reports, and links that download rows.

        :param name: of the CSV file, without date and suffix.
        :param more: further downloads.
        """
        day = self._session.day if self._session else ""
        button = mo.ui.run_button(label="Write report")
        return button, mo.hstack([button, download(rows, name, day), *more], justify="start", wrap=True)

    def report(self, button: scripts.Button, session: Session, results: Mapping[str, AuditResult[Any]]) -> mo.Html:
        """Write reports of results when the button was pressed; until then, the cell ends here."""
        return self.saved(button, lambda: write_results(session, results, self.output))

    def saved(self, button: scripts.Button, write: Callable[[], Sequence[Path] | DDError]) -> mo.Html:
        """Write files when the button was pressed; until then, the cell ends here."""
        mo.stop(not scripts.pressed(button, self.started))
        self.written = write()
        scripts.print_paths(self.written, self.started)
        return written(self.written)
