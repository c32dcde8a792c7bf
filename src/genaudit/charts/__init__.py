"""Charts: functions from an audit's frame to an Altair chart, for notebooks and pages.

Altair is imported with the first chart, so commands without charts do not wait for it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

MODULES: Final = {
    "MOST_DRAWN": "chains",
    "broken_chains": "chains",
    "before_and_after": "migration",
    "brushable": "interactive",
    "causes": "counts",
    "changes": "diff",
    "classes": "counts",
    "clickable": "interactive",
    "completeness": "fields",
    "exclusions": "migration",
    "findings_by_code": "counts",
    "lineage": "lineage_graph",
    "lengths": "id_lengths",
    "link_states": "counts",
    "planned_renames": "migration",
    "prompt_states": "content",
    "rebuild_costs": "rebuild",
    "rebuild_matrix": "rebuild",
    "references_by_kind": "references",
    "score_means": "score_judges",
    "score_pivot": "pivot_map",
    "score_spread": "score_judges",
    "scores": "score_distribution",
    "specification": "unchecked",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 (charts and a constant)
    """Import a chart on first access.

    :raises AttributeError: there is no such chart.
    """
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{MODULES[name]}"), name)
