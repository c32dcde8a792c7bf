"""Plans of migrations: made in memory when somebody asks for one, taken apart into tables, written down on demand."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pandas as pd

from genaudit.audits.kinds import placed
from genaudit.audits.rebuild.choice import selected_ids
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import MIGRATION_PLAN as PLAN_NAME
from genaudit.migration.choice import choose
from genaudit.migration.edits import EditKind
from genaudit.migration.files import Files
from genaudit.migration.mapping import Why
from genaudit.migration.plan import make_plan
from genaudit.migration.status import check_uninterrupted
from genaudit.migration.steps import stopping
from genaudit.schemas import Cause, Treatment
from genaudit.stages import STAGE_NAMES
from genaudit.store.snapshot import scan
from genaudit.store.write import write_atomic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from genaudit.migration.choice import Choice
    from genaudit.migration.plan import Plan

# Of the time that a plan takes, in percent, what reading the records takes; the search for quotes takes the rest.
_SCAN: Final = 10
_WHOLE: Final = 100

# What to do about a generation that a plan leaves alone.
_KEPT: Final[Mapping[str, str]] = {
    Why.EXCEPTED: "Nothing: it was asked to be left alone.",
    Why.NOT_CHOSEN: "Nothing, or plan again with a wider choice.",
    Why.MISMATCHED: "Find out which of the two is wrong, the record or the name, and put it right first.",
    Why.UNVERIFIABLE: "Complete the record: what it lacks is among the findings below and in the notebook Metadata.",
    Why.UNSAFE_NAME: "Rename the folder by hand: its name is not fit to be a part of a path.",
    Why.RECORD_DISAGREES: "Put the record's stage and gen_id right: they are not those of its folder.",
    Why.PARENT_MISSING: "Bring the parent back, or correct parent_gen_id: without the parent there is no new id.",
    Why.COLLISION: "Compare the two: they are the same generation twice, or the new name is taken. Keep one.",
    Why.CHILD_KEPT: "Settle what keeps the child's name first: it would stop holding if this one were renamed.",
}
# What to do about a file that a plan leaves as it is.
_LEFT: Final[Mapping[str, str]] = {
    Treatment.AMBIGUOUS: "Read it: only a person can tell whether the id is meant. Edit it by hand after the apply.",
    "not_in_its_place": "It is a copy outside of its place: exchange the ids in it by hand if it is still in use.",
    "id_of_several_stages": "Generations of several stages have the id: say which one is meant, by hand.",
    "belongs_to_another_membership": "The membership was changed after it: render the manifest anew first.",
    "changed_meanwhile": "It changed while the plan was made: plan again.",
    "vanished": "It was there and is gone: plan again.",
}
_CHANGES: Final[Mapping[str, str]] = {EditKind.SPANS: "ids exchanged", EditKind.MANIFEST: "rendered anew"}
_LEFT_OTHERWISE: Final = "It could not be searched or understood: open it, and look for old ids by hand."


class Asked(NamedTuple):
    """What somebody wants to migrate.

    :param stages: these stages alone; none for all.
    :param cohort: members of this cohort alone; ``None`` for all.
    :param only: these ids alone, as they were typed in: with commas, blanks or line ends between them.
    :param excepted: ids that keep their names, likewise.
    """

    stages: Sequence[str] = ()
    cohort: str | None = None
    only: str = ""
    excepted: str = ""


def choice_of(asked: Asked) -> Choice:
    """Say it as the command does.

    :raises DDError: as :func:`genaudit.migration.choice.choose`.
    """
    return choose(
        only=selected_ids(asked.only.split()) or None,
        excepted=selected_ids(asked.excepted.split()),
        stages=asked.stages or None,
        cohort=asked.cohort,
    )


def planned(root: Path, asked: Asked, progress: Callable[[int, str], None]) -> Plan | DDError:
    """Plan a migration in memory, from the store as it is now: an earlier reading may be out of date.

    :param progress: called with the percents done so far, and what is being done.
    :returns: the error instead, for the page to say, when nothing can be planned.
    """
    try:
        choice = choice_of(asked)
        with Files(root) as opened:
            check_uninterrupted(opened)
        with stopping(Reason.NOT_READABLE):
            snapshot = scan(root, lambda done, total: progress(_SCAN * done // max(total, 1), "reading the store"))
            progress(_SCAN, "searching every file for quotes of ids")
            plan = make_plan(snapshot, choice)
    except DDError as error:
        return error
    progress(_WHOLE, "planned")
    return plan


def path_in(folder: str) -> Path:
    """Return the path of a plan file in a folder."""
    return Path(folder, PLAN_NAME)


def save_plan(plan: Plan, root: Path, path: Path) -> Path | DDError:
    """Write a plan down, to the byte as the command does.

    :returns: the path; or why it could not be written.
    """
    # Below the data root the plan would itself be a file that quotes ids.
    if path.resolve().is_relative_to(root.resolve()):
        return DDError(Err.INVALID_CONFIG, {"reason": Reason.OUTPUT_INSIDE_STORE, "value": str(path)})
    try:
        write_atomic(path, plan.to_bytes())
    except DDError as error:
        return error
    return path


def outcomes(plan: Plan) -> pd.DataFrame:
    """Count what becomes of a stage's generations: ``stage``, ``own``, ``cascade``, ``excluded``, ``unchanged``."""
    counted = Counter((rename.stage, rename.cause) for rename in plan.renames)
    excluded = Counter(each.stage for each in plan.excluded)
    rows = [
        (stage, counted[stage, Cause.OWN], counted[stage, Cause.CASCADE], excluded[stage], plan.unchanged[stage])
        for stage in STAGE_NAMES
    ]
    return pd.DataFrame(rows, columns=["stage", "own", "cascade", "excluded", "unchanged"])


