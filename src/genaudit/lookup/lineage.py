"""Relatives of generations, with their parent links."""

from __future__ import annotations

import pandas as pd

from genaudit.audits.run import AuditRun
from genaudit.store.links import follow
from genaudit.store.relatives import Relatives


class Lineage(Relatives):
    """Lookup of relatives and their links by row number.

    :param run: an audit run that includes ``parents``.
    """

    def __init__(self, run: AuditRun) -> None:
        super().__init__(follow(run.snapshot))
        self._table = run.parents.frame

    def links(self, rows: list[int]) -> pd.DataFrame:
        """Return the parent links of the given rows, columns of :data:`genaudit.schemas.PARENTS`."""
        return self._table.iloc[rows]
