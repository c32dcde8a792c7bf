"""Commands and groups of commands: exit codes, the option ``--quiet``, and options that are fields of a dataclass."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import wraps
from pathlib import Path
from typing import Any, get_type_hints

import rich_click as click

from genaudit.cli.terminal import log


class QuietCommand(click.RichCommand):
    """A command whose function returns its exit code; ``--quiet`` is its last option."""

    def __init__(self, *args: Any, **settings: Any) -> None:  # noqa: ANN401 (click's settings)
        """Add the option."""
        super().__init__(*args, **settings)
        text = "Print nothing but errors: the exit code answers."
        self.params.append(click.RichOption(["-q", "--quiet"], is_flag=True, help=text))

    def invoke(self, ctx: click.Context) -> None:
        """Run the command, and exit with its code."""
        run = super().invoke
        ctx.exit((_quietly(run, ctx) if ctx.params.pop("quiet") else run(ctx)) or 0)


def _quietly(run: Callable[[click.Context], Any], ctx: click.Context) -> Any:  # noqa: ANN401 (as the command's)
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
            return run(ctx)
    finally:
        log.setLevel(before)


class Commands(click.RichGroup):
    """A group of such commands, listed in the order in which they were added."""

    command_class = QuietCommand

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """List the names of the commands."""
        return [*self.commands]


def options_of(request: type[Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command the options that annotate fields of a dataclass, and the dataclass as its first argument.

    The other fields keep their defaults.
    """
    options = {
        name: option
        for name, hint in get_type_hints(request, include_extras=True).items()
        for option in getattr(hint, "__metadata__", ())
    }

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def run(**given: Any) -> Any:  # noqa: ANN401 (any command's)
            return command(request(**{name: given.pop(name) for name in options}), **given)

        for option in reversed(options.values()):
            run = option(run)
        return run

    return decorate
