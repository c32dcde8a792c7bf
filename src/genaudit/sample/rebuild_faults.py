"""Faults that show in a rebuild of a selection."""

from __future__ import annotations

from typing import Final

from genaudit.sample.fault import Fault
from genaudit.sample.fault_context import FaultContext
from genaudit.stages import REPLICATE


def _replicate_rules_differ(context: FaultContext) -> None:
    essay = context.sound("essay")
    # There is no first one, so code that looks for the first free id takes that number.
    second = context.sound("evaluation", essay, replicate=2)
    context.selected.append(essay)
    context.expect(second, field=REPLICATE)


REBUILD_FAULTS: Final = (
    Fault(
        "REPLICATE_RULES_DIFFER",
        "a selected essay has a second evaluation by a judge who is to judge twice, and no first one",
        _replicate_rules_differ,
    ),
)
