"""Prompts: the text of a template, filled with what the generation is made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment

from genaudit.cohorts.places import open_below
from genaudit.errors import DDError, Err
from genaudit.store.records import UnreadableError
from genaudit.store.texts import read_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genaudit.layout import Layout

# Prompts are plain text: what would be an escape in HTML would be noise for a model.
_ENVIRONMENT: Final = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)


def render_prompt(layout: Layout, stage: str, template_id: str, values: Mapping[str, Any]) -> str:
    """Fill the template of a generation.

    :param template_id: as the catalog spells it.
    :param values: the names that the template can use.
    :raises DDError: ``DATA_MISSING``, reason ``template_missing``; ``IO_ERROR``, reason ``not_readable``;
        ``INVALID_CONFIG``, reason ``unsafe_id``, ``unsafe_path``, ``template_invalid`` (no template; ``line``),
        ``template_undefined`` (a name that there is not), ``template_forbidden`` (more than a template may do),
        ``template_failed`` or ``prompt_blank``.
    """
    path = layout.template(stage, template_id)
    where: dict[str, Any] = {"stage": stage, "template_id": template_id, "path": str(path)}
    text = _template_text(layout, stage, template_id, where)
    try:
        prompt = _ENVIRONMENT.from_string(text).render(values)
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
