"""The page of the command line: every command with its arguments and options."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import cleandoc

import rich_click as click

from genaudit.cli.app import app


def cli_page() -> str:
    """Describe every command."""
    return "\n".join(_described(app, click.RichContext(app, info_name="genaudit", **app.context_settings))) + "\n"


def _described(command: click.Command, context: click.Context) -> Iterator[str]:
    """Describe a command, then those of its group."""
    level = "#" * len(context.command_path.split())
    yield f"{level} `{context.command_path}`"
    yield from ("", *cleandoc(command.help or "").splitlines(), "")
    yield from ("**Usage**:", "", "```console", f"$ {_usage(command, context)}", "```", "")
    parameters = command.get_params(context)
    yield from _listed(
        "Arguments", [_argument(one, context) for one in parameters if isinstance(one, click.RichArgument)]
    )
    yield from _listed(
        "Options", [one.get_help_record(context) for one in parameters if isinstance(one, click.Option)]
    )
    if command.epilog:
        yield from (command.epilog, "")
    if isinstance(command, click.Group):
        names = command.list_commands(context)
        yield from _listed("Commands", [(name, command.commands[name].get_short_help_str(500)) for name in names])
        for name in names:
            inner = command.commands[name]
            yield from _described(inner, click.RichContext(inner, parent=context, info_name=name))


def _usage(command: click.Command, context: click.Context) -> str:
    return " ".join([context.command_path, *command.collect_usage_pieces(context)])


def _argument(argument: click.RichArgument, context: click.Context) -> tuple[str, str]:
    return argument.make_metavar(context), f"{argument.help}{'  [required]' if argument.required else ''}"


def _listed(title: str, records: list[tuple[str, str] | None]) -> list[str]:
    return (
        [f"**{title}**:", "", *(f"* `{name}`: {text}" for name, text in filter(None, records)), ""] if records else []
    )
