"""The scores that evaluations gave: one row for each, and the pivot that compares what was generated.

The record of a generation says what it is made of; where a record lacks a field or cannot be read, the manifest or
the wide membership that lists the generation fills the gap. So a cohort's scores do not depend on the form in which
its membership is kept.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pandas as pd

from genaudit.cohorts.places import open_below
from genaudit.errors import DDError, Err
from genaudit.ids import normal_text
from genaudit.layout import GENS, PARSED, RAW_METADATA, is_safe_name
from genaudit.schemas import SCORES, RecordState, from_rows, rows
from genaudit.stages import PARENT, STAGES
from genaudit.store.records import UnreadableError
from genaudit.store.texts import read_report, read_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from genaudit.store.snapshot import Snapshot

LOWEST: Final = 0.0
HIGHEST: Final = 9.0
PIVOT_INDEX: Final = ("combo_id", "draft_template", "generation_template", "generation_model")
SUM: Final = "sum_scores"

_JUDGED_BY: Final = ("evaluation_llm_model", "evaluation_template")
# What a column of the pivot is called behind `<model>_<template>`, and what it takes from the scores.
_STATISTICS: Final = {"": "mean", "_min": "min", "_max": "max", "_n": "count"}
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NOT_FINITE: Final = re.compile(r"[+-]?(?:nan|inf(?:inity)?)", re.IGNORECASE)


class ScoreError(StrEnum):
    """Why an evaluation has no score, or has one that no pivot can place."""

    NOT_IN_STORE = "not_in_store"
    PARSED_MISSING = "parsed_missing"
    PARSED_UNREADABLE = "parsed_unreadable"
    PARSED_TOO_LARGE = "parsed_too_large"
    PARSED_NOT_UTF8 = "parsed_not_utf8"
    PARSED_BLANK = "parsed_blank"
    SCORE_NOT_A_NUMBER = "score_not_a_number"
    SCORE_NOT_FINITE = "score_not_finite"
    SCORE_OUT_OF_RANGE = "score_out_of_range"
    CHAIN_INCOMPLETE = "chain_incomplete"


_READING: Final = {
    RecordState.UNREADABLE: ScoreError.PARSED_UNREADABLE,
    RecordState.TOO_LARGE: ScoreError.PARSED_TOO_LARGE,
    RecordState.NOT_UTF8: ScoreError.PARSED_NOT_UTF8,
}


def score_of(text: str) -> float | ScoreError:
    r"""Read the score that a ``parsed.txt`` ends with: its last line, blank ones below it left aside.

    :param text: the whole text.
    :returns: a number from 0 to 9, or why there is none.

    >>> score_of("Well argued.\n\n7.5\n"), str(score_of("SCORE: 7"))
    (7.5, 'score_not_a_number')
    """
    last = text.strip().replace("\r", "\n").rpartition("\n")[2].strip()
    if not last:
        return ScoreError.PARSED_BLANK
    if _NOT_FINITE.fullmatch(last):
        return ScoreError.SCORE_NOT_FINITE
    if not _NUMBER.fullmatch(last):
        return ScoreError.SCORE_NOT_A_NUMBER
    # The sum turns a negative zero into zero.
    score = float(last) + 0.0
    if not math.isfinite(score):
        return ScoreError.SCORE_NOT_FINITE
    return score if LOWEST <= score <= HIGHEST else ScoreError.SCORE_OUT_OF_RANGE


def aggregate_scores(snapshot: Snapshot, members: pd.DataFrame | None = None) -> pd.DataFrame:
    """Gather the score of every evaluation with what was evaluated.

    Templates, models and combos are in the form in which ids are compared: stripped and lower-cased.
    ``generation_template`` is the essay's, and so is ``generation_model``, its draft's where the essay names none.
    ``input_mode`` and ``copied_from`` stand in the *essay's* ``raw_metadata.json``: they say where the text that was
    scored came from, while an evaluation is always a model's answer to a prompt.

    :param members: a membership, columns of :data:`genaudit.cohorts.membership.MEMBERSHIP`: its evaluations are
        scored, in its order, those that are not in the store too; without one, all that the store holds, by id.
    :returns: columns of :data:`genaudit.schemas.SCORES`, paths relative to the data root. ``error``, one of
        :class:`ScoreError`, says why there is no ``score``; ``chain_incomplete`` stands beside a good one when a
        template, model or combo is missing on the way up to the draft.
    :raises DDError: the store changed since it was scanned: ``DATA_MISSING``, reason ``no_such_root`` or
        ``no_store``; ``INVALID_CONFIG``, reason ``unsafe_path``; ``IO_ERROR``, reason ``not_readable``.
    """
    known = _Known(snapshot, members)
    if members is None:
        evaluations = list(snapshot.rows["evaluation"])
    else:
        evaluations = members.loc[members["stage"] == "evaluation", "gen_id"].tolist()
    try:
        with open_below(snapshot.root, GENS) as gens:
            return from_rows(SCORES, list(_score_rows(known, gens, evaluations)))
    except FileNotFoundError as error:
        ctx = {"reason": "no_store", "path": str(snapshot.root), "expected": GENS}
        raise DDError(Err.DATA_MISSING, ctx) from error


def generation_scores_pivot(scores: pd.DataFrame, active_templates: Iterable[str]) -> pd.DataFrame:
    """Lay scores out for comparison: a row for each way in which essays were made.

    :param scores: as :func:`aggregate_scores` returns them; what names a row or a column must be there, so rows with
        ``chain_incomplete`` are left out, and those without a score count as none.
    :param active_templates: the evaluation templates that appear.
    :returns: the columns of :data:`PIVOT_INDEX`, by which it is sorted; for each judge and template, sorted,
        ``<model>_<template>`` with the mean of its scores (missing where there is none), then the same with ``_min``,
        ``_max`` and ``_n``, the number of scores; ``sum_scores``, the sum of the means that are there.
    :raises DDError: ``INVALID_CONFIG``, reason ``pivot_columns_clash``: models and templates whose names give one
        column name, under ``columns``.
    """
    active = {normal_text(template) for template in active_templates}
    placed = scores[scores["evaluation_template"].isin(active)]
    placed = placed.dropna(subset=[*PIVOT_INDEX, *_JUDGED_BY]).sort_values("gen_id", kind="stable")
    names = _column_names(placed)
    index = pd.MultiIndex.from_frame(placed[[*PIVOT_INDEX]].drop_duplicates().sort_values([*PIVOT_INDEX]))
    columns: dict[str, pd.Series[Any]] = {}
    for (model, template), name in names.items():
        judged = placed[(placed["evaluation_llm_model"] == model) & (placed["evaluation_template"] == template)]
        cells = judged.groupby([*PIVOT_INDEX])["score"].agg([*_STATISTICS.values()]).reindex(index)
        cells["count"] = cells["count"].fillna(0).astype("int64")
        columns |= {name + suffix: cells[statistic] for suffix, statistic in _STATISTICS.items()}
    table = pd.DataFrame(columns, index=index)
    table[SUM] = table[[*names.values()]].sum(axis=1, min_count=1).astype("float64")
    return table.reset_index()


def _column_names(placed: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Name the columns of means; two pairs whose names run into one another could not be told apart."""
    pairs = sorted(set(placed[[*_JUDGED_BY]].itertuples(index=False, name=None)))
    names = {pair: "_".join(pair) for pair in pairs}
    counts = Counter([*PIVOT_INDEX, SUM, *(name + suffix for name in names.values() for suffix in _STATISTICS)])
    if clashing := sorted(name for name, count in counts.items() if count > 1):
        ctx = {"reason": "pivot_columns_clash", "columns": clashing, "pairs": [list(pair) for pair in pairs]}
        raise DDError(Err.INVALID_CONFIG, ctx)
    return names


