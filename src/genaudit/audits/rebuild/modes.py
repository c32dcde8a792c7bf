"""Modes of a rebuild, planned in memory by the code that builds cohorts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np

from genaudit.audits.rebuild.choice import Choice
from genaudit.audits.rebuild.planned import Planned
from genaudit.cohorts.builder import all_warnings
from genaudit.cohorts.catalog_files import FileCatalogBundleLoader
from genaudit.cohorts.catalogs import Catalogs, needed_slices, read_catalogs
from genaudit.cohorts.generations import StoredStage
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.cohorts.interfaces import ResolvedSpec
from genaudit.cohorts.plan import MembershipPlan
from genaudit.cohorts.planning import generate_membership
from genaudit.cohorts.registry import InMemoryGenerationRegistry
from genaudit.cohorts.repository import FileSpecRepository
from genaudit.cohorts.selection import Cartesian, CuratedMode, Selection
from genaudit.cohorts.validation import (
    validate_cohort_definition,
    validate_membership_against_catalog,
    validate_parent_integrity,
)
from genaudit.encoded import MISSING
from genaudit.errors import DDError
from genaudit.generating.prediction import Predictor
from genaudit.limits import MAX_MEMBERS
from genaudit.stages import PARENT, STAGE_NAMES, STAGES
from genaudit.store.snapshot import Snapshot


class Way(NamedTuple):
    """A curated mode, whether stored evaluations count, and the stages of ``# reuse:``."""

    mode: CuratedMode
    skip_existing: bool = False
    reuse: tuple[str, ...] = ()


SKIP: Final = "reuse-essays+skip-existing"
EXISTING: Final = "+reuse-existing"
# "# reuse: drafts, essays": evaluations are new.
UP_TO_ESSAYS: Final = f"{CuratedMode.REUSE_DRAFTS}+reuse-drafts-essays"
_DRAFTS: Final[Mapping[str, Way]] = {
    **{mode.value: Way(mode) for mode in (CuratedMode.REGENERATE, CuratedMode.REUSE_DRAFTS)},
    f"{CuratedMode.REUSE_DRAFTS}{EXISTING}": Way(CuratedMode.REUSE_DRAFTS, reuse=STAGE_NAMES),
    UP_TO_ESSAYS: Way(CuratedMode.REUSE_DRAFTS, reuse=STAGE_NAMES[:2]),
}
CURATED: Final[Mapping[str, Mapping[str, Way]]] = MappingProxyType(
    {
        "essay": {
            **{mode.value: Way(mode) for mode in CuratedMode},
            SKIP: Way(CuratedMode.REUSE_ESSAYS, skip_existing=True),
            **{name: way for name, way in _DRAFTS.items() if way.reuse},
            f"{CuratedMode.REUSE_ESSAYS}{EXISTING}": Way(CuratedMode.REUSE_ESSAYS, reuse=STAGE_NAMES),
        },
        "draft": _DRAFTS,
    }
)
# Planned only by name: the first repeats SKIP, the second is rarely useful.
_BY_NAME: Final = (f"{CuratedMode.REUSE_ESSAYS}{EXISTING}", UP_TO_ESSAYS)
CARTESIAN: Final = "cartesian"
SPEC: Final = "spec:"
ALL: Final = "all"
# The option that names modes, for the context of an error.
MODES: Final = "--modes"


def mode_name(mode: CuratedMode, *, skip_existing: bool, reuse: tuple[str, ...] = ()) -> str:
    """Return the name of a curated mode with its directives, as in reports.

    Directives without effect are left out, such as ``# reuse: drafts`` with a mode that keeps the drafts anyway.
    """
    if reuse == STAGE_NAMES:
        return f"{mode.value}{EXISTING}"
    if reuse:
        return UP_TO_ESSAYS if reuse == STAGE_NAMES[:2] and mode is CuratedMode.REUSE_DRAFTS else mode.value
    return SKIP if skip_existing and mode is CuratedMode.REUSE_ESSAYS else mode.value


def choose_modes(words: Sequence[str], stage: str) -> tuple[list[str], list[dict[str, Any]]]:
    """Parse the choice of modes.

    :param words: names of modes; ``all`` means the curated ones of the stage, ``spec:`` precedes a cohort.
    :param stage: stage of the selected ids.
    :returns: the modes without duplicates, and a problem for each unknown word.
    """
    modes: dict[str, None] = {}
    problems: list[dict[str, Any]] = []
    known = [*CURATED[stage], CARTESIAN, ALL]
    for word in words:
        name = word.strip().lower()
        if name == ALL:
            modes |= dict.fromkeys(name for name in CURATED[stage] if name not in _BY_NAME)
        elif name in known:
            modes[name] = None
        elif name.startswith(SPEC) and word.strip()[len(SPEC) :]:
            modes[SPEC + word.strip()[len(SPEC) :]] = None
        else:
            nearest = next(iter(get_close_matches(name, [*known, SPEC], n=1)), None)
            problem = {"problem": "unsupported_curated_mode", "option": MODES, "value": word, "nearest": nearest}
            problems.append({**problem, "known": [*known, f"{SPEC}COHORT"]})
    return list(modes), problems


