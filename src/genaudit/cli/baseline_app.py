"""Commands for the baseline."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated, Final

import typer

from genaudit.cli.completion import complete_code_or_id
from genaudit.cli.options import BaselineChangeRequest, BaselineRequest
from genaudit.cli.quiet import Commands

_EXITS: Final = (
    "Exit codes: 0 done, or nothing to change; 2 wrong usage or configuration, or a malformed baseline; 3 no store"
    " there, or it cannot be read."
)
_CHECK_EXITS: Final = (
    "Exit codes: 0 every entry matches a finding and none has expired; 1 an entry matches nothing or has expired;"
    " 2 wrong usage or configuration, or a malformed baseline; 3 no store there, or it cannot be read."
)

baseline = Commands(
    help=(
        "Accept findings with a reason, so that only new ones fail a run. The baseline is one sorted JSON file, made"
        " for review in a pull request; its entries hold after a migration."
    ),
    no_args_is_help=True,
)


@baseline.command(epilog=_EXITS)
def accept(
    request: BaselineChangeRequest,
    chosen: Annotated[
        list[str],
        typer.Argument(
            metavar="CODE|ID...",
            help="Finding codes, generation ids or fingerprints.",
            autocompletion=complete_code_or_id,
        ),
    ],
    *,
    reason: Annotated[str, typer.Option(help="Why the findings are accepted.")],
    by: Annotated[str | None, typer.Option(help="Who accepts them.", show_default="nobody is named")] = None,
    until: Annotated[
        str | None,
        typer.Option(help="The last day on which they are accepted, as YYYY-MM-DD.", show_default="no end"),
    ] = None,
) -> None:
    """Accept the present findings with some codes or ids, with a reason."""
    _commands().accept(request, chosen, (reason, by, until))


@baseline.command(epilog=_EXITS)
def prune(request: BaselineChangeRequest) -> None:
    """Remove the entries that match no finding; those of audits that did not run stay."""
    _commands().prune(request)


@baseline.command(epilog=_CHECK_EXITS)
def check(request: BaselineRequest) -> None:
    """Check that every entry matches a finding and that none has expired."""
    raise typer.Exit(_commands().check(request))


def _commands() -> ModuleType:
    from genaudit.cli import baseline_commands  # noqa: PLC0415 (help and usage errors come at once)

    return baseline_commands
