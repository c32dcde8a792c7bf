"""Relatives of generations by row number: ancestors, children and descendants."""

from __future__ import annotations

import numpy as np

from genaudit.store.links import NO_ROW, Links


class Relatives:
    """Lookup of relatives by row number, in time linear in their number.

    :param found: the links of a snapshot.
    """

    def __init__(self, found: Links) -> None:
        self._parent = found.parent
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
        """Return the descendants, level by level; on a cycle, without ancestors and what is only below these."""
        found: list[int] = []
        seen, layer = {row, *self.above(row)}, [row]
        while layer:
            layer = [child for one in layer for child in self.children(one) if child not in seen]
            seen.update(layer)
            found.extend(layer)
        return found
