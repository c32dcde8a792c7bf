"""Choice of the generations that a migration renames, and of exceptions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from genaudit.cohorts.membership import read_membership
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import Layout, is_safe_name
from genaudit.schemas import rows
from genaudit.stages import STAGES, StageTable
from genaudit.store.folders import read_file
from genaudit.store.records import UnreadableError
from genaudit.store.snapshot import Snapshot

_MAX_LIST_BYTES: Final = 1 << 28


@dataclass(frozen=True, slots=True)
class RenameFilter:
    """The generations to rename for an own cause; their descendants follow.

    :param only: ids to rename; ``None`` for all.
    :param excepted: ids that keep their names in any case.
    :param stages: stages to rename; ``None`` for all.
    :param cohort: cohort whose members are renamed; ``None`` for all.
    """

    only: tuple[str, ...] | None = None
    excepted: tuple[str, ...] = ()
    stages: tuple[str, ...] | None = None
    cohort: str | None = None


def choose(
    *,
    only: Iterable[str] | None = None,
    excepted: Iterable[str] = (),
    stages: Iterable[str] | None = None,
    cohort: str | None = None,
    table: StageTable = STAGES,
) -> RenameFilter:
    """Build a choice in normal form: ids sorted without duplicates, stages in order.

    :param table: the store's table of stages.
    :raises DDError: ``INVALID_CONFIG``, reason ``unknown_stage`` or ``unsafe_id``.
    """
    wanted = None if stages is None else set(stages)
    if unknown := sorted((wanted or set()).difference(table)):
        ctx = {"reason": Reason.UNKNOWN_STAGE, "value": unknown[0], "known": list(table)}
        raise DDError(Err.INVALID_CONFIG, ctx)
    ids = None if only is None else tuple(sorted(set(only)))
    kept = tuple(sorted(set(excepted)))
    names = [*(ids or ()), *kept, *([cohort] if cohort is not None else [])]
    if unsafe := sorted(name for name in names if not is_safe_name(name)):
        raise DDError(Err.INVALID_CONFIG, {"reason": Reason.UNSAFE_ID, "value": unsafe[0]})
    ordered = None if wanted is None else tuple(stage for stage in table if stage in wanted)
    return RenameFilter(ids, kept, ordered, cohort)


def ids_given(values: Sequence[str]) -> list[str]:
    """Parse ids from options: an id, or ``@`` and the name of a file with one id per line.

    :raises DDError: ``INVALID_CONFIG``, reason ``list_unreadable``.
    """
    found: list[str] = []
    for value in values:
        found += _listed(value[1:]) if value.startswith("@") else [value]
    return found


def _listed(path: str) -> list[str]:
    try:
        text = read_file(path, limit=_MAX_LIST_BYTES).decode("utf-8-sig")
    except (FileNotFoundError, UnreadableError, UnicodeDecodeError) as error:
        ctx = {"reason": Reason.LIST_UNREADABLE, "path": path, "error": str(error)}
        raise DDError(Err.INVALID_CONFIG, ctx) from error
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def check_known(choice: RenameFilter, snapshot: Snapshot) -> None:
    """Raise an error for ids that the store does not have: a misspelt exception would be renamed.

    :raises DDError: ``INVALID_CONFIG``, reason ``unknown_ids``, with each ``gen_id`` and its ``nearest`` under
        ``problems``.
    """
    known = set(snapshot.values("gen_id"))
    unknown = [gen_id for gen_id in (*(choice.only or ()), *choice.excepted) if gen_id not in known]
    if unknown:
        problems = [
            {"gen_id": gen_id, "nearest": next(iter(get_close_matches(gen_id, known, n=1)), None)}
            for gen_id in unknown
        ]
        raise DDError(Err.INVALID_CONFIG, {"reason": Reason.UNKNOWN_IDS, "problems": problems})


def members_of(layout: Layout, cohort: str) -> frozenset[tuple[str, str]]:
    """The stage and id of each member of a cohort.

    :raises DDError: as :func:`genaudit.cohorts.membership.read_membership`.
    """
    return frozenset((row.stage, row.gen_id) for row in rows(read_membership(layout, cohort).frame))
