"""Inventory audit: counts the generations of a store, and interprets the lengths of their ids.

A deterministic id is a number of 80 bits in base 36 without padding: about one in five is shorter than the longest.
So lengths are compared with chance, and every id is classified by recomputing it, never by length.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genaudit.audits.chi_squared import upper_tail
from genaudit.audits.missing_files import (
    AT_RISK_NOT_APPLICABLE,
    AnswersAtRisk,
    paid_answers_at_risk,
    report_missing_files,
)
from genaudit.audits.recompute import RecomputeResult, recompute
from genaudit.audits.result import AuditResult, Coverage, Findings
from genaudit.cohorts.pipeline_stages import has_pipeline_stages
from genaudit.humanize import counted
from genaudit.ids import length_probabilities
from genaudit.schemas import LENGTHS, ArtifactState, IdClass, from_rows, rows
from genaudit.stages import Stage
from genaudit.store.snapshot import Snapshot

SHORT: Final = 18
MIN_EXPECTED: Final = 5.0
MIN_SHOWN: Final = 0.05
MIN_CELLS: Final = 2
LEAST_SHOWN: Final = 0.0001
SIGNIFICANCE: Final = 0.001
# Begins the coverage of names that a store's settings leave out.
_IGNORED: Final = "left out by genaudit.toml: "


@dataclass(frozen=True, slots=True)
class LengthTest:
    """Pearson's chi-squared test of id lengths.

    :param statistic: ``None``, like the next two, if there are too few ids for two cells.
    :param impossible: number of ids with a length that chance never gives.
    """

    statistic: float | None
    degrees_of_freedom: int | None
    p_value: float | None
    impossible: int


@dataclass(frozen=True, slots=True)
class StageInventory:
    """The generations of one stage.

    :param lengths: number of ids by length in characters, longest first.
    :param expected_lengths: numbers expected by chance.
    :param short_ids: ids under 18 characters: ``gen_id``, ``length``, ``class``.
    """

    total: int
    classes: dict[IdClass, int]
    lengths: dict[str, int]
    expected_lengths: dict[str, float]
    length_test: LengthTest
    verdict: str
    short_ids: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class InventorySummary:
    """Numbers of the inventory.

    :param artifacts: by stage, the number of generations that have each artifact, and of earlier answers.
    :param paid_answers_at_risk: answers that the next run would delete.
    """

    total: int
    stages: dict[str, StageInventory]
    artifacts: dict[str, dict[str, int]]
    paid_answers_at_risk: AnswersAtRisk


InventoryResult = AuditResult[InventorySummary]


def inventory(snapshot: Snapshot, recomputed: RecomputeResult | None = None) -> InventoryResult:
    """Count generations by stage, length and class, and compare the lengths with chance.

    The frame has the columns of :data:`genaudit.schemas.LENGTHS`: ``count`` generations of each stage, length (in
    characters, without a collision suffix) and class.

    :param recomputed: an existing result of :func:`genaudit.audits.recompute.recompute`.
    :returns: findings about misplaced files and folders, and about artifacts.
    """
    mapping = (recomputed or recompute(snapshot)).frame
    lengths = base_lengths(snapshot.values("gen_id"), mapping["collision_index"])
    classes: list[str] = mapping["class"].tolist()
    table = _length_table(snapshot, lengths, classes)
    findings = Findings(snapshot.stages)
    leftovers: dict[tuple[str | None, str], list[str]] = defaultdict(list)
    for stray in rows(snapshot.strays):
        if stray.code == "SYSTEM_LEFTOVER":
            leftovers[stray.stage, stray.detail].append(stray.path)
        else:
            findings.add(stray.code, stage=stray.stage, gen_id=stray.name, path=stray.path, detail=stray.detail)
    for (stage, kind), paths in leftovers.items():
        # One line for a kind: a file manager leaves one in every folder that it ever showed.
        findings.add("SYSTEM_LEFTOVER", stage=stage, path=paths[0], detail=f"{kind}: {counted(len(paths), 'time')}")
    report_missing_files(snapshot, findings)
    summary = InventorySummary(
        total=len(mapping),
        stages={
            stage: _stage_summary(snapshot.stages[stage], table[table["stage"] == stage], short)
            for stage, short in _short_ids(snapshot, lengths, classes).items()
        },
        artifacts=_artifacts(snapshot.generations),
        paid_answers_at_risk=paid_answers_at_risk(snapshot),
    )
    return AuditResult("inventory", summary, table, findings.frame(), _coverage(snapshot), stages=snapshot.stages)


def base_lengths(names: Sequence[str], collisions: pd.Series[int]) -> NDArray[np.int64]:
    """Count the characters of each id without its collision suffix, which is independent of the number of digits."""
    lengths = np.fromiter(map(len, names), np.int64, len(names))
    return lengths - 2 * (collisions.to_numpy() > 0)


def _length_table(snapshot: Snapshot, lengths: NDArray[np.int64], classes: list[str]) -> pd.DataFrame:
    counted = Counter(zip(snapshot.values("stage"), lengths.tolist(), classes, strict=True))
    counts = [
        {"stage": stage, "length": length, "class": kind, "count": count}
        for (stage, length, kind), count in counted.items()
    ]
    return from_rows(LENGTHS, counts, snapshot.stages).sort_values(["stage", "length", "class"], ignore_index=True)


def _short_ids(snapshot: Snapshot, lengths: NDArray[np.int64], classes: list[str]) -> dict[str, list[dict[str, Any]]]:
    """List each stage's ids under 18 characters with their class; a rule of thumb would call them all legacy."""
    names = snapshot.values("gen_id")
    return {
        stage: [
            {"gen_id": names[row], "length": int(lengths[row]), "class": classes[row]}
            for row in (np.flatnonzero(lengths[span.start : span.stop] < SHORT) + span.start).tolist()
        ]
        for stage, span in snapshot.spans.items()
    }


