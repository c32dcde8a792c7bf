"""Options that are the fields of a dataclass: a command takes the dataclass, its command line the fields."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import wraps
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from typer.models import ParameterInfo


def with_grouped_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Replace each parameter that is a dataclass by the options among its fields.

    A field is an option if it is annotated as one; the others keep their defaults.
    """
    signature = inspect.signature(command, eval_str=True)
    groups: dict[str, Callable[..., Any]] = {
        name: one.annotation
        for name, one in signature.parameters.items()
        if isinstance(one.annotation, type) and is_dataclass(one.annotation)
    }
    if not groups:
        return command
    options = {name: _options_of(group) for name, group in groups.items()}

    @wraps(command)
    def run(*args: Any, **given: Any) -> Any:  # noqa: ANN401 (any command's)
        grouped = {
            name: group(**{one.name: given.pop(one.name) for one in options[name]}) for name, group in groups.items()
        }
        return command(*args, **grouped, **given)

    own = [one for name, one in signature.parameters.items() if name not in groups]
    run.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=sorted([*(one for group in options.values() for one in group), *own], key=lambda one: one.kind)
    )
    return run


def _options_of(group: Any) -> list[inspect.Parameter]:  # noqa: ANN401 (a dataclass)
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in fields(group)
        if get_origin(hints[field.name]) is Annotated
        and any(isinstance(part, ParameterInfo) for part in get_args(hints[field.name]))
    ]