def renames(plan: Plan) -> pd.DataFrame:
    """List what is renamed: ``stage``, ``gen_id``, ``new_id`` and ``cause``."""
    return pd.DataFrame(plan.renames, columns=["stage", "gen_id", "new_id", "cause"], dtype="str")


def exclusions(plan: Plan) -> pd.DataFrame:
    """List what keeps its name though it might change: ``stage``, ``gen_id``, ``reason`` and ``other``.

    ``other`` is the generation that stands in its way, where one does.
    """
    table = pd.DataFrame(plan.excluded, columns=["stage", "gen_id", "reason", "other"], dtype="str")
    return table.astype({"reason": "category"})


def reasons(table: pd.DataFrame) -> pd.DataFrame:
    """Say what to do about what keeps its name: ``reason``, ``generations`` and ``fix``, the most frequent first.

    :param table: as :func:`exclusions` gives it.
    """
    counted = sorted(Counter(table["reason"].tolist()).items(), key=lambda item: (-item[1], item[0]))
    rows = [(reason.replace("_", " "), count, _KEPT[reason]) for reason, count in counted]
    return pd.DataFrame(rows, columns=["reason", "generations", "fix"])


def files(plan: Plan) -> pd.DataFrame:
    """List the files whose content changes: ``kind``, ``change``, ``path``, and ``ids``, how many are exchanged."""
    rows = [(_kind(edit.path), _CHANGES[EditKind(edit.kind)], edit.path, len(edit.spans)) for edit in plan.edits]
    table = pd.DataFrame(rows, columns=["kind", "change", "path", "ids"])
    return table.astype({"kind": "str", "change": "str", "path": "str", "ids": "int64"})


def files_by_kind(table: pd.DataFrame) -> pd.DataFrame:
    """Count the files to change: ``kind``, ``change``, ``files`` and ``ids``, the kind with the most files first.

    :param table: as :func:`files` gives it.
    """
    grouped = table.groupby(["kind", "change"], sort=True)
    counted = grouped.agg(files=("path", "size"), ids=("ids", "sum")).reset_index()
    return counted.sort_values("files", ascending=False, kind="stable", ignore_index=True)


def left_alone(plan: Plan) -> pd.DataFrame:
    """List the files that may quote ids and are left for a person: ``kind``, ``path``, ``reason`` and ``fix``."""
    rows = [
        (_kind(left.path), left.path, left.reason.replace("_", " "), _LEFT.get(left.reason, _LEFT_OTHERWISE))
        for left in plan.left
    ]
    return pd.DataFrame(rows, columns=["kind", "path", "reason", "fix"], dtype="str")


def partition_changes(plan: Plan) -> pd.DataFrame:
    """Count the partition keys that a pipeline has to exchange: ``definition`` and ``keys``."""
    return pd.DataFrame(list(plan.document["partitions"].items()), columns=["definition", "keys"])


def _kind(path: str) -> str:
    return placed(path, in_store=True).kind.value.replace("_", " ")
