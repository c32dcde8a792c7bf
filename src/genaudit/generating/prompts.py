"""Prompts: templates rendered with the inputs of a generation, in Jinja's sandbox and within limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from genaudit.cohorts.safe_paths import open_below
from genaudit.errors import DDError, Err, Reason
from genaudit.generating.bounded_render import RenderError, render_bounded
from genaudit.layout import Layout
from genaudit.store.records import UnreadableError
from genaudit.store.texts import read_text

MAX_TEMPLATE_BYTES: Final = 1 << 20
# The names under which the templates of a stage see the parent's parsed text.
PARENT_VARIABLES: Final[Mapping[str, tuple[str, ...]]] = {
    "essay": ("draft_block", "links_block"),
    "evaluation": ("response",),
}
# For a stage without a row above.
USUAL_VARIABLE: Final = "parent"
CONCEPTS_VARIABLE: Final = "concepts"


def parent_variables(stage: str) -> tuple[str, ...]:
    """Return the names of a stage's variables for the parent's parsed text."""
    return PARENT_VARIABLES.get(stage, (USUAL_VARIABLE,))


def parent_values(stage: str, text: str) -> dict[str, Any]:
    """Return the variables of a stage's templates that hold the parent's parsed text."""
    return dict.fromkeys(parent_variables(stage), text)


def render_prompt(
    layout: Layout,
    stage: str,
    template_id: str,
    values: Mapping[str, Any],
    read: Callable[[Layout, str, str], str] | None = None,
) -> str:
    """Render the template of a generation.

    :param template_id: the name of the template's file.
    :param values: the variables that the template may use.
    :param read: reads the text of a template instead of :func:`template_text`.
    :raises DDError: ``DATA_MISSING``, reason ``template_missing``; ``IO_ERROR``, reason ``not_readable``;
        ``INVALID_CONFIG``, reason ``unsafe_id``, ``unsafe_path``, ``template_invalid`` (syntax; ``line``),
        ``template_undefined`` (an unknown variable), ``template_forbidden`` (an unsafe operation),
        ``template_exceeds_limit`` (``limit``, ``allowed``, ``unit``), ``template_failed`` or ``prompt_blank``.
    """
    text = (read or template_text)(layout, stage, template_id)
    try:
        prompt = render_bounded(text, values)
    except RenderError as error:
        names = {"names": sorted(values)} if error.reason == Reason.TEMPLATE_UNDEFINED else {}
        ctx = {"reason": error.reason, **_where(layout, stage, template_id), **error.ctx, **names}
        raise DDError(Err.INVALID_CONFIG, ctx) from error
    if not prompt.strip():
        raise DDError(Err.INVALID_CONFIG, {"reason": Reason.PROMPT_BLANK, **_where(layout, stage, template_id)})
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
        ctx = {"reason": Reason.TEMPLATE_MISSING, **_where(layout, stage, template_id)}
        raise DDError(Err.DATA_MISSING, ctx) from None
    except UnreadableError as error:
        ctx = {"reason": Reason.NOT_READABLE, **_where(layout, stage, template_id), "error": error.detail}
        raise DDError(Err.IO_ERROR, ctx) from error


def _where(layout: Layout, stage: str, template_id: str) -> dict[str, Any]:
    path = layout.template(stage, template_id)
    return {"stage": stage, "template_id": template_id, "path": str(path)}
