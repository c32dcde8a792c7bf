"""Keys of real instances, in memory and on disk, that follow a migration forwards and back."""

import shutil

import dagster as dg
import pytest

from genaudit.errors import DDError
from genaudit.migration.apply import apply
from genaudit.migration.files import Files
from genaudit.migration.simulate import simulate
from genaudit.pipeline.partition_keys import PartitionKeys, open_keys, sandbox_keys
from helpers.migrations import (
    CASCADED,
    LEGACY_DRAFT,
    LEGACY_EVALUATION,
    NEW_DRAFT,
    NEW_ESSAY,
    NEW_EVALUATION,
    CrashError,
    applied,
    migratable,
    plan_of,
    rolled_back,
    tree,
)
from helpers.stores import ESSAY

OLD = {
    "draft_gens": {LEGACY_DRAFT, "stays"},
    "essay_gens": {CASCADED, ESSAY},
    "evaluation_gens": {LEGACY_EVALUATION},
}
NEW = {"draft_gens": {NEW_DRAFT, "stays"}, "essay_gens": {NEW_ESSAY, ESSAY}, "evaluation_gens": {NEW_EVALUATION}}
# An add, and then a look, a link and a deletion for each of the three stages.
CALLS = ("keys", "add", "link", "delete")


@pytest.fixture(params=["memory", "disk"])
def keys(request, tmp_path):
    """Keys of an instance, which outlive a crash of the migration."""
    folder = tmp_path / "home"
    folder.mkdir()
    made = dg.DagsterInstance.ephemeral() if request.param == "memory" else dg.DagsterInstance.local_temp(str(folder))
    with PartitionKeys(made) as found:
        for definition, each in OLD.items():
            found.add(definition, sorted(each))
        yield found


def present(keys):
    found = {definition: list(keys.keys(definition)) for definition in OLD}
    assert all(len(each) == len(set(each)) for each in found.values())
    return {definition: set(each) for definition, each in found.items()}


class Stopped:
    """The keys, until the process ends before or after one of the calls."""

    def __init__(self, keys, at, *, after):
        self.keys_, self.at, self.after, self.count = keys, at, after, 0

    def __getattr__(self, name):
        def call(*arguments):
            self.count += 1
            if self.count - 1 == self.at and not self.after:
                raise CrashError
            found = getattr(self.keys_, name)(*arguments)
            if self.count - 1 == self.at:
                raise CrashError
            return found

        assert name in CALLS
        return call


def number_of_calls(tmp_path):
    """Count the calls of an apply and of the rollback after it."""
    root = migratable(tmp_path / "counted")
    counts = []
    with sandbox_keys(OLD) as keys:
        for act in (lambda each: applied(root, plan_of(root), each), lambda each: rolled_back(root, each)):
            counting = Stopped(keys, -1, after=False)
            act(counting)
            counts.append(counting.count)
    return counts


