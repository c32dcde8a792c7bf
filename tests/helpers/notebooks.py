"""The marimo notebooks, and controls to put in the place of their own."""

from __future__ import annotations

from types import SimpleNamespace

from genaudit.charts.interactive import PICK
from genaudit.workbench.serving import NOTEBOOKS as FOLDER

NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))


def value(chosen):
    """A control with something chosen in it."""
    return SimpleNamespace(value=chosen)


PRESSED = value(chosen=True)


def selected(**fields):
    """A chart with something brushed or clicked on it."""
    return SimpleNamespace(selections={PICK: fields})


def listed(table):
    """The stages and ids that a table on the page shows."""
    return list(zip(table.data["stage"], table.data["id"], strict=True))
