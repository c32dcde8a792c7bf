"""The commands and their exit codes."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from types import ModuleType
from typing import Annotated, Final

import typer

from genaudit import __version__
from genaudit.audits.table import TABLE, default_audits, on_demand
from genaudit.cli.baseline_app import baseline as baseline_commands
from genaudit.cli.cohort_app import cohort
from genaudit.cli.diff_app import DIFF_EXITS, diff
from genaudit.cli.lookup_app import LOOKUP_EXITS, show
from genaudit.cli.migrate_app import migrate
from genaudit.cli.options import AuditRequest, FullAuditRequest
from genaudit.cli.quiet import Commands
from genaudit.cli.rebuild_app import REBUILD_EXITS, rebuild
from genaudit.cli.report_app import REPORT_EXITS, report
from genaudit.cli.sample_app import SAMPLE_EXITS, sample
from genaudit.cli.scores_app import SCORES_EXITS, scores
from genaudit.cli.signals import StoppedError, raising_on_signals
from genaudit.cli.snapshot_app import snapshot as snapshot_commands
from genaudit.cli.terminal import log, log_error, set_up_logging
from genaudit.cli.workbench_app import WORKBENCH_EXITS, workbench
from genaudit.errors import DDError, Err, Reason

_AUDIT_EXITS: Final = (
    "Exit codes: 0 no finding at or above --fail-on; 1 there is one; 2 wrong usage or configuration, or an audit"
    " could not run;"
    " 3 no store there, or it cannot be read."
)

AuditName = StrEnum("AuditName", {name.upper(): name for name in TABLE})  # type: ignore[misc]

app = Commands(
    name="genaudit",
    help=(
        "Audit a store of LLM generations: what is there, what is broken, and which ids hold."
        " Reading a store never changes it. Start with: genaudit sample /tmp/store, then"
        " genaudit audit --data-root /tmp/store. Every command that writes has --output, the folder of its reports,"
        " and --dry-run, which writes nothing at all. A command that changes a store does so only with --apply, a"
        " migration only with --yes."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Each command's help lists its exit codes.",
)
app.add_typer(baseline_commands, name="baseline")
app.add_typer(snapshot_commands, name="snapshot")
app.add_typer(cohort, name="cohort")
app.add_typer(migrate, name="migrate")


def _print_version(wanted: bool) -> None:  # noqa: FBT001 (the callback's form is typer's)
    if wanted:
        typer.echo(f"genaudit {__version__}")
        raise typer.Exit


@app.callback()
def _genaudit(
    *,
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    set_up_logging()


_ON_DEMAND: Final = on_demand()


def audit(
    request: FullAuditRequest,
    *,
    only: Annotated[
        list[AuditName] | None,
        typer.Option(
            help="Run only this audit; repeat for several.", show_default=f"all but {', '.join(_ON_DEMAND)}"
        ),
    ] = None,
    **asked: bool,
) -> None:
    """Run every audit over one scan, write all reports and the HTML page, and print the verdict."""
    names = [str(name) for name in only] if only else list(default_audits())
    names += [name for name in _ON_DEMAND if asked[f"with_{name}"]]
    request = replace(request, names=names, page=True, by_name=bool(only))
    if request.snapshot is None:
        raise typer.Exit(_commands().audit(request))
    from genaudit.cli import saved_audit  # noqa: PLC0415

    raise typer.Exit(saved_audit.audit_snapshot(request, request.snapshot))


def _with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Replace ``**asked`` of a command by an option for each audit that runs on demand."""
    signature = inspect.signature(command, eval_str=True)
    own = [one for one in signature.parameters.values() if one.kind is not inspect.Parameter.VAR_KEYWORD]
    place = [one.name for one in own].index("only") + 1
    own[place:place] = [
        inspect.Parameter(
            f"with_{name}",
            inspect.Parameter.KEYWORD_ONLY,
            default=False,
            annotation=Annotated[bool, typer.Option(f"--with-{name}", help=text)],
        )
        for name, text in _ON_DEMAND.items()
    ]
    command.__signature__ = signature.replace(parameters=own)  # type: ignore[attr-defined]
    return command


app.command(epilog=_AUDIT_EXITS)(_with_options(audit))


def _single(name: str, summary: str) -> None:
    """Add the command of one audit."""

    def command(request: AuditRequest) -> None:
        raise typer.Exit(_commands().audit(replace(request, names=[name])))

    app.command(name, help=summary, epilog=_AUDIT_EXITS)(command)


def recompute(
    request: AuditRequest,
    *,
    check_only: Annotated[
        bool, typer.Option("--check-only", help="Accepted for habit: recompute never does more than check.")
    ] = False,
) -> None:
    """Recompute every id, and map each name to the id that its record gives."""
    if check_only:
        log.info("--check-only is the only way recompute works: it renames nothing")
    raise typer.Exit(_commands().audit(replace(request, names=["recompute"])))


app.command(epilog=REPORT_EXITS)(report)
app.command(epilog=DIFF_EXITS)(diff)
app.command(epilog=SCORES_EXITS)(scores)
app.command(epilog=LOOKUP_EXITS)(show)
app.command(epilog=WORKBENCH_EXITS)(workbench)


def references(
    request: AuditRequest,
    *,
    root: Annotated[
        list[Path] | None, typer.Option(help="A further folder to search; repeat for several.", show_default="none")
    ] = None,
) -> None:
    """Find every reference to an id in the data root and further folders, and how a rename would treat it."""
    raise typer.Exit(_commands().audit(replace(request, names=["references"], roots=root or ())))


app.command(epilog=SAMPLE_EXITS)(sample)

# Audits whose commands have options of their own.
_OWN_OPTIONS: Final[dict[str, tuple[Callable[..., None], str]]] = {
    "recompute": (recompute, _AUDIT_EXITS),
    "rebuild": (rebuild, REBUILD_EXITS),
    "references": (references, _AUDIT_EXITS),
}
for _name, _row in TABLE.items():
    if _name in _OWN_OPTIONS:
        _command, _exits = _OWN_OPTIONS[_name]
        app.command(_name, epilog=_exits)(_command)
    else:
        _single(_name, _row.help)


def _commands() -> ModuleType:
    """Import the implementation only when a command runs, so that help and usage errors are fast."""
    from genaudit.cli import commands  # noqa: PLC0415

    return commands


def main() -> None:
    """Run the command line; an error ends with one line on stderr, not with a traceback."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal of an older encoding shows what it lacks as an escape.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        with raising_on_signals():
            app()
    except DDError as error:
        log_error(error)
        sys.exit(error.exit_code)
    except OSError as error:
        path = None if error.filename is None else str(error.filename)
        log_error(DDError(Err.IO_ERROR, {"reason": Reason.SYSTEM_REFUSED, "path": path, "error": error.strerror}))
        sys.exit(Reason.SYSTEM_REFUSED.exit_code)
    except StoppedError as stopped:
        stopped.log()
        sys.exit(stopped.exit_code)
