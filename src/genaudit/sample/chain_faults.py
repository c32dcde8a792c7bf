"""Faults of parent links, and of ids that do not match their record."""

from __future__ import annotations

from typing import Final

from genaudit.layout import METADATA
from genaudit.sample.fault import Fault
from genaudit.sample.fault_context import FaultContext
from genaudit.stages import PARENT, REPLICATE


def _parent_missing(site: FaultContext) -> None:
    site.expect(site.sound("essay", site.imagine("draft")), field=PARENT)


def _parent_unreadable(site: FaultContext) -> None:
    draft = site.sound("draft", full=True)
    (site.folder(draft) / METADATA).unlink()
    site.expect(site.sound("essay", draft), field=PARENT)
    site.expect(draft, code="METADATA_MISSING")


def _parent_wrong_stage(site: FaultContext) -> None:
    site.expect(site.sound("evaluation", site.sound("draft")), field=PARENT)


def _parent_cycle(site: FaultContext) -> None:
    # Deterministic ids cannot form a cycle, since each is a hash of its parent's; so one of the two is a legacy id.
    first = site.write(site.imagine("essay", site.imagine("draft")).named_as_before())
    second = site.sound("essay", first)
    site.rewrite(first, parent_gen_id=second.gen_id)
    site.expect(first, field=PARENT)
    site.expect(second, field=PARENT)


def _chain_broken_above(site: FaultContext) -> None:
    essay = site.sound("essay", site.imagine("draft"))
    site.expect(site.sound("evaluation", essay), field=PARENT)
    site.expect(essay, code="PARENT_MISSING", field=PARENT)


def _id_mismatch(site: FaultContext) -> None:
    victim = site.sound("draft")
    site.rewrite(victim, **{REPLICATE: victim.replicate + 1})
    site.expect(victim)


def _id_collision(site: FaultContext) -> None:
    lost = site.sound("draft", full=True)
    (site.folder(lost) / METADATA).unlink()
    before = site.write(lost.named_as_before())
    first, second = sorted((lost, before), key=lambda generation: generation.gen_id)
    site.expect(first, others=(second.gen_id,))
    site.expect(lost, code="METADATA_MISSING")


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
