"""Mapping from old to new ids, and the reasons for generations that keep their names.

A generation is renamed if its name is a legacy id (cause ``own``), or if its name holds today but not under the new
name of its parent (cause ``cascade``). New ids are computed stage by stage from the parent's final name, and must be
free in the current store.

A migration never invalidates a name that holds. So a generation whose name holds, and which may not be renamed, keeps
its parent from being renamed too (``child_kept``), and so on upwards. If the parent of a generation that is not
renamed gets a new name, the record's ``parent_gen_id`` follows it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from genaudit.audits.recompute import recompute
from genaudit.ids import MAX_COLLISION, SEPARATOR, hashed_text, ids_of_texts, with_collision
from genaudit.layout import are_safe_names, is_safe_name
from genaudit.migration.rename_filter import RenameFilter
from genaudit.schemas import IdClass, RenameCause
from genaudit.stages import PARENT, REPLICATE, STAGES, Stage, StageTable
from genaudit.store.snapshot import Snapshot


class KeepReason(StrEnum):
    """Reasons why a generation keeps a name that a migration could change."""

    EXCEPTED = "excepted"
    NOT_CHOSEN = "not_chosen"
    MISMATCHED = "mismatched"
    UNVERIFIABLE = "unverifiable"
    UNSAFE_NAME = "unsafe_name"
    RECORD_DISAGREES = "record_disagrees"
    PARENT_MISSING = "parent_missing"
    COLLISION = "collision"
    CHILD_KEPT = "child_kept"


class Rename(NamedTuple):
    """A generation that gets a new id."""

    stage: str
    old: str
    new: str
    cause: str


class Excluded(NamedTuple):
    """A generation that keeps its name; ``other`` is the generation that blocks the rename, if there is one."""

    stage: str
    gen_id: str
    reason: str
    other: str | None


@dataclass(frozen=True, slots=True)
class IdMapping:
    """The outcome for every generation of a store; renamed, excluded and unchanged ones add up to all.

    :param renames: in stage order, sorted by old id.
    :param excluded: likewise.
    :param unchanged: number of generations that keep a name that holds, by stage.
    """

    renames: tuple[Rename, ...]
    excluded: tuple[Excluded, ...]
    unchanged: Mapping[str, int]

    def by_stage(self) -> dict[str, dict[str, str]]:
        """The new id of each renamed generation, by stage and old id."""
        return ids_by_stage(self.renames, self.unchanged)


def ids_by_stage(renames: Iterable[Rename], stages: Iterable[str] = STAGES) -> dict[str, dict[str, str]]:
    """Put renames into a lookup by stage and old id.

    :param stages: the names of all stages.
    """
    found: dict[str, dict[str, str]] = {stage: {} for stage in stages}
    for rename in renames:
        found[rename.stage][rename.old] = rename.new
    return found


def reversed_ids(ids: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return the old id of each renamed generation, by stage and new id."""
    return {stage: {new: old for old, new in new_ids.items()} for stage, new_ids in ids.items()}


def map_ids(snapshot: Snapshot, choice: RenameFilter, members: frozenset[tuple[str, str]] | None = None) -> IdMapping:
    """Find the new id of every generation that gets one.

    :param members: stage and id of the members of the chosen cohort, if one is chosen.
    """
    work = _Work(snapshot, choice, members)
    while not work.settled():
        pass
    return work.result()


@dataclass(slots=True)
class _Round:
    """The result of one pass over the stages, by row number."""

    new: dict[int, str] = field(default_factory=dict)
    clashes: dict[int, str] = field(default_factory=dict)


