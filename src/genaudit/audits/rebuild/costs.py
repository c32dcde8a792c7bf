"""Costs of model calls, from the store's own reports: medians and ranges by stage, template and model."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from genaudit.audits.rebuild.frames import COSTS
from genaudit.audits.rebuild.planned import Kind, Planned
from genaudit.audits.rebuild.prices import Price
from genaudit.cohorts.safe_paths import open_below
from genaudit.decisions import COPY_MODE, Decision
from genaudit.errors import DDError
from genaudit.layout import GENS, RAW_METADATA, are_safe_names, is_safe_name
from genaudit.schemas import ArtifactState, from_rows
from genaudit.stages import PARENT
from genaudit.store.records import UnreadableError
from genaudit.store.snapshot import Snapshot
from genaudit.store.texts import read_report
from genaudit.store.usage import Usage, usage_in

LOW: Final = 10
HIGH: Final = 90


class Spread(NamedTuple):
    """The median, and the first and last decile."""

    median: float
    low: float
    high: float


class CallCost(NamedTuple):
    """The cost of one call, as far as the store knows.

    :param samples: number of reports behind it.
    """

    samples: int
    prompt: Spread
    completion: Spread

    @property
    def tokens(self) -> float:
        """Median of prompt and completion tokens together."""
        return self.prompt.median + self.completion.median


class Costs:
    """The costs of calls by kind.

    :param known: by kind; a kind without any report is missing: unknown, and not free.
    :param asked: the requested kinds.
    :param prices: by model.
    :param read: number of reports with usage.
    :param unusable: number of other reports by reason.
    """

    def __init__(
        self,
        known: Mapping[Kind, CallCost],
        asked: Iterable[Kind],
        prices: Mapping[str, Price] | None,
        read: int,
        unusable: Mapping[str, int],
    ) -> None:
        self.known = known
        self.asked = sorted(set(asked))
        self.prices = prices
        self.read = read
        self.unusable = unusable
        self._money = {kind: self._price(kind) for kind in self.asked}

    def money(self, kind: Kind) -> float | None:
        """Return the price of a call; ``None`` if its tokens or its price are unknown."""
        return self._money.get(kind)

    def _price(self, kind: Kind) -> float | None:
        cost, price = self.known.get(kind), (self.prices or {}).get(kind[-1])
        return price.of(cost.prompt.median, cost.completion.median) if cost and price else None

    def frame(self) -> pd.DataFrame:
        """Return the costs of the requested kinds; columns of :data:`genaudit.audits.rebuild.frames.COSTS`."""
        rows: list[dict[str, Any]] = []
        for kind in self.asked:
            cost = self.known.get(kind)
            row = {**dict(zip(("stage", "template_id", "llm_model_id"), kind, strict=True)), "samples": 0}
            if cost:
                row["samples"] = cost.samples
                for name, spread in (("prompt", cost.prompt), ("completion", cost.completion)):
                    row |= {f"{name}_{what}": value for what, value in spread._asdict().items()}
            rows.append(row)
        return from_rows(COSTS, rows)


def costs_of(snapshot: Snapshot, stages: Iterable[Planned], prices: Mapping[str, Price] | None = None) -> Costs:
    """Estimate the costs of the calls of planned stages from the store's reports.

    All reports of generations with the same stage, template and model count. Those that the scan did not read are
    read here, each once.
    """
    asked: set[Kind] = set()
    for planned in stages:
        every, numbers = planned.kinds
        asked |= {every[place] for place in np.unique(numbers[planned.decided(Decision.CALL)]).tolist()}
    usages: dict[Kind, list[Usage]] = defaultdict(list)
    unusable: Counter[str] = Counter()
    for stage in snapshot.spans:
        kinds: dict[str, Kind] = {}
        for row, kind in _reported(snapshot, stage, unusable):
            if kind not in asked:
                continue
            if row in snapshot.usages:
                usages[kind].append(snapshot.usages[row])
            else:
                kinds[snapshot.values("gen_id")[row]] = kind
        for name, usage in _read(snapshot, stage, kinds, unusable):
            usages[kinds[name]].append(usage)
    unusable["reports without usage"] = sum(found.count(None) for found in usages.values())
    usable = {kind: [each for each in found if each] for kind, found in usages.items()}
    known = {kind: _cost(found) for kind, found in usable.items() if found}
    read = sum(map(len, usable.values()))
    return Costs(known, asked, prices, read, dict(sorted((+unusable).items())))


def _reported(snapshot: Snapshot, stage: str, unusable: Counter[str]) -> Iterable[tuple[int, Kind]]:
    """Yield the rows of a stage whose answer came from a model and has a readable report."""
    span = snapshot.spans[stage]
    names, templates, models = (snapshot.values(name) for name in ("gen_id", "template_id", "llm_model_id"))
    parents, modes, reports = (snapshot.values(name) for name in (PARENT, "mode", "raw_metadata"))
    above = snapshot.rows["draft"] if stage == "essay" else {}
    all_safe = are_safe_names(names[span.start : span.stop])
    for row in span:
        model = models[row]
        if model is None and (draft := above.get(parents[row] or "")) is not None:
            # An essay without a model was written by its draft's.
            model = models[draft]
        if templates[row] is None or model is None or modes[row] == COPY_MODE:
            continue
        if reports[row] == ArtifactState.INVALID:
            unusable["reports that cannot be read"] += 1
        elif reports[row] == ArtifactState.OK and (all_safe or is_safe_name(names[row])):
            yield row, (stage, templates[row], model)


def _read(
    snapshot: Snapshot, stage: str, names: Collection[str], unusable: Counter[str]
) -> Iterator[tuple[str, Usage]]:
    """Read the reports of some generations."""
    if not names:
        return
    try:
        with open_below(snapshot.root, GENS, stage) as base:
            for batch in snapshot.batches(stage, [*names], (RAW_METADATA,)):
                for name in batch:
                    try:
                        yield name, usage_in(read_report(base, [name, RAW_METADATA]))
                    except (FileNotFoundError, UnreadableError):
                        unusable["reports that cannot be read"] += 1
    except (DDError, FileNotFoundError):
        unusable["the stage's folder cannot be opened any more"] += len(names)


def _cost(usages: list[tuple[int, int]]) -> CallCost:
    prompts, completions = np.array(usages, dtype=np.float64).T
    return CallCost(len(usages), _spread(prompts), _spread(completions))


def _spread(values: np.ndarray[Any, np.dtype[np.float64]]) -> Spread:
    low, median, high = np.percentile(values, [LOW, 50, HIGH]).tolist()
    return Spread(median, low, high)
