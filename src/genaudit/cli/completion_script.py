"""The options that print or install the script with which a shell completes the command line."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import rich_click as click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

# How click writes the script, and its file below the home folder; a file that the shell reads when it starts, and the
# line in it that reads the script. Fish finds the script by itself.
_SHELLS: Final[dict[str, tuple[type[ShellComplete], str, str | None, str]]] = {
    "bash": (BashComplete, ".genaudit-complete.bash", ".bashrc", ". ~/.genaudit-complete.bash"),
    "zsh": (
        ZshComplete,
        ".genaudit-complete.zsh",
        ".zshrc",
        "autoload -Uz compinit; compinit; . ~/.genaudit-complete.zsh",
    ),
    "fish": (FishComplete, ".config/fish/completions/genaudit.fish", None, ""),
}


def completion_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command."""
    for name, act, text in (
        ("--show-completion", _show, "Print the completion script of a shell; without a name, of $SHELL."),
        ("--install-completion", _install, "Install completion for a shell; without a name, for $SHELL."),
    ):
        command = click.option(
            name,
            type=click.Choice([*_SHELLS]),
            is_flag=False,
            flag_value=Path(os.environ.get("SHELL", "")).name,
            is_eager=True,
            expose_value=False,
            callback=act,
            help=text,
        )(command)
    return command


def _show(context: click.Context, _option: click.Parameter, shell: str | None) -> None:
    if shell:
        click.echo(_script(context, shell))
        context.exit()


def _install(context: click.Context, _option: click.Parameter, shell: str | None) -> None:
    if not shell:
        return
    _, name, startup, line = _SHELLS[shell]
    script = Path.home() / name
    script.parent.mkdir(parents=True, exist_ok=True)
    script.write_text(_script(context, shell), encoding="utf-8")
    if startup:
        with (Path.home() / startup).open("a+", encoding="utf-8") as file:
            file.seek(0)
            if line not in file.read():
                file.write(f"\n{line}\n")
    click.echo(f"{shell} reads {script} when it starts: open a new terminal.")
    context.exit()


def _script(context: click.Context, shell: str) -> str:
    make, *_ = _SHELLS[shell]
    return make(context.command, {}, "genaudit", "_GENAUDIT_COMPLETE").source()