def length_test(observed: Mapping[int, int], chances: Mapping[int, float]) -> LengthTest:
    """Compare observed lengths with chance by Pearson's chi-squared test.

    Lengths are pooled from the shortest up until at least five are expected in each cell (Cochran's rule).

    :param observed: number of ids by length.
    :param chances: probability of each possible length.
    """
    impossible = sum(count for length, count in observed.items() if length not in chances)
    total = sum(observed.values()) - impossible
    cells: list[tuple[int, float]] = []
    seen, expected = 0, 0.0
    for length in sorted(chances):
        seen, expected = seen + observed.get(length, 0), expected + chances[length] * total
        if expected >= MIN_EXPECTED:
            cells.append((seen, expected))
            seen, expected = 0, 0.0
    if len(cells) < MIN_CELLS:
        return LengthTest(None, None, None, impossible)
    # The longest length is by far the likeliest, so nothing is left over after the last cell.
    statistic = sum((seen - expected) ** 2 / expected for seen, expected in cells)
    freedom = len(cells) - 1
    p_value = upper_tail(freedom, statistic)
    return LengthTest(round(statistic, 4), freedom, float(f"{p_value:.3g}"), impossible)


def _stage_summary(stage: Stage, own: pd.DataFrame, short_ids: list[dict[str, Any]]) -> StageInventory:
    by_length = own.groupby("length")["count"].sum()
    lengths: dict[int, int] = dict(zip(by_length.index.tolist(), by_length.tolist(), strict=True))
    by_class = own.groupby("class", observed=False)["count"].sum()
    classes = {kind: int(by_class[kind]) for kind in IdClass}
    chances = length_probabilities(len(stage.prefix))
    total = sum(lengths.values())
    expected = {length: chance * total for length, chance in chances.items()}
    test = length_test(lengths, chances)
    return StageInventory(
        total=total,
        classes=classes,
        lengths={str(length): lengths[length] for length in sorted(lengths, reverse=True)},
        expected_lengths={
            str(length): round(count, 1) for length, count in reversed(expected.items()) if count >= MIN_SHOWN
        },
        length_test=test,
        verdict=_verdict(lengths, expected, classes, test),
        short_ids=short_ids,
    )


def _verdict(
    lengths: Mapping[int, int], expected: Mapping[int, float], classes: Mapping[IdClass, int], test: LengthTest
) -> str:
    total = sum(lengths.values())
    if not total:
        return "There are no generations of this stage."
    legacy = f"recomputing finds {classes[IdClass.LEGACY]:,} legacy ids"
    if test.statistic is None or test.p_value is None:
        return f"{total:,} ids are too few to compare their lengths with chance; {legacy}."
    chance = f"p = {test.p_value:.2g}" if test.p_value >= LEAST_SHOWN else f"p < {LEAST_SHOWN}"
    numbers = f"chi-squared {test.statistic:.2f}, degrees of freedom {test.degrees_of_freedom}, {chance}"
    short = sum(count for length, count in lengths.items() if length < SHORT)
    by_chance = sum(count for length, count in expected.items() if length < SHORT)
    if test.p_value >= SIGNIFICANCE and not test.impossible:
        return (
            f"The lengths agree with chance ({numbers}): {short:,} of {total:,} ids are under {SHORT} characters,"
            f" and {by_chance:,.1f} would be if every id were deterministic. Length is no evidence here; {legacy}."
        )
    excess = max(lengths, key=lambda length: lengths[length] - expected.get(length, 0.0))
    return (
        f"The lengths differ from chance ({numbers}): {lengths[excess]:,} ids have {excess} characters, and"
        f" {expected.get(excess, 0.0):,.1f} would if every id were deterministic."
        f" Length does not show which of them are legacy; {legacy}."
    )


def _artifacts(generations: pd.DataFrame) -> dict[str, dict[str, int]]:
    """Count the generations that have each artifact, by stage."""
    return {
        str(stage): {
            "prompt": int(own["has_prompt"].sum()),
            "raw": int(own["has_raw"].sum()),
            "parsed": int(own["has_parsed"].sum()),
            "raw_metadata": int((own["raw_metadata"] != ArtifactState.ABSENT).sum()),
            "parsed_metadata": int((own["parsed_metadata"] != ArtifactState.ABSENT).sum()),
            "replaced": int(own["replaced"].sum()),
        }
        for stage, own in generations.groupby("stage", observed=False)
    }


def _coverage(snapshot: Snapshot) -> Coverage:
    strays = snapshot.strays["code"].value_counts()
    unread = {"FOLDER_UNREADABLE": "folders that could not be listed", "VANISHED": "generations that went away"}
    unsupported = snapshot.source.unsupported if snapshot.source else None
    return Coverage(
        checked={"generation folders": len(snapshot.generations)},
        skipped={
            "symbolic links, never followed": int(strays.get("SYMLINK", 0)),
            **({unsupported: len(snapshot.generations)} if unsupported else {}),
            **({} if has_pipeline_stages(snapshot.stages) else {AT_RISK_NOT_APPLICABLE: len(snapshot.generations)}),
            **{f"{_IGNORED}{name}": count for name, count in snapshot.left_out.items()},
        },
        unverified={reason: int(strays.get(code, 0)) for code, reason in unread.items()},
    )
