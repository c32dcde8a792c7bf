"""The command for report pages, with its options."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from genaudit.cli.options import DEFAULT_STORE, DryRun, Format, Shown, StoreRoot
from genaudit.report_pages import page_names

REPORT_EXITS: Final = (
    "Exit codes: 0 the pages were written, with or without findings; 2 wrong usage or configuration; 3 no store"
    " there, or it cannot be read."
)
SubjectName = StrEnum("SubjectName", {name.upper(): name for name in page_names()})  # type: ignore[misc]


def report(
    *,
    data_root: StoreRoot = DEFAULT_STORE,
    output: Annotated[
        Path, typer.Option(help="The folder that the pages are written into; made when missing.")
    ] = Path("reports"),
    only: Annotated[
        list[SubjectName] | None,
        typer.Option(help="Write only the page of this subject, and an index of it; repeat for several."),
    ] = None,
    snapshot: Annotated[
        str | None,
        typer.Option(
            help="Show this saved snapshot (name, path or last) instead of the store.", show_default="the store"
        ),
    ] = None,
    date: Annotated[
        str | None, typer.Option(help="The date that the pages bear, as YYYY-MM-DD.", show_default="today, UTC")
    ] = None,
    shown: Shown = Format.TEXT,
    dry_run: DryRun = False,
) -> None:
    """Write a page for each subject, and an index with the verdict of each."""
    from genaudit.cli import report_commands  # noqa: PLC0415 (help and usage errors are fast)

    subjects = [str(name) for name in only] if only else None
    request = report_commands.ReportRequest(data_root, output, subjects, date, snapshot)
    report_commands.report(request, shown, dry_run=dry_run)
