"""The command for report pages, with its options."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import rich_click as click

from genaudit.cli.options import DRY_RUN, PATH, SHOWN, STORE_ROOT, Format
from genaudit.report_pages import page_names

REPORT_EXITS: Final = (
    "Exit codes: 0 the pages were written, with or without findings; 2 wrong usage or configuration; 3 no store"
    " there, or it cannot be read."
)


@STORE_ROOT
@click.option(
    "--output",
    type=PATH,
    default=Path("reports"),
    help="The folder that the pages are written into; made when missing.",
)
@click.option(
    "--only",
    type=click.Choice(page_names()),
    multiple=True,
    metavar="SUBJECT",
    help=f"Write only the page of this subject ({', '.join(page_names())}), and an index of it; repeat for several.",
)
@click.option(
    "--snapshot",
    help="Show this saved snapshot (name, path or last) instead of the store.",
    show_default="the store",
)
@click.option("--date", help="The date that the pages bear, as YYYY-MM-DD.", show_default="today, UTC")
@SHOWN
@DRY_RUN
def report(
    *,
    data_root: str,
    output: Path,
    only: tuple[str, ...],
    snapshot: str | None,
    date: str | None,
    shown: Format,
    dry_run: bool,
) -> None:
    """Write a page for each subject, and an index with the verdict of each."""
    from genaudit.cli import report_commands  # noqa: PLC0415 (help and usage errors are fast)

    request = report_commands.ReportRequest(data_root, output, [*only] or None, date, snapshot)
    report_commands.report(request, shown, dry_run=dry_run)
