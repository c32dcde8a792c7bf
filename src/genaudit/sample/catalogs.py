"""Catalogs of the sample: templates, models, concepts and replication."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from genaudit.layout import Layout
from genaudit.sample.concepts import CONCEPTS
from genaudit.stages import STAGE_NAMES, STAGES, Stage


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


class Model(NamedTuple):
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


ESSAY_BLOCK: Final = "essay_block"
LAST_LINE: Final = "in_last_line"

_TEMPLATES: Final[Mapping[str, tuple[SampleTemplate, ...]]] = {
    "draft": (
        SampleTemplate(
            "bridge-notes-v2",
            "Bridge Notes 2",
            "Notes on what connects two concepts at a time",
            "",
            "llm",
            active=True,
            used=True,
            task="Write working notes on how these concepts connect. Two concepts at a time, one paragraph each.",
        ),
        SampleTemplate(
            "question-ladder-v1",
            "Question Ladder",
            "Climbs from a naive question to one that can be tested",
            ESSAY_BLOCK,
            "llm",
            active=True,
            used=True,
            task="Climb from a simple question to a testable one. Put the result between <essay> and </essay>.",
        ),
        SampleTemplate(
            "field-walk-v3",
            "Field Walk 3",
            "Walks the concepts through one real place",
            "",
            "llm",
            active=False,
            used=True,
            task="Take the concepts for a walk through one real place and note what each of them would change there.",
        ),
        SampleTemplate(
            "pair-cards-v1",
            "Pair Cards",
            "One card for each pair; given up after the pilot",
            "",
            "llm",
            active=False,
            used=False,
        ),
    ),
    "essay": (
        SampleTemplate(
            "braided-essay-v3",
            "Braided Essay 3",
            "Braids the threads of a draft into one essay",
            "",
            "llm",
            active=True,
            used=True,
            task="Turn the draft below into an essay with one thread. Keep its doubts; drop its lists.",
        ),
        SampleTemplate(
            "plain-argument-v1",
            "Plain Argument",
            "States one claim, defends it, names what would refute it",
            "",
            "llm",
            active=False,
            used=True,
            task="Take the strongest claim of the draft below, defend it, and say what would refute it.",
        ),
        SampleTemplate(
            "draft-as-essay-v1",
            "Draft As Essay",
            "Passes the draft on unchanged; no model is called",
            "",
            "copy",
            active=True,
            used=True,
        ),
        SampleTemplate(
            "letter-form-v1",
            "Letter Form",
            "The same argument as a letter; never run",
            "",
            "llm",
            active=False,
            used=False,
        ),
    ),
    "evaluation": (
        SampleTemplate(
            "fresh-link-v2",
            "Fresh Link 2",
            "How new is the connection? 0 to 9 in the last line",
            LAST_LINE,
            "llm",
            active=True,
            used=True,
            task="Judge how new the connection between the concepts is.",
        ),
        SampleTemplate(
            "sound-reasoning-v1",
            "Sound Reasoning",
            "Does the argument hold? 0 to 9 in the last line",
            LAST_LINE,
            "llm",
            active=True,
            used=True,
            task="Judge whether the argument holds, step by step.",
        ),
        SampleTemplate(
            "clear-prose-v1",
            "Clear Prose",
            "Is it clearly written? 0 to 9 in the last line",
            LAST_LINE,
            "llm",
            active=False,
            used=True,
            task="Judge how clearly the essay is written.",
        ),
        SampleTemplate(
            "prior-sources-v1",
            "Prior Sources",
            "Looks for earlier sources of the idea; never run",
            LAST_LINE,
            "llm",
            active=False,
            used=False,
        ),
    ),
}


def _plain(stage: Stage) -> SampleTemplate:
    """Make the template of a stage that the sample has no templates for."""
    name, task = f"plain-{stage.name}-v1", f"Write a {stage.name} about the {stage.parent} below."
    return SampleTemplate(name, f"Plain {stage.name}", task, "", "llm", active=True, used=True, task=task)


TEMPLATES: Final[Mapping[str, tuple[SampleTemplate, ...]]] = {
    stage.name: _TEMPLATES.get(stage.name, (_plain(stage),)) for stage in STAGES.values()
}

MODELS: Final = (
    Model(
        "harbor_large",
        "harbor/large-2",
        "harbor",
        "Harbor Large 2",
        for_generation=True,
        for_evaluation=False,
        specialization="general",
        speed=62.0,
    ),
    Model(
        "juniper_r2",
        "juniper/r2",
        "juniper",
        "Juniper R2",
        for_generation=True,
        for_evaluation=False,
        specialization="reasoning",
        speed=31.0,
    ),
    Model(
        "tern-mini-3",
        "tern/mini-3",
        "tern",
        "Tern Mini 3",
        for_generation=False,
        for_evaluation=True,
        specialization="instruction_following",
        speed=140.0,
    ),
    Model(
        "alder_judge",
        "alder/judge-70b",
        "alder",
        "Alder Judge 70B",
        for_generation=False,
        for_evaluation=True,
        specialization="reasoning",
        speed=48.0,
    ),
    Model(
        "harbor_small_f",
        "harbor/small-1:free",
        "harbor",
        "Harbor Small 1 (Free)",
        for_generation=False,
        for_evaluation=False,
        specialization="general",
        speed=95.0,
    ),
)
_RETIRED: Final = frozenset({"lighthouse", "dry-stone-wall", "lending-library"})
REPLICATES: Final[Mapping[str, int]] = {"draft": 1, "essay": 1, "evaluation": 2}

MODEL_BY_ID: Final[Mapping[str, Model]] = {model.id: model for model in MODELS}
TEMPLATE_BY_ID: Final[Mapping[str, SampleTemplate]] = {
    template.template_id: template for templates in TEMPLATES.values() for template in templates
}
GENERATORS: Final = tuple(model.id for model in MODELS if model.for_generation)
JUDGES: Final = tuple(model.id for model in MODELS if model.for_evaluation)


def used_templates(stage: str) -> tuple[SampleTemplate, ...]:
    """Return the templates of a stage that the sample has generations of."""
    return tuple(template for template in TEMPLATES[stage] if template.used)


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table as CSV text; no header row for an empty header."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    if header:
        writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def write_catalogs(layout: Layout, *, active: bool = False) -> None:
    """Write everything below ``1_raw/`` but the texts.

    :param active: whether catalogs have the older columns that retire rows (``active``, ``for_generation``,
        ``for_evaluation``); without them every row counts, and only used rows are listed.
    """
    layout.catalogs.mkdir()
    header = ("template_id", "template_name", "description", "parser", "generator", *(["active"] if active else []))
    for stage in STAGES.values():
        rows = [template[: len(header)] for template in TEMPLATES[stage.name] if active or template.used]
        (layout.catalogs / stage.template_catalog).write_text(csv_text(header, rows), encoding="utf-8")
    listed = [model for model in MODELS if active or model.for_generation or model.for_evaluation]
    columns = [name for name in Model._fields[:-1] if active or not name.startswith("for_")]
    # The real catalog of models writes its booleans in lower case, unlike the others.
    values = [[getattr(model, name) for name in columns] for model in listed]
    models = [[str(value).lower() if isinstance(value, bool) else value for value in row] for row in values]
    layout.llm_models.write_text(csv_text(columns, models), encoding="utf-8")
    concepts = [(concept.concept_id, concept.name, concept.concept_id not in _RETIRED) for concept in CONCEPTS]
    width = 3 if active else 2
    table = csv_text(("concept_id", "name", "active")[:width], [row[:width] for row in concepts])
    layout.concepts.write_text(table, encoding="utf-8")
    replication = [(stage, REPLICATES.get(stage, 1)) for stage in STAGE_NAMES]
    layout.replication.write_text(csv_text(("stage", "replicates"), replication), encoding="utf-8")
