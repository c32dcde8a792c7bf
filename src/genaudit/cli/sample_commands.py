"""Implementation of the sample command."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from genaudit.cli.options import Format
from genaudit.cli.outcome import write_outcome
from genaudit.cli.terminal import log, progress_bar
from genaudit.reports import to_json
from genaudit.sample import FAULTS, SampleOptions, parse_faults, write_sample
from genaudit.sample.write import check_target


def make_sample(path: Path, options: Mapping[str, Any], output: Path | None, shown: Format, *, dry_run: bool) -> None:
    """Write a sample store and show its key figures.

    :param output: the folder for a report of the planted findings; ``None`` writes none.
    :raises DDError: an option is out of range, or the folder is not empty.
    """
    chosen = SampleOptions(**{**options, "faults": parse_faults(options["faults"])})
    if dry_run:
        check_target(path)
        log.info("would write a store to %s", path)
        if output:
            write_outcome(output, f"sample_{path.name}", {}, dry_run=True)
        if shown is Format.JSON:
            sys.stdout.write(to_json({"path": str(path), "drafts": chosen.drafts, "seed": chosen.seed}).decode())
        else:
            sys.stdout.write(f"{path}: {chosen.drafts:,} drafts, with their essays and evaluations\n")
        return
    with progress_bar("writing the store") as progress:
        written = write_sample(path, chosen, progress)
    facts = {
        "path": str(written.path),
        "generations": dict(written.generations),
        "legacy": dict(written.legacy),
        "planted": len(written.planted),
    }
    if output:
        findings = [each._asdict() for each in written.planted]
        write_outcome(output, f"sample_{path.name}", {**facts, "findings": findings}, dry_run=False)
    total, legacy = sum(written.generations.values()), sum(written.legacy.values())
    if shown is Format.JSON:
        sys.stdout.write(to_json(facts).decode())
    else:
        line = f"{total:,} generations, {legacy:,} of them with a legacy id, {len(written.planted)} planted findings"
        hidden = sum(not FAULTS[each.code].seen_by_root for each in written.planted) if os.geteuid() == 0 else 0
        sys.stdout.write(f"{written.path}: {line}{f', {hidden} of them hidden from root' if hidden else ''}\n")
