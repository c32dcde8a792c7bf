"""Generations in columns, and an index of the stored ones by id and by signature."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import itemgetter
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from genaudit.cohorts.bases import Bases
from genaudit.encoded import MISSING, Encoded, concatenated, encode
from genaudit.ids import MAX_REPLICATE, SEPARATOR, are_normal, normal_name, normal_text, signature
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


FIELDS: Final = Generation._fields

# The text fields of each stage's signature.
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


class Generations:
    """Generations of one stage in columns, a row each.

    :param columns: a column for each field of :class:`Generation`.
    """

    def __init__(self, columns: Mapping[str, Encoded]) -> None:
        self.columns = columns

    @classmethod
    def of(cls, each: Sequence[Generation] | Generations) -> Generations:
        """Put generations into columns."""
        if isinstance(each, Generations):
            return each
        columns = zip(*each, strict=True) if each else [()] * len(FIELDS)
        return cls({name: encode(values) for name, values in zip(FIELDS, columns, strict=True)})

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.columns[REPLICATE])

    def __iter__(self) -> Iterator[Generation]:
        """Yield the generation of each row."""
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, row: int) -> Generation:
        """Return the generation of a row."""
        return Generation(*(column.value(row) for column in self.columns.values()))

    def take(self, rows: NDArray[Any]) -> Generations:
        """Return the rows with some numbers or flags."""
        return Generations({name: column.at(rows) for name, column in self.columns.items()})

    def replace(self, **columns: Encoded) -> Generations:
        """Return the generations with other columns."""
        return Generations({**self.columns, **columns})

    def parts(self, stage: str) -> list[Encoded]:
        """Return the parts of the signatures in normalised form, without the replicate.

        :raises DDError: as :func:`key_of`, for the first incomplete signature.
        """
        columns = [self.columns[name] for name in STAGES[stage].signature]
        parts = [column if are_normal(column.values) else column.each(normal_text) for column in columns]
        incomplete = np.flatnonzero(np.any([part.places == MISSING for part in parts], axis=0))
        if len(incomplete):
            key_of(stage, self[int(incomplete[0])])
        return parts

    def texts(self, stage: str) -> list[str]:
        """Return the texts that the deterministic ids are hashed from.

        :raises DDError: as :func:`key_of`, for the first incomplete signature.
        """
        replicates = self.columns[REPLICATE]
        fit = [type(value) is int and 1 <= value <= MAX_REPLICATE for value in replicates.values]
        if not all(fit):
            return [SEPARATOR.join((*key.base, str(key.replicate))) for key in (key_of(stage, each) for each in self)]
        parts = [*self.parts(stage), replicates.each(str)]
        return list(map(SEPARATOR.join, zip(*(part.take("1").tolist() for part in parts), strict=True)))


def stacked(parts: Sequence[Generations]) -> Generations:
    """Put generations below each other."""
    columns = {name: concatenated([part.columns[name] for part in parts]) for name in FIELDS} if parts else None
    return Generations.of([]) if columns is None else Generations(columns)


@dataclass
class StoredStage:
    """The stored generations of one stage.

    :param stage: its name.
    :param names: the sorted ids of the generations with a complete signature.
    :param generations: these generations.
    :param unverifiable: the reason why a signature is unknown, by id.
    :param incomparable: ids in ``names`` whose record the pipeline cannot compare with a planned signature.
    :param without_record: ids of folders without a ``metadata.json``; all of them are in ``unverifiable``.
    """

    stage: str
    names: Sequence[str] = ()
    generations: Generations = field(default_factory=lambda: Generations.of([]))
    unverifiable: dict[str, str] = field(default_factory=dict)
    incomparable: set[str] = field(default_factory=set)
    without_record: set[str] = field(default_factory=set)
    # Every plan of a selection looks up the same generations.
    _found: dict[int, Generation] = field(default_factory=dict, init=False, repr=False)

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """The row of each id in ``names``."""
        return {name: row for row, name in enumerate(self.names)}

    @cached_property
    def bases(self) -> Bases:
        """The signatures, for joins with planned ones."""
        columns = [self.generations.columns[name] for name in STAGES[self.stage].signature]
        return Bases(columns, self.generations.columns[REPLICATE].mapped(int, np.int64, 1))

    def find(self, gen_id: str) -> Generation | None:
        """Look up a generation with a complete signature."""
        row = self.rows.get(gen_id)
        if row is None:
            return None
        if row not in self._found:
            self._found[row] = self.generations[row]
        return self._found[row]

    def key(self, gen_id: str) -> Key | None:
        """Return the signature of a generation, if it is complete."""
        found = self.find(gen_id)
        return key_of(self.stage, found) if found else None

    def holds(self, gen_id: str) -> bool:
        """Return whether the store has a generation of this id, readable or not."""
        return gen_id in self.rows or gen_id in self.unverifiable

    def takes(self, gen_id: str, key: Key) -> bool:
        """Return whether an id is taken for a signature: its record holds another signature, or cannot be compared.

        A folder without a record takes nothing: the plan uses its id and keeps its files.
        """
        if gen_id in self.without_record or not self.holds(gen_id):
            return False
        return gen_id in self.unverifiable or gen_id in self.incomparable or self.key(gen_id) != key


def nothing_stored() -> dict[str, StoredStage]:
    """Index an empty store."""
    return {stage: StoredStage(stage) for stage in STAGES}


def stored_in(snapshot: Snapshot) -> dict[str, StoredStage]:
    """Index a store in one pass over its columns.

    :returns: the stored generations of each stage.
    """
    index: dict[str, StoredStage] = {}
    names, states = snapshot.values("gen_id"), snapshot.values("state")
    for stage, span in snapshot.spans.items():
        own = Generations({name: encode(snapshot.values(name)[span.start : span.stop]) for name in FIELDS})
        fields = (*STAGES[stage].signature, REPLICATE)
        # The snapshot's fields are normalised, so they are the parts of the signature.
        missing = np.any([own.columns[name].places == MISSING for name in fields], axis=0)
        of_stage = names[span.start : span.stop]
        if missing.any():
            kept = Generations.of([own[row] for row in np.flatnonzero(~missing).tolist()])
            index[stage] = StoredStage(stage, [of_stage[row] for row in np.flatnonzero(~missing).tolist()], kept)
        else:
            index[stage] = StoredStage(stage, of_stage, own)
        for row in np.flatnonzero(missing).tolist():
            parts = [own.columns[name].value(row) for name in fields]
            index[stage].unverifiable[of_stage[row]] = _problem(states[span.start + row], fields, parts)
            if states[span.start + row] in _WITHOUT_RECORD:
                index[stage].without_record.add(of_stage[row])
    for row in snapshot.irregular:
        # The pipeline reads an old name of template_id on essays and evaluations, but not on drafts.
        if row in snapshot.spans["draft"] and snapshot.irregular[row].get("template_id") is None:
            index["draft"].incomparable.add(names[row])
    return index


def _problem(state: str, fields: Iterable[str], parts: Iterable[Any]) -> str:
    if state != "ok":
        return f"record: {state.replace('_', ' ')}"
    return f"no usable {', '.join(name for name, part in zip(fields, parts, strict=True) if part is None)}"
