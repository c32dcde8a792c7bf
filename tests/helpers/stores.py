"""Writes stores of a few generations by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# Published with the real store: ids that came out of these very signatures.
DRAFT = "d_5ezrffv9uf3lr37d"
DRAFT_RECORD = {
    "combo_id": "combo_v1_85128e4e5ef3",
    "template_id": "creative-synthesis-v10",
    "llm_model_id": "gemini_25_pro",
    "replicate": 1,
}
ESSAY = "e_sq5klak2lljyyom"
ESSAY_RECORD = {"parent_gen_id": DRAFT, "template_id": "creative-synthesis-v10", "replicate": 1}


def write_generation(root: Path, stage: str, gen_id: str, record: dict[str, Any] | bytes | None = None) -> Path:
    """Write a generation folder; by default a record gets the stage and id of its folder."""
    folder = root / "gens" / stage / gen_id
    folder.mkdir(parents=True)
    if isinstance(record, bytes):
        (folder / "metadata.json").write_bytes(record)
    elif record is not None:
        (folder / "metadata.json").write_text(json.dumps({"stage": stage, "gen_id": gen_id, **record}))
    return folder


def make_stages(root: Path) -> Path:
    """Make the three stages' folders."""
    for stage in ("draft", "essay", "evaluation"):
        (root / "gens" / stage).mkdir(parents=True, exist_ok=True)
    return root


def evaluation(parent: str, **changes: Any) -> dict[str, Any]:
    """Make the record of an evaluation."""
    return {"parent_gen_id": parent, "template_id": "novelty", "llm_model_id": "sonnet-4", "replicate": 1, **changes}
