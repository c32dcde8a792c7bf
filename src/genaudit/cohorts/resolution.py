"""Lookup of stored generations by signature, or by an id of either form.

While stages are cut over one by one, lists and memberships use names that the store does not: the deterministic id of
a generation that still has a legacy one, or the reverse. A generation can be meant by every id of its signature:
under its parent's stored name or any other name of its parent, and by the legacy ids of the known cohorts. Renames by
migrations are in the ledger, which takes precedence over signatures.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from genaudit.errors import DDError, Err, Reason
from genaudit.ids import (
    ids_of_texts,
    legacy_id,
    legacy_salt,
    legacy_task_id,
    normal_text,
    signature,
)
from genaudit.stages import PARENT, REPLICATE, STAGES
from genaudit.store.ledger import Ledger, read_ledger
from genaudit.store.recomputed import recompute_ids
from genaudit.store.snapshot import Snapshot


class MatchedBy(StrEnum):
    """The way from an id to a generation: its name, a name in the ledger, or a signature."""

    NAME = "name"
    LEDGER = "ledger"
    SIGNATURE = "signature"
    DETERMINISTIC = "deterministic"
    LEGACY = "legacy"


@dataclass(frozen=True, slots=True)
class Resolved:
    """A generation that was found.

    :param asked: the requested id; ``None`` for a signature.
    :param gen_id: the generation's name in the store.
    """

    stage: str
    asked: str | None
    gen_id: str
    via: MatchedBy


_NEAREST: Final = 3


class Resolver:
    """Lookup of a store's generations under all their ids, built once per snapshot in linear time.

    :param snapshot: the store.
    :param cohorts: cohorts that legacy ids may have been made for, besides the origin cohorts of records.
    """

    def __init__(self, snapshot: Snapshot, cohorts: Iterable[str] = ()) -> None:
        self._snapshot = snapshot
        self._names: list[str] = snapshot.values("gen_id")
        origins = {origin for origin in snapshot.values("origin_cohort_id") if origin}
        self._cohorts = sorted(origins.union(cohorts))

    def resolve(self, stage: str, gen_id: str) -> Resolved:
        """Find the generation that an id means.

        The order is: its name in the store, a name in the ledger, an id of its signature.

        :raises DDError: as :func:`genaudit.store.ledger.read_ledger`, if the id is not a name of the store;
            ``INVALID_CONFIG``, reason ``unknown_stage``; ``DATA_MISSING``, reason ``generation_not_found``, with
            ``nearest``; ``INVALID_MEMBERSHIP``, reason ``ambiguous_id``, with ``candidates``: generations that share
            one signature, or that had the name one after the other.
        """
        names = self._rows(stage)
        asked = {"stage": stage, "gen_id": gen_id}
        if gen_id in names:
            return Resolved(stage, gen_id, gen_id, MatchedBy.NAME)
        renamed = [found.current for found in self._ledger.named(stage, gen_id)]
        if known := [names[name] for name in renamed if name in names]:
            return Resolved(stage, gen_id, self._only(known, asked), MatchedBy.LEDGER)
        for via, index in ((MatchedBy.DETERMINISTIC, self._deterministic), (MatchedBy.LEGACY, self._legacy)):
            if rows := index[stage].get(gen_id):
                return Resolved(stage, gen_id, self._only(rows, asked), via)
        near = get_close_matches(gen_id, names, n=_NEAREST)
        ctx = {"reason": Reason.GENERATION_NOT_FOUND, **asked, "renamed_to": renamed, "nearest": near}
        raise DDError(Err.DATA_MISSING, ctx)

    def resolve_signature(self, stage: str, record: Mapping[str, object]) -> Resolved:
        """Find the generation of a signature; its parent may be named by any of its ids.

        :param record: the fields of a record that form the signature.
        :raises DDError: as :meth:`resolve`, also for the parent; ``DATA_MISSING``, reason ``signature_incomplete``.
        """
        self._rows(stage)
        parts = signature(stage, record)
        above = STAGES[stage].parent
        if above and parts not in self._signatures[stage]:
            parts = (self.resolve(above, str(parts[0])).gen_id, *parts[1:])
        asked = {"stage": stage, "signature": list(parts)}
        rows = self._signatures[stage].get(parts)
        if not rows:
            raise DDError(
                Err.DATA_MISSING,
                {"reason": Reason.GENERATION_NOT_FOUND, **asked, "nearest": self._alike(stage, parts)},
            )
        return Resolved(stage, None, self._only(rows, asked), MatchedBy.SIGNATURE)

    def _rows(self, stage: str) -> Mapping[str, int]:
        if stage not in STAGES:
            raise DDError(Err.INVALID_CONFIG, {"reason": Reason.UNKNOWN_STAGE, "stage": stage, "known": list(STAGES)})
        return self._snapshot.rows[stage]

    def _only(self, rows: Sequence[int], asked: Mapping[str, Any]) -> str:
        candidates = sorted({self._names[row] for row in rows})
        if len(candidates) > 1:
            raise DDError(Err.INVALID_MEMBERSHIP, {"reason": Reason.AMBIGUOUS_ID, **asked, "candidates": candidates})
        return candidates[0]

    def _alike(self, stage: str, parts: tuple[Any, ...]) -> list[str]:
        """Return some generations whose signature differs only in the replicate."""
        alike = (rows for known, rows in self._signatures[stage].items() if known[:-1] == parts[:-1])
        return sorted({self._names[row] for rows in alike for row in rows})[:_NEAREST]

    @cached_property
    def _ledger(self) -> Ledger:
        return read_ledger(self._snapshot.root)

    @cached_property
    def _signatures(self) -> Mapping[str, Mapping[tuple[Any, ...], list[int]]]:
        index: dict[str, dict[tuple[Any, ...], list[int]]] = {stage: defaultdict(list) for stage in STAGES}
        for stage, span in self._snapshot.spans.items():
            for row in span:
                if None not in (parts := self._snapshot.signature(row)):
                    index[stage][parts].append(row)
        return index

    @cached_property
    def _deterministic(self) -> Mapping[str, Mapping[str, list[int]]]:
        return {stage: _inverted(names) for stage, names in self._deterministic_names.items()}

    @cached_property
    def _deterministic_names(self) -> Mapping[str, Mapping[int, set[str]]]:
        """The possible deterministic ids of each row, under every name of its parent."""
        _, recomputed, migrated = recompute_ids(self._snapshot)
        names: dict[str, dict[int, set[str]]] = {stage: defaultdict(set) for stage in STAGES}
        for stage, span in self._snapshot.spans.items():
            above, parent = STAGES[stage].parent, self._snapshot.values(PARENT)
            texts: list[tuple[int, str]] = []
            for row in span:
                names[stage][row].update(name for name in (recomputed[row], migrated[row]) if name)
                text = self._snapshot.signatures[row]
                if text is None:
                    continue
                texts.append((row, text))
                if above and (up := self._snapshot.rows[above].get(parent[row])) is not None:
                    rest = text.removeprefix(parent[row])
                    texts += [(row, name + rest) for name in sorted(names[above][up])]
            for (row, _), name in zip(texts, ids_of_texts(stage, [text for _, text in texts]), strict=True):
                names[stage][row].add(name)
        return names

    @cached_property
    def _legacy(self) -> Mapping[str, Mapping[str, list[int]]]:
        """The possible legacy ids of each row, for every known cohort; computed on first use."""
        names: dict[str, dict[int, set[str]]] = {stage: defaultdict(set) for stage in STAGES}
        for cohort in self._cohorts:
            # A cohort's generations have parents that the cohort named itself, or found under their names.
            made: dict[int, str] = {}
            for stage, span in self._snapshot.spans.items():
                for row in span:
                    for task in self._tasks(stage, row, made):
                        name = legacy_id(stage, task, cohort, self._salt(stage, row))
                        names[stage][row].add(name)
                        made.setdefault(row, name)
        return {stage: _inverted(found) for stage, found in names.items()}

    def _tasks(self, stage: str, row: int, made: Mapping[int, str]) -> Iterable[str]:
        """Yield the possible task ids of a row.

        :param made: the legacy ids of the parent stages in the same cohort.
        """
        if self._snapshot.signatures[row] is None:
            return []
        template, model = self._spelled(row, "template_id"), self._spelled(row, "llm_model_id")
        above = STAGES[stage].parent
        if above is None:
            return [legacy_task_id(self._spelled(row, "combo_id"), template, model)]
        up = self._snapshot.rows[above].get(self._snapshot.values(PARENT)[row])
        if STAGES[above].parent is None:
            return [] if up is None else [legacy_task_id(task, template) for task in self._tasks(above, up, made)]
        parents = {self._snapshot.values(PARENT)[row]}
        if up is not None:
            parents |= self._deterministic_names[above][up] | {made.get(up, self._names[up])}
        return [legacy_task_id(parent, template, model) for parent in sorted(parents)]

    def _salt(self, stage: str, row: int) -> str | None:
        replicate, above = self._snapshot.values(REPLICATE), STAGES[stage].parent
        up = self._snapshot.rows[above].get(self._snapshot.values(PARENT)[row]) if above else None
        return legacy_salt(stage, replicate[row], 1 if up is None else replicate[up] or 1)

    def _spelled(self, row: int, field: str) -> str:
        """Return a field as the record spells it: legacy ids predate the comparison in lower case."""
        stored = self._snapshot.irregular.get(row, {}).get(field)
        own = stored.strip() if normal_text(stored) and isinstance(stored, str) else self._snapshot.values(field)[row]
        return str(own)


def _inverted(names: Mapping[int, Iterable[str]]) -> Mapping[str, list[int]]:
    index: dict[str, list[int]] = defaultdict(list)
    for row, found in names.items():
        for name in found:
            index[name].append(row)
    return dict(index)
