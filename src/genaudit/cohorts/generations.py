"""Index of stored generations by id, and by signature without the replicate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Any, Final, NamedTuple

from genaudit.cohorts.bases import Bases, bases_of
from genaudit.ids import MAX_REPLICATE, normal_name, signature
from genaudit.schemas import RecordState
from genaudit.stages import REPLICATE, STAGES
from genaudit.store.snapshot import Snapshot

_WITHOUT_RECORD: Final = frozenset({RecordState.FOLDER_EMPTY, RecordState.MISSING, RecordState.VANISHED})


class Generation(NamedTuple):
    """A generation with the fields of its record.

    :param mode: ``llm`` or ``copy``; ``None`` if unknown.
    :param origin_cohort_id: the origin cohort of a stored generation, if its record names one.
    """

    combo_id: str | None
    parent_gen_id: str | None
    template_id: str | None
    llm_model_id: str | None
    replicate: int | None
    mode: str | None = None
    origin_cohort_id: str | None = None


class Key(NamedTuple):
    """The parts of a signature: its normalised text fields, and the replicate."""

    base: tuple[str, ...]
    replicate: int


# The text fields of each stage's signature; a plan asks for millions of signatures.
_TEXTS: Final = {stage.name: itemgetter(*map(Generation._fields.index, stage.signature)) for stage in STAGES.values()}


def key_of(stage: str, generation: Generation) -> Key:
    """Return the signature of a generation in normalised form.

    :raises DDError: ``DATA_MISSING``, reason ``signature_incomplete``.
    """
    replicate = 1 if generation.replicate is None else generation.replicate
    if type(replicate) is int and 1 <= replicate <= MAX_REPLICATE:
        return Key(base_of(stage, generation), replicate)
    *parts, number = signature(stage, generation._asdict())
    return Key(tuple(map(str, parts)), int(number))


def base_of(stage: str, generation: Generation) -> tuple[str, ...]:
    """Return the signature of a generation in normalised form, without its replicate.

    :raises DDError: as :func:`key_of`.
    """
    base = tuple(filter(None, map(normal_name, _TEXTS[stage](generation))))
    if len(base) < len(STAGES[stage].signature):
        signature(stage, generation._replace(replicate=1)._asdict())
    return base


@dataclass
class StoredStage:
    """The stored generations of one stage.

    :param stage: its name.
    :param found: generations with a complete signature, by id.
    :param keys: their signatures, by id.
    :param by_base: their sorted ids, by the signature without its replicate.
    :param highest: the highest replicate of each such base.
    :param unverifiable: the reason why a signature is unknown, by id.
    :param incomparable: ids in ``found`` whose record the pipeline cannot compare with a planned signature.
    :param without_record: ids of folders without a ``metadata.json``; all of them are in ``unverifiable``.
    """

    stage: str
    found: dict[str, Generation] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    by_base: dict[tuple[str, ...], list[str]] = field(default_factory=lambda: defaultdict(list))
    highest: dict[tuple[str, ...], int] = field(default_factory=dict)
    unverifiable: dict[str, str] = field(default_factory=dict)
    incomparable: set[str] = field(default_factory=set)
    without_record: set[str] = field(default_factory=set)

    @cached_property
    def bases(self) -> Bases:
        """The generations with a complete signature, in columns."""
        return bases_of(self.keys, len(STAGES[self.stage].signature))

    def holds(self, gen_id: str) -> bool:
        """Return whether the store has a generation of this id, readable or not."""
        return gen_id in self.found or gen_id in self.unverifiable

    def takes(self, gen_id: str, key: Key) -> bool:
        """Return whether an id is taken for a signature: its record holds another signature, or cannot be compared.

        A folder without a record takes nothing: the plan uses its id and keeps its files.
        """
        if gen_id in self.without_record or not self.holds(gen_id):
            return False
        return gen_id in self.unverifiable or gen_id in self.incomparable or self.keys[gen_id] != key

    def add_all(self, gen_ids: Sequence[str], keys: Sequence[Key], generations: Sequence[Generation]) -> None:
        """Add generations; ids arrive sorted."""
        self.found.update(zip(gen_ids, generations, strict=True))
        self.keys.update(zip(gen_ids, keys, strict=True))
        for gen_id, (base, replicate) in zip(gen_ids, keys, strict=True):
            self.by_base[base].append(gen_id)
            if replicate > self.highest.get(base, 0):
                self.highest[base] = replicate


def nothing_stored() -> dict[str, StoredStage]:
    """Index an empty store."""
    return {stage: StoredStage(stage) for stage in STAGES}


def stored_in(snapshot: Snapshot) -> dict[str, StoredStage]:
    """Index a store in one pass over its rows.

    :returns: the stored generations of each stage.
    """
    index = nothing_stored()
    generations = list(map(Generation, *(snapshot.values(name) for name in Generation._fields)))
    names, states = snapshot.values("gen_id"), snapshot.values("state")
    for stage, span in snapshot.spans.items():
        fields = STAGES[stage].signature
        columns = [snapshot.values(name)[span.start : span.stop] for name in (*fields, REPLICATE)]
        # The snapshot's fields are normalised, so they are the parts of the signature.
        parts = list(zip(*columns, strict=True))
        whole = [row for row, known in zip(span, parts, strict=True) if None not in known]
        for row, known in zip(span, parts, strict=True) if len(whole) < len(span) else ():
            if None in known:
                index[stage].unverifiable[names[row]] = _problem(states[row], (*fields, REPLICATE), known)
                if states[row] in _WITHOUT_RECORD:
                    index[stage].without_record.add(names[row])
        keys = [Key(parts[row - span.start][:-1], parts[row - span.start][-1]) for row in whole]
        index[stage].add_all([names[row] for row in whole], keys, [generations[row] for row in whole])
    for row in snapshot.irregular:
        # The pipeline reads an old name of template_id on essays and evaluations, but not on drafts.
        if row in snapshot.spans["draft"] and snapshot.irregular[row].get("template_id") is None:
            index["draft"].incomparable.add(names[row])
    return index


def _problem(state: str, fields: Iterable[str], parts: Iterable[Any]) -> str:
    if state != "ok":
        return f"record: {state.replace('_', ' ')}"
    return f"no usable {', '.join(name for name, part in zip(fields, parts, strict=True) if part is None)}"
