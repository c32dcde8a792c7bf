"""marimo elements for files: buttons that download them, and the list of those that were written."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

import marimo as mo
import pandas as pd

from genaudit.csv_cells import to_csv
from genaudit.errors import DDError
from genaudit.render.html import render_page
from genaudit.workbench.panels import paragraph
from genaudit.workbench.session import Session


def download_page(session: Session) -> mo.download:
    """Offer the HTML page of all audits; a click renders it."""
    return mo.download(
        lambda: render_page(session.run, date=session.day),
        filename=f"audit_{session.day}.html",
        mimetype="text/html",
        label="Download audit.html",
    )


def download(table: pd.DataFrame, name: str, day: str) -> mo.download:
    """Offer all rows of a frame as CSV; a click writes them.

    :param day: the date in the file's name; on a phone the button has no room for it.
    """
    return mo.download(
        lambda: to_csv(table),
        filename=f"{name}_{day}.csv",
        mimetype="text/csv",
        label=f"Download {name}.csv",
    )


def written(paths: Sequence[Path] | DDError) -> mo.Html:
    """List the written reports, or show why none was written."""
    if isinstance(paths, DDError):
        return mo.callout(paragraph(f"Nothing was written: {paths}."), kind="danger")
    items = "".join(f"<li><code>{escape(str(path))}</code></li>" for path in paths)
    return mo.callout(mo.Html(f"<p>Written:</p><ul>{items}</ul>"), kind="success")
