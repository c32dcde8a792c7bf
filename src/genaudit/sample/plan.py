"""Plan of the sample: every generation with its id, stage by stage, in the proportions of a real store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain, count, islice, product
from random import Random
from typing import Final

from genaudit.ids import MAX_COLLISION
from genaudit.sample.cohorts import COHORTS, SECOND_LOOK
from genaudit.sample.combos import ComboMaker
from genaudit.sample.generation import REAL, Done, SampleGeneration
from genaudit.sample.options import SampleOptions
from genaudit.sample.seeds import seeded
from genaudit.sample.stock import GENERATORS, JUDGES, TEMPLATE_BY_ID, used_templates
from genaudit.stages import STAGES

_VARIANTS: Final = tuple(
    [(template.template_id, model, 1) for template, model in product(used_templates("draft"), GENERATORS)]
    + [(used_templates("draft")[0].template_id, model, 2) for model in GENERATORS]
)
_ESSAY_TEMPLATES: Final = tuple(template.template_id for template in used_templates("essay"))
_EVALUATION_TEMPLATES: Final = tuple(template.template_id for template in used_templates("evaluation"))
# Stages without prose of their own: every tenth generation of the parent's stage has a generation of theirs.
_FURTHER: Final = tuple(stage for stage in STAGES.values() if stage.name not in REAL)
_EVERY: Final = 10
_FEWEST_COMBOS: Final = 3
_REUSED: Final = 0.1
_LEGACY_NAMES_MODEL: Final = 0.5
_FIRST_LOOK: Final = 2
_MIXED: Final = (True, False)

# Peculiar generations, by their number within the stage: (period, first).
_CHILDLESS: Final = (5, 4)
_COLLIDED: Final = (97, 7)
_UNPARSED: Final = (199, 11)
_ONLY_PLANNED: Final = (499, 13)


def _at(index: int, place: tuple[int, int]) -> bool:
    every, offset = place
    return index % every == offset


class SamplePlan:
    """The generations of a sample, the same for the same options.

    :param options: the number of drafts, the seed and the share of legacy ids.
    """

    def __init__(self, options: SampleOptions) -> None:
        self.counts = {stage: round(options.drafts * real / REAL["draft"]) for stage, real in REAL.items()}
        for stage in _FURTHER:
            self.counts[stage.name] = -(-self.counts[str(stage.parent)] // _EVERY)
        self.combos = ComboMaker()
        self._share = options.legacy_share
        self._seed = options.seed
        rng = seeded(options.seed, "combos")
        for _ in range(max(_FEWEST_COMBOS, -(-options.drafts // len(_VARIANTS)))):
            self.combos.draw(rng)
        self.drafts = list(self._drafts())
        self.essays = list(self._essays())

    def generations(self) -> Iterator[SampleGeneration]:
        """Every generation, parents before their children."""
        parents: dict[str, list[SampleGeneration]] = {str(stage.parent): [] for stage in _FURTHER}
        seen: Counter[str] = Counter()
        for generation in chain(self.drafts, self.essays, self._evaluations()):
            yield generation
            if generation.stage in parents and seen[generation.stage] % _EVERY == 0:
                parents[generation.stage].append(generation)
            seen[generation.stage] += 1
        for stage in _FURTHER:
            made = [self._further(stage.name, parent) for parent in parents[str(stage.parent)]]
            yield from made
            if stage.name in parents:
                parents[stage.name] = made[::_EVERY]

    def _further(self, stage: str, parent: SampleGeneration) -> SampleGeneration:
        """Make the generation of a further stage below a parent; ids of that stage were always deterministic."""
        made = parent._replace(
            stage=stage,
            mode="llm",
            template=used_templates(stage)[0].template_id,
            parent=parent,
            model=JUDGES[0],
            names_model=True,
            replicate=1,
        )
        return made.named()

    def _drafts(self) -> Iterator[SampleGeneration]:
        rng = seeded(self._seed, "draft")
        total = self.counts["draft"]
        for index in range(total):
            template, model, replicate = _VARIANTS[index % len(_VARIANTS)]
            draft = SampleGeneration(
                stage="draft",
                gen_id="",
                cohort=COHORTS[index * len(COHORTS) // total],
                mode="llm",
                template=template,
                combo=self.combos.made[index // len(_VARIANTS)],
                parent=None,
                model=model,
                names_model=True,
                replicate=replicate,
                done=_draft_done(index),
            )
            yield _named(draft, index, is_legacy=self._is_legacy(rng, index))

    def _essays(self) -> Iterator[SampleGeneration]:
        rng = seeded(self._seed, "essay")
        mothers = [draft for index, draft in enumerate(self.drafts) if not _at(index, _CHILDLESS)]
        for index in range(self.counts["essay"]):
            again, mother = divmod(index, len(mothers))
            # A draft's second essay is alternately a replicate or from another template.
            elsewhere = mother % 2
            template = _ESSAY_TEMPLATES[(mother + again * elsewhere) % len(_ESSAY_TEMPLATES)]
            draft = mothers[mother]
            legacy = self._is_legacy(rng, index, swapped=True)
            essay = SampleGeneration(
                stage="essay",
                gen_id="",
                cohort=_same_or_next(draft.cohort, rng),
                mode=TEMPLATE_BY_ID[template].generator,
                template=template,
                combo=draft.combo,
                parent=draft,
                model=draft.model,
                names_model=not legacy or rng.random() < _LEGACY_NAMES_MODEL,
                replicate=1 if elsewhere else 1 + again,
                done=Done.PARSED,
            )
            yield _named(essay, index, is_legacy=legacy)

    def _evaluations(self) -> Iterator[SampleGeneration]:
        rng = seeded(self._seed, "evaluation")
        total, essays = self.counts["evaluation"], len(self.essays)
        index = 0
        for number, essay in enumerate(self.essays):
            share = (number + 1) * total // essays - number * total // essays
            for replicate, template, model in islice(_tasks(), share):
                evaluation = SampleGeneration(
                    stage="evaluation",
                    gen_id="",
                    cohort=SECOND_LOOK if replicate > _FIRST_LOOK else essay.cohort,
                    mode="llm",
                    template=template,
                    combo=essay.combo,
                    parent=essay,
                    model=model,
                    names_model=True,
                    replicate=replicate,
                    done=_evaluation_done(index),
                )
                yield _named(evaluation, index, is_legacy=rng.random() < self._share)
                index += 1

    def _is_legacy(self, rng: Random, index: int, *, swapped: bool = False) -> bool:
        drawn = rng.random() < self._share
        if 0 < self._share < 1 and index < len(_MIXED):
            # The first two chains are fixed, so that every mixed store has each form under the other.
            return _MIXED[index] != swapped
        return drawn


def _tasks() -> Iterator[tuple[int, str, str]]:
    """Yield evaluation tasks: every template and judge once, then all again, without end."""
    for replicate in count(1):
        for template, judge in product(_EVALUATION_TEMPLATES, JUDGES):
            yield replicate, template, judge


def _named(generation: SampleGeneration, index: int, *, is_legacy: bool) -> SampleGeneration:
    if is_legacy:
        return generation.named_as_before()
    # Every collision index occurs.
    return generation.named(1 + index // _COLLIDED[0] % MAX_COLLISION if _at(index, _COLLIDED) else 0)


def _draft_done(index: int) -> Done:
    """Return the progress of a draft; one that has essays is complete."""
    if not _at(index, _CHILDLESS):
        return Done.PARSED
    return tuple(Done)[index // _CHILDLESS[0] % len(Done)]


def _evaluation_done(index: int) -> Done:
    if _at(index, _ONLY_PLANNED):
        return Done.PLANNED
    return Done.ANSWERED if _at(index, _UNPARSED) else Done.PARSED


def _same_or_next(cohort: str, rng: Random) -> str:
    """Choose the cohort of an essay: usually its draft's, sometimes a later one that reuses the draft."""
    at = COHORTS.index(cohort)
    return COHORTS[min(at + (rng.random() < _REUSED), len(COHORTS) - 1)]
