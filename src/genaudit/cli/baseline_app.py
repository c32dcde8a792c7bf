"""Commands for the baseline."""

from __future__ import annotations

from types import ModuleType
from typing import Final

import rich_click as click

from genaudit.cli.command_group import Commands, options_of
from genaudit.cli.completion import complete_code_or_id
from genaudit.cli.options import BaselineChangeRequest, BaselineRequest
from genaudit.errors import ExitCode

_EXITS: Final = (
    "Exit codes: 0 done, or nothing to change; 2 wrong usage or configuration, or a malformed baseline; 3 no store"
    " there, or it cannot be read."
)
_CHECK_EXITS: Final = (
    "Exit codes: 0 every entry matches a finding and none has expired; 1 an entry matches nothing or has expired;"
    " 2 wrong usage or configuration, or a malformed baseline; 3 no store there, or it cannot be read."
)

baseline = Commands(
    name="baseline",
    help=(
        "Accept findings with a reason, so that only new ones fail a run. The baseline is one sorted JSON file, made"
        " for review in a pull request; its entries hold after a migration."
    ),
)


@baseline.command(epilog=_EXITS)
@options_of(BaselineChangeRequest)
@click.argument(
    "chosen",
    nargs=-1,
    required=True,
    metavar="CODE|ID...",
    help="Finding codes, generation ids or fingerprints.",
    shell_complete=complete_code_or_id,
)
@click.option("--reason", required=True, help="Why the findings are accepted.")
@click.option("--by", help="Who accepts them.", show_default="nobody is named")
@click.option("--until", help="The last day on which they are accepted, as YYYY-MM-DD.", show_default="no end")
def accept(
    request: BaselineChangeRequest, chosen: tuple[str, ...], reason: str, by: str | None, until: str | None
) -> None:
    """Accept the present findings with some codes or ids, with a reason."""
    _commands().accept(request, chosen, (reason, by, until))


@baseline.command(epilog=_EXITS)
@options_of(BaselineChangeRequest)
def prune(request: BaselineChangeRequest) -> None:
    """Remove the entries that match no finding; those of audits that did not run stay."""
    _commands().prune(request)


@baseline.command(epilog=_CHECK_EXITS)
@options_of(BaselineRequest)
def check(request: BaselineRequest) -> ExitCode:
    """Check that every entry matches a finding and that none has expired."""
    return ExitCode(_commands().check(request))


def _commands() -> ModuleType:
    from genaudit.cli import baseline_commands  # noqa: PLC0415 (help and usage errors come at once)

    return baseline_commands
