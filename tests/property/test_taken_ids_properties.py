"""A plan over taken ids, once seeded, is found again with the same ids."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from genaudit.cohorts import IdScheme, create_cohort_membership_builder
from helpers.rebuilds import write_catalogs
from helpers.small_store import COMBO_A, write_small_store
from oracle.identity import deterministic_id

SIGNATURE = (COMBO_A, "creative-synthesis-v10", "gemini_25_pro", 1)
RECORD = dict(zip(("combo_id", "template_id", "llm_model_id", "replicate"), SIGNATURE, strict=True))
TEXTS = {
    "own": json.dumps(RECORD),
    "other": json.dumps(RECORD | {"replicate": 9}),
    "damaged": "{",
    "empty": None,
    "missing": False,
}


@settings(max_examples=25, deadline=None)
@given(kinds=st.lists(st.sampled_from(sorted(TEXTS)), min_size=4, max_size=4))
def test_planning_again_finds_the_same_ids(kinds):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "data"
        root.mkdir()
        write_small_store(root)
        write_catalogs(
            root, selected_combo_mappings=[COMBO_A], replication_config=["draft,1", "essay,1", "evaluation,1"]
        )
        for index, kind in enumerate(kinds):
            place = root / "gens/draft" / deterministic_id("draft", SIGNATURE, index)
            text = TEXTS[kind]
            if text is False:
                (place / "metadata.json").unlink(missing_ok=True)
                continue
            place.mkdir(exist_ok=True)
            if text is None:
                (place / "metadata.json").unlink(missing_ok=True)
                (place / "raw.txt").write_text("kept")
            else:
                (place / "metadata.json").write_text(text)
        # The first of the ids that no other record has; after four damaged or foreign ones the last is free.
        free = next((index for index, kind in enumerate(kinds) if kind in ("own", "empty", "missing")), 4)
        expected = deterministic_id("draft", SIGNATURE, free)
        builder = create_cohort_membership_builder(root, ids=IdScheme(), slim=True, preview_rows=1000)
        first, second = (builder.build("twice").membership_preview["gen_id"].tolist() for _ in range(2))
        assert expected in first
        assert second == first
