"""Faults of parent links, and of ids that do not match their record."""

from __future__ import annotations

from typing import Final

from genaudit.layout import METADATA
from genaudit.sample.fault import Fault
from genaudit.sample.fault_context import FaultContext
from genaudit.stages import PARENT, REPLICATE


def _parent_missing(context: FaultContext) -> None:
    context.expect(context.sound("essay", context.imagine("draft")), field=PARENT)


def _parent_unreadable(context: FaultContext) -> None:
    draft = context.sound("draft", full=True)
    (context.folder(draft) / METADATA).unlink()
    context.expect(context.sound("essay", draft), field=PARENT)
    context.expect(draft, code="METADATA_MISSING")


def _parent_wrong_stage(context: FaultContext) -> None:
    context.expect(context.sound("evaluation", context.sound("draft")), field=PARENT)


def _parent_cycle(context: FaultContext) -> None:
    # Deterministic ids cannot form a cycle, since each is a hash of its parent's; so one of the two is a legacy id.
    first = context.write(context.imagine("essay", context.imagine("draft")).named_as_before())
    second = context.sound("essay", first)
    context.rewrite(first, parent_gen_id=second.gen_id)
    context.expect(first, field=PARENT)
    context.expect(second, field=PARENT)


def _chain_broken_above(context: FaultContext) -> None:
    essay = context.sound("essay", context.imagine("draft"))
    context.expect(context.sound("evaluation", essay), field=PARENT)
    context.expect(essay, code="PARENT_MISSING", field=PARENT)


def _id_mismatch(context: FaultContext) -> None:
    victim = context.sound("draft")
    context.rewrite(victim, **{REPLICATE: victim.replicate + 1})
    context.expect(victim)


def _id_collision(context: FaultContext) -> None:
    lost = context.sound("draft", full=True)
    (context.folder(lost) / METADATA).unlink()
    before = context.write(lost.named_as_before())
    first, second = sorted((lost, before), key=lambda generation: generation.gen_id)
    context.expect(first, others=(second.gen_id,))
    context.expect(lost, code="METADATA_MISSING")


CHAIN_FAULTS: Final = (
    Fault("PARENT_MISSING", "an essay names a draft that is not there", _parent_missing),
    Fault(
        "PARENT_UNREADABLE",
        "an essay's draft has lost its metadata.json",
        _parent_unreadable,
        companions=("METADATA_MISSING",),
    ),
    Fault("PARENT_WRONG_STAGE", "an evaluation names a draft as its parent", _parent_wrong_stage),
    Fault("PARENT_CYCLE", "two essays name each other as parents", _parent_cycle),
    Fault(
        "CHAIN_BROKEN_ABOVE",
        "an evaluation's essay names a draft that is not there",
        _chain_broken_above,
        companions=("PARENT_MISSING",),
    ),
    Fault("ID_MISMATCH", "a draft's replicate was changed after it was named", _id_mismatch),
    Fault(
        "ID_COLLISION",
        "a legacy draft recomputes to the name of a folder without metadata.json",
        _id_collision,
        companions=("METADATA_MISSING",),
    ),
)
