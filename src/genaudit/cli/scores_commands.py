"""Command ``genaudit scores``: write the table of scores and its pivot, and show them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import pandas as pd

from genaudit.cli.options import Format
from genaudit.cli.terminal import log, progress_bar
from genaudit.cohorts.pipeline_stages import check_pipeline_stages
from genaudit.cohorts.service import MembershipService
from genaudit.csv_cells import to_csv
from genaudit.layout import AGGREGATED_SCORES, SCORES_PIVOT
from genaudit.render.terminal import print_lines, print_rows
from genaudit.reports import check_output, to_json
from genaudit.schemas import rows
from genaudit.scores import (
    PIVOT_INDEX,
    SUM,
    aggregate_scores,
    allowlist_for,
    generation_scores_pivot,
    judges_of,
    listed_essays,
)
from genaudit.store.snapshot import scan
from genaudit.store.write import write_atomic

_HEAD: Final = 10


def scores(root: str, cohort_id: str | None, output: Path, shown: Format, *, dry_run: bool) -> None:
    """Write the scores of a cohort, or of the whole store, and their pivot.

    :raises DDError: as :func:`~genaudit.scores.aggregate_scores`, :func:`~genaudit.scores.generation_scores_pivot`,
        :func:`~genaudit.scores.allowlist_for` and :meth:`~genaudit.cohorts.service.MembershipService.table`;
        ``INVALID_CONFIG``, reason ``output_inside_store``; ``IO_ERROR``, reason ``not_writable``.
    """
    check_output(output, root)
    with progress_bar("reading the store") as progress:
        snapshot = scan(root, progress)
    check_pipeline_stages(snapshot.stages)
    members = None if cohort_id is None else MembershipService(snapshot.root).table(cohort_id).frame
    allowed = allowlist_for(snapshot.root, cohort_id)
    gathered = aggregate_scores(snapshot, members)
    pivot = generation_scores_pivot(gathered, allowed, listed_essays(snapshot, members))
    # Both are built before the first is written: clashing names must not leave one of them behind.
    files = {output / AGGREGATED_SCORES: to_csv(gathered), output / SCORES_PIVOT: to_csv(pivot)}
    for path, data in files.items():
        if not dry_run:
            write_atomic(path, data)
        log.info("%s %s", "would write" if dry_run else "wrote", path)
    counts = _counts(gathered, pivot)
    if shown is Format.JSON:
        allowlist = {
            "source": allowed.source,
            "evaluation_templates": sorted(allowed.templates),
            "evaluation_models": sorted(allowed.models),
        }
        files_written = [str(path) for path in files]
        facts = {"cohort_id": cohort_id, "allowlist": allowlist, **counts, "files": files_written}
        sys.stdout.write(to_json(facts).decode())
    else:
        log.info("templates and models of the pivot: %s", allowed.source)
        _show_text(counts, pivot)
    if wrong := sum(counts["errors"].values()):
        log.warning(
            "evaluations without a score, or with one that no pivot can place: %d of %d", wrong, counts["evaluations"]
        )


def _counts(gathered: pd.DataFrame, pivot: pd.DataFrame) -> dict[str, Any]:
    errors = gathered["error"].value_counts().sort_index()
    return {
        "evaluations": len(gathered),
        "with_score": int(gathered["score"].count()),
        "errors": dict(zip(errors.index.tolist(), errors.tolist(), strict=True)),
        "pivot_rows": len(pivot),
    }


def _show_text(counts: dict[str, Any], pivot: pd.DataFrame) -> None:
    print_lines([f"evaluations {counts['evaluations']:,}, with score {counts['with_score']:,}"])
    if counts["errors"]:
        print_lines([""])
        print_rows(["error", "count"], counts["errors"].items())
    print_lines(["", f"rows of the pivot: {len(pivot):,}" + (f"; the first {_HEAD}" if len(pivot) > _HEAD else "")])
    columns = [*PIVOT_INDEX, *judges_of(pivot), SUM]
    head = pivot.loc[:, columns].head(_HEAD)
    if len(head):
        print_rows(columns, ([*map(_rounded, row)] for row in rows(head)))


def _rounded(value: object) -> object:
    return f"{value:.2f}" if isinstance(value, float) else value
