from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from genaudit.sample.combos import ComboMaker
from genaudit.sample.seeds import seeded


def test_no_combination_is_drawn_twice():
    maker, rng = ComboMaker(), seeded(0, "test")
    for _ in range(4500):
        maker.draw(rng)
    assert len({combo.combo_id for combo in maker.made}) == 4500
    assert {combo.version for combo in maker.made} == {"v1", "v2", "v3"}


def test_the_catalog_lists_each_concept_of_a_combination(sample):
    rows = sample.table("combo_mappings.csv")
    assert list(rows[0]) == ["combo_id", "version", "concept_id", "description_level", "k_max", "created_at"]
    concepts = defaultdict(list)
    for row in rows:
        concepts[row["combo_id"]].append(row["concept_id"])
        assert row["combo_id"].startswith(f"combo_{row['version']}_")
    assert {len(found) for found in concepts.values()} == {2, 3, 4}
    assert all(len(set(found)) == len(found) for found in concepts.values())
    assert {row["concept_id"] for row in rows} <= {
        row["concept_id"] for row in sample.table("1_raw/concepts_metadata.csv")
    }


def test_the_catalog_grows_in_time(sample):
    times = [datetime.fromisoformat(row["created_at"]) for row in sample.table("combo_mappings.csv")]
    assert times == sorted(times)


def test_every_draft_s_combination_is_listed(sample):
    listed = {row["combo_id"] for row in sample.table("combo_mappings.csv")}
    assert {record["combo_id"] for record in sample.records.values() if "combo_id" in record} == listed
