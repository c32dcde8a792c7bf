"""Prices of models, from a table with the columns model, prompt_per_million, completion_per_million."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from genaudit.errors import DDError, Err, Reason
from genaudit.ids import normal_text
from genaudit.store.catalogs import MAX_CATALOG_BYTES
from genaudit.store.folders import read_file
from genaudit.store.records import UnreadableError

COLUMNS: Final = ("model", "prompt_per_million", "completion_per_million")
MILLION: Final = 1_000_000


class Price(NamedTuple):
    """Prices per million tokens, in the currency of the table."""

    prompt: float
    completion: float

    def of(self, prompt: float, completion: float) -> float:
        """Return the price of some tokens."""
        return (prompt * self.prompt + completion * self.completion) / MILLION


def read_prices(path: Path) -> Mapping[str, Price]:
    """Read a table of prices.

    :returns: by the model's normalised id.
    :raises DDError: ``DATA_MISSING``, reason ``prices_missing``; ``IO_ERROR``, reason ``prices_unreadable``;
        ``INVALID_CONFIG``, reason ``invalid_prices``, with ``file`` and all errors under ``problems``: ``line``,
        ``column``, ``value`` and ``problem`` (``column_missing``, ``blank``, ``repeated``, ``not_a_price``,
        ``wrong_number_of_cells``, ``not_csv``, ``empty``).
    """
    try:
        text = read_file(str(path), limit=MAX_CATALOG_BYTES).decode("utf-8-sig")
    except FileNotFoundError:
        raise DDError(Err.DATA_MISSING, {"reason": Reason.PRICES_MISSING, "path": str(path)}) from None
    except UnreadableError as error:
        ctx = {"reason": Reason.PRICES_UNREADABLE, "path": str(path), "error": error.detail}
        raise DDError(Err.IO_ERROR, ctx) from None
    except UnicodeDecodeError as error:
        ctx = {"reason": Reason.PRICES_UNREADABLE, "path": str(path), "error": f"no UTF-8 at offset {error.start}"}
        raise DDError(Err.IO_ERROR, ctx) from None
    reader = _Reader()
    prices = reader.read(text)
    if reader.problems:
        reason = Reason.INVALID_PRICES
        raise DDError(Err.INVALID_CONFIG, {"reason": reason, "file": str(path), "problems": reader.problems})
    return prices


class _Reader:
    """Reader of a table that collects its errors."""

    def __init__(self) -> None:
        self.problems: list[dict[str, Any]] = []

    def _add(self, problem: str, line: int | None, column: str | None = None, value: str | None = None) -> None:
        self.problems.append({"problem": problem, "line": line, "column": column, "value": value})

    def read(self, text: str) -> dict[str, Price]:
        rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        prices: dict[str, Price] = {}
        try:
            header = [name.strip().lower() for name in next(rows, [])]
            for column in COLUMNS:
                if column not in header:
                    self._add("column_missing", 1, column)
            if self.problems:
                return {}
            for row in rows:
                if row:
                    self._row(rows.line_num, header, row, prices)
        except csv.Error as error:
            self._add("not_csv", rows.line_num, value=str(error))
        if not prices and not self.problems:
            self._add("empty", None)
        return prices

    def _row(self, line: int, header: list[str], row: list[str], prices: dict[str, Price]) -> None:
        if len(row) != len(header):
            self._add("wrong_number_of_cells", line, value=str(len(row)))
            return
        cells = dict(zip(header, row, strict=True))
        model = normal_text(cells[COLUMNS[0]])
        if model is None or model in prices:
            self._add("repeated" if model else "blank", line, COLUMNS[0], cells[COLUMNS[0]])
            return
        prices[model] = Price(*(self._price(line, column, cells[column]) for column in COLUMNS[1:]))

    def _price(self, line: int, column: str, cell: str) -> float:
        try:
            price = float(cell)
        except ValueError:
            price = math.nan
        if not 0 <= price < math.inf:
            self._add("not_a_price", line, column, cell)
        return price