@dataclass(frozen=True)
class ModePlan:
    """The plan of a mode, with decisions.

    :param stages: the planned generations by stage, parents before their children.
    :param warnings: the warnings of the plan.
    """

    mode: str
    stages: Mapping[str, Planned]
    catalogs: Catalogs
    warnings: tuple[Mapping[str, Any], ...]

    @property
    def by_the_catalogs(self) -> bool:
        """Whether only active templates and models are planned; a spec may use any."""
        return not self.mode.startswith(SPEC)


@dataclass(frozen=True)
class PlanningContext:
    """The inputs that all modes share.

    :param stored: the stored generations.
    :param cohort_id: the run id of legacy ids.
    :param ids: stages with deterministic ids.
    :param force: whether every step acts, whatever is stored.
    :param remade: generations, as stage and id, whose prompt counts as missing, because its inputs changed.
    :param max_members: the largest number of members of a stage; the store may lower it.
    """

    snapshot: Snapshot
    stored: Mapping[str, StoredStage]
    choice: Choice
    cohort_id: str
    ids: IdScheme
    force: bool = False
    remade: frozenset[tuple[str, str]] = frozenset()
    max_members: int = MAX_MEMBERS

    def try_mode(self, mode: str) -> ModePlan | DDError:
        """Plan a mode in memory and decide about each of its generations.

        :returns: the error, if the mode cannot be planned; a build would then write nothing.
        """
        try:
            return self._mode_plan(mode)
        except DDError as error:
            return error

    def _mode_plan(self, mode: str) -> ModePlan:
        cohort_id = mode.removeprefix(SPEC) if mode.startswith(SPEC) else self.cohort_id
        spec = self._spec(cohort_id, mode)
        definition = spec.definition
        catalogs = self._catalogs(spec)
        validate_cohort_definition(definition)
        registry = self.registry(cohort_id)
        plan = generate_membership(cohort_id, definition, catalogs, registry, self._limit)
        accepted = validate_membership_against_catalog(plan.members, catalogs)
        validate_parent_integrity(plan.members, registry)
        self._predictor.start_plan()
        stages: dict[str, Planned] = {}
        for stage in self.snapshot.spans:
            stages[stage] = self._planned(stage, plan, registry, stages)
        return ModePlan(mode, stages, catalogs, tuple(all_warnings(spec, plan, accepted)))

    def _planned(
        self,
        stage: str,
        plan: MembershipPlan,
        registry: InMemoryGenerationRegistry,
        above: Mapping[str, Planned],
    ) -> Planned:
        """Decide about the planned generations of a stage.

        :param above: the stages that are decided about.
        """
        planned = plan.stages[stage]
        fields = planned.generations.columns
        outcomes, outcome = self._predictor.outcomes(stage, planned.gen_ids, fields)
        parents = above.get(STAGES[stage].parent or "")
        rows = {gen_id: row for row, gen_id in enumerate(parents.gen_ids)} if parents else {}
        replaced = registry.taken(stage)
        own = {gen_id: row for row, gen_id in enumerate(planned.gen_ids)} if replaced else {}
        return Planned(
            stage,
            planned.gen_ids,
            fields,
            planned.stored,
            fields[PARENT].mapped(lambda parent: rows.get(parent, MISSING), np.int64, MISSING),
            outcomes,
            outcome,
            planned.lines,
            planned.selected,
            {own[gen_id]: taken for gen_id, taken in replaced.items() if not planned.stored[own[gen_id]]},
        )

    @property
    def _limit(self) -> int:
        return self.snapshot.limits.members(self.max_members)

    def _spec(self, cohort_id: str, mode: str) -> ResolvedSpec:
        if mode.startswith(SPEC):
            return FileSpecRepository(self.snapshot.root, self._limit).get(cohort_id)
        if mode == CARTESIAN:
            return ResolvedSpec(cohort_id, Cartesian())
        way = CURATED[self.choice.stage][mode]
        choice = self.choice
        common = (choice.repeated, choice.source, way.reuse)
        selection = Selection(choice.stage, choice.ids, way.mode, way.skip_existing, *common)
        return ResolvedSpec(cohort_id, selection)

    def _catalogs(self, spec: ResolvedSpec) -> Catalogs:
        needed = needed_slices(spec.definition)
        if needed not in self._read:
            frames, _ = self._loader.load_for_spec(spec)
            self._read[needed] = read_catalogs(frames, needed)
        return self._read[needed]

    @cached_property
    def _loader(self) -> FileCatalogBundleLoader:
        return FileCatalogBundleLoader(self.snapshot.root)

    @cached_property
    def _predictor(self) -> Predictor:
        return Predictor(self.snapshot, force=self.force, remade=self.remade)

    @cached_property
    def _read(self) -> dict[tuple[str, ...], Catalogs]:
        return {}

    def registry(self, cohort_id: str | None = None) -> InMemoryGenerationRegistry:
        """Create a registry over the store for one plan."""
        return InMemoryGenerationRegistry(cohort_id or self.cohort_id, self.stored, self.ids)