def test_keys_follow_and_come_back(tmp_path, keys):
    root = migratable(tmp_path / "store")
    made, before = plan_of(root), tree(root)
    applied(root, made, keys)
    assert present(keys) == NEW
    applied(root, made, keys)
    assert present(keys) == NEW
    assert not rolled_back(root, keys).partitions_left
    assert present(keys) == OLD
    assert tree(root) == before


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A store to copy for each crash, with its plan."""
    root = migratable(tmp_path_factory.mktemp("source") / "store")
    return root, plan_of(root), tree(root)


def reset(keys):
    """Bring an instance back to the old keys: a new one takes longer."""
    for definition, each in OLD.items():
        keys.delete(definition, list(keys.keys(definition)))
        keys.add(definition, sorted(each))


@pytest.mark.parametrize("then", ["apply", "rollback"])
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_every_call_of_an_apply_and_then_on_or_back(tmp_path, source, then, after):
    count, _ = number_of_calls(tmp_path)
    assert count > 12
    origin, made, before = source
    with sandbox_keys({}) as keys:
        for at in range(count):
            root = shutil.copytree(origin, tmp_path / f"{at}", symlinks=True)
            assert tree(root) == before
            reset(keys)
            with pytest.raises(CrashError), Files(root) as files:
                apply(files, made, Stopped(keys, at, after=after))
            if then == "apply":
                applied(root, made, keys)
                assert present(keys) == NEW
            else:
                rolled_back(root, keys)
                assert present(keys) == OLD
                assert tree(root) == before


def test_a_crash_at_every_call_of_a_rollback_and_then_again(tmp_path, source):
    _, count = number_of_calls(tmp_path)
    origin, made, before = source
    with sandbox_keys({}) as keys:
        for at in range(count):
            root = shutil.copytree(origin, tmp_path / f"{at}", symlinks=True)
            reset(keys)
            applied(root, made, keys)
            with pytest.raises(CrashError):
                rolled_back(root, Stopped(keys, at, after=True))
            rolled_back(root, keys)
            assert present(keys) == OLD
            assert tree(root) == before


def test_a_key_with_the_new_name_that_was_there_before_stays_when_all_is_undone(tmp_path, keys):
    root = migratable(tmp_path / "store")
    # Once beside the old key and once alone.
    keys.add("draft_gens", [NEW_DRAFT])
    keys.delete("essay_gens", [CASCADED])
    keys.add("essay_gens", [NEW_ESSAY])
    before = present(keys)
    applied(root, plan_of(root), keys)
    assert present(keys) == NEW
    rolled_back(root, keys)
    assert present(keys) == before


def test_keys_that_could_not_be_reached_follow_when_the_plan_is_applied_again(tmp_path, keys):
    root = migratable(tmp_path / "store")
    made = plan_of(root)
    applied(root, made)
    assert present(keys) == OLD
    assert applied(root, made, keys).was_complete
    assert present(keys) == NEW
    assert rolled_back(root).partitions_left


def test_another_instance_is_not_filled_with_keys(tmp_path, keys):
    root = migratable(tmp_path / "store")
    applied(root, plan_of(root), keys)
    with sandbox_keys({"draft_gens": ["theirs"]}) as others:
        assert rolled_back(root, others).partitions_left
        assert present(others) == {"draft_gens": {"theirs"}, "essay_gens": set(), "evaluation_gens": set()}


def test_the_history_of_a_key_goes_on_under_its_new_name(tmp_path, keys):
    instance = keys._instance
    asset = dg.AssetKey("draft_raw")
    tags = {"dagster/data_version": "abc"}
    instance.report_runless_asset_event(dg.AssetMaterialization(asset, partition=LEGACY_DRAFT, tags=tags))
    applied(root := migratable(tmp_path / "store"), plan_of(root), keys)
    assert set(instance.get_materialized_partitions(asset)) == {LEGACY_DRAFT, NEW_DRAFT}
    wanted = dg.AssetRecordsFilter(asset_key=asset, asset_partitions=[NEW_DRAFT])
    (record,) = instance.fetch_materializations(wanted, limit=5).records
    assert record.asset_materialization.metadata["renamed_from"].value == LEGACY_DRAFT
    assert record.asset_materialization.tags["dagster/data_version"] == "abc"
    # Generations that were never made are not reported as made.
    assert not instance.get_materialized_partitions(dg.AssetKey("draft_parsed"))


def test_the_keys_of_a_home_on_disk_are_found_again(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    with open_keys(home) as keys:
        keys.add("draft_gens", ["a", "b"])
    with open_keys(home) as keys:
        assert list(keys.keys("draft_gens")) == ["a", "b"]
        keys.delete("draft_gens", ["a", "never"])
    with open_keys(home) as keys:
        assert list(keys.keys("draft_gens")) == ["b"]


@pytest.mark.parametrize(
    ("settings", "reason"), [(None, "dagster_home_missing"), ("nope: 1", "dagster_home_not_readable")]
)
def test_a_home_that_is_none(tmp_path, settings, reason):
    home = tmp_path / "home"
    if settings:
        home.mkdir()
        (home / "dagster.yaml").write_text(settings)
    with pytest.raises(DDError) as caught:
        open_keys(home)
    assert caught.value.ctx["reason"] == reason


def test_an_instance_that_breaks_stops_the_migration_so_that_it_can_go_on(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    root = migratable(tmp_path / "store")
    made, before = plan_of(root), tree(root)
    with open_keys(home) as keys:
        keys.add("draft_gens", [LEGACY_DRAFT])
    (broken,) = home.rglob("index.db")
    kept = broken.read_bytes()
    with open_keys(home) as keys:
        broken.write_bytes(b"no database" * 1000)
        with pytest.raises(DDError) as caught:
            applied(root, made, keys)
    assert caught.value.ctx["reason"] == "migration_stopped"
    assert caught.value.ctx["path"] == str(home)
    broken.write_bytes(kept)
    with open_keys(home) as keys:
        rolled_back(root, keys)
        assert list(keys.keys("draft_gens")) == [LEGACY_DRAFT]
    assert tree(root) == before


def test_a_simulation_tries_the_keys_in_a_sandbox(tmp_path):
    root = migratable(tmp_path / "store")
    with sandbox_keys(OLD) as keys:
        trial = simulate(root, plan_of(root), tmp_path / "copy", keys)
        assert trial.holds
        assert trial.checks[-1].checked == sum(map(len, OLD.values()))
        assert present(keys) == NEW


def test_a_simulation_finds_keys_that_are_wrong(tmp_path):
    class Forgetful(PartitionKeys):
        def delete(self, definition, keys):
            super().delete(definition, [*keys, "stays"] if definition == "draft_gens" else [])

    root = migratable(tmp_path / "store")
    with Forgetful(dg.DagsterInstance.ephemeral()) as keys:
        for definition, each in OLD.items():
            keys.add(definition, sorted(each))
        trial = simulate(root, plan_of(root), tmp_path / "copy", keys)
    assert trial.checks[-1].problems == (
        "draft_gens: stays: missing",
        f"essay_gens: {CASCADED}: should be gone",
        f"evaluation_gens: {LEGACY_EVALUATION}: should be gone",
    )
