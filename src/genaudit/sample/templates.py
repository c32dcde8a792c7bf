"""The texts of the sample's prompt templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from genaudit.sample.catalogs import TEMPLATES
from genaudit.stages import STAGES

if TYPE_CHECKING:
    from genaudit.layout import Layout

_USUAL_TASK: Final = {
    "draft": "Write notes on what connects these concepts.",
    "essay": "Turn the draft below into an essay.",
    "evaluation": "Judge the essay below.",
}
_CONCEPTS: Final = """The concepts, each with how closely to describe it:
{% for concept in concepts %}
- {{ concept.name }} ({{ concept.description_level }})
{%- endfor %}
"""
_ENDINGS: Final = {
    "evaluation": "\nGive your reasons. The last line is the word SCORE, a colon and a number from 0 to 9.\n",
}


def write_templates(layout: Layout) -> None:
    """Write the text of each template that asks a model; a copy has none."""
    for stage, templates in TEMPLATES.items():
        parent = STAGES[stage].parent
        given = f"The {parent}:\n\n{{{{ {parent} }}}}" if parent else _CONCEPTS
        for template in templates:
            if template.generator != "copy":
                path = layout.template(stage, template.template_id)
                path.parent.mkdir(parents=True, exist_ok=True)
                task = template.task or _USUAL_TASK[stage]
                path.write_text(f"{task}\n\n{given}{_ENDINGS.get(stage, '')}", encoding="utf-8")
