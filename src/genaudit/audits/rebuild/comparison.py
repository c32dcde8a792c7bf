"""Comparison of the modes: decisions at each stage, kept generations, and descendants of the selection."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from genaudit.audits.rebuild.causes import Cause, Explained
from genaudit.audits.rebuild.choice import Choice
from genaudit.audits.rebuild.costs import Costs
from genaudit.audits.rebuild.frames import BLAST, COMPARISON, KEPT, UNAVOIDABLE
from genaudit.audits.rebuild.modes import Member, ModePlan
from genaudit.cohorts.generations import StoredStage
from genaudit.decisions import Decision
from genaudit.schemas import from_rows
from genaudit.stages import STAGE_NAMES, STAGES
from genaudit.store.links import NO_ROW, follow
from genaudit.store.snapshot import Snapshot

# The selected generations and their lineage, by stage: the ids that a mode keeps or replaces.
Relatives = dict[str, list[str]]

ALL: Final = "all"
SOME: Final = "some"
NONE: Final = "none"


def compare(tried: Sequence[ModePlan], costs: Costs) -> pd.DataFrame:
    """Count the decisions of each mode, each generation once, whatever the number of its selected ids.

    :returns: columns of :data:`genaudit.audits.rebuild.frames.COMPARISON`. Tokens and money are sums over the calls
        with known values, and missing if there are calls and none has one.
    """
    rows = [
        {"mode": one.mode, "stage": stage, **_counted(one.members[stage].values(), costs)}
        for one in tried
        for stage in STAGE_NAMES
    ]
    return from_rows(COMPARISON, rows)


def _counted(members: Collection[Member], costs: Costs) -> dict[str, Any]:
    counts: Counter[str] = Counter(dict.fromkeys(Decision, 0))
    counts.update(member.decision for member in members)
    sums = dict.fromkeys(("prompt_tokens", "completion_tokens", "tokens_low", "tokens_high", "money"), 0.0)
    unknown = unpriced = 0
    for member in members:
        if member.decision is not Decision.CALL:
            continue
        cost, money = costs.of(member), costs.money(member)
        unpriced += money is None
        sums["money"] += money or 0.0
        if cost is None:
            unknown += 1
            continue
        sums["prompt_tokens"] += cost.prompt.median
        sums["completion_tokens"] += cost.completion.median
        sums["tokens_low"] += cost.prompt.low + cost.completion.low
        sums["tokens_high"] += cost.prompt.high + cost.completion.high
    calls = counts[Decision.CALL]
    nothing_known = {name: calls > 0 and calls == (unpriced if name == "money" else unknown) for name in sums}
    if costs.prices is None:
        nothing_known["money"] = True
    return {
        "planned": len(members),
        **counts,
        "calls_of_unknown_cost": unknown,
        **{name: None if nothing_known[name] else value for name, value in sums.items()},
        "calls_without_price": unpriced,
    }


def count_causes(mode: str, explained: Mapping[str, Mapping[str, Explained]]) -> list[dict[str, Any]]:
    """Count the generations of each cause in a mode, by stage; one generation can have several causes.

    :param explained: by stage and id.
    :returns: rows with the columns of :data:`genaudit.audits.rebuild.frames.REBUILD_CAUSES`.
    """
    rows: list[dict[str, Any]] = []
    for stage in STAGE_NAMES:
        # Generations have few different combinations of causes.
        together = Counter(tuple([why.cause for why in each.causes]) for each in explained[stage].values())
        counts: Counter[str] = Counter()
        for causes, generations in together.items():
            counts.update(dict.fromkeys(causes, generations))
        rows += [
            {"mode": mode, "stage": stage, "cause": str(cause), "generations": count}
            for cause, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        ]
    return rows


def relatives_of(choice: Choice, stored: Mapping[str, StoredStage]) -> Relatives:
    """Find the stored generations of a selection: the selected ids, their parents, and all their descendants."""
    relatives: Relatives = {stage: [] for stage in STAGE_NAMES}
    found = stored[choice.stage].found
    relatives[choice.stage] = [name for name in choice.ids if name in found]
    above = STAGES[choice.stage].parent
    if above:
        parents = (found[name].parent_gen_id for name in relatives[choice.stage])
        relatives[above] = list(dict.fromkeys(parent for parent in parents if parent))
    for stage in STAGE_NAMES[STAGE_NAMES.index(choice.stage) + 1 :]:
        wanted = set(map(str.lower, relatives[STAGES[stage].parent or ""]))
        bases = stored[stage].by_base.items()
        relatives[stage] = sorted(name for base, names in bases if base[0] in wanted for name in names)
    return relatives


def what_is_kept(
    tried: Sequence[ModePlan], relatives: Relatives, classes: Mapping[str, Mapping[str, str]]
) -> pd.DataFrame:
    """Count the selected generations and relatives that each mode keeps, by the class of their ids.

    :param classes: by stage and id.
    :returns: columns of :data:`genaudit.audits.rebuild.frames.KEPT`; ``verdict`` is ``all``, ``some`` or ``none``.
    """
    rows = []
    for one in tried:
        for stage in STAGE_NAMES:
            selected = Counter(classes[stage][name] for name in relatives[stage])
            kept = Counter(classes[stage][name] for name in relatives[stage] if name in one.members[stage])
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
