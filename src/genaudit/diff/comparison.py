"""Differences between two snapshots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import pandas as pd

from genaudit.audits.finding_kinds import condensed
from genaudit.diff.renames import Key, ledger_events, names_between
from genaudit.diff.states import State, content, differing, moved, states_of
from genaudit.fingerprints import FindingSubject, renamed, renamed_path, subjects
from genaudit.layout import GENS
from genaudit.schemas import RecordState
from genaudit.snapshots.manifest import Manifest
from genaudit.snapshots.saved import Saved
from genaudit.stages import StageTable

LEDGER: Final = "ledger"
CONTENT: Final = "content"
NEW, FIXED, PERSISTING = "new", "fixed", "persisting"
_JUDGE: Final = ["evaluation_template", "evaluation_llm_model"]


class RenamedGeneration(NamedTuple):
    """A generation with another name.

    :param known_by: ``ledger``, or ``content`` if nothing but the name differs and only one pair agrees so.
    """

    stage: str
    old: str
    new: str
    known_by: str


class FieldChange(NamedTuple):
    """A field of a generation that differs; ``None`` for no value.

    :param gen_id: its later name.
    """

    stage: str
    gen_id: str
    field: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class Diff:
    """The differences between two snapshots.

    :param added: states of generations that only the later one has, by stage and id.
    :param gone: generations that only the earlier one has, under their earlier names.
    :param findings: columns of :data:`genaudit.schemas.FINDINGS` and ``change``: ``new``, ``fixed`` or
        ``persisting``; fixed ones as the earlier snapshot has them, the others as the later one.
    :param scores: by judge, number and mean of scores before and after.
    :param stages: stages of both, those of the later one first.
    :param ids: generations of each stage, before and after.
    :param retimed: texts of equal size with another time of change; their content was not compared.
    """

    before: Manifest
    after: Manifest
    added: Mapping[Key, State]
    gone: tuple[Key, ...]
    renamed: tuple[RenamedGeneration, ...]
    changed: tuple[FieldChange, ...]
    findings: pd.DataFrame
    scores: pd.DataFrame
    ids: tuple[Mapping[str, frozenset[str]], Mapping[str, frozenset[str]]]
    retimed: int
    stages: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether no generation and no finding differs."""
        return not (self.added or self.gone or self.renamed or self.changed or self.new_or_fixed)

    @property
    def changed_findings(self) -> pd.DataFrame:
        """The findings that are new or fixed, one row for a code that hits more than half of a stage."""
        parts = [
            condensed(self.findings[self.findings["change"] == change], ids).assign(change=change)
            for change, ids in ((NEW, self.ids[1]), (FIXED, self.ids[0]))
        ]
        return pd.concat(parts, ignore_index=True)

    @property
    def new_or_fixed(self) -> int:
        """The number of findings that are new or fixed."""
        return int((self.findings["change"] != PERSISTING).sum())


def compare(before: Saved, after: Saved) -> Diff:
    """Compare two snapshots.

    :raises DDError: a ledger is damaged.
    """
    old, new = states_of(before), states_of(after)
    stages = tuple(dict.fromkeys((*after.stages, *before.stages)))
    known = names_between(ledger_events(before), ledger_events(after))
    pairs = {key: (key[0], known[key]) for key in known if key in old and (key[0], known[key]) in new}
    taken = set(pairs.values())
    pairs |= {key: key for key in old if key not in pairs and key in new and key not in taken}
    renames = [
        RenamedGeneration(stage, name, pairs[stage, name][1], LEDGER)
        for stage, name in pairs
        if pairs[stage, name][1] != name
    ]
    renames += _by_content(old, new, pairs, before.stages)
    names = {(one.stage, one.old): one.new for one in renames}

    def current(stage: str, name: str) -> str:
        return names.get((stage, name), name)

    def order(key: Key) -> tuple[int, str]:
        return stages.index(key[0]), key[1]

    changed = [
        FieldChange(later[0], later[1], *difference)
        for earlier, later in sorted(pairs.items(), key=lambda pair: order(pair[1]))
        for difference in differing(moved(earlier, old[earlier], before.stages, current), new[later])
    ]
    taken = set(pairs.values())
    return Diff(
        before.manifest,
        after.manifest,
        added={key: new[key] for key in sorted(new.keys() - taken, key=order)},
        gone=tuple(sorted(old.keys() - pairs.keys(), key=order)),
        renamed=tuple(sorted(renames, key=lambda one: order((one.stage, one.old)))),
        changed=tuple(changed),
        findings=_findings(before.findings, after.findings, names),
        scores=_scores(before.scores, after.scores),
        ids=(_ids(old), _ids(new)),
        retimed=_retimed(before.files, after.files, names),
        stages=stages,
    )