class _Facts(NamedTuple):
    """What is known of a generation."""

    template: str | None
    model: str | None
    combo: str | None
    parent: str | None
    origin: str | None


class _Known:
    """Looks generations up: in their records first, and in the membership for what these don't say."""

    def __init__(self, snapshot: Snapshot, members: pd.DataFrame | None) -> None:
        self.stored = snapshot.rows
        self._snapshot = snapshot
        self._told: Mapping[tuple[str, str], Any] = (
            {} if members is None else {(row.stage, row.gen_id): row for row in rows(members)}
        )

    def facts(self, stage: str, gen_id: str) -> _Facts:
        row, told = self.stored[stage].get(gen_id), self._told.get((stage, gen_id))

        def find(field: str) -> str | None:
            own = None
            if row is not None and field not in STAGES[stage].extraneous:
                own = self._snapshot.values(field)[row]
            return own or getattr(told, field, None)

        template, model, combo, parent = map(
            normal_text, map(find, ("template_id", "llm_model_id", "combo_id", PARENT))
        )
        return _Facts(template, model, combo, parent, find("origin_cohort_id"))


def _score_rows(known: _Known, gens: int, evaluations: Sequence[str]) -> Iterator[dict[str, Any]]:
    @cache
    def above(essay_id: str | None) -> dict[str, str | None]:
        return _generated(known, gens, essay_id)

    for gen_id in evaluations:
        own = known.facts("evaluation", gen_id)
        row = above(own.parent)
        row = {
            **row,
            "gen_id": gen_id,
            "parent_gen_id": own.parent,
            "evaluation_template": own.template,
            "evaluation_llm_model": own.model,
            # Wide memberships of old repeat a draft's combo on the rows below it.
            "combo_id": row["combo_id"] or own.combo,
            "origin_cohort_id": own.origin,
            "evaluation_parsed_path": _parsed_path("evaluation", gen_id),
        }
        found = _read_score(gens, gen_id) if gen_id in known.stored["evaluation"] else ScoreError.NOT_IN_STORE
        score, error = (None, found) if isinstance(found, ScoreError) else (found, None)
        if error is None and not all(row[name] for name in (*PIVOT_INDEX, *_JUDGED_BY)):
            error = ScoreError.CHAIN_INCOMPLETE
        yield {**row, "score": score, "error": error and error.value}


