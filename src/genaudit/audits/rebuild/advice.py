"""Recommended directives for a selection, derived from the results of the modes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import pandas as pd

from genaudit.audits.rebuild.choice import Choice
from genaudit.audits.rebuild.comparison import ALL
from genaudit.audits.rebuild.counterfactuals import directives
from genaudit.audits.rebuild.modes import CURATED, EXISTING
from genaudit.decisions import Decision

BACKFILL: Final = "backfill only missing evaluations"
RERUN: Final = "re-run everything"
REUSE_ALL: Final = "reuse whatever exists at every stage"


@dataclass(frozen=True, slots=True)
class Advice:
    """A recommendation.

    :param purpose: the user's goal.
    :param mode: the mode that reaches it; ``None`` if no planned mode does.
    :param directives: the lines for the top of the selection.
    :param reason: the explanation, with the numbers behind it.
    """

    purpose: str
    mode: str | None
    directives: tuple[str, ...]
    calls: int | None
    tokens: float | None
    reason: str

    def plain(self) -> dict[str, Any]:
        """Convert the recommendation to plain values."""
        return asdict(self)


def advise(choice: Choice, comparison: pd.DataFrame, kept: pd.DataFrame, saved: Mapping[str, int]) -> list[Advice]:
    """Derive recommendations from the results of the modes.

    :param comparison: columns of :data:`genaudit.audits.rebuild.frames.COMPARISON`.
    :param kept: columns of :data:`genaudit.audits.rebuild.frames.KEPT`.
    :param saved: calls of each mode that another mode replaces by a stored generation.
    """
    modes = [mode for mode in comparison["mode"].drop_duplicates().tolist() if mode in CURATED[choice.stage]]
    if not choice.ids or not modes:
        return []
    totals = comparison.groupby("mode", sort=False)[[str(Decision.CALL)]].sum()[str(Decision.CALL)]
    calls = {mode: int(totals[mode]) for mode in modes}
    tokens = {mode: _tokens(comparison, mode) for mode in modes}
    rerun = _rerun(choice, modes, kept, calls, tokens)
    # A full rerun is meant to be paid for.
    others = [mode for mode in modes if mode != rerun.mode]
    return [_backfill(choice, modes, kept, calls, tokens), rerun, *_reuse_all(others, calls, tokens, saved)]


def _tokens(comparison: pd.DataFrame, mode: str) -> float | None:
    """Return the tokens of a mode; ``None`` if those of any call are unknown."""
    rows = comparison[comparison["mode"] == mode]
    if rows["calls_of_unknown_cost"].sum():
        return None
    return float(rows["prompt_tokens"].sum() + rows["completion_tokens"].sum())


def _backfill(
    choice: Choice,
    modes: list[str],
    kept: pd.DataFrame,
    calls: Mapping[str, int],
    tokens: Mapping[str, float | None],
) -> Advice:
    """Recommend the mode with the fewest calls among those that keep every essay."""
    essays = kept[kept["stage"] == "essay"]
    keeping = [
        mode
        for mode in modes
        if len(essays[essays["mode"] == mode]) and (essays.loc[essays["mode"] == mode, "verdict"] == ALL).all()
    ]
    if not keeping:
        reason = f"No mode that was tried keeps the essays of these {choice.stage}s: all evaluations would be new."
        return Advice(BACKFILL, None, (), None, None, reason)
    best = min(keeping, key=lambda mode: calls[mode])
    others = ", ".join(f"{mode} {calls[mode]:,}" for mode in modes if mode != best)
    reason = f"Of the modes that keep every selected essay, {best} makes the fewest model calls: {calls[best]:,}"
    reason += f" (the others: {others})." if others else "."
    return Advice(BACKFILL, best, tuple(directives(best)), calls[best], tokens[best], reason)


def _rerun(
    choice: Choice,
    modes: list[str],
    kept: pd.DataFrame,
    calls: Mapping[str, int],
    tokens: Mapping[str, float | None],
) -> Advice:
    """Recommend the mode that keeps the fewest stored generations."""
    used = kept.groupby("mode", sort=False)["kept"].sum()
    best = min(modes, key=lambda mode: (int(used.get(mode, 0)), -calls[mode]))
    left = int(used.get(best, 0))
    keeps = f"keeps {left:,} of the stored generations" if left else "keeps none of the stored generations"
    reason = f"{best} {keeps} behind the {len(choice.ids):,} selected ids and makes {calls[best]:,} model calls."
    return Advice(RERUN, best, tuple(directives(best)), calls[best], tokens[best], reason)


def _reuse_all(
    modes: list[str],
    calls: Mapping[str, int],
    tokens: Mapping[str, float | None],
    saved: Mapping[str, int],
) -> list[Advice]:
    """Recommend ``# reuse: existing`` for the mode with the most calls that another mode saves."""
    paying = [mode for mode in modes if saved.get(mode) and f"{mode}{EXISTING}" in CURATED["essay"]]
    if not paying:
        return []
    worst = max(paying, key=lambda mode: saved[mode])
    best = f"{worst}{EXISTING}"
    lines = tuple(directives(best))
    reason = (
        f"{worst} makes {calls[worst]:,} model calls, {saved[worst]:,} of them where another mode reuses a stored"
        f" generation. With {lines[-1]} it"
    )
    if best not in calls:
        return [
            Advice(REUSE_ALL, None, lines, None, None, f"{reason} reuses these; try --modes {best} for the number.")
        ]
    return [Advice(REUSE_ALL, best, lines, calls[best], tokens[best], f"{reason} makes {calls[best]:,}.")]


def selection_text(choice: Choice, advice: Advice, date: str) -> str:
    """Write a selection file that carries out a recommendation.

    :param advice: a recommendation with a mode.
    """
    lines = [
        *advice.directives,
        f"# To {advice.purpose}: {len(choice.ids):,} {choice.stage}s.",
        f"# Model calls planned on {date}: {advice.calls or 0:,}.",
        "",
        *choice.ids,
    ]
    return "\n".join(lines) + "\n"
