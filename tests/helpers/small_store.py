"""A store of nine generations, legacy and deterministic ones side by side, in which every curated mode has work."""

from __future__ import annotations

from hashlib import sha256

from genaudit.store.snapshot import scan
from helpers.stores import DRAFT, ESSAY, make_stages, write_generation

COMBO_A, COMBO_B = "combo_v1_85128e4e5ef3", "combo_v1_13c725cf02fa"
DRAFT_A, DRAFT_B, DRAFT_LEGACY = DRAFT, "d_1z2eobtuv71xs5az", "43ftibqi56628az1"
ESSAY_A, ESSAY_B, ESSAY_LEGACY = ESSAY, "e_4nqjjtqtnpxlljlz", "77essay77legacy7"
EVALUATION_A, EVALUATION_LEGACY, EVALUATION_OF_LEGACY = "v_by_its_name", "99evaluation9old", "55evaluation5old"

_V10 = "creative-synthesis-v10"
STORE = {
    "draft": {
        DRAFT_A: {"combo_id": COMBO_A, "template_id": _V10, "llm_model_id": "gemini_25_pro", "replicate": 1},
        DRAFT_B: {
            "combo_id": COMBO_B,
            "template_id": "creative-synthesis-v7",
            "llm_model_id": "deepseek_r1_p",
            "replicate": 1,
        },
        # A later replicate of the first draft, from before ids were deterministic.
        DRAFT_LEGACY: {
            "origin_cohort_id": "old-cohort",
            "combo_id": COMBO_A,
            "template_id": _V10,
            "llm_model_id": "gemini_25_pro",
            "replicate": 3,
        },
    },
    "essay": {
        ESSAY_A: {"parent_gen_id": DRAFT_A, "template_id": _V10, "replicate": 1},
        ESSAY_B: {"parent_gen_id": DRAFT_B, "template_id": "parsed-from-links-v1", "replicate": 1, "mode": "copy"},
        # The one essay with a model of its own.
        ESSAY_LEGACY: {
            "parent_gen_id": DRAFT_LEGACY,
            "template_id": _V10,
            "llm_model_id": "sonnet-4",
            "replicate": 2,
        },
    },
    "evaluation": {
        EVALUATION_A: {
            "parent_gen_id": ESSAY_A,
            "template_id": "novelty",
            "llm_model_id": "sonnet-4",
            "replicate": 1,
        },
        EVALUATION_LEGACY: {
            "parent_gen_id": ESSAY_A,
            "template_id": "novelty",
            "llm_model_id": "sonnet-4",
            "replicate": 4,
        },
        EVALUATION_OF_LEGACY: {
            "parent_gen_id": ESSAY_LEGACY,
            "template_id": "novelty",
            "llm_model_id": "sonnet-4",
            "replicate": 1,
        },
    },
}


def write_small_store(root, more=None):
    """Write the store.

    :param more: by stage and id, records to add; ``None`` for a folder without a record.
    """
    make_stages(root)
    for stage, records in STORE.items():
        for gen_id, record in {**records, **(more or {}).get(stage, {})}.items():
            write_generation(root, stage, gen_id, record)
    return root


def small_snapshot(root, more=None):
    return scan(write_small_store(root, more))


def legacy_by_hand(stage, task, cohort=None, salt=None):
    """The legacy formula, worked out a digit at a time."""
    text = "".join(f"{part}|" for part in (stage, task, cohort, salt) if part)
    number = int(sha256(text.encode()).hexdigest()[:24], 16)
    digits = ""
    while number:
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36] + digits
        number //= 36
    return digits.zfill(16)[:16]
