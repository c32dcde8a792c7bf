"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Final

import rich_click as click

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


class MemberType(click.Choice[Any]):
    """The members of an enumeration, by their values."""

    def normalize_choice(self, choice: object, ctx: click.Context | None) -> str:  # noqa: ARG002 (click's form)
        """Return the text that stands for a member."""
        return str(choice)


PATH: Final = click.Path(path_type=Path)
switch: Final = partial(click.option, is_flag=True)
number: Final = partial(click.option, type=click.IntRange(min=1), metavar="INTEGER")
_ROOT: Final[dict[str, Any]] = {"envvar": "DAYDREAMING_DATA_ROOT", "show_envvar": True}
DATA_ROOT: Final = click.option(
    "--data-root",
    type=local_root,
    metavar="PATH",
    default=DEFAULT_ROOT,
    help="The store: the folder that has gens/ in it.",
    **_ROOT,
)
STORE_ROOT: Final = click.option(
    "--data-root",
    metavar="PATH|URL",
    default=DEFAULT_STORE,
    help="The store: the folder that has gens/ in it, or its URL, such as s3://bucket/prefix.",
    **_ROOT,
)
OUTPUT: Final = click.option(
    "--output",
    type=PATH,
    default=DEFAULT_OUTPUT,
    help="The folder that the reports are written into; made when missing.",
)
OUTCOME: Final = click.option(
    "--output",
    type=PATH,
    default=DEFAULT_OUTPUT,
    help="The folder of the JSON report of what was or would be done; made when missing.",
)
DRY_RUN: Final = switch("--dry-run", help="Show the results, but write no file.")
SHOWN: Final = click.option(
    "--format",
    "shown",
    type=MemberType(Format),
    default=Format.TEXT.value,
    help="How to show the results: text for people, json for programs.",
)
DATE: Final = click.option(
    "--date", help="The date in the names of the reports, as YYYY-MM-DD.", show_default="today, UTC"
)
MEMBER_LIMIT: Final = number(
    "--max-members",
    default=MAX_MEMBERS,
    help="The largest number of members of a stage in a plan; a larger design is an error. The store's"
    " genaudit.toml may lower it.",
)
FAIL_ON: Final = click.option(
    "--fail-on",
    type=MemberType(FailOn),
    default=FailOn.ERROR.value,
    help="Exit with 1 when there is a finding of this severity or a worse one.",
)
_BASELINE: Final = click.option(
    "--baseline",
    type=PATH,
    help="The file of accepted findings, which do not fail the run.",
    show_default=f"{BASELINE} of the data root, if there is one",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRequest:
    """The options of a command that may change a store.

    :param output: the folder of its report.
    :param apply: whether the store is changed.
    :param dry_run: whether nothing is written at all, whatever ``apply`` is.
    """

    data_root: Annotated[Path, DATA_ROOT]
    apply: bool = False
    output: Annotated[Path, OUTCOME]
    shown: Annotated[Format, SHOWN]
    dry_run: Annotated[
        bool,
        switch("--dry-run", help="Write nothing at all, not even the report; outranks --apply and --yes."),
    ]

    @property
    def changes(self) -> bool:
        """Whether the store is changed."""
        return self.apply and not self.dry_run


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyRequest(WriteRequest):
    """The options of a command that changes a store if it is called with ``--apply``."""

    apply: Annotated[
        bool,
        switch("--apply", help="Change the store; without it, only the report is written."),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedRequest(WriteRequest):
    """The options of a command that changes a store if it is called with ``--yes``."""

    apply: Annotated[bool, switch("--yes", "apply", help="Do it; without it, only the report is written.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineRequest:
    """The store and the baseline of a command.

    :param baseline: the baseline file; ``None`` for that of the data root.
    """

    data_root: Annotated[Path, DATA_ROOT]
    baseline: Annotated[Path | None, _BASELINE]
    with_references: Annotated[
        bool,
        switch("--with-references", help="Search the data root for references too: reads every file."),
    ]
    date: Annotated[str | None, DATE]
    shown: Annotated[Format, SHOWN]


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineChangeRequest(BaselineRequest):
    """The options of a command that changes a baseline."""

    output: Annotated[Path, OUTCOME]
    dry_run: Annotated[bool, DRY_RUN]


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

    data_root: Annotated[str, STORE_ROOT]
    output: Annotated[Path, OUTPUT]
    date: Annotated[str | None, DATE]
    fail_on: Annotated[FailOn, FAIL_ON]
    baseline: Annotated[Path | None, _BASELINE]
    shown: Annotated[
        AuditFormat,
        click.option(
            "--format",
            "shown",
            type=MemberType(AuditFormat),
            metavar="FORMAT",
            default=AuditFormat.TEXT.value,
            help="How to show the results: text for people, json for programs; for CI sarif (2.1.0), junit (XML),"
            " or github (workflow commands).",
        ),
    ]
    jobs: Annotated[
        int | None,
        number(
            "--jobs",
            show_default="one per core for a large store",
            help="The number of processes that read the store; the results are the same for any number.",
        ),
    ]
    dry_run: Annotated[bool, DRY_RUN]
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
