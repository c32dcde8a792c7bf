"""The columns of the frames of the rebuild audit, in order, with dtypes as in :mod:`genaudit.schemas`."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from genaudit.decisions import Decision
from genaudit.stages import STAGE_NAMES

# What a rebuild would do: a row for each planned generation, mode, and selected id that it is planned for.
REBUILD: Final = MappingProxyType(
    {
        "selection_id": "str",
        "mode": "str",
        "stage": "stage",
        "gen_id": "str",
        "in_store": "bool",
        "decision": "decision",
        "destroys": "str",
        "causes": "str",
        "root": "str",
        "would_reuse_if": "str",
        "calls": "int64",
        "tokens": "Float64",
        "prompt_tokens": "Float64",
        "completion_tokens": "Float64",
        "money": "Float64",
        "parent_gen_id": "str",
        "template_id": "str",
        "llm_model_id": "str",
        "replicate": "Int32",
    }
)
COMPARISON: Final = MappingProxyType(
    {
        "mode": "str",
        "stage": "stage",
        "planned": "int64",
        **dict.fromkeys(Decision, "int64"),
        "calls_of_unknown_cost": "int64",
        "prompt_tokens": "Float64",
        "completion_tokens": "Float64",
        "tokens_low": "Float64",
        "tokens_high": "Float64",
        "money": "Float64",
        "calls_without_price": "int64",
    }
)
KEPT: Final = MappingProxyType(
    {"mode": "str", "stage": "stage", "class": "class", "selected": "int64", "kept": "int64", "verdict": "str"}
)
REBUILD_CAUSES: Final = MappingProxyType({"mode": "str", "stage": "stage", "cause": "str", "generations": "int64"})
COSTS: Final = MappingProxyType(
    {
        "stage": "stage",
        "template_id": "str",
        "llm_model_id": "str",
        "samples": "int64",
        **{f"{kind}_{what}": "Float64" for kind in ("prompt", "completion") for what in ("median", "low", "high")},
    }
)
UNAVOIDABLE: Final = MappingProxyType(
    {"stage": "stage", "template_id": "str", "llm_model_id": "str", "generations": "int64"}
)
BLAST: Final = MappingProxyType(
    {
        "stage": "stage",
        "gen_id": "str",
        "class": "class",
        **{f"{stage}s_below": "int64" for stage in STAGE_NAMES[1:]},
        "below": "int64",
    }
)
