"""Search for the generation that an id means, whether the id is a current, an earlier or a recomputed one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from genaudit.audits.run import AuditRun
from genaudit.store.ledger import Ledger
from genaudit.store.near_misses import near_ids


class Via(StrEnum):
    """The way from an id to a generation: its folder name, an earlier name, or the id that its record gives."""

    NAME = "name"
    LEDGER = "ledger"
    RECORD = "record"


class Match(NamedTuple):
    """A generation that an id leads to.

    :param gen_id: its name in the store.
    """

    stage: str
    gen_id: str
    via: Via


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The result of a search.

    :param asked: the id.
    :param matches: the generations, in stage order; several if stages share a name, or if a name was used twice.
    :param gone: by stage, the last known name of a generation that had the id and is no longer in the store.
    :param nearest: similar ids of the store, closest first; empty if there is a match.
    """

    asked: str
    matches: tuple[Match, ...]
    gone: tuple[tuple[str, str], ...] = ()
    nearest: tuple[str, ...] = ()


def find(run: AuditRun, ledger: Ledger, gen_id: str) -> SearchResult:
    """Find the generations that an id leads to: by name, else by the ledger, else by the ids of their records.

    :param run: an audit run that includes ``recompute``.
    :param gen_id: the id; surrounding blanks do not count.
    """
    asked = gen_id.strip()
    rows = run.snapshot.rows
    matches = [Match(stage, asked, Via.NAME) for stage, names in rows.items() if asked in names]
    renamed = [(names.stage, names.current) for names in ledger.resolve(asked)]
    known = [(stage, name) for stage, name in renamed if name in rows.get(stage, {})]
    if not matches:
        matches = [Match(stage, name, Via.LEDGER) for stage, name in known]
    if not matches:
        matches = _by_record(run, asked)
    gone = tuple(key for key in renamed if key not in known)
    return SearchResult(
        asked, tuple(matches), gone, () if matches else near_ids(asked, run.snapshot.values("gen_id"))
    )


def _by_record(run: AuditRun, asked: str) -> list[Match]:
    mapping = run.recompute.frame
    given = mapping[(mapping["recomputed_id"] == asked) | (mapping["migrated_id"] == asked)]
    return [Match(str(stage), name, Via.RECORD) for stage, name in zip(given["stage"], given["gen_id"], strict=True)]
