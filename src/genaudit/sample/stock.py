"""Concepts, templates, models and sentences of the sample, from ``stock.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from typing import Any, Final, NamedTuple

import yaml

from genaudit.stages import STAGES, Stage


class SampleConcept(NamedTuple):
    """A concept that drafts connect with others; every text has two wordings.

    :param noun: its name within a sentence.
    :param does: a predicate in the third person.
    :param lesson: its lesson for others, a gerund.
    :param risk: its point of failure, a clause.
    """

    concept_id: str
    name: str
    noun: str
    does: tuple[str, str]
    lesson: tuple[str, str]
    risk: tuple[str, str]


class SampleTemplate(NamedTuple):
    """A prompt template of a stage.

    :param parser: parser of its answers; blank if the whole answer is the text.
    :param generator: ``llm``, or ``copy`` for an essay that repeats its draft.
    :param used: whether the sample has generations of it.
    """

    template_id: str
    template_name: str
    description: str
    parser: str
    generator: str
    active: bool
    used: bool
    task: str = ""


class SampleModel(NamedTuple):
    """A model.

    :param speed: tokens per second.
    """

    id: str
    model: str
    provider: str
    display_name: str
    for_generation: bool
    for_evaluation: bool
    specialization: str
    speed: float


def _plain(stage: Stage) -> SampleTemplate:
    """Make the template of a stage that the sample has no templates for."""
    name, task = f"plain-{stage.name}-v1", f"Write a {stage.name} about the {stage.parent} below."
    return SampleTemplate(name, f"Plain {stage.name}", task, "", "llm", active=True, used=True, task=task)


def _tuples(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}


_STOCK: Final = yaml.safe_load(resources.files("genaudit.sample").joinpath("stock.yaml").read_text(encoding="utf-8"))

CONCEPTS: Final = tuple(SampleConcept(**_tuples(row)) for row in _STOCK["concepts"])
RETIRED_CONCEPTS: Final = frozenset[str](_STOCK["retired_concepts"])
MODELS: Final = tuple(SampleModel(**row) for row in _STOCK["models"])
TEMPLATES: Final[Mapping[str, tuple[SampleTemplate, ...]]] = {
    stage.name: tuple(SampleTemplate(**row) for row in _STOCK["templates"].get(stage.name, ())) or (_plain(stage),)
    for stage in STAGES.values()
}
SENTENCES: Final[Mapping[str, tuple[str, ...]]] = _tuples(_STOCK["sentences"])

MODEL_BY_ID: Final[Mapping[str, SampleModel]] = {model.id: model for model in MODELS}
TEMPLATE_BY_ID: Final[Mapping[str, SampleTemplate]] = {
    template.template_id: template for templates in TEMPLATES.values() for template in templates
}
GENERATORS: Final = tuple(model.id for model in MODELS if model.for_generation)
JUDGES: Final = tuple(model.id for model in MODELS if model.for_evaluation)


def used_templates(stage: str) -> tuple[SampleTemplate, ...]:
    """Return the templates of a stage that the sample has generations of."""
    return tuple(template for template in TEMPLATES[stage] if template.used)
