"""Only missing partitions are added, in batches, and keys are deleted only on request."""

import dagster as dg
import pytest

from genaudit.pipeline.partitions import BATCH, add_partitions, partitions_name, prune_partitions


def counted(instance, monkeypatch):
    """Note the size of each batch that reaches the instance."""
    sizes, add = [], type(instance).add_dynamic_partitions

    def adding(self, name, keys):
        sizes.append(len(keys))
        add(self, name, keys)

    monkeypatch.setattr(type(instance), "add_dynamic_partitions", adding)
    return sizes


def test_fifty_thousand_keys_are_added_in_batches_and_once(tmp_path, monkeypatch):
    keys = [f"d_{number}" for number in range(50_000)]
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        sizes = counted(instance, monkeypatch)
        assert add_partitions(instance, "draft", keys[:7]) == 7
        assert add_partitions(instance, "draft", [*keys, *keys]) == 50_000 - 7
        assert add_partitions(instance, "draft", keys) == 0
        assert instance.get_dynamic_partitions("draft_gens") == keys
    # As many calls as batches are needed, none of them near the limit of SQLite.
    assert sizes == [7, *[BATCH] * 9, 50_000 - 7 - 9 * BATCH]
    assert max(sizes) < 40_000


@pytest.mark.parametrize("stage", ["draft", "essay", "evaluation"])
def test_stages_have_partitions_of_their_own(instance, stage):
    add_partitions(instance, stage, ["x"])
    others = {"draft", "essay", "evaluation"} - {stage}
    assert instance.get_dynamic_partitions(partitions_name(stage)) == ["x"]
    assert all(not instance.get_dynamic_partitions(partitions_name(other)) for other in others)


def test_only_earlier_unlisted_keys_are_deleted(instance):
    add_partitions(instance, "draft", ["a", "b", "c", "late"])
    assert prune_partitions(instance, "draft", ["a", "b", "c"], ["b"]) == ["a", "c"]
    assert instance.get_dynamic_partitions("draft_gens") == ["b", "late"]
