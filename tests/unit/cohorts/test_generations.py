from __future__ import annotations

import numpy as np
import pytest

from genaudit.cohorts.generations import Generation, Key, key_of, nothing_stored, stored_in
from genaudit.errors import DDError, Err
from helpers.small_store import (
    COMBO_A,
    DRAFT_A,
    DRAFT_LEGACY,
    ESSAY_A,
    EVALUATION_A,
    EVALUATION_LEGACY,
    small_snapshot,
)

V10 = "creative-synthesis-v10"


def alike(stored, base):
    """The ids of a signature's replicates, and the highest replicate."""
    groups = stored.bases.find([np.array([stored.bases.code(place, part)]) for place, part in enumerate(base)])
    _, rows = stored.bases.members(groups, len(stored.names))
    return [stored.names[row] for row in rows], int(stored.bases.highest_of(groups)[0])


def test_a_key_is_the_normalised_signature():
    essay = Generation(None, " D_1 ", "Plain-V1", "ignored", 2)
    assert key_of("essay", essay) == Key(("d_1", "plain-v1"), 2)
    with pytest.raises(DDError) as caught:
        key_of("draft", essay)
    assert caught.value.code is Err.DATA_MISSING
    assert caught.value.ctx["fields"] == ["combo_id"]


def test_a_store_by_id_and_by_base(root):
    index = stored_in(small_snapshot(root))
    drafts = index["draft"]
    base = (COMBO_A, V10, "gemini_25_pro")
    assert alike(drafts, base) == ([DRAFT_LEGACY, DRAFT_A], 3)
    assert drafts.key(DRAFT_A) == Key(base, 1)
    assert drafts.find(DRAFT_LEGACY) == Generation(*base[:1], None, *base[1:], 3, None, "old-cohort")
    evaluations = index["evaluation"]
    base = (ESSAY_A, "novelty", "sonnet-4")
    assert alike(evaluations, base) == ([EVALUATION_LEGACY, EVALUATION_A], 4)
    assert evaluations.unverifiable == {}


def test_model_and_combo_of_an_essay_are_no_part_of_its_base(root):
    more = {
        "essay": {
            f"e_{number}": {
                "parent_gen_id": "D_X",
                "template_id": " T ",
                "replicate": number,
                "llm_model_id": f"m{number}",
                "combo_id": f"c{number}",
            }
            for number in (2, 7, 5)
        }
    }
    essays = stored_in(small_snapshot(root, more))["essay"]
    assert alike(essays, ("d_x", "t")) == (["e_2", "e_5", "e_7"], 7)


def test_rows_without_a_whole_signature_are_held_but_not_found(root):
    more = {
        "draft": {
            "d_empty": None,
            "d_json": b"{",
            "d_fields": {"combo_id": " ", "template_id": "t", "llm_model_id": "m", "replicate": "many"},
            "d_loose": {"combo_id": "c", "draft_template": "t", "llm_model_id": "m", "replicate": "2"},
            "d_default": {"combo_id": "c", "template_id": "t", "llm_model_id": "m"},
        }
    }
    drafts = stored_in(small_snapshot(root, more))["draft"]
    assert drafts.unverifiable == {
        "d_empty": "record: folder empty",
        "d_fields": "no usable combo_id, replicate",
        "d_json": "record: not json",
    }
    assert all(drafts.holds(name) for name in more["draft"])
    assert not drafts.holds("d_other")
    assert alike(drafts, ("c", "t", "m")) == (["d_default", "d_loose"], 2)


def test_an_empty_store():
    index = nothing_stored()
    assert set(index) == {"draft", "essay", "evaluation"}
    assert not index["draft"].holds(DRAFT_A)