def _generated(known: _Known, gens: int, essay_id: str | None) -> dict[str, str | None]:
    """Say of an essay how it was made, and from which draft."""
    essay = known.facts("essay", essay_id or "")
    draft = known.facts("draft", essay.parent or "")
    report = _raw_report(gens, essay_id) if essay_id in known.stored["essay"] else {}
    return {
        "combo_id": draft.combo or essay.combo,
        "draft_template": draft.template,
        "generation_template": essay.template,
        "generation_model": essay.model or draft.model,
        "input_mode": _text(report.get("input_mode")),
        "copied_from": _text(report.get("copied_from")),
        "essay_parsed_path": _parsed_path("essay", essay_id),
    }


def _text(value: object) -> str | None:
    return (value.strip() or None) if isinstance(value, str) else None


def _parsed_path(stage: str, gen_id: str | None) -> str | None:
    return f"{GENS}/{stage}/{gen_id}/{PARSED}" if gen_id and is_safe_name(gen_id) else None


def _raw_report(gens: int, essay_id: str | None) -> dict[str, Any]:
    """Read how an essay's text came about; empty when that cannot be read, which the inventory reports."""
    try:
        return read_report(gens, ("essay", essay_id, RAW_METADATA)) if essay_id and is_safe_name(essay_id) else {}
    except (FileNotFoundError, UnreadableError):
        return {}


def _read_score(gens: int, gen_id: str) -> float | ScoreError:
    if not is_safe_name(gen_id):
        return ScoreError.PARSED_UNREADABLE
    try:
        return score_of(read_text(gens, ("evaluation", gen_id, PARSED)))
    except FileNotFoundError:
        return ScoreError.PARSED_MISSING
    except UnreadableError as error:
        return _READING[error.state]
