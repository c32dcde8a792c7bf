"""A run over many generations does and records the same as a run for each."""

from threading import Barrier

import dagster as dg
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver
from dagster._core.loader import LoadingContextForTest

from genaudit.generating.offline import OfflineGenerator
from genaudit.pipeline.definitions import defs
from genaudit.pipeline.partitions import add_partitions
from genaudit.pipeline.resources import GeneratorResource
from genaudit.pipeline.sandbox import Sandbox, by_partition, failures_of
from genaudit.pipeline.stage_runs import CHUNK
from helpers.trees import contents
from helpers.workshop import make_workshop, put

STEPS = ("prompt", "raw", "parsed")
DRAFTS = ("d_1", "d_2", "d_3")


class Together(OfflineGenerator):
    """A generator that answers two requests at once, or none."""

    def __init__(self):
        self.barrier = Barrier(2)

    def generate(self, request):
        self.barrier.wait(timeout=60)
        return super().generate(request)


class InPairs(GeneratorResource):
    def make(self):
        return Together()


def workshop(folder, instance, gen_ids=DRAFTS):
    root = make_workshop(folder)
    for number, gen_id in enumerate(gen_ids, start=1):
        put(root, "draft", gen_id, replicate=number)
    add_partitions(instance, "draft", gen_ids)
    return root


def events(instance, stage="draft"):
    """Every event of the stage: asset, partition, metadata and tags."""
    found = []
    for step in STEPS:
        records = instance.fetch_materializations(dg.AssetKey(f"{stage}_{step}"), limit=1000).records
        for each in (record.asset_materialization for record in records):
            metadata = {name: value.value for name, value in each.metadata.items()}
            found.append((each.asset_key.path[-1], each.partition, metadata, dict(each.tags)))
    return sorted(found, key=lambda event: event[:2])


def without_inputs(tags):
    return {name: value for name, value in tags.items() if not name.startswith("dagster/input")}


def test_one_run_over_many_records_the_same_as_single_runs(tmp_path):
    recorded = []
    for kind, runs in (("each", [[gen_id] for gen_id in DRAFTS]), ("many", [DRAFTS])):
        with dg.DagsterInstance.ephemeral() as instance:
            sandbox = Sandbox(instance, workshop(tmp_path / kind, instance))
            for chosen in runs:
                assert failures_of(sandbox.generate("draft", *chosen)) == []
            recorded.append(events(instance))
    each, many = recorded
    assert [event[:2] for event in many] == [(f"draft_{step}", gen_id) for step in sorted(STEPS) for gen_id in DRAFTS]
    assert [event[:2] for event in each] == [event[:2] for event in many]
    for one, other in zip(each, many, strict=True):
        assert {**one[2], "facts": None} == {**other[2], "facts": None}
        assert set(one[3]) == set(other[3])
        assert without_inputs(one[3]) == without_inputs(other[3])
        assert len(other[3]["dagster/data_version"]) == 64


def test_the_latest_event_of_each_partition_has_its_own_version(tmp_path, instance):
    sandbox = Sandbox(instance, workshop(tmp_path / "data", instance))
    sandbox.generate("draft", *DRAFTS)
    versions = {}
    for gen_id in DRAFTS:
        wanted = dg.AssetRecordsFilter(asset_key=dg.AssetKey("draft_prompt"), asset_partitions=[gen_id])
        (record,) = instance.fetch_materializations(wanted, limit=9).records
        versions[gen_id] = record.asset_materialization.tags["dagster/data_version"]
    # The prompts of one combination are the same text.
    assert len(set(versions.values())) == 1
    assert instance.get_materialized_partitions(dg.AssetKey("draft_parsed")) == set(DRAFTS)


def test_one_that_fails_stops_no_other_and_is_named(tmp_path, instance):
    root = workshop(tmp_path / "data", instance)
    (root / "gens/draft/d_2/metadata.json").unlink()
    result = Sandbox(instance, root).generate("draft", *DRAFTS)
    assert not result.success
    (failure,) = failures_of(result)
    assert (failure["step"], failure["gen_id"]) == ("draft_prompt", "d_2")
    assert (failure["code"], failure["reason"]) == ("data_missing", "metadata_missing")
    made = by_partition(result)
    assert set(made) == {"d_1", "d_3"}
    assert all(set(steps) == {f"draft_{step}" for step in STEPS} for steps in made.values())
    assert "parsed.txt" in contents(root / "gens/draft/d_3")


def test_more_generations_than_a_chunk_holds(tmp_path, instance):
    gen_ids = [f"d_{number}" for number in range(CHUNK + 2)]
    result = Sandbox(instance, workshop(tmp_path / "data", instance, gen_ids)).generate("draft", *gen_ids)
    assert result.success
    assert list(by_partition(result)) == gen_ids


def test_two_at_once(tmp_path, instance):
    root = workshop(tmp_path / "data", instance, DRAFTS[:2])
    sandbox = Sandbox(instance, root, generator=InPairs())
    tags = {"dagster/asset_partition_range_start": "d_1", "dagster/asset_partition_range_end": "d_2"}
    names = [f"draft_{step}" for step in STEPS]
    result = sandbox.materialize(*names, config={"draft": {"parallel": 2}}, tags=tags)
    assert failures_of(result) == []


def test_a_part_of_the_steps(tmp_path, instance):
    sandbox = Sandbox(instance, workshop(tmp_path / "data", instance))
    assert sandbox.materialize("draft_prompt", partition_key="d_1").success
    tags = {"dagster/asset_partition_range_start": "d_1", "dagster/asset_partition_range_end": "d_3"}
    (one, two) = failures_of(sandbox.materialize("draft_raw", tags=tags))
    assert [(each["gen_id"], each["reason"]) for each in (one, two)] == [
        ("d_2", "prompt_missing"),
        ("d_3", "prompt_missing"),
    ]
    assert {event[:2] for event in events(instance)} == {("draft_prompt", "d_1"), ("draft_raw", "d_1")}


def test_generations_that_are_no_range_are_refused(tmp_path, instance):
    sandbox = Sandbox(instance, workshop(tmp_path / "data", instance))
    with pytest.raises(ValueError, match="draft_gens: d_1, d_3"):
        sandbox.generate("draft", "d_1", "d_3")


def stale(instance):
    """The partitions that Dagster calls out of date, by asset."""
    context = LoadingContextForTest(instance)
    resolver = CachingStaleStatusResolver(instance, defs.resolve_asset_graph(), context)
    return {
        (step, gen_id)
        for step in STEPS
        for gen_id in DRAFTS
        if resolver.get_status(dg.AssetKey(f"draft_{step}"), gen_id).value != "FRESH"
    }


@pytest.mark.parametrize("runs", [[["d_1"], ["d_2"], ["d_3"]], [DRAFTS]], ids=["each", "many"])
def test_dagster_marks_outdated_assets(tmp_path, instance, runs):
    root = workshop(tmp_path / "data", instance)
    sandbox = Sandbox(instance, root)
    assert stale(instance) == {(step, gen_id) for step in STEPS for gen_id in DRAFTS}
    for chosen in runs:
        sandbox.generate("draft", *chosen)
    assert stale(instance) == set()
    # Another prompt for one of them.
    (root / "1_raw/templates/draft/links-v1.txt").write_text("Another text.")
    forced = {"draft": {"force": True}}
    assert sandbox.materialize("draft_prompt", partition_key="d_2", config=forced).success
    assert ("raw", "d_2") in stale(instance)
    assert {gen_id for _, gen_id in stale(instance)} == {"d_2"}
