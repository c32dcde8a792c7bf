"""The marimo notebooks."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parents[2] / "notebooks" / "marimo"
NAMES = sorted(path.stem for path in FOLDER.glob("*.py"))
