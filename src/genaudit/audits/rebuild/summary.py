"""Summary of a rebuild as plain values for JSON, with a verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from genaudit.audits.rebuild.advice import Advice
from genaudit.audits.rebuild.choice import Choice
from genaudit.audits.rebuild.costs import Costs
from genaudit.audits.rebuild.counterfactuals import directives
from genaudit.audits.rebuild.modes import CURATED, ModePlan
from genaudit.decisions import Decision
from genaudit.errors import DDError
from genaudit.schemas import rows

MOST_NAMED: Final = 10


Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class RebuildSummary:
    """Numbers of a rebuild; long tables are truncated, with their full length.

    :param settings: options of the plans.
    :param modes: directives and warnings by mode.
    :param failed_modes: the planning error by mode.
    :param replicate_rules_differ: number of differences between two rules for new replicates, by mode.
    :param findings_are_about: the modes that findings are reported for.
    """

    verdict: str
    selection: dict[str, Any]
    settings: dict[str, Any]
    modes: dict[str, dict[str, Any]]
    failed_modes: dict[str, dict[str, Any]]
    comparison: Rows
    causes: Rows
    kept: Rows
    costs: Rows
    cost_coverage: dict[str, Any]
    unavoidable: Rows
    blast_radius: dict[str, Any]
    recommendations: Rows
    replicate_rules_differ: dict[str, int]
    findings_are_about: list[str]


@dataclass(frozen=True, slots=True)
class RebuildProblem:
    """The error that prevented every plan."""

    problem: dict[str, Any]


def summarise(
    *,
    choice: Choice,
    settings: Mapping[str, Any],
    plans: Sequence[ModePlan],
    failed: Mapping[str, DDError],
    costs: Costs,
    tables: Mapping[str, pd.DataFrame],
    advice: Sequence[Advice],
    differing: Mapping[str, int],
    asked: list[str],
) -> RebuildSummary:
    """Summarise the results of all modes.

    :param differing: as ``replicate_rules_differ`` of :class:`RebuildSummary`; ``asked`` as ``findings_are_about``.
    """
    return RebuildSummary(
        verdict=verdict(choice, tables["comparison"]),
        selection=_selection(choice),
        settings=dict(settings),
        modes={one.mode: _mode(one, choice) for one in plans},
        failed_modes={mode: {"code": str(error.code), **error.ctx} for mode, error in failed.items()},
        comparison=records(tables["comparison"]),
        causes=records(tables["causes"]),
        kept=records(tables["kept"]),
        costs=records(tables["costs"]),
        cost_coverage={
            "kinds_of_calls": len(costs.asked),
            "kinds_of_unknown_cost": sum(kind not in costs.known for kind in costs.asked),
            "reports_with_usage": costs.read,
            "reports_without": dict(costs.unusable),
            "priced": costs.prices is not None,
        },
        unavoidable=records(tables["unavoidable"]),
        blast_radius={"generations": len(tables["blast"]), "largest": records(tables["blast"].head(MOST_NAMED))},
        recommendations=[one.plain() for one in advice],
        replicate_rules_differ=dict(differing),
        findings_are_about=asked,
    )


def records(table: pd.DataFrame) -> Rows:
    """Convert a frame to mappings, with ``None`` for missing values."""
    return [row._asdict() for row in rows(table)]


def verdict(choice: Choice, comparison: pd.DataFrame) -> str:
    """Describe in a sentence how the choice of mode affects the number of calls."""
    if not choice.ids and not len(comparison):
        return "There is no selection and no legacy essay to rebuild."
    calls = comparison.groupby("mode", sort=False)[str(Decision.CALL)].sum()
    if calls.empty:
        return "No mode was tried."
    least, most = int(calls.min()), int(calls.max())
    subject = f"Rebuilding {len(choice.ids):,} selected {choice.stage}{'' if len(choice.ids) == 1 else 's'}"
    if least == most:
        return f"{subject} takes as many model calls in every mode that was tried: {most:,}."
    return f"{subject} takes from {least:,} ({calls.idxmin()}) to {most:,} model calls ({calls.idxmax()})."


def _selection(choice: Choice) -> dict[str, Any]:
    return {
        "stage": choice.stage,
        "how": choice.how,
        "source": choice.source,
        "selected": len(choice.ids),
        "first": list(choice.ids[:MOST_NAMED]),
        "repeated": len(choice.repeated),
        "chosen_from": choice.population,
        "seed": choice.seed,
        "left_out": dict(choice.left_out),
        "mode": choice.mode.value if choice.mode else None,
        "skip_existing": choice.skip_existing,
        "reuse": list(choice.reuse),
    }


def _mode(plan: ModePlan, choice: Choice) -> dict[str, Any]:
    warnings = Counter(str(warning["warning"]) for warning in plan.warnings)
    is_curated = plan.mode in CURATED[choice.stage]
    return {
        "directives": directives(plan.mode) if is_curated else [],
        "warnings": dict(sorted(warnings.items())),
        "first_warnings": [dict(warning) for warning in plan.warnings[:MOST_NAMED]],
    }
