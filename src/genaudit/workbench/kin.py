"""The relatives of one generation: what it was made from, and what was made from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genaudit.store.links import NO_ROW, follow

if TYPE_CHECKING:
    import pandas as pd

    from genaudit.audits.run import AuditRun


class Kin:
    """Finds relatives by row number, each in time linear in their number.

    :param run: with the audit ``parents``.
    """

    def __init__(self, run: AuditRun) -> None:
        self._table = run.results["parents"].frame
        self._parent = follow(run.snapshot).parent
        self._order = np.argsort(self._parent, kind="stable")
        self._sorted = self._parent[self._order]

    def above(self, row: int) -> list[int]:
        """The parent, its parent, and so on; on a cycle each row once."""
        found: list[int] = []
        seen = {row}
        while (row := int(self._parent[row])) != NO_ROW and row not in seen:
            seen.add(row)
            found.append(row)
        return found

    def children(self, row: int) -> list[int]:
        """The rows that name this one as their parent, by stage and id."""
        first, last = np.searchsorted(self._sorted, [row, row + 1])
        children: list[int] = self._order[first:last].tolist()
        return children

    def below(self, row: int) -> list[int]:
        """The children, then their children, and so on; on a cycle each row once."""
        found: list[int] = []
        seen, layer = {row}, [row]
        while layer:
            layer = [child for one in layer for child in self.children(one) if child not in seen]
            seen.update(layer)
            found.extend(layer)
        return found

    def links(self, rows: list[int]) -> pd.DataFrame:
        """The links of some rows, columns of :data:`genaudit.schemas.PARENTS`."""
        return self._table.iloc[rows]
