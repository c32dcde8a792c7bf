"""Comparison of the modes: decisions at each stage, kept generations, and descendants of the selection."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from genaudit.audits.rebuild.causes import Cause, Explanations
from genaudit.audits.rebuild.choice import Choice
from genaudit.audits.rebuild.costs import Costs
from genaudit.audits.rebuild.frames import BLAST, COMPARISON, KEPT, UNAVOIDABLE
from genaudit.audits.rebuild.modes import ModePlan
from genaudit.audits.rebuild.planned import Planned
from genaudit.cohorts.generations import StoredStage
from genaudit.decisions import Decision
from genaudit.encoded import Numbers
from genaudit.schemas import from_rows
from genaudit.stages import PARENT, STAGE_NAMES, STAGES
from genaudit.store.links import NO_ROW, follow
from genaudit.store.snapshot import Snapshot

# The selected generations and their lineage, by stage: the ids that a mode keeps or replaces.
Relatives = dict[str, list[str]]

ALL: Final = "all"
SOME: Final = "some"
NONE: Final = "none"


def compare(plans: Sequence[ModePlan], costs: Costs) -> pd.DataFrame:
    """Count the decisions of each mode, each generation once, whatever the number of its selected ids.

    :returns: columns of :data:`genaudit.audits.rebuild.frames.COMPARISON`. Tokens and money are sums over the calls
        with known values, and missing if there are calls and none has one.
    """
    rows = [
        {"mode": one.mode, "stage": stage, **_counted(one.stages[stage], costs)}
        for one in plans
        for stage in STAGE_NAMES
    ]
    return from_rows(COMPARISON, rows)


def _counted(planned: Planned, costs: Costs) -> dict[str, Any]:
    counts = dict(zip(Decision, np.bincount(planned.decisions, minlength=len(Decision)).tolist(), strict=True))
    kinds, kind = planned.kinds
    of_calls = kind[planned.decided(Decision.CALL)]
    known = [costs.known.get(one) for one in kinds]
    sums = {
        "prompt_tokens": _added([one and one.prompt.median for one in known], of_calls),
        "completion_tokens": _added([one and one.completion.median for one in known], of_calls),
        "tokens_low": _added([one and one.prompt.low + one.completion.low for one in known], of_calls),
        "tokens_high": _added([one and one.prompt.high + one.completion.high for one in known], of_calls),
        "money": _added([costs.money(one) for one in kinds], of_calls),
    }
    calls, unknown, unpriced = counts[Decision.CALL], sums["tokens_low"][1], sums["money"][1]
    nothing_known = {name: calls > 0 and calls == missing for name, (_, missing) in sums.items()}
    if costs.prices is None:
        nothing_known["money"] = True
    return {
        "planned": len(planned),
        **counts,
        "calls_of_unknown_cost": unknown,
        **{name: None if nothing_known[name] else value for name, (value, _) in sums.items()},
        "calls_without_price": unpriced,
    }


def _added(values: Sequence[float | None], places: Numbers) -> tuple[float, int]:
    """Add up the values at some places, one after the other; missing values are counted."""
    taken = np.array(values, dtype=np.float64)[places] if values else np.empty(0)
    missing = np.isnan(taken)
    # A sum by pairs, as that of an array, can differ in its last digit from that of the rows.
    total = np.add.accumulate(taken[~missing])
    return (float(total[-1]) if len(total) else 0.0), int(missing.sum())


def count_causes(mode: str, explained: Mapping[str, Explanations]) -> list[dict[str, Any]]:
    """Count the generations of each cause in a mode, by stage; one generation can have several causes.

    :param explained: by stage.
    :returns: rows with the columns of :data:`genaudit.audits.rebuild.frames.REBUILD_CAUSES`.
    """
    return [
        {"mode": mode, "stage": stage, "cause": str(cause), "generations": count}
        for stage in STAGE_NAMES
        for cause, count in sorted(explained[stage].counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def relatives_of(choice: Choice, stored: Mapping[str, StoredStage]) -> Relatives:
    """Find the stored generations of a selection: the selected ids, their parents, and all their descendants."""
    relatives: Relatives = {stage: [] for stage in STAGE_NAMES}
    found = stored[choice.stage]
    relatives[choice.stage] = [name for name in choice.ids if name in found.rows]
    above = STAGES[choice.stage].parent
    if above:
        of = found.generations.columns[PARENT].take()
        parents = (of[found.rows[name]] for name in relatives[choice.stage])
        relatives[above] = list(dict.fromkeys(parent for parent in parents if parent))
    for stage in STAGE_NAMES[STAGE_NAMES.index(choice.stage) + 1 :]:
        wanted = set(map(str.lower, relatives[STAGES[stage].parent or ""]))
        below = stored[stage].generations.columns[PARENT].mapped(wanted.__contains__, bool, missing=False)
        relatives[stage] = [stored[stage].names[row] for row in np.flatnonzero(below).tolist()]
    return relatives


def kept_by_class(
    plans: Sequence[ModePlan], relatives: Relatives, classes: Mapping[str, Mapping[str, str]]
) -> pd.DataFrame:
    """Count the selected generations and relatives that each mode keeps, by the class of their ids.

    :param classes: by stage and id.
    :returns: columns of :data:`genaudit.audits.rebuild.frames.KEPT`; ``verdict`` is ``all``, ``some`` or ``none``.
    """
    rows = []
    of_selected = {stage: Counter(map(classes[stage].__getitem__, relatives[stage])) for stage in STAGE_NAMES}
    names = {stage: set(relatives[stage]) for stage in STAGE_NAMES}
    for one in plans:
        for stage, selected in of_selected.items():
            kept = Counter(map(classes[stage].__getitem__, names[stage].intersection(one.stages[stage].gen_ids)))
            for kind in sorted(selected):
                verdict = ALL if kept[kind] == selected[kind] else SOME if kept[kind] else NONE
                counts = {"selected": selected[kind], "kept": kept[kind], "verdict": verdict}
                rows.append({"mode": one.mode, "stage": stage, "class": kind, **counts})
    return from_rows(KEPT, rows)


def unavoidable(counts: Mapping[tuple[str, str, str], int]) -> pd.DataFrame:
    """Build the table of unavoidable calls; columns of :data:`genaudit.audits.rebuild.frames.UNAVOIDABLE`."""
    rows = [
        {"stage": stage, "template_id": template or None, "llm_model_id": model or None, "generations": count}
        for (stage, template, model), count in counts.items()
    ]
    order = {stage: place for place, stage in enumerate(STAGE_NAMES)}
    rows.sort(key=lambda row: (order[str(row["stage"])], str(row["template_id"]), str(row["llm_model_id"])))
    return from_rows(UNAVOIDABLE, rows)


def blast_radius(snapshot: Snapshot, relatives: Relatives, classes: Mapping[str, Mapping[str, str]]) -> pd.DataFrame:
    """Count the descendants of each selected generation and each parent: they cannot be reused once it is new.

    :returns: columns of :data:`genaudit.audits.rebuild.frames.BLAST`, most descendants first.
    """
    below = _below(snapshot)
    rows = []
    for stage in STAGE_NAMES[:-1]:
        for name in relatives[stage]:
            if (row := snapshot.rows[stage].get(name)) is None:
                continue
            counts = {f"{other}s_below": int(counts[row]) for other, counts in below.items()}
            about = {"stage": stage, "gen_id": name, "class": classes[stage][name]}
            rows.append({**about, **counts, "below": sum(counts.values())})
    rows.sort(key=lambda row: (-int(str(row["below"])), STAGE_NAMES.index(str(row["stage"])), str(row["gen_id"])))
    return from_rows(BLAST, rows)


def _below(snapshot: Snapshot) -> dict[str, np.ndarray[Any, np.dtype[np.int64]]]:
    """Count the descendants of every row, by stage."""
    parent = follow(snapshot).parent
    found = {}
    for stage in STAGE_NAMES[1:]:
        counts = np.zeros(len(parent), dtype=np.int64)
        span = snapshot.spans[stage]
        above = parent[span.start : span.stop]
        # A chain is no longer than the table of stages, whatever cycles the store has.
        for _ in STAGE_NAMES[1:]:
            above = above[above != NO_ROW]
            np.add.at(counts, above, 1)
            above = parent[above]
        found[stage] = counts
    return found


def classes_of(snapshot: Snapshot, identities: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Return the class of each generation's id.

    :param identities: columns of :data:`genaudit.schemas.MAPPING`.
    :returns: by stage and id.
    """
    kinds: dict[str, dict[str, str]] = defaultdict(dict)
    for stage, span in snapshot.spans.items():
        part = identities.iloc[span.start : span.stop]
        kinds[stage] = dict(zip(part["gen_id"].tolist(), part["class"].tolist(), strict=True))
    return kinds


def taken_ids(frame: pd.DataFrame) -> Iterator[tuple[str, int, int]]:
    """Count, by mode, the planned ids that another record has, and the calls at and below them."""
    planned = frame.drop_duplicates(["mode", "stage", "gen_id"])
    taken = planned[planned["causes"].str.contains(f'"{Cause.ID_TAKEN}"', na=False)]
    for mode, own in taken.groupby("mode", sort=False, observed=True):
        keys = own["stage"].astype("str") + ":" + own["gen_id"]
        below = planned[(planned["mode"] == mode) & planned["root"].isin(keys)]
        yield str(mode), len(own), int(own["calls"].sum() + below["calls"].sum())
