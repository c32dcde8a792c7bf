"""Prompts: templates rendered with the inputs of a generation, in Jinja's sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from genaudit.cohorts.places import open_below
from genaudit.errors import DDError, Err
from genaudit.layout import Layout
from genaudit.store.records import UnreadableError
from genaudit.store.texts import read_text

# Prompts are plain text: an HTML escape would be noise for a model. One trailing newline goes, as Jinja does it.
_ENVIRONMENT: Final = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


@lru_cache(maxsize=256)
def compiled(text: str) -> Template:
    """Compile a template; the same text is compiled once.

    :raises TemplateSyntaxError: as Jinja does.
    """
    return _ENVIRONMENT.from_string(text)


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


def render_prompt(layout: Layout, stage: str, template_id: str, values: Mapping[str, Any]) -> str:
    """Render the template of a generation.

    :param template_id: the name of the template's file.
    :param values: the variables that the template may use.
    :raises DDError: ``DATA_MISSING``, reason ``template_missing``; ``IO_ERROR``, reason ``not_readable``;
        ``INVALID_CONFIG``, reason ``unsafe_id``, ``unsafe_path``, ``template_invalid`` (syntax; ``line``),
        ``template_undefined`` (an unknown variable), ``template_forbidden`` (an unsafe operation),
        ``template_failed`` or ``prompt_blank``.
    """
    path = layout.template(stage, template_id)
    where: dict[str, Any] = {"stage": stage, "template_id": template_id, "path": str(path)}
    text = _template_text(layout, stage, template_id, where)
    try:
        prompt = compiled(text).render(values)
    except TemplateSyntaxError as error:
        ctx = {"reason": "template_invalid", **where, "line": error.lineno, "error": error.message}
        raise DDError(Err.INVALID_CONFIG, ctx) from error
    except UndefinedError as error:
        ctx = {"reason": "template_undefined", **where, "error": error.message, "names": sorted(values)}
        raise DDError(Err.INVALID_CONFIG, ctx) from error
    except SecurityError as error:
        raise DDError(Err.INVALID_CONFIG, {"reason": "template_forbidden", **where, "error": str(error)}) from error
    except Exception as error:
        # A template is a small program: it can fail in any way.
        ctx = {"reason": "template_failed", **where, "error": f"{type(error).__name__}: {error}"}
        raise DDError(Err.INVALID_CONFIG, ctx) from error
    if not prompt.strip():
        raise DDError(Err.INVALID_CONFIG, {"reason": "prompt_blank", **where})
    return prompt


def _template_text(layout: Layout, stage: str, template_id: str, where: Mapping[str, Any]) -> str:
    path = layout.template(stage, template_id)
    try:
        with open_below(layout.root, *path.parent.relative_to(layout.root).parts) as folder:
            return read_text(folder, (path.name,))
    except FileNotFoundError:
        raise DDError(Err.DATA_MISSING, {"reason": "template_missing", **where}) from None
    except UnreadableError as error:
        raise DDError(Err.IO_ERROR, {"reason": "not_readable", **where, "error": error.detail}) from error
