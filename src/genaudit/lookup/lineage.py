"""Relatives of generations: ancestors and descendants by row number."""

from __future__ import annotations

import numpy as np
import pandas as pd

from genaudit.audits.run import AuditRun
from genaudit.store.links import NO_ROW, follow


class Lineage:
    """Lookup of relatives by row number, in time linear in their number.

    :param run: an audit run that includes ``parents``.
    """

    def __init__(self, run: AuditRun) -> None:
        self._table = run.parents.frame
        self._parent = follow(run.snapshot).parent
        self._order = np.argsort(self._parent, kind="stable")
        self._sorted = self._parent[self._order]

    def above(self, row: int) -> list[int]:
        """Return the ancestors, nearest first; on a cycle each row once."""
        found: list[int] = []
        seen = {row}
        while (row := int(self._parent[row])) != NO_ROW and row not in seen:
            seen.add(row)
            found.append(row)
        return found

    def children(self, row: int) -> list[int]:
        """Return the rows that name this row as their parent, by stage and id."""
        first, last = np.searchsorted(self._sorted, [row, row + 1])
        children: list[int] = self._order[first:last].tolist()
        return children

    def below(self, row: int) -> list[int]:
        """Return the descendants, level by level; on a cycle each row once."""
        found: list[int] = []
        seen, layer = {row}, [row]
        while layer:
            layer = [child for one in layer for child in self.children(one) if child not in seen]
            seen.update(layer)
            found.extend(layer)
        return found

    def links(self, rows: list[int]) -> pd.DataFrame:
        """Return the parent links of the given rows, columns of :data:`genaudit.schemas.PARENTS`."""
        return self._table.iloc[rows]
