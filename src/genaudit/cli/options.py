"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from genaudit.errors import DDError, Err, Reason
from genaudit.layout import BASELINE
from genaudit.limits import MAX_MEMBERS
from genaudit.store.addresses import local_root

DEFAULT_ROOT: Final = Path("data")
DEFAULT_STORE: Final = "data"
DEFAULT_OUTPUT: Final = Path("reports")


class Format(StrEnum):
    """Output formats on the terminal."""

    TEXT = "text"
    JSON = "json"


class AuditFormat(StrEnum):
    """How the results of audits are shown on the terminal, or handed to a CI system."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    JUNIT = "junit"
    GITHUB = "github"


class FailOn(StrEnum):
    """The lowest severity of findings that makes the exit code 1."""

    ERROR = "error"
    WARNING = "warning"
    NEVER = "never"


DataRoot = Annotated[
    Path,
    typer.Option(
        help="The store: the folder that has gens/ in it.",
        envvar="DAYDREAMING_DATA_ROOT",
        show_default=True,
        parser=local_root,
        metavar="<path>",
    ),
]
StoreRoot = Annotated[
    str,
    typer.Option(
        "--data-root",
        help="The store: the folder that has gens/ in it, or its URL, such as s3://bucket/prefix.",
        envvar="DAYDREAMING_DATA_ROOT",
        show_default=True,
        metavar="<path|url>",
    ),
]
Output = Annotated[Path, typer.Option(help="The folder that the reports are written into; made when missing.")]
Outcome = Annotated[
    Path,
    typer.Option(help="The folder of the JSON report of what was or would be done; made when missing."),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the results, but write no file.")]
NoChange = Annotated[
    bool, typer.Option("--dry-run", help="Write nothing at all, not even the report; outranks --apply and --yes.")
]
Shown = Annotated[
    Format, typer.Option("--format", help="How to show the results: text for people, json for programs.")
]
AuditShown = Annotated[
    AuditFormat,
    typer.Option(
        "--format",
        help="How to show the results: text for people, json for programs; for CI sarif (2.1.0), junit (XML), or"
        " github (workflow commands).",
    ),
]
BaselineFile = Annotated[
    Path | None,
    typer.Option(
        "--baseline",
        help="The file of accepted findings, which do not fail the run.",
        show_default=f"{BASELINE} of the data root, if there is one",
    ),
]
Date = Annotated[
    str | None,
    typer.Option(help="The date in the names of the reports, as YYYY-MM-DD.", show_default="today, UTC"),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        min=1,
        show_default="one per core for a large store",
        help="The number of processes that read the store; the results are the same for any number.",
    ),
]
MaxMembers = Annotated[
    int,
    typer.Option(
        min=1,
        help="The largest number of members of a stage in a plan; a larger design is an error. The store's"
        " genaudit.toml may lower it.",
    ),
]
Fail = Annotated[
    FailOn,
    typer.Option(help="Exit with 1 when there is a finding of this severity or a worse one.", show_default=True),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRequest:
    """The options of a command that may change a store.

    :param output: the folder of its report.
    :param apply: whether the store is changed.
    :param dry_run: whether nothing is written at all, whatever ``apply`` is.
    """

    data_root: DataRoot = DEFAULT_ROOT
    apply: bool = False
    output: Outcome = DEFAULT_OUTPUT
    shown: Shown = Format.TEXT
    dry_run: NoChange = False

    @property
    def changes(self) -> bool:
        """Whether the store is changed."""
        return self.apply and not self.dry_run


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyRequest(WriteRequest):
    """The options of a command that changes a store if it is called with ``--apply``."""

    apply: Annotated[
        bool, typer.Option("--apply", help="Change the store; without it, only the report is written.")
    ] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedRequest(WriteRequest):
    """The options of a command that changes a store if it is called with ``--yes``."""

    apply: Annotated[bool, typer.Option("--yes", help="Do it; without it, only the report is written.")] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineRequest:
    """The store and the baseline of a command.

    :param baseline: the baseline file; ``None`` for that of the data root.
    """

    data_root: DataRoot = DEFAULT_ROOT
    baseline: BaselineFile = None
    with_references: Annotated[
        bool, typer.Option("--with-references", help="Search the data root for references too: reads every file.")
    ] = False
    date: Date = None
    shown: Shown = Format.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineChangeRequest(BaselineRequest):
    """The options of a command that changes a baseline."""

    output: Outcome = DEFAULT_OUTPUT
    dry_run: DryRun = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRequest:
    """The options of an audit command, and what each command adds to them.

    :param names: the audits to run.
    :param page: whether the reports about the whole run are written too.
    :param roots: further folders to search for references.
    :param snapshot: the name of a saved snapshot to audit instead of the store.
    :param since: the name of a saved snapshot to compare with.
    :param jobs: the number of processes that read the store; ``None`` for one per core, if it is large.
    :param max_members: the largest number of members of a stage in a plan.
    :param reuse: the name of a saved snapshot that unchanged records are taken from.
    :param scheduler: the address of a Dask scheduler whose workers read the store.
    :param workers: number of worker processes to start for that on this machine.
    :param baseline: the file of accepted findings; ``None`` for that of the data root, if it has one.
    :param by_name: whether the audits were asked for by name, instead of all of them.
    :param verbose: whether the text on the terminal has the sections of the audits, instead of a line for each.
    """

    data_root: StoreRoot = DEFAULT_STORE
    output: Output = DEFAULT_OUTPUT
    date: Date = None
    fail_on: Fail = FailOn.ERROR
    baseline: BaselineFile = None
    shown: AuditShown = AuditFormat.TEXT
    jobs: Jobs = None
    dry_run: DryRun = False
    names: Sequence[str] = ()
    page: bool = False
    by_name: bool = False
    roots: Sequence[Path] = ()
    snapshot: str | None = None
    since: str | None = None
    max_members: int = MAX_MEMBERS
    reuse: str | None = None
    scheduler: str | None = None
    workers: int | None = None
    verbose: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FullAuditRequest(AuditRequest):
    """The options of the command that runs every audit."""

    snapshot: Annotated[
        str | None,
        typer.Option(
            help="Audit this saved snapshot (name, path or last) instead of the store.", show_default="the store"
        ),
    ] = None
    since: Annotated[
        str | None,
        typer.Option(
            help="Add a section of what changed since this snapshot (name, path or last).", show_default="none"
        ),
    ] = None
    max_members: MaxMembers = MAX_MEMBERS
    reuse: Annotated[
        str | None,
        typer.Option(
            help="Take the records that have not changed since this snapshot (name, path or last) from it.",
            show_default="none",
        ),
    ] = None
    scheduler: Annotated[
        str | None,
        typer.Option(
            help="Read the store on the workers of this Dask cluster, such as tcp://host:8786.",
            show_default="none",
        ),
    ] = None
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Read the store in this many Dask processes on this machine.", show_default="none"),
    ] = None
    verbose: Annotated[
        bool,
        typer.Option("-v", "--verbose", help="Print the sections of every audit, all findings and written files."),
    ] = False


def report_date(given: str | None) -> str:
    """Validate a given date, or return today's in UTC.

    :raises DDError: ``INVALID_CONFIG``, reason ``invalid_date``.
    """
    if given is None:
        return datetime.now(tz=UTC).date().isoformat()
    try:
        return date.fromisoformat(given).isoformat()
    except ValueError as error:
        ctx = {"reason": Reason.INVALID_DATE, "option": "--date", "value": given, "expected": "YYYY-MM-DD"}
        raise DDError(Err.INVALID_CONFIG, ctx) from error
