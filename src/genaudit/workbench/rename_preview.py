"""Effect of a plan on one generation: its chain before and after."""

from __future__ import annotations

from typing import Final, NamedTuple

import pandas as pd

from genaudit import charts
from genaudit.charts.style import Chart
from genaudit.lookup.picture import omitted
from genaudit.migration.edits import Ids
from genaudit.migration.plan import Plan
from genaudit.schemas import IdClass
from genaudit.workbench.session import Session

# Fewer than in the detail of a generation, because each is drawn twice here.
MOST_BELOW: Final = 8
_RENAMED: Final = {"own": "renamed by its own record", "cascade": "renamed by its parent's new id"}


class Chains(NamedTuple):
    """The effect of a plan on a generation, its ancestors and its descendants.

    :param steps: ``place`` (above, itself, below), ``stage``, ``gen_id``, ``new_id`` and ``outcome``, from the root
        down.
    :param before: drawing of the generation, its ancestors and the first descendants before the migration.
    :param after: the same drawing after the migration.
    :param caption: the sentence about the number of changes.
    """

    steps: pd.DataFrame
    before: Chart
    after: Chart
    caption: str


def chains(session: Session, plan: Plan, stage: str | None, gen_id: str | None) -> Chains | None:
    """Build the chain of a generation before and after a migration.

    :returns: ``None`` if the session has no such generation.
    """
    row = session.snapshot.rows.get(stage or "", {}).get(gen_id or "")
    if stage is None or gen_id is None or row is None:
        return None
    above, below = [*reversed(session.lineage.above(row))], session.lineage.below(row)
    steps = _steps(session, plan, [("above", above), ("itself", [row]), ("below", below)])
    changed = int((steps["gen_id"] != steps["new_id"]).sum())
    return Chains(
        steps,
        _drawn(session, row, below, {}),
        _drawn(session, row, below, plan.ids),
        f"Of the {len(steps):,} generations of its chain and below it, {changed:,} get a new id."
        + (
            f" Of those below the first {MOST_BELOW} are drawn; the table has them all." if below[MOST_BELOW:] else ""
        ),
    )


def _steps(session: Session, plan: Plan, placed: list[tuple[str, list[int]]]) -> pd.DataFrame:
    stages, names = session.snapshot.values("stage"), session.snapshot.values("gen_id")
    wanted = {(stages[row], names[row]) for _, rows in placed for row in rows}
    outcomes = {(each.stage, each.old): _RENAMED[each.cause] for each in plan.renames if each[:2] in wanted}
    outcomes |= {
        (each.stage, each.gen_id): f"keeps its id: {each.reason.replace('_', ' ')}"
        for each in plan.excluded
        if each[:2] in wanted
    }
    rows = [
        (
            place,
            stages[row],
            names[row],
            _new(plan.ids, stages[row], names[row]),
            outcomes.get((stages[row], names[row]), "unchanged"),
        )
        for place, members in placed
        for row in members
    ]
    return pd.DataFrame(rows, columns=["place", "stage", "gen_id", "new_id", "outcome"], dtype="str")


def _new(ids: Ids, stage: str | None, gen_id: str) -> str:
    return ids.get(stage or "", {}).get(gen_id, gen_id)


def _drawn(session: Session, row: int, below: list[int], ids: Ids) -> Chart:
    rows = [*session.lineage.above(row), row, *below[:MOST_BELOW]]
    links = session.lineage.links(rows)
    named = links.assign(
        gen_id=[_new(ids, *key) for key in zip(links["stage"], links["gen_id"], strict=True)],
        parent_gen_id=[_new(ids, *key) for key in zip(links["parent_stage"], links["parent_gen_id"], strict=True)],
    )
    kinds = session.generations["class"].iloc[rows]
    classes = {
        (stage, new): IdClass.DETERMINISTIC.value if new != old else str(kind)
        for stage, new, old, kind in zip(links["stage"], named["gen_id"], links["gen_id"], kinds, strict=True)
    }
    chosen = session.snapshot.values("stage")[row], session.snapshot.values("gen_id")[row]
    further = {
        ((above, _new(ids, above, name)), stage): count
        for ((above, name), stage), count in omitted(session.lookup, row, set(rows), below).items()
    }
    chart: Chart = charts.lineage(named, classes, (chosen[0], _new(ids, *chosen)), further, session.snapshot.stages)
    return chart
