"""Kinds of findings of a run, each with its share of the generations."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from genaudit.codes import CODES, SEVERITIES, Code
from genaudit.humanize import noun
from genaudit.store.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Kind:
    """A finding code with its number.

    :param extent: for a code that hits more than half of a stage, the generations that it hits, such as
        ``97,052 of 97,052: all evaluations``; empty for others.
    """

    code: Code
    count: int
    extent: str = ""


def kinds_of(findings: pd.DataFrame, snapshot: Snapshot) -> tuple[Kind, ...]:
    """Count the findings by code, worst severity first, then by number.

    :param findings: columns of :data:`genaudit.schemas.FINDINGS`.
    """
    counts = findings["code"].value_counts()
    single = findings.drop_duplicates(["code", "stage", "gen_id"])
    # Findings also name generations that the store does not have.
    stored = [single[(single["stage"] == stage) & single["gen_id"].isin(ids)] for stage, ids in snapshot.rows.items()]
    hit = pd.concat(stored).groupby(["code", "stage"], observed=True)["gen_id"].count()
    names: list[str] = counts.index.tolist()
    kinds = [Kind(CODES[name], int(counts[name]), _extent(hit, name, snapshot)) for name in names]
    return tuple(sorted(kinds, key=lambda kind: (SEVERITIES.index(kind.code.severity), -kind.count, kind.code.name)))


def _extent(hit: pd.Series[int], code: str, snapshot: Snapshot) -> str:
    parts = []
    for stage, span in snapshot.spans.items():
        number, total = int(hit.get((code, stage), 0)), len(span)
        if 2 * number > total:
            every = ": all" if number == total else ""
            parts.append(f"{number:,} of {total:,}{every} {noun(total, stage)}")
    return "; ".join(parts)
