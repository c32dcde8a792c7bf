"""What to write into a selection: recommendations that follow from what the modes did when they were tried."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from genaudit.audits.rebuild.comparison import ALL
from genaudit.audits.rebuild.instead import directives
from genaudit.audits.rebuild.modes import CURATED, EXISTING
from genaudit.decisions import Decision

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from genaudit.audits.rebuild.choice import Choice

BACKFILL: Final = "backfill only missing evaluations"
RERUN: Final = "re-run everything"
REUSE_ALL: Final = "reuse whatever exists at every stage"


@dataclass(frozen=True, slots=True)
class Advice:
    """A recommendation.

    :param purpose: what somebody wants.
    :param mode: the mode that does it; ``None`` when none of those that were tried does.
    :param directives: the lines to write at the top of the selection.
    :param says: why, with the numbers that it follows from.
    """

    purpose: str
    mode: str | None
    directives: tuple[str, ...]
    calls: int | None
    tokens: float | None
    says: str

    def plain(self) -> dict[str, Any]:
        """The recommendation as plain values."""
        return asdict(self)


def advise(choice: Choice, comparison: pd.DataFrame, kept: pd.DataFrame, saved: Mapping[str, int]) -> list[Advice]:
    """Derive recommendations from what was tried.

    :param comparison: columns of :data:`genaudit.audits.rebuild.tables.COMPARISON`.
    :param kept: columns of :data:`genaudit.audits.rebuild.tables.KEPT`.
    :param saved: by mode, its calls in whose place another mode reuses a stored generation.
    """
    modes = [mode for mode in comparison["mode"].drop_duplicates().tolist() if mode in CURATED[choice.stage]]
    if not choice.ids or not modes:
        return []
    totals = comparison.groupby("mode", sort=False)[[str(Decision.CALL)]].sum()[str(Decision.CALL)]
    calls = {mode: int(totals[mode]) for mode in modes}
    tokens = {mode: _tokens(comparison, mode) for mode in modes}
    rerun = _rerun(choice, modes, kept, calls, tokens)
    # Who runs everything again means to pay for it.
    others = [mode for mode in modes if mode != rerun.mode]
    return [_backfill(choice, modes, kept, calls, tokens), rerun, *_reuse_all(others, calls, tokens, saved)]


def _tokens(comparison: pd.DataFrame, mode: str) -> float | None:
    """All tokens of a mode; ``None`` as soon as those of one call are not known."""
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
    """Choose, among the modes that keep every essay, the one with the fewest calls."""
    essays = kept[kept["stage"] == "essay"]
    keeping = [
        mode
        for mode in modes
        if len(essays[essays["mode"] == mode]) and (essays.loc[essays["mode"] == mode, "verdict"] == ALL).all()
    ]
    if not keeping:
        says = f"No mode that was tried keeps the essays of these {choice.stage}s: all evaluations would be new."
        return Advice(BACKFILL, None, (), None, None, says)
    best = min(keeping, key=lambda mode: calls[mode])
    others = ", ".join(f"{mode} {calls[mode]:,}" for mode in modes if mode != best)
    says = f"Of the modes that keep every selected essay, {best} makes the fewest model calls: {calls[best]:,}"
    says += f" (the others: {others})." if others else "."
    return Advice(BACKFILL, best, tuple(directives(best)), calls[best], tokens[best], says)


def _rerun(
    choice: Choice,
    modes: list[str],
    kept: pd.DataFrame,
    calls: Mapping[str, int],
    tokens: Mapping[str, float | None],
) -> Advice:
    """Choose the mode that keeps the least of what is stored."""
    used = kept.groupby("mode", sort=False)["kept"].sum()
    best = min(modes, key=lambda mode: (int(used.get(mode, 0)), -calls[mode]))
    left = int(used.get(best, 0))
    keeps = f"keeps {left:,} of the stored generations" if left else "keeps none of the stored generations"
    says = f"{best} {keeps} behind the {len(choice.ids):,} selected ids and makes {calls[best]:,} model calls."
    return Advice(RERUN, best, tuple(directives(best)), calls[best], tokens[best], says)


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
    says = (
        f"{worst} makes {calls[worst]:,} model calls, {saved[worst]:,} of them where another mode reuses a stored"
        f" generation. With {lines[-1]} it"
    )
    if best not in calls:
        return [
            Advice(REUSE_ALL, None, lines, None, None, f"{says} reuses these; try --modes {best} for the number.")
        ]
    return [Advice(REUSE_ALL, best, lines, calls[best], tokens[best], f"{says} makes {calls[best]:,}.")]


def selection_text(choice: Choice, advice: Advice, date: str) -> str:
    """Write a selection file that carries out a recommendation.

    :param advice: with a mode.
    """
    lines = [
        *advice.directives,
        f"# To {advice.purpose}: {len(choice.ids):,} {choice.stage}s.",
        f"# Model calls planned on {date}: {advice.calls or 0:,}.",
        "",
        *choice.ids,
    ]
    return "\n".join(lines) + "\n"
