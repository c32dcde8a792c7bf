"""Templates and models that were used under each stored parent or combo."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from genaudit.cohorts.bases import Bases
from genaudit.encoded import Numbers


class Siblings:
    """Sets of templates and models below the anchors of a stage, each distinct set once.

    An anchor is the parent of a generation, or the combo of a draft. Sets are numbers.

    :param templates: the set of templates of each anchor.
    :param models: the set of models of each anchor; empty for a stage without models.
    :param pairs: the set of models of each known pair of anchor and template; likewise.
    """

    def __init__(self, bases: Bases) -> None:
        self._bases = bases
        self._sets: dict[tuple[int, ...], int] = {}
        self._members: list[tuple[int, ...]] = []
        anchors, templates = bases.pairs(0)
        count = len(bases.fields[0].values)
        self.templates = self._numbered(anchors, templates, count)
        self.models = self.pairs = np.empty(0, dtype=np.int64)
        if len(bases.fields) > 2:  # noqa: PLR2004 (anchor, template, model)
            owners, models = bases.pairs(1)
            self.pairs = self._numbered(owners, models, len(anchors))
            width = max(len(bases.fields[2].values), 1)
            known = np.unique(anchors[owners] * width + models)
            self.models = self._numbered(known // width, known % width, count)
        self.names = lru_cache(self._names)

    def _numbered(self, owners: Numbers, values: Numbers, count: int) -> Numbers:
        """Number the set of values of each owner.

        :param owners: sorted; their values too.
        """
        ends = np.searchsorted(owners, np.arange(count), side="right").tolist()
        numbers, start, every = [], 0, values.tolist()
        for end in ends:
            members = tuple(every[start:end])
            if members not in self._sets:
                self._sets[members] = len(self._members)
                self._members.append(members)
            numbers.append(self._sets[members])
            start = end
        return np.array(numbers, dtype=np.int64)

    def _names(self, field: int, number: int) -> frozenset[str]:
        """Return the values of a set.

        :param field: 1 for a set of templates, 2 for one of models.
        """
        values = self._bases.fields[field].values
        return frozenset(values[place] for place in self._members[number])
