"""Commands with the option ``--quiet``: nothing is printed but errors of the call."""

from __future__ import annotations

import inspect
import logging
import os
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from genaudit.cli.option_groups import with_grouped_options
from genaudit.cli.terminal import log

Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Print nothing but errors: the exit code answers.")]


class Commands(typer.Typer):
    """A group of commands, each with grouped options and with ``--quiet`` as its last option."""

    def command(  # type: ignore[override]
        self,
        *args: Any,  # noqa: ANN401 (typer's options)
        **options: Any,  # noqa: ANN401
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Register a command."""
        register = super().command(*args, **options)

        def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
            register(_with_quiet(with_grouped_options(command)))
            return command

        return decorate


def _with_quiet(command: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(command, eval_str=True)
    option = inspect.Parameter("quiet", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Quiet)

    @wraps(command)
    def run(*args: Any, quiet: bool, **options: Any) -> Any:  # noqa: ANN401 (any command's)
        if not quiet:
            return command(*args, **options)
        before = log.level
        log.setLevel(logging.ERROR)
        try:
            with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
                return command(*args, **options)
        finally:
            log.setLevel(before)

    run.__signature__ = signature.replace(parameters=[*signature.parameters.values(), option])  # type: ignore[attr-defined]
    run.__annotations__ = {name: one.annotation for name, one in run.__signature__.parameters.items()}  # type: ignore[attr-defined]
    return run
