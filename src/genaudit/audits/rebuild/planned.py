"""Planned generations of a stage with the decisions about them, in columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genaudit.decisions import Decision, Outcome
from genaudit.encoded import Encoded, Numbers, distinct
from genaudit.ids import normal_name

Flags = NDArray[np.bool_]
# The stage, the template and the model of a call, normalised.
Kind = tuple[str, str, str]

DECISIONS: Final = tuple(Decision)


@dataclass(frozen=True)
class Planned:
    """The planned generations of a stage, a row each.

    :param fields: the fields of the records, and the replicate.
    :param stored: whether the store already has each generation.
    :param parents: the row of each parent among the planned generations of its stage, or
        :data:`genaudit.encoded.MISSING`.
    :param outcomes: the distinct outcomes.
    :param outcome: the place of each generation's outcome.
    :param lines: the rows, once for each selected id of a generation, or once without any.
    :param selected: the selected id of each line.
    :param taken: by row, the id that the generation would have if another record did not have it already.
    """

    stage: str
    gen_ids: Sequence[str]
    fields: Mapping[str, Encoded]
    stored: Flags
    parents: Numbers
    outcomes: Sequence[Outcome]
    outcome: Numbers
    lines: Numbers
    selected: Encoded
    taken: Mapping[int, str]

    def __len__(self) -> int:
        """Return the number of generations."""
        return len(self.gen_ids)

    @cached_property
    def decisions(self) -> NDArray[np.int8]:
        """The place of each generation's decision among :data:`DECISIONS`."""
        return self.of_outcomes([DECISIONS.index(each.decision) for each in self.outcomes], np.int8)

    def decided(self, decision: Decision) -> Flags:
        """Return which generations have a decision."""
        flags: Flags = self.decisions == DECISIONS.index(decision)
        return flags

    def of_outcomes(self, values: Sequence[Any], dtype: type) -> NDArray[Any]:
        """Return a value for each generation, computed from its outcome."""
        made: NDArray[Any] = np.empty(len(values), dtype=dtype)
        made[:] = values
        return made[self.outcome]

    @cached_property
    def kinds(self) -> tuple[list[Kind], Numbers]:
        """The distinct kinds of calls, and the place of each generation's."""
        template, model = (self.fields[name] for name in ("template_id", "llm_model_id"))
        first, numbers = distinct([template.places, model.places])
        named, places = dict[Kind, int](), list[int]()
        for row in first.tolist():
            kind = (self.stage, normal_name(template.value(row)) or "", normal_name(model.value(row)) or "")
            places.append(named.setdefault(kind, len(named)))
        return [*named], np.array(places, dtype=np.int64)[numbers]
