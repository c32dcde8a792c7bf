"""Labels of the assets in Dagster's catalog: owners, kinds and tags."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from genaudit.decisions import Step

# Owners are known where the store is: addresses and teams as "team:name", separated by commas.
OWNERS_VARIABLE: Final = "DD_OWNERS"
OWNERS: Final = tuple(filter(None, map(str.strip, os.environ.get(OWNERS_VARIABLE, "").split(","))))

STEP_KINDS: Final[Mapping[Step, frozenset[str]]] = MappingProxyType(
    {
        Step.PROMPT: frozenset({"python", "jinja2"}),
        Step.RAW: frozenset({"python", "llm"}),
        Step.PARSED: frozenset({"python", "text"}),
    }
)
TABLE_KINDS: Final = frozenset({"python", "pandas", "csv"})


def step_tags(stage: str, step: Step) -> dict[str, str]:
    """Tag the asset of a step. ``genaudit/paid`` marks the assets that may call a model."""
    paid = {"genaudit/paid": "true"} if step is Step.RAW else {}
    return {"genaudit/stage": stage, "genaudit/step": str(step), **paid}
