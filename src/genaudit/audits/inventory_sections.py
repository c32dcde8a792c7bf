"""Sections of the inventory audit, and its descriptor."""

from __future__ import annotations

from typing import Final

from genaudit import charts
from genaudit.audits.audit import Audit, AuditContext
from genaudit.audits.inventory import InventoryResult, StageInventory, inventory
from genaudit.audits.missing_files import at_risk_sentences
from genaudit.audits.recompute_sections import RECOMPUTE
from genaudit.humanize import counted
from genaudit.page_model import Column, Figure, Section, Table, number_table, spaced, stage_table
from genaudit.schemas import IdClass

_LENGTHS: Final = (
    "A deterministic id is a random-looking number of 80 bits: about one in five is shorter than 18 characters. So"
    " lengths are compared with chance, and the class of an id comes from recomputing it, never from its length."
)
_CAPTION: Final = "Bars count the stored ids of each length; the marks are the numbers that chance gives."
_SHORT: Final = (
    Column("stage", "Stage", choose=True),
    Column("gen_id", "Id", "id"),
    Column("length", "Characters", "number", choose=True),
    Column("class", "Class", choose=True),
)


def _run(context: AuditContext) -> InventoryResult:
    return inventory(context.snapshot, context.result(RECOMPUTE))


def _sections(result: InventoryResult) -> tuple[Section, ...]:
    stages = result.summary.stages
    by_stage = ", ".join(counted(one.total, stage) for stage, one in stages.items())
    held = {stage: one for stage, one in stages.items() if one.total}
    short = _short_ids(stages)
    return (
        Section(
            key="inventory",
            title=INVENTORY.title,
            question=INVENTORY.question,
            sentences=(
                *at_risk_sentences(result.summary.paid_answers_at_risk),
                f"The store holds {counted(result.summary.total, 'generation')}: {by_stage}.",
                *(f"{stage}: {one.verdict}" for stage, one in held.items()),
                _LENGTHS,
            )
            if held
            else (),
            good=None if held else "The store holds no generation yet.",
            overview=stage_table(
                "id-classes",
                "Generations by class of id",
                ("total", *IdClass, "under 18 characters"),
                stages,
                lambda one: [one.total, *(one.classes[kind] for kind in IdClass), len(one.short_ids)],
            ),
            figures=tuple(_figure(result, stage, one) for stage, one in held.items()),
            tables=(_artifacts(result), *([short] if short.total else [])),
            abreast=True,
        ),
    )


def _figure(result: InventoryResult, stage: str, one: StageInventory) -> Figure:
    lengths = sorted({*one.lengths, *one.expected_lengths}, key=int, reverse=True)
    cells = [[int(size), one.lengths.get(size, 0), f"{one.expected_lengths.get(size, 0.0):,.1f}"] for size in lengths]
    heads = (Column("length", "Characters", "number"), "Stored", "By chance")
    numbers = number_table(f"numbers-lengths-{stage}", f"Lengths of {stage} ids", heads, cells)
    return Figure(f"lengths-{stage}", _CAPTION, lambda: charts.lengths(result.frame, stage, result.stages), numbers)


def _artifacts(result: InventoryResult) -> Table:
    artifacts = result.summary.artifacts
    kinds = [*next(iter(artifacts.values()), {})]
    return stage_table(
        "artifacts",
        "Generations that have each artifact",
        [spaced(kind) for kind in kinds],
        artifacts,
        lambda counts: [counts[kind] for kind in kinds],
    )


def _short_ids(stages: dict[str, StageInventory]) -> Table:
    cells = [
        [stage, short["gen_id"], short["length"], short["class"]]
        for stage, one in stages.items()
        for short in one.short_ids
    ]
    return Table(
        "short-ids",
        "Ids under 18 characters, with their recomputed class",
        _SHORT,
        cells,
        len(cells),
        "gen_id_inventory.json",
        each=("stage", "class"),
    )


INVENTORY: Final = Audit(
    name="inventory",
    title="Inventory",
    question="What is in the store, and do the lengths of ids carry any evidence?",
    run=_run,
    sections=_sections,
    report="gen_id_inventory",
    tables={},
    notebook="inventory",
)
