"""The commands and their exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import rich_click as click

from genaudit import __version__
from genaudit.audits.table import TABLE, default_audits, on_demand
from genaudit.cli.baseline_app import baseline as baseline_commands
from genaudit.cli.cohort_app import cohort
from genaudit.cli.command_group import Commands, options_of
from genaudit.cli.completion_script import completion_options
from genaudit.cli.diff_app import DIFF_EXITS, diff
from genaudit.cli.lookup_app import LOOKUP_EXITS, show
from genaudit.cli.migrate_app import migrate
from genaudit.cli.options import MEMBER_LIMIT, PATH, AuditRequest, number, switch
from genaudit.cli.rebuild_app import REBUILD_EXITS, rebuild
from genaudit.cli.report_app import REPORT_EXITS, report
from genaudit.cli.sample_app import SAMPLE_EXITS, sample
from genaudit.cli.scores_app import SCORES_EXITS, scores
from genaudit.cli.signals import StoppedError, raising_on_signals
from genaudit.cli.snapshot_app import snapshot as snapshot_commands
from genaudit.cli.terminal import log, log_error, set_up_logging
from genaudit.cli.workbench_app import WORKBENCH_EXITS, workbench
from genaudit.errors import DDError, Err, ExitCode, Reason

_AUDIT_EXITS: Final = (
    "Exit codes: 0 no finding at or above --fail-on; 1 there is one; 2 wrong usage or configuration, or an audit"
    " could not run;"
    " 3 no store there, or it cannot be read."
)

_ON_DEMAND: Final = on_demand()
# An option and its value share a column, so that sentences have room on a terminal of 60 columns.
_LOOK: Final = click.RichHelpConfiguration(
    options_table_column_types=["required", "opt_all_metavar", "help"],
    options_table_help_sections=["help", "required", "envvar", "default", "range"],
    append_metavars_help_string="<{}>",
    delimiter_comma=", ",
)


@click.group(
    "genaudit",
    cls=Commands,
    help=(
        "Audit a store of LLM generations: what is there, what is broken, and which ids hold."
        " Reading a store never changes it. Start with: genaudit sample /tmp/store, then"
        " genaudit audit --data-root /tmp/store. Every command that writes has --output, the folder of its reports,"
        " and --dry-run, which writes nothing at all. A command that changes a store does so only with --apply, a"
        " migration only with --yes."
    ),
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True, "rich_help_config": _LOOK},
    epilog="Each command's help lists its exit codes.",
)
@click.version_option(__version__, message="%(prog)s %(version)s", prog_name="genaudit")
@completion_options
def app() -> None:
    """Send messages to stderr, whatever the command."""
    set_up_logging()


def _on_demand_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each audit that runs on demand."""
    for name, text in reversed(_ON_DEMAND.items()):
        command = switch(f"--with-{name}", help=text)(command)
    return command


@app.command(epilog=_AUDIT_EXITS)
@options_of(AuditRequest)
@click.option(
    "--snapshot",
    help="Audit this saved snapshot (name, path or last) instead of the store.",
    show_default="the store",
)
@click.option(
    "--since",
    help="Add a section of changes since this snapshot (name, path or last).",
    show_default="none",
)
@MEMBER_LIMIT
@click.option(
    "--reuse",
    help="Take the records that have not changed since this snapshot (name, path or last) from it.",
    show_default="none",
)
@click.option(
    "--scheduler",
    help="Read the store on the workers of this Dask cluster, such as tcp://host:8786.",
    show_default="none",
)
@number("--workers", help="Read the store in this many Dask processes on this machine.", show_default="none")
@switch("-v", "--verbose", help="Print the sections of every audit, all findings and written files.")
@click.option(
    "--only",
    type=click.Choice([*TABLE]),
    multiple=True,
    metavar="AUDIT",
    help=f"Run only this audit ({', '.join(TABLE)}); repeat for several.",
    show_default=f"all but {', '.join(_ON_DEMAND)}",
)
@_on_demand_options
def audit(request: AuditRequest, only: tuple[str, ...], **more: Any) -> ExitCode:  # noqa: ANN401 (fields of a request)
    """Run every audit over one scan, write all reports and the HTML page, and print the verdict."""
    asked = [name for name in _ON_DEMAND if more.pop(f"with_{name}")]
    names = [*(only or default_audits()), *asked]
    request = replace(request, names=names, page=True, by_name=bool(only), **more)
    if request.snapshot is None:
        return ExitCode(_commands().audit(request))
    from genaudit.cli import saved_audit  # noqa: PLC0415

    return saved_audit.audit_snapshot(request, request.snapshot)


app.command(epilog=REPORT_EXITS)(report)
app.command(epilog=DIFF_EXITS)(diff)
app.command(epilog=SCORES_EXITS)(scores)
app.command(epilog=LOOKUP_EXITS)(show)
app.command(epilog=WORKBENCH_EXITS)(workbench)
app.command(epilog=SAMPLE_EXITS)(sample)


def _single(name: str) -> Callable[..., ExitCode]:
    """Return the command of one audit."""

    @options_of(AuditRequest)
    def command(request: AuditRequest) -> ExitCode:
        return ExitCode(_commands().audit(replace(request, names=[name])))

    return command


@options_of(AuditRequest)
@switch("--check-only", help="Accepted for habit: recompute never does more than check.")
def recompute(request: AuditRequest, *, check_only: bool) -> ExitCode:
    """Recompute every id, and map each name to the id that its record gives."""
    if check_only:
        log.info("--check-only is the only way recompute works: it renames nothing")
    return ExitCode(_commands().audit(replace(request, names=["recompute"])))


@options_of(AuditRequest)
@click.option(
    "--root", type=PATH, multiple=True, help="A further folder to search; repeat for several.", show_default="none"
)
def references(request: AuditRequest, root: tuple[Path, ...]) -> ExitCode:
    """Find every reference to an id in the data root and further folders, and how a rename would treat it."""
    return ExitCode(_commands().audit(replace(request, names=["references"], roots=root)))


# Audits whose commands have options of their own.
_OWN_OPTIONS: Final = {"recompute": recompute, "rebuild": rebuild, "references": references}
for _name, _row in TABLE.items():
    _exits = REBUILD_EXITS if _name == "rebuild" else _AUDIT_EXITS
    app.command(_name, help=None if _name in _OWN_OPTIONS else _row.help, epilog=_exits)(
        _OWN_OPTIONS.get(_name) or _single(_name)
    )

for _group in (baseline_commands, snapshot_commands, cohort, migrate):
    app.add_command(_group)


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