class _Work:
    """The mapping under construction: passes over the stages until no further parent has to keep its name."""

    def __init__(self, snapshot: Snapshot, choice: RenameFilter, members: frozenset[tuple[str, str]] | None) -> None:
        self.snapshot = snapshot
        self.table: StageTable = snapshot.stages
        self.names: list[str] = snapshot.values("gen_id")
        self.stages: list[str] = snapshot.values("stage")
        self.parents: list[str | None] = snapshot.values(PARENT)
        self.texts = snapshot.signatures
        self.classes: list[str] = recompute(snapshot).frame["class"].tolist()
        self.kept: dict[int, tuple[KeepReason, str | None]] = {}
        self.entries = _entries(snapshot)
        self.holding = self._holding()
        self.last = _Round()
        self._judge(choice, members)

    def _holding(self) -> dict[tuple[str, str], list[int]]:
        """Return the rows whose name holds, by stage and signature."""
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row, (kind, text) in enumerate(zip(self.classes, self.texts, strict=True)):
            if kind == IdClass.DETERMINISTIC and text is not None:
                found[self.stages[row], text].append(row)
        return found

    def _parent_row(self, row: int) -> int | None:
        above = self.table[self.stages[row]].parent
        return None if above is None else self.snapshot.rows[above].get(self.parents[row] or "")

    def _judge(self, choice: RenameFilter, members: frozenset[tuple[str, str]] | None) -> None:
        """Find the generations that keep their names in any case."""
        only = None if choice.only is None else frozenset(choice.only)
        excepted, all_safe = frozenset(choice.excepted), are_safe_names(self.names)
        for row, (stage, name, kind) in enumerate(zip(self.stages, self.names, self.classes, strict=True)):
            why: KeepReason | None = None
            if kind == IdClass.MISMATCHED:
                why = KeepReason.MISMATCHED
            elif kind == IdClass.UNVERIFIABLE:
                why = KeepReason.UNVERIFIABLE
            elif name in excepted:
                why = KeepReason.EXCEPTED
            elif kind == IdClass.LEGACY and not (
                (only is None or name in only)
                and (choice.stages is None or stage in choice.stages)
                and (members is None or (stage, name) in members)
            ):
                why = KeepReason.NOT_CHOSEN
            elif not (all_safe or is_safe_name(name)):
                why = KeepReason.UNSAFE_NAME
            elif row in self.snapshot.irregular and _disagrees(self.snapshot.irregular[row], stage, name):
                why = KeepReason.RECORD_DISAGREES
            elif kind == IdClass.LEGACY and self.table[stage].parent and self._parent_row(row) is None:
                why = KeepReason.PARENT_MISSING
            if why:
                self.kept[row] = (why, None)

    def settled(self) -> bool:
        """Compute the new ids with the names kept so far, and find parents that a kept child blocks."""
        self.last = _Round()
        renamed: dict[str | None, Mapping[str, str]] = {None: {}}
        held: dict[int, int] = {}
        for stage in self.table.values():
            span = self.snapshot.spans[stage.name]
            above = renamed[stage.parent] if PARENT in stage.signature else {}
            self._name_stage(stage, span, above)
            for row in span:
                if self.classes[row] == IdClass.DETERMINISTIC and row not in self.last.new:
                    parent = self.parents[row]
                    if parent in above and (parent_row := self._parent_row(row)) is not None:
                        held.setdefault(parent_row, row)
            renamed[stage.name] = {self.names[row]: self.last.new[row] for row in span if row in self.last.new}
        for row, child in held.items():
            self.kept[row] = (KeepReason.CHILD_KEPT, self.names[child])
        return not held

    def _name_stage(self, stage: Stage, span: range, above: Mapping[str, str]) -> None:
        rows = [
            row
            for row in span
            if row not in self.kept and (self.classes[row] == IdClass.LEGACY or self.parents[row] in above)
        ]
        parts = [self._parts_after(stage, row, above) for row in rows]
        texts = [SEPARATOR.join(map(str, each)) for each in parts]
        bases = ids_of_texts(stage.name, texts, self.table)
        alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for row, signature in zip(rows, parts, strict=True):
            alike[signature].append(row)
        given: set[str] = set()
        wanted = set(rows)
        for row, text, base, signature in zip(rows, texts, bases, parts, strict=True):
            twins = [other for other in alike[signature] if other != row] if len(alike[signature]) > 1 else []
            twins += [
                other
                for other in self.holding.get((stage.name, text), ())
                if other not in wanted and self.snapshot.signature(other) == signature
            ]
            if twins:
                self.last.clashes[row] = self.names[twins[0]]
            else:
                self._give(row, text, base, given)

    def _give(self, row: int, text: str, base: str, given: set[str]) -> None:
        """Give a row the first free id of its signature, or note the generation that has taken its only id.

        :param given: the ids of other rows, all with other signatures.
        """
        stage, name = self.stages[row], base
        for collision in range(MAX_COLLISION + 1):
            if collision:
                name = with_collision(ids_of_texts(stage, [hashed_text(text, collision)], self.table)[0], collision)
            if name not in given and name not in self.entries[stage]:
                given.add(name)
                self.last.new[row] = name
                return
            taker = self.snapshot.rows[stage].get(name)
            if name not in given and (taker is None or self.texts[taker] is None):
                # A generation without a signature may be this very one.
                break
        self.last.clashes[row] = name

    def _parts_after(self, stage: Stage, row: int, above: Mapping[str, str]) -> tuple[Any, ...]:
        parts = self.snapshot.signature(row)
        if not above:
            return parts
        fields = (*stage.signature, REPLICATE)
        return tuple(
            above.get(part, part) if field == PARENT else part for field, part in zip(fields, parts, strict=True)
        )

    def result(self) -> IdMapping:
        renames: list[Rename] = []
        excluded: list[Excluded] = []
        unchanged = Counter(dict.fromkeys(self.table, 0))
        holders = {other for why, other in self.kept.values() if why is KeepReason.CHILD_KEPT}
        for row, (stage, name, kind) in enumerate(zip(self.stages, self.names, self.classes, strict=True)):
            if row in self.last.new:
                cause = RenameCause.OWN if kind == IdClass.LEGACY else RenameCause.CASCADE
                renames.append(Rename(stage, name, self.last.new[row], cause.value))
            elif row in self.last.clashes:
                excluded.append(Excluded(stage, name, KeepReason.COLLISION.value, self.last.clashes[row]))
            elif row in self.kept and (kind != IdClass.DETERMINISTIC or name in holders):
                why, other = self.kept[row]
                excluded.append(Excluded(stage, name, why.value, other))
            else:
                unchanged[stage] += 1
        return IdMapping(tuple(renames), tuple(excluded), dict(unchanged))


def _entries(snapshot: Snapshot) -> dict[str, set[str]]:
    """Return all names in a stage's folder, of generations and other entries."""
    found = {stage: set(rows) for stage, rows in snapshot.rows.items()}
    strays: Sequence[tuple[Any, Any]] = list(snapshot.strays[["stage", "name"]].itertuples(index=False, name=None))
    for stage, name in strays:
        if isinstance(stage, str) and isinstance(name, str):
            found[stage].add(name)
    return found


def _disagrees(record: Mapping[str, Any], stage: str, name: str) -> bool:
    """Return whether a record names another stage or generation than its folder."""
    wanted = {"stage": stage, "gen_id": name}
    return any(
        record.get(key) is not None and not (isinstance(record[key], str) and record[key].strip() == value)
        for key, value in wanted.items()
    )
