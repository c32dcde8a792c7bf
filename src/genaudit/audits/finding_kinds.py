"""Kinds of findings of a run, each with its share of the generations."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from genaudit.codes import CODES, SEVERITIES, Code
from genaudit.humanize import counted, noun
from genaudit.store.snapshot import Snapshot

# Where a row for many findings keeps a value that all of them share.
_SHARED: Final = ("audit", "severity", "field", "expected", "actual", "fix", "accepted", "reason")


@dataclass(frozen=True, slots=True)
class Kind:
    """A finding code with its number.

    :param extent: for a code that hits more than half of a stage, the generations that it hits, such as
        ``97,052 of 97,052: all evaluations``; empty for others.
    """

    code: Code
    count: int
    extent: str = ""

    def with_extent(self, sentence: str) -> str:
        """Add how far the code extends to a sentence about it."""
        return ". ".join(filter(None, [sentence.rstrip("."), self.extent]))


def kinds_of(findings: pd.DataFrame, snapshot: Snapshot) -> tuple[Kind, ...]:
    """Count the findings by code, worst severity first, then by number.

    :param findings: columns of :data:`genaudit.schemas.FINDINGS`.
    """
    counts = findings["code"].value_counts()
    extents: dict[str, list[str]] = {}
    for (code, _), (extent, _) in _widespread(findings, snapshot.rows).items():
        extents.setdefault(code, []).append(extent)
    names: list[str] = counts.index.tolist()
    kinds = [Kind(CODES[name], int(counts[name]), "; ".join(extents.get(name, ()))) for name in names]
    return tuple(sorted(kinds, key=lambda kind: (SEVERITIES.index(kind.code.severity), -kind.count, kind.code.name)))


def condensed(findings: pd.DataFrame, ids: Mapping[str, Collection[str]]) -> pd.DataFrame:
    """Replace the findings of a code that hits more than half of a stage by one row, for a screen.

    The row stands in place of the first, keeps the values that all of them share, and has the extent and an example
    as its detail. Findings about generations that the store does not have keep their rows.

    :param findings: columns of :data:`genaudit.schemas.FINDINGS`, perhaps more.
    :param ids: the generations of each stage, such as ``snapshot.rows``.
    :returns: the same columns.
    """
    table = findings.reset_index(drop=True)
    left_out: list[int] = []
    for (_, stage), (extent, places) in _widespread(table, ids).items():
        for group in _groups(table, places):
            if len(group) > 1:
                table.loc[group[0]] = pd.Series(_line(table.loc[group], extent, stage), dtype=object)
                left_out += group[1:]
    return table.drop(index=left_out).reset_index(drop=True)


def _groups(table: pd.DataFrame, places: list[int]) -> Iterator[list[int]]:
    """Keep accepted findings apart from others, if there is a baseline."""
    if "accepted" not in table:
        yield places
        return
    for _, part in table.loc[places].groupby("accepted", sort=False):
        yield part.index.tolist()


def _line(rows: pd.DataFrame, extent: str, stage: str) -> dict[str, Any]:
    first = rows.iloc[0]
    shared = [name for name in rows if name in _SHARED and len(rows[name].drop_duplicates()) == 1]
    findings = f" ({counted(len(rows), 'finding')})" if rows["gen_id"].duplicated().any() else ""
    detail = f"{extent}{findings}, the first {first['gen_id']}"
    kept = {name: first[name] for name in (*shared, "code")}
    return {**dict.fromkeys(rows.columns), **kept, "stage": stage, "detail": detail}


def _widespread(
    findings: pd.DataFrame, by_stage: Mapping[str, Collection[str]]
) -> Mapping[tuple[str, str], tuple[str, list[int]]]:
    """Find the codes that hit more than half of a stage, stage by stage.

    :returns: by code and stage, the extent in words and the positions of the findings.
    """
    found: dict[tuple[str, str], tuple[str, list[int]]] = {}
    table = findings[["code", "stage", "gen_id"]].reset_index(drop=True)
    for stage, ids in by_stage.items():
        hit = table[table["stage"] == stage]
        if 2 * len(hit) > len(ids):
            # Findings also name generations that the store does not have.
            hit = hit[hit["gen_id"].isin(ids)]
        if 2 * len(hit) <= len(ids):
            continue
        for code, own in hit.groupby("code", sort=False, observed=True):
            number, total = own["gen_id"].nunique(), len(ids)
            if 2 * number > total:
                every = ": all" if number == total else ""
                found[str(code), stage] = (
                    f"{number:,} of {total:,}{every} {noun(total, stage)}",
                    own.index.tolist(),
                )
    return found


def worded(finding: Mapping[str, Any]) -> Iterator[str]:
    """Word a finding: the value found and the one expected, then its detail.

    >>> [*worded({"expected": "draft", "actual": "essay", "detail": None})]
    ['essay instead of draft']
    """
    expected, actual = finding["expected"], finding["actual"]
    if actual is not None:
        yield actual if expected is None else f"{actual} instead of {expected}"
    elif expected is not None:
        yield f"expected {expected}"
    if finding["detail"]:
        yield finding["detail"]
