"""Comparison of two rules for new replicates: after the highest stored one, or from the first free id.

By the documented rule, new replicates continue after the highest stored one of a signature, whatever the form of its
id. Code that probes deterministic ids for the first free replicate sees no legacy id, and can run from a gap into
taken ids: it would give a stored signature a second generation, or overwrite a stored one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from genaudit.audits.rebuild.modes import ModePlan
from genaudit.audits.rebuild.planned import Planned
from genaudit.audits.result import Findings
from genaudit.cohorts.generations import Generations, StoredStage
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.cohorts.registry import InMemoryGenerationRegistry
from genaudit.encoded import MISSING, constant
from genaudit.ids import MAX_REPLICATE
from genaudit.layout import metadata_path
from genaudit.stages import REPLICATE, STAGES


class Parting(NamedTuple):
    """A signature without replicate for which the two rules give different replicates.

    :param highest: the stored generation with the highest replicate.
    :param documented: the replicates of the plan.
    :param first_free: the replicates found by probing.
    :param taken: those of the latter that are already stored, whatever the form of their id.
    """

    stage: str
    highest: str
    documented: tuple[int, ...]
    first_free: tuple[int, ...]
    taken: tuple[int, ...]


class Rules:
    """Comparison of the two rules over one store, with a cache across modes."""

    def __init__(self, stored: Mapping[str, StoredStage]) -> None:
        self._stored = stored
        self._prober = InMemoryGenerationRegistry("", stored, IdScheme())
        # By group of signatures; 0 is unknown.
        self._free = {stage: np.zeros(len(each.bases), dtype=np.int64) for stage, each in stored.items()}

    def partings(self, plan: ModePlan) -> list[Parting]:
        """Compare the rules for the new generations of a plan, signature by signature."""
        return [parting for planned in plan.stages.values() for parting in self._of_stage(planned)]

    def _of_stage(self, planned: Planned) -> Iterator[Parting]:
        stage, bases = planned.stage, self._stored[planned.stage].bases
        columns = [bases.codes(place, planned.fields[name]) for place, name in enumerate(STAGES[stage].signature)]
        groups = np.where(planned.stored, MISSING, bases.find(columns))
        rows = np.flatnonzero(groups != MISSING)
        if not len(rows):
            return
        known, first, place = np.unique(groups[rows], return_index=True, return_inverse=True)
        self._probe(planned, rows[first], known)
        replicates = planned.fields[REPLICATE].mapped(int, np.int64, 1)[rows]
        starts, counts = self._free[stage][known], np.bincount(place)
        least, most = np.full(len(known), MAX_REPLICATE), np.zeros(len(known), dtype=np.int64)
        np.minimum.at(least, place, replicates)
        np.maximum.at(most, place, replicates)
        parting = np.flatnonzero((least != starts) | (most != starts + counts - 1))
        order, ends = np.argsort(place, kind="stable"), np.cumsum(counts)
        # In the order of their first generations.
        for one in sorted(parting.tolist(), key=first.__getitem__):
            documented = tuple(sorted(replicates[order[ends[one] - counts[one] : ends[one]]].tolist()))
            yield self._parting(stage, int(known[one]), documented)

    def _parting(self, stage: str, group: int, documented: tuple[int, ...]) -> Parting:
        stored, start = self._stored[stage], int(self._free[stage][group])
        probed = tuple(range(start, start + len(documented)))
        _, own = stored.bases.members(np.array([group]), MAX_REPLICATE)
        replicates = {int(stored.bases.replicates[row]): stored.names[row] for row in own.tolist()}
        taken = tuple(number for number in probed if number in replicates)
        return Parting(stage, replicates[max(replicates)], documented, probed, taken)

    def _probe(self, planned: Planned, rows: NDArray[np.int64], groups: NDArray[np.int64]) -> None:
        """Probe deterministic ids, replicate by replicate, until one is free in the store.

        :param rows: a generation of each group.
        """
        free, stored = self._free[planned.stage], self._stored[planned.stage]
        open_places = np.flatnonzero(free[groups] == 0)
        replicate = 1
        while len(open_places):
            asked = Generations(planned.fields).take(rows[open_places])
            asked = asked.replace(replicate=constant(replicate, len(open_places)))
            held = np.array([stored.holds(name) for name in self._prober.names(planned.stage, asked)])
            free[groups[open_places[~held]]] = replicate
            open_places = open_places[held]
            replicate += 1


def report_partings(partings: Iterable[tuple[str, Parting]], findings: Findings) -> None:
    """Report each signature once, with the modes in which the rules differ.

    :param partings: differences, with their mode.
    """
    modes: dict[Parting, list[str]] = defaultdict(list)
    for mode, parting in partings:
        modes[parting].append(mode)
    for parting, named in modes.items():
        detail = f"in mode {', '.join(named)}"
        if parting.taken:
            detail += f"; already stored: {_listed(parting.taken)}"
        findings.add(
            "REPLICATE_RULES_DIFFER",
            stage=parting.stage,
            gen_id=parting.highest,
            field="replicate",
            expected=_listed(parting.documented),
            actual=_listed(parting.first_free),
            path=metadata_path(parting.stage, parting.highest),
            detail=detail,
        )


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))
