"""Implementation of the snapshot commands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from genaudit.cli.options import Format, report_date
from genaudit.cli.terminal import log, progress_bar
from genaudit.humanize import counted
from genaudit.render.terminal import print_lines, print_rows, wrapped
from genaudit.reports import check_output, to_json
from genaudit.snapshots.folder import check_name, find_given, list_snapshots, read, save, snapshots_folder
from genaudit.snapshots.manifest import Manifest
from genaudit.snapshots.taking import take
from genaudit.store.snapshot import scan

# Of a fingerprint, for people to compare; JSON has the whole.
_DIGITS: Final = 16


def save_snapshot(
    root: str,
    name: str | None,
    output: Path,
    date: str | None,
    shown: Format,
    *,
    with_references: bool,
    dry_run: bool,
) -> None:
    """Scan, audit and save a store.

    :raises DDError: no store there, the name is taken, or the files cannot be written.
    """
    day = report_date(date)
    name = name or day
    check_output(output, root)
    check_name(output, name)
    number = max((one.number for one in list_snapshots(output)), default=0) + 1
    with progress_bar("reading the store") as progress:
        snapshot = scan(root, progress)
    saved = take(snapshot, date=day, name=name, number=number, with_references=with_references, left_out=[output])
    path = snapshots_folder(output) / name if dry_run else save(saved, output)
    log.info("%s %s", "would write" if dry_run else "wrote", path)
    _show(saved.manifest, shown)


def list_(output: Path, shown: Format) -> None:
    """List the snapshots of an output folder.

    :raises DDError: a manifest is damaged.
    """
    found = list_snapshots(output)
    if shown is Format.JSON:
        sys.stdout.write(to_json([one.to_dict() for one in found]).decode())
        return
    rows = [
        [one.name, one.date, sum(one.generations.values()), sum(one.findings.values()), one.fingerprint[:_DIGITS]]
        for one in found
    ]
    print_rows(["name", "date", "generations", "findings", "fingerprint"], rows)
    print_lines([counted(len(found), "snapshot")])


def show(output: Path, name: str, shown: Format) -> None:
    """Check a snapshot and print its manifest.

    :raises DDError: there is no such snapshot, or it is damaged.
    """
    _show(read(find_given(output, name)).manifest, shown)


def _show(manifest: Manifest, shown: Format) -> None:
    if shown is Format.JSON:
        sys.stdout.write(to_json(manifest.to_dict()).decode())
        return
    facts: dict[str, Any] = {
        "snapshot": manifest.name,
        "date": manifest.date,
        "data root": manifest.data_root,
        "fingerprint": manifest.fingerprint[:_DIGITS],
        "genaudit": manifest.genaudit_version,
        "flags": ", ".join(f"{name}={value or ''}" for name, value in manifest.flags.items()),
        "audits": ", ".join(manifest.audits),
        "generations": ", ".join(f"{count:,} {stage}" for stage, count in manifest.generations.items()),
        "findings": ", ".join(f"{count:,} {severity}" for severity, count in manifest.findings.items()) or "none",
        "files": ", ".join(manifest.files),
    }
    for name, value in facts.items():
        print_lines(wrapped(str(value), f"{name}: "))
