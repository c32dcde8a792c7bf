"""Sections of the recompute audit, and its descriptor."""

from __future__ import annotations

from typing import Final

from genaudit import charts
from genaudit.audits.audit import Audit
from genaudit.audits.recompute import RecomputeResult, recompute
from genaudit.humanize import counted
from genaudit.page_model import Column, Figure, Section, Table, listing, stage_table
from genaudit.schemas import IdClass, RenameCause

_CASCADE: Final = "A parent's new id changes the ids of all its descendants, even of those that are right today."
_MAPPING: Final = (
    Column("stage", "Stage", choose=True),
    Column("gen_id", "Id today", "id"),
    Column("class", "Class", choose=True),
    Column("cause", "Cause", choose=True),
    Column("recomputed_id", "Recomputed id", "code"),
    Column("migrated_id", "Id after migration", "code"),
)
# The alarming class first.
_CLASS_ORDER: Final = (IdClass.MISMATCHED, IdClass.LEGACY, IdClass.UNVERIFIABLE, IdClass.DETERMINISTIC)


def _sections(result: RecomputeResult) -> tuple[Section, ...]:
    listed = _mapping(result)
    figures = []
    if len(result.frame):
        figures.append(
            Figure(
                "classes",
                _classes(result),
                lambda: charts.classes(result.frame, result.stages),
                _class_numbers(result),
            )
        )
    if listed.total:
        figures.append(
            Figure("causes", _CASCADE, lambda: charts.causes(result.frame, result.stages), _cause_numbers(result))
        )
    return (
        Section(
            key="recompute",
            title=RECOMPUTE.title,
            question=RECOMPUTE.question,
            sentences=(result.summary.lookup.verdict,) if len(result.frame) else (),
            good=None if listed.total else _good(len(result.frame)),
            overview=stage_table(
                "renames",
                "Ids that a migration would change",
                ("total", "keep their id", "by their own record", "by their parent's new id"),
                result.summary.stages,
                lambda one: [one.total, *one.causes.values()],
            ),
            figures=tuple(figures),
            tables=(listed,) if listed.total else (),
        ),
    )


def _mapping(result: RecomputeResult) -> Table:
    changing = result.frame[result.frame["cause"] != RenameCause.NONE]
    order = changing["class"].map(_CLASS_ORDER.index).astype("int64").to_numpy().argsort(kind="stable")
    caption = "Ids that a migration would change"
    return listing("mapping", caption, _MAPPING, changing.iloc[order], source="gen_id_mapping.csv", each=("class",))


def _good(total: int) -> str:
    if not total:
        return "There are no ids to recompute yet."
    return "A migration would change no id that can be recomputed."


def _classes(result: RecomputeResult) -> str:
    stages = result.summary.stages.values()
    mismatched = sum(one.classes[IdClass.MISMATCHED] for one in stages)
    suffixed = sum(one.deterministic_with_collision_suffix for one in stages)
    alarm = (
        f"Mismatched, and alarming: {counted(mismatched, 'id')} of deterministic form"
        if mismatched
        else "No id is mismatched"
    )
    return f"{alarm}; of the deterministic ids {suffixed:,} have a collision suffix."


def _class_numbers(result: RecomputeResult) -> Table:
    return stage_table(
        "numbers-classes",
        "Generations by class",
        [*IdClass],
        result.summary.stages,
        lambda one: [one.classes[kind] for kind in IdClass],
    )


def _cause_numbers(result: RecomputeResult) -> Table:
    return stage_table(
        "numbers-causes",
        "Generations by cause",
        [*RenameCause],
        result.summary.stages,
        lambda one: [one.causes[kind] for kind in RenameCause],
    )


RECOMPUTE: Final = Audit(
    name="recompute",
    title="Recomputed ids",
    question="Which ids match their records, and which would a plan find by id?",
    run=lambda context: recompute(context.snapshot),
    sections=_sections,
    report="gen_id_recompute",
    tables={"gen_id_mapping": lambda result: result.frame},
    notebook="identity",
)
