"""Prompts: templates rendered with the inputs of a generation, in Jinja's sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from genaudit.cohorts.places import open_below
from genaudit.errors import DDError, Err
from genaudit.generating.bounded import RENDERER
from genaudit.generating.rendering import Fault, RenderError
from genaudit.layout import Layout
from genaudit.store.records import UnreadableError
from genaudit.store.texts import read_text

MAX_TEMPLATE_BYTES: Final = 1 << 20

# The names under which the templates of a stage see the parent's parsed text.
PARENT_VARIABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "essay": ("draft_block", "links_block"),
    "evaluation": ("response",),
}


def parent_values(stage: str, text: str) -> dict[str, Any]:
    """Return the variables of a stage's templates that hold the parent's parsed text."""
    return dict.fromkeys(PARENT_VARIABLES[stage], text)


def render_prompt(layout: Layout, stage: str, template_id: str, values: Mapping[str, Any]) -> str:
    """Render the template of a generation.

    :param template_id: the name of the template's file.
    :param values: the variables that the template may use.
    :raises DDError: ``DATA_MISSING``, reason ``template_missing``; ``IO_ERROR``, reason ``not_readable``;
        ``INVALID_CONFIG``, reason ``unsafe_id``, ``unsafe_path``, ``template_invalid`` (syntax; ``line``),
        ``template_undefined`` (an unknown variable), ``template_forbidden`` (an unsafe operation),
        ``template_failed``, ``template_too_slow``, ``prompt_too_long`` or ``prompt_blank``.
    """
    text = template_text(layout, stage, template_id)
    where = _where(layout, stage, template_id)
    try:
        prompt = RENDERER.render(text, values)
    except RenderError as error:
        ctx: dict[str, Any] = {"reason": str(error.fault), **where}
        if error.fault is Fault.INVALID:
            ctx["line"] = error.line
        ctx["error"] = error.message
        if error.fault is Fault.UNDEFINED:
            ctx["names"] = sorted(values)
        raise DDError(Err.INVALID_CONFIG, ctx) from error
    if not prompt.strip():
        raise DDError(Err.INVALID_CONFIG, {"reason": "prompt_blank", **where})
    return prompt


def template_text(layout: Layout, stage: str, template_id: str) -> str:
    """Read the text of a template.

    :raises DDError: as :func:`render_prompt`.
    """
    path = layout.template(stage, template_id)
    try:
        with open_below(layout.root, *path.parent.relative_to(layout.root).parts) as folder:
            return read_text(folder, (path.name,), MAX_TEMPLATE_BYTES)
    except FileNotFoundError:
        raise DDError(
            Err.DATA_MISSING, {"reason": "template_missing", **_where(layout, stage, template_id)}
        ) from None
    except UnreadableError as error:
        ctx = {"reason": "not_readable", **_where(layout, stage, template_id), "error": error.detail}
        raise DDError(Err.IO_ERROR, ctx) from error


def _where(layout: Layout, stage: str, template_id: str) -> dict[str, Any]:
    path = layout.template(stage, template_id)
    return {"stage": stage, "template_id": template_id, "path": str(path)}
