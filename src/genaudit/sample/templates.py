"""Text files of the sample's prompts: templates, and descriptions of concepts at each level."""

from __future__ import annotations

from typing import Any, Final

from genaudit.generating.prompts import CONCEPTS_VARIABLE, parent_values, parent_variables
from genaudit.generating.template_engine import compiled
from genaudit.layout import Layout
from genaudit.sample.combos import LEVELS, Combo
from genaudit.sample.stock import CONCEPTS, TEMPLATE_BY_ID, TEMPLATES, SampleConcept, SampleTemplate
from genaudit.stages import STAGES

_USUAL_TASK: Final = {
    "draft": "Write notes on what connects these concepts.",
    "essay": "Turn the draft below into an essay.",
    "evaluation": "Judge the essay below.",
}
_CONCEPTS: Final = f"""The concepts:
{{% for concept in {CONCEPTS_VARIABLE} %}}

## {{{{ concept.name }}}}
{{{{ concept.content }}}}
{{%- endfor %}}
"""
_ENDINGS: Final = {
    "evaluation": "\nGive your reasons. The last line is the word SCORE, a colon and a number from 0 to 9.\n",
}


def template_text(stage: str, template: SampleTemplate) -> str:
    """Return the text of a template."""
    parent = STAGES[stage].parent
    given = f"The {parent}:\n\n{{{{ {parent_variables(stage)[0]} }}}}" if parent else _CONCEPTS
    return f"{template.task or _USUAL_TASK[stage]}\n\n{given}{_ENDINGS.get(stage, '')}"


def prompt(stage: str, template_id: str, combo: Combo, parent_text: str | None) -> str:
    """Render the prompt of a generation, as the pipeline does."""
    template = TEMPLATE_BY_ID.get(template_id) or SampleTemplate(
        template_id, "", "", "", "llm", active=True, used=True
    )
    values: dict[str, Any] = (
        {CONCEPTS_VARIABLE: [{"name": one.name, "content": description(one, combo.level)} for one in combo.concepts]}
        if parent_text is None
        else parent_values(stage, parent_text)
    )
    return compiled(template_text(stage, template)).render(values)


def description(concept: SampleConcept, level: str) -> str:
    """Describe a concept at a level."""
    sentence = f"{concept.noun.capitalize()} {concept.does[0]}."
    if level == LEVELS[0]:
        return sentence
    paragraph = f"{sentence} It also {concept.does[1]}. One can learn {concept.lesson[0]}."
    if level == LEVELS[1]:
        return paragraph
    return f"{paragraph}\n\nAnother lesson is {concept.lesson[1]}. But {concept.risk[0]}, and {concept.risk[1]}."


def write_templates(layout: Layout) -> None:
    """Write the text of each template for a model; a copy has none."""
    for stage, templates in TEMPLATES.items():
        for template in templates:
            if template.generator != "copy":
                path = layout.template(stage, template.template_id)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(template_text(stage, template), encoding="utf-8")


def write_descriptions(layout: Layout) -> None:
    """Write the description of each concept at each level."""
    for level in LEVELS:
        folder = layout.catalogs / "concepts" / f"descriptions-{level}"
        folder.mkdir(parents=True)
        for concept in CONCEPTS:
            (folder / f"{concept.concept_id}.txt").write_text(f"{description(concept, level)}\n", encoding="utf-8")
