"""Migration plans in memory: made on demand, split into tables, saved on request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import pandas as pd

from genaudit.audits.file_types import placed
from genaudit.audits.rebuild.choice import selected_ids
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import MIGRATION_PLAN as PLAN_NAME
from genaudit.migration.edits import EditKind
from genaudit.migration.files import Files
from genaudit.migration.mapping import KeepReason
from genaudit.migration.plan import Plan, make_plan
from genaudit.migration.remedies import LEFT, LEFT_OTHERWISE, REMEDIES
from genaudit.migration.rename_filter import RenameFilter, choose
from genaudit.migration.status import check_uninterrupted
from genaudit.migration.steps import stopping
from genaudit.schemas import RenameCause
from genaudit.stages import STAGES, StageTable
from genaudit.store.settings import read_settings
from genaudit.store.snapshot import scan
from genaudit.store.write import write_atomic

# Percentage of planning time that reading the records takes; the reference search takes the rest.
_SCAN: Final = 10
_WHOLE: Final = 100
_CHANGES: Final = {EditKind.SPANS: "ids replaced", EditKind.MANIFEST: "rewritten"}


class Asked(NamedTuple):
    """The choice of generations to migrate, as the page collects it.

    :param stages: stages to migrate; empty for all.
    :param cohort: cohort whose members are migrated; ``None`` for all.
    :param only: ids to migrate, as typed: separated by commas, blanks or line ends.
    :param excepted: ids that keep their names, likewise.
    """

    stages: Sequence[str] = ()
    cohort: str | None = None
    only: str = ""
    excepted: str = ""


def choice_of(asked: Asked, table: StageTable = STAGES) -> RenameFilter:
    """Convert the entries of the form to the choice that the command would make of them.

    :param table: the store's table of stages.
    :raises DDError: as :func:`genaudit.migration.rename_filter.choose`.
    """
    return choose(
        only=selected_ids(asked.only.split()) or None,
        excepted=selected_ids(asked.excepted.split()),
        stages=asked.stages or None,
        cohort=asked.cohort,
        table=table,
    )


def planned(root: Path, asked: Asked, progress: Callable[[int, str], None]) -> Plan | DDError:
    """Plan a migration in memory from a fresh scan, since an earlier reading may be out of date.

    :param progress: called with the percentage done so far and the current task.
    :returns: the error, for display, if no plan can be made.
    """
    try:
        choice = choice_of(asked, read_settings(root).stages)
        with Files(root) as opened:
            check_uninterrupted(opened)
        with stopping(Reason.NOT_READABLE):
            snapshot = scan(root, lambda done, total: progress(_SCAN * done // max(total, 1), "reading the store"))
            progress(_SCAN, "searching every file for references")
            plan = make_plan(snapshot, choice)
    except DDError as error:
        return error
    progress(_WHOLE, "planned")
    return plan


def path_in(folder: str) -> Path:
    """Return the path of a plan file in a folder."""
    return Path(folder, PLAN_NAME)


def save_in(plan: Plan, root: Path, folder: str) -> list[Path] | DDError:
    """Save a plan in a folder, as :func:`save_plan`."""
    saved = save_plan(plan, root, path_in(folder))
    return saved if isinstance(saved, DDError) else [saved]


def save_plan(plan: Plan, root: Path, path: Path) -> Path | DDError:
    """Save a plan, byte for byte as the command does.

    :returns: the path, or the error if the plan could not be written.
    """
    # Below the data root the plan would itself be a file with references.
    if path.resolve().is_relative_to(root.resolve()):
        return DDError(Err.INVALID_CONFIG, {"reason": Reason.OUTPUT_INSIDE_STORE, "value": str(path)})
    try:
        write_atomic(path, plan.to_bytes())
    except DDError as error:
        return error
    return path


def outcomes(plan: Plan) -> pd.DataFrame:
    """Count the outcomes of each stage: ``stage``, ``own``, ``cascade``, ``excluded``, ``unchanged``."""
    counted = Counter((rename.stage, rename.cause) for rename in plan.renames)
    excluded = Counter(each.stage for each in plan.excluded)
    rows = [
        (
            stage,
            counted[stage, RenameCause.OWN],
            counted[stage, RenameCause.CASCADE],
            excluded[stage],
            plan.unchanged[stage],
        )
        for stage in plan.stages
    ]
    return pd.DataFrame(rows, columns=["stage", "own", "cascade", "excluded", "unchanged"])


def renames(plan: Plan) -> pd.DataFrame:
    """List the renames: ``stage``, ``gen_id``, ``new_id`` and ``cause``."""
    return pd.DataFrame(plan.renames, columns=["stage", "gen_id", "new_id", "cause"], dtype="str")


def exclusions(plan: Plan) -> pd.DataFrame:
    """List the excluded generations: ``stage``, ``gen_id``, ``reason`` and ``other``.

    ``other`` is the generation that blocks the rename, if there is one.
    """
    table = pd.DataFrame(plan.excluded, columns=["stage", "gen_id", "reason", "other"], dtype="str")
    return table.astype({"reason": "category"})


def reasons(table: pd.DataFrame) -> pd.DataFrame:
    """Count the reasons for exclusion, most frequent first: ``reason``, ``generations`` and ``fix``.

    :param table: the result of :func:`exclusions`.
    """
    counted = sorted(Counter(table["reason"].tolist()).items(), key=lambda item: (-item[1], item[0]))
    rows = [(reason.replace("_", " "), count, REMEDIES[KeepReason(reason)][1]) for reason, count in counted]
    return pd.DataFrame(rows, columns=["reason", "generations", "fix"])


def files(plan: Plan) -> pd.DataFrame:
    """List the files whose content changes: ``kind``, ``change``, ``path``, and ``ids``, how many are exchanged."""
    rows = [
        (_kind(edit.path, plan.stages), _CHANGES[EditKind(edit.kind)], edit.path, len(edit.spans))
        for edit in plan.edits
    ]
    table = pd.DataFrame(rows, columns=["kind", "change", "path", "ids"])
    return table.astype({"kind": "str", "change": "str", "path": "str", "ids": "int64"})


def files_by_kind(table: pd.DataFrame) -> pd.DataFrame:
    """Count the files to edit: ``kind``, ``change``, ``files`` and ``ids``, the kind with the most files first.

    :param table: the result of :func:`files`.
    """
    grouped = table.groupby(["kind", "change"], sort=True)
    counted = grouped.agg(files=("path", "size"), ids=("ids", "sum")).reset_index()
    return counted.sort_values("files", ascending=False, kind="stable", ignore_index=True)


def left_alone(plan: Plan) -> pd.DataFrame:
    """List the files left to a person: ``kind``, ``path``, ``reason`` and ``fix``."""
    rows = [
        (
            _kind(left.path, plan.stages),
            left.path,
            left.reason.replace("_", " "),
            LEFT.get(left.reason, LEFT_OTHERWISE)[1],
        )
        for left in plan.left
    ]
    return pd.DataFrame(rows, columns=["kind", "path", "reason", "fix"], dtype="str")


def partition_changes(plan: Plan) -> pd.DataFrame:
    """Count the partition keys that a pipeline has to replace: ``definition`` and ``keys``."""
    return pd.DataFrame(list(plan.document["partitions"].items()), columns=["definition", "keys"])


def _kind(path: str, stages: StageTable) -> str:
    return placed(path, in_store=True, stages=stages).kind.value.replace("_", " ")
