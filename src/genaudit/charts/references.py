"""Chart of references by file type and treatment."""

from __future__ import annotations

from collections import Counter
from typing import Any

import altair as alt
import pandas as pd

from genaudit.charts.style import ROW_HEIGHT, TREATMENT_COLOURS, coloured, labelled, of_values, tips, titled
from genaudit.schemas import RefKind, Treatment


def references_by_kind(table: pd.DataFrame) -> alt.LayerChart:
    """Draw the number of references by file type and treatment, on a logarithmic scale.

    Records and tables hold thousands of references, notes a few: on a linear scale the references that need a person
    would not show.

    :param table: columns of :data:`genaudit.schemas.REFERENCES`.
    """
    counted = Counter(zip(table["kind"].tolist(), table["treatment"].tolist(), strict=True))
    bars: list[dict[str, Any]] = [
        {
            "what": f"{kind.replace('_', ' ')}: {treatment}",
            "kind": str(kind),
            "treatment": str(treatment),
            "one": 0.5,
            "number": count,
            "label": f"{count:,}",
        }
        for kind in RefKind
        for treatment in TREATMENT_COLOURS
        if (count := counted[kind, treatment])
    ]
    largest = max((bar["number"] for bar in bars), default=1)
    x = alt.X(
        "number:Q",
        title="references, or files not searched (number, logarithmic)",
        scale=alt.Scale(type="log", domainMin=0.5, range=[0, alt.ExprRef("max(width - 70, 40)")]),
        axis=alt.Axis(values=[10**power for power in range(len(str(largest)))], format=",d"),
    )
    base = of_values(bars).encode(
        x=x,
        y=alt.Y("what:N", sort=[bar["what"] for bar in bars], title="kind of file", axis=alt.Axis(labelLimit=260)),
    )
    bar = base.mark_bar(height=13).encode(
        x2=alt.X2("one:Q"),
        color=coloured(
            "treatment", {name: TREATMENT_COLOURS[name] for name in TREATMENT_COLOURS if _has(bars, name)}
        ),
        tooltip=tips("what:N", alt.Tooltip("number:Q", format=",")),
    )
    totals = Counter(table["treatment"].tolist())
    found = sum(count for treatment, count in totals.items() if treatment != Treatment.UNSCANNED)
    summary = "; ".join(f"{one['what']} {one['label']}" for one in bars)
    person = totals[Treatment.AMBIGUOUS]
    return titled(
        [bar, labelled(base)],
        f"{totals[Treatment.REWRITE]:,} of {found:,} references can be rewritten, {person:,} need manual review",
        f"References to ids by kind of file and treatment: {summary or 'none'}.",
        ROW_HEIGHT * max(len(bars), 1),
    )


def _has(bars: list[dict[str, Any]], treatment: str) -> bool:
    return any(bar["treatment"] == treatment for bar in bars)
