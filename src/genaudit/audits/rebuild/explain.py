"""Explanations of decisions, from a comparison of each planned generation with its stored counterpart."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from genaudit.audits.rebuild.axes import Axes
from genaudit.audits.rebuild.causes import OWN, Cause, CauseDetail, Explanations, Texts, ends, texts
from genaudit.audits.rebuild.modes import ModePlan, PlanningContext
from genaudit.audits.rebuild.planned import Flags, Planned
from genaudit.audits.rebuild.reissued_ids import AskedAgain
from genaudit.decisions import Decision
from genaudit.encoded import MISSING, Numbers, distinct
from genaudit.ids import normal_texts
from genaudit.stages import PARENT, REPLICATE, STAGES, Stage

PARENT_NOT_PARSED: Final = "parent_not_parsed"
MODEL: Final = "llm_model_id"


@dataclass(frozen=True, slots=True)
class Places:
    """Positions of a stage's new generations in the store, a row for each planned generation.

    An anchor is the parent or combo of the stored counterpart: of a new parent, that parent's counterpart.

    :param new: the new generations.
    :param fresh: those of them whose parent is new.
    :param anchors: the anchor, by its place in the stored signatures.
    :param anchored: whether there is an anchor, stored or not.
    :param instead: the stored counterpart, by its place in the stored signatures.
    """

    new: Flags
    fresh: Flags
    anchors: Numbers
    anchored: Flags
    instead: Numbers


class Explainer:
    """Explainer of the decisions of modes over one store, with a cache across modes."""

    def __init__(self, ground: PlanningContext) -> None:
        self._ground = ground
        self._stored = ground.stored
        self._again = AskedAgain(ground)
        self._axes = lru_cache(lambda stage: Axes(STAGES[stage], self._stored[stage].bases))
        self._codes_of_parents = lru_cache(self._anchors_of_parents)

    def explain(self, plan: ModePlan) -> dict[str, Explanations]:
        """Explain each generation of a mode that is not reused.

        :returns: by stage.
        """
        explained: dict[str, Explanations] = {}
        places: dict[str, Places] = {}
        for stage, planned in plan.stages.items():
            above = STAGES[stage].parent or ""
            found = explained[stage] = Explanations(~planned.decided(Decision.REUSE))
            place = places[stage] = self._places(planned, places.get(above))
            taken = np.array(sorted(planned.taken), dtype=np.int64)
            found.add(Cause.ID_TAKEN, taken, texts([_of_taken(planned, row).text for row in taken.tolist()]))
            new = place.new.copy()
            new[taken] = False
            if above in places:
                self._of_parents(planned, place, new, (plan.stages[above], places[above]), found)
            lost = np.flatnonzero(new & place.anchored & (place.instead == MISSING))
            self._axes(stage).explain(planned, lost, place.anchors, plan, found)
            self._of_counterparts(planned, place, new & (place.instead != MISSING), found)
            self._of_artifacts(planned, found)
            if above in explained:
                _find_roots(planned, place, plan.stages[above], explained[above], found)
        return explained

    def _places(self, planned: Planned, above: Places | None) -> Places:
        """Find the places of the new generations of a stage.

        :param above: the places at the parent stage.
        """
        stage, bases = STAGES[planned.stage], self._stored[planned.stage].bases
        own = planned.fields[stage.signature[0]]
        anchors, anchored = bases.codes(0, own), own.places != MISSING
        new, fresh = ~planned.stored, np.zeros(len(planned), dtype=bool)
        if above:
            fresh = new & (planned.parents != MISSING) & np.append(above.new, False)[planned.parents]
            known = self._codes_of_parents(stage)[above.instead]
            anchors = np.where(fresh, np.append(known, MISSING)[planned.parents], anchors)
            anchored = np.where(fresh, np.append(above.instead, MISSING)[planned.parents] != MISSING, anchored)
        groups = bases.find([anchors, *self._other_fields(planned)])
        replicates = _replicates(planned)
        same = bases.first(groups, replicates)
        instead = np.where(same != MISSING, same, bases.first(groups, bases.highest_of(groups)))
        chosen = self._selected(planned)
        return Places(new, fresh, anchors, anchored, np.where(chosen != MISSING, chosen, instead))

    def _anchors_of_parents(self, stage: Stage) -> Numbers:
        """Return each stored parent's place as an anchor in the stored signatures; the last one is that of none."""
        bases, names = self._stored[stage.name].bases, self._stored[stage.parent or ""].names
        return np.array([*(bases.code(0, name) for name in normal_texts(names)), MISSING], dtype=np.int64)

    def _ends(self, stage: str, rows: Numbers) -> Texts:
        return ends(self._stored[stage].names, rows)

    def _other_fields(self, planned: Planned) -> list[Numbers]:
        """Return the parts of signatures behind the anchor, by their places in the stored ones."""
        bases, fields = self._stored[planned.stage].bases, STAGES[planned.stage].signature[1:]
        return [bases.codes(place, planned.fields[field]) for place, field in enumerate(fields, 1)]

    def _selected(self, planned: Planned) -> Numbers:
        """Return the selected generation of each row's stage: the selected id itself, or its parent."""
        choice = self._ground.choice
        none = np.full(len(planned), MISSING)
        if planned.stage not in (choice.stage, STAGES[choice.stage].parent):
            return none
        found, rows = self._stored[choice.stage], self._stored[planned.stage].rows

        def chosen(one: str) -> int:
            if planned.stage == choice.stage:
                return rows.get(one, MISSING)
            below = found.find(one)
            return MISSING if below is None else rows.get(below.parent_gen_id or "", MISSING)

        of_lines = planned.selected.mapped(chosen, np.int64, MISSING)
        # The first line of a generation is written last.
        none[planned.lines[::-1]] = of_lines[::-1]
        return none

    def _of_parents(
        self,
        planned: Planned,
        place: Places,
        new: Flags,
        parents: tuple[Planned, Places],
        found: Explanations,
    ) -> None:
        rows, (planned_above, above) = np.flatnonzero(new & place.fresh), parents
        names = normal_texts(self._stored[planned_above.stage].names)
        details = [
            CauseDetail(Cause.PARENT_IS_NEW, PARENT, names[row] if row >= 0 else None, gen_id)
            for gen_id, row in zip(planned_above.gen_ids, above.instead.tolist(), strict=True)
        ]
        up = planned.parents[rows]
        starts, conditions = texts([one.start for one in details]), texts([one.condition for one in details])
        found.add(
            Cause.PARENT_IS_NEW, rows, starts[up] + self._ends(planned.stage, place.instead[rows]), conditions[up]
        )

    def _of_counterparts(self, planned: Planned, place: Places, new: Flags, found: Explanations) -> None:
        """Compare new generations with their stored counterparts."""
        stage = planned.stage
        self._of_models(planned, np.flatnonzero(new), place.instead, found)
        bases = self._stored[stage].bases
        own = bases.codes(0, planned.fields[STAGES[stage].signature[0]])
        groups, replicates = bases.find([own, *self._other_fields(planned)]), _replicates(planned)
        further = np.flatnonzero(new & (groups != MISSING) & (bases.first(groups, replicates) == MISSING))
        last = bases.highest_of(groups[further])
        of = self._ends(stage, bases.last(groups[further], last))
        first, number = distinct([last, replicates[further]])
        pairs = zip(last[first].tolist(), replicates[further][first].tolist(), strict=True)
        details = [CauseDetail(Cause.NEW_REPLICATE, REPLICATE, str(one), str(other)) for one, other in pairs]
        starts, conditions = texts([one.start for one in details]), texts([one.condition for one in details])
        found.add(Cause.NEW_REPLICATE, further, starts[number] + of, conditions[number])
        rows = np.flatnonzero(new)
        again = self._again.names(stage, place.instead[rows])
        rows = rows[[name is not None for name in again[place.instead[rows]].tolist()]]
        stored, number = np.unique(place.instead[rows], return_inverse=True)
        named = [(self._stored[stage].names[row], again[row]) for row in stored.tolist()]
        details = [CauseDetail(Cause.ID_DIFFERS, "gen_id", name, asked, name) for name, asked in named]
        found.add(
            Cause.ID_DIFFERS,
            rows,
            texts([one.text for one in details])[number],
            texts([one.condition for one in details])[number],
        )

    def _of_models(self, planned: Planned, rows: Numbers, instead: Numbers, found: Explanations) -> None:
        signature = STAGES[planned.stage].signature
        if MODEL not in signature:
            return
        bases, column, field = self._stored[planned.stage].bases, planned.fields[MODEL], signature.index(MODEL)
        rows = rows[bases.fields[field].places[instead[rows]] != bases.codes(field, column)[rows]]
        first, number = distinct([bases.fields[field].places[instead[rows]], column.places[rows]])
        details = [
            CauseDetail(Cause.MODEL_DIFFERS, MODEL, bases.fields[field].value(instead[row]), column.value(row))
            for row in rows[first].tolist()
        ]
        starts, conditions = texts([one.start for one in details]), texts([one.condition for one in details])
        of = self._ends(planned.stage, instead[rows])
        found.add(Cause.MODEL_DIFFERS, rows, starts[number] + of, conditions[number])

    def _of_artifacts(self, planned: Planned, found: Explanations) -> None:
        stored = self._ground.snapshot.rows[planned.stage]
        for place, outcome in enumerate(planned.outcomes):
            rows = np.flatnonzero((planned.outcome == place) & found.why)
            if outcome.cause:
                there = rows
                if outcome.decision is not Decision.BLOCKED:
                    there = np.array([row for row in rows.tolist() if planned.gen_ids[row] in stored], dtype=np.int64)
                found.add(outcome.cause, there, CauseDetail(outcome.cause, outcome.file).text)
            if outcome.decision is Decision.COPY:
                copied = CauseDetail(Cause.MODE_COPY, "mode", None, Decision.COPY.value)
                found.add(Cause.MODE_COPY, rows, copied.text)


def _of_taken(planned: Planned, row: int) -> CauseDetail:
    """Return the cause of a taken id; its stored generation is not another replicate of this one."""
    taken = planned.taken[row]
    return CauseDetail(Cause.ID_TAKEN, "gen_id", taken, planned.gen_ids[row], taken)


def _find_roots(planned: Planned, place: Places, parents: Planned, above: Explanations, found: Explanations) -> None:
    """Find the topmost new ancestor of each generation whose parent is new or not parsed."""
    blocked = planned.of_outcomes([each.cause == PARENT_NOT_PARSED for each in planned.outcomes], np.bool_)
    explained = np.append(above.why, False)[planned.parents]
    rows = np.flatnonzero(found.why & (place.fresh | blocked) & explained)
    below = [
        f"{parents.stage}:{gen_id}" if root == OWN else root
        for gen_id, root in zip(parents.gen_ids, above.roots.tolist(), strict=True)
    ]
    found.roots[rows] = texts(below)[planned.parents[rows]]


def _replicates(planned: Planned) -> Numbers:
    return planned.fields[REPLICATE].mapped(int, np.int64, 0)