def _by_content(
    old: Mapping[Key, State], new: Mapping[Key, State], pairs: dict[Key, Key], stages: StageTable
) -> list[RenamedGeneration]:
    """Pair the rest by equal content, stage by stage, because a child's content names its parent.

    :param pairs: known pairs; those that are found are added.
    :param stages: the table of stages of the earlier snapshot.
    """
    found: list[RenamedGeneration] = []
    names = {earlier: later[1] for earlier, later in pairs.items()}
    for stage in stages:
        left = [key for key in old if key[0] == stage and key not in pairs]
        taken = {later for later in pairs.values() if later[0] == stage}
        free = [key for key in new if key[0] == stage and key not in taken]
        if not left or not free:
            continue
        earlier = _unique(
            {key: moved(key, old[key], stages, lambda above, name: names.get((above, name), name)) for key in left}
        )
        later = _unique({key: new[key] for key in free})
        for same in earlier.keys() & later.keys():
            key, other = earlier[same], later[same]
            pairs[key] = other
            names[key] = other[1]
            found.append(RenamedGeneration(stage, key[1], other[1], CONTENT))
    return found


def _unique(states: Mapping[Key, State]) -> dict[frozenset[tuple[str, str]], Key]:
    """Return the generations with a sound record whose content no other one has, by content."""
    contents = {key: content(state) for key, state in states.items() if state["state"] == RecordState.OK}
    counts = Counter(contents.values())
    return {one: key for key, one in contents.items() if counts[one] == 1}


def _findings(before: pd.DataFrame, after: pd.DataFrame, names: Mapping[Key, str]) -> pd.DataFrame:
    old = [renamed(one, lambda stage, name: names.get((stage, name), name)) for one in subjects(before)]
    new = subjects(after)
    was, known = set(old), set(new)
    there = after.assign(change=[_persistence(one, was) for one in new])
    fixed = before[[one not in known for one in old]] if old else before
    return pd.concat([there, fixed.assign(change=FIXED)], ignore_index=True)


def _ids(states: Mapping[Key, State]) -> dict[str, frozenset[str]]:
    return {
        stage: frozenset(name for where, name in states if where == stage) for stage in {key[0] for key in states}
    }


def _persistence(subject: FindingSubject, earlier: set[FindingSubject]) -> str:
    return PERSISTING if subject in earlier else NEW


def _scores(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Count and average the scores of each judge, before and after."""
    parts = [
        table.groupby(_JUDGE, dropna=False)["score"].agg(["count", "mean"]).add_suffix(suffix)
        for table, suffix in ((before, "_before"), (after, "_after"))
    ]
    table = parts[0].join(parts[1], how="outer").sort_index().reset_index()
    counts = ["count_before", "count_after"]
    return table.astype(dict.fromkeys(counts, "Int64")).fillna(dict.fromkeys(counts, 0))


def _retimed(before: pd.DataFrame, after: pd.DataFrame, names: Mapping[Key, str]) -> int:
    """Count the texts with equal size and another time of change."""

    def current(stage: str, name: str) -> str:
        return names.get((stage, name), name)

    def facts(table: pd.DataFrame) -> dict[str, tuple[int, int]]:
        texts = table[table["path"].str.endswith(".txt") & table["path"].str.startswith(f"{GENS}/")]
        return dict(zip(texts["path"], zip(texts["size"], texts["mtime_ns"], strict=True), strict=True))

    new = facts(after)
    old = {renamed_path(path, current): one for path, one in facts(before).items()}
    return sum(path in new and new[path][0] == size and new[path][1] != time for path, (size, time) in old.items())


def classes_of(diff: Diff) -> Sequence[tuple[str, str, int, int]]:
    """Return the ids of each stage and class, before and after."""
    kinds = {
        (stage, kind) for one in (diff.before, diff.after) for stage in one.classes for kind in one.classes[stage]
    }
    ordered = sorted(kinds, key=lambda each: (diff.stages.index(each[0]), each[1]))
    counts = [
        (stage, kind, _count(diff.before, stage, kind), _count(diff.after, stage, kind)) for stage, kind in ordered
    ]
    return [each for each in counts if each[2] or each[3]]


def _count(manifest: Manifest, stage: str, kind: str) -> int:
    return manifest.classes.get(stage, {}).get(kind, 0)
