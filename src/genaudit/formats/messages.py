"""Sentences about single findings, for the formats of CI systems."""

from __future__ import annotations

from typing import Any

from genaudit.codes import CODES
from genaudit.legible import legible


def message(row: Any) -> str:  # noqa: ANN401 (a row of the findings)
    """Describe a finding in one line: its title, the generation, the values and the detail."""
    parts = [CODES[row.code].title, place(row)]
    if row.field is not None:
        parts.append(f"field {row.field}")
    if row.expected is not None:
        parts.append(f"expected {row.expected}")
    if row.actual is not None:
        parts.append(f"found {row.actual}")
    if row.detail is not None:
        parts.append(row.detail)
    return legible("; ".join(filter(None, parts)))


def place(row: Any) -> str:  # noqa: ANN401 (a row of the findings)
    """Name the generation of a finding, or its path."""
    return legible("/".join(filter(None, (row.stage, row.gen_id))) if row.gen_id else row.path or row.stage or "")
