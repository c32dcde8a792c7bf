from __future__ import annotations

import csv
import json

import pytest

from fakes.cohorts import (
    FakeArtifactStore,
    FakeCatalogLoader,
    FakeClock,
    FakeRegistryFactory,
    FakeSpecRepository,
    frames,
)
from genaudit.cohorts import IdScheme, InMemoryGenerationRegistry, create_cohort_membership_builder
from genaudit.cohorts.selection import CuratedMode, Selection
from genaudit.errors import DDError
from helpers.small_store import DRAFT_A, ESSAY_A, EVALUATION_A, EVALUATION_LEGACY, write_small_store
from oracle.identity import deterministic_id

FILES = {
    "combo_mappings": "combo_mappings.csv",
    "draft_templates": "1_raw/draft_templates.csv",
    "essay_templates": "1_raw/essay_templates.csv",
    "evaluation_templates": "1_raw/evaluation_templates.csv",
    "llm_models": "1_raw/llm_models.csv",
    "replication_config": "1_raw/replication_config.csv",
    "selected_combo_mappings": "2_tasks/selected_combo_mappings.csv",
}


@pytest.fixture
def data(root, put):
    """A data root with the small store and its catalogs."""
    write_small_store(root)
    for name, frame in frames().items():
        put(FILES[name], frame.to_csv(index=False))
    return root


def files_of(root):
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_a_curated_cohort_from_files_to_files(data, put):
    put("2_tasks/selected_essays.txt", f"# mode: reuse-essays\n# fill-up\n{ESSAY_A}\n")
    put("1_raw/replication_config.csv", "stage,replicates\ndraft,1\nessay,1\nevaluation,3\n")
    before = files_of(data)
    builder = create_cohort_membership_builder(data, ids=IdScheme(), slim=True, clock=FakeClock())
    dry = builder.build("fill-1", dry_run=True)
    assert files_of(data) == before
    result = builder.build("fill-1")
    fifth = deterministic_id("evaluation", (ESSAY_A, "novelty", "sonnet-4", 5))
    members = [
        ["draft", DRAFT_A],
        ["essay", ESSAY_A],
        ["evaluation", EVALUATION_LEGACY],
        ["evaluation", EVALUATION_A],
        ["evaluation", fifth],
    ]
    assert dry.membership_preview[["stage", "gen_id"]].to_numpy().tolist() == members
    with (data / "cohorts/fill-1/membership.csv").open(newline="") as file:
        assert list(csv.reader(file)) == [["stage", "gen_id", "cohort_id"], *([*each, "fill-1"] for each in members)]
    assert json.loads((data / f"gens/evaluation/{fifth}/metadata.json").read_text()) == {
        "stage": "evaluation",
        "gen_id": fifth,
        "origin_cohort_id": "fill-1",
        "mode": "llm",
        "template_id": "novelty",
        "parent_gen_id": ESSAY_A,
        "llm_model_id": "sonnet-4",
        "replicate": 5,
    }
    assert result.metadata["flags"] == {
        "DD_DETERMINISTIC_GEN_IDS": "draft,essay,evaluation",
        "DD_SLIM_MEMBERSHIP": True,
    }
    assert {path: content for path, content in files_of(data).items() if path in before} == before
    # Now that the three are there, building again asks for nothing new.
    assert builder.build("fill-1").metadata["rows_by_origin"] == {"stored": 5}


def test_building_a_cartesian_cohort_twice_gives_the_same(data):
    builder = create_cohort_membership_builder(data, clock=FakeClock())
    first = builder.build("all-1")
    assert first.metadata["rows_by_origin"] == {"new": 2 + 4 + 8}
    second = builder.build("all-1")
    assert second.metadata["rows_by_origin"] == {"stored": 2 + 4 + 8}
    assert second.membership_preview.drop(columns="origin").equals(first.membership_preview.drop(columns="origin"))


def test_another_cartesian_cohort_gets_further_evaluations_of_the_same_essays(data):
    create_cohort_membership_builder(data).build("all-1")
    result = create_cohort_membership_builder(data).build("all-2")
    assert result.metadata["rows_by_origin"] == {"stored": 2 + 4, "new": 8}
    frame = result.membership_preview
    # Two replicates of each: 1 and 2 belong to the first cohort.
    assert sorted(frame[frame["stage"] == "evaluation"]["replicate"].tolist()) == [3, 3, 3, 3, 4, 4, 4, 4]
    again = create_cohort_membership_builder(data).build("all-2")
    assert again.membership_preview["gen_id"].tolist() == frame["gen_id"].tolist()


def test_a_data_root_without_a_store(data):
    for path in sorted((data / "gens").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (data / "gens").rmdir()
    result = create_cohort_membership_builder(data).build("all-1", dry_run=True)
    assert result.metadata["rows_by_origin"] == {"new": 14}
    assert not (data / "gens").exists()


def test_the_environment_decides_the_ids(data, monkeypatch):
    monkeypatch.setenv("DD_DETERMINISTIC_GEN_IDS", "draft")
    monkeypatch.setenv("DD_SLIM_MEMBERSHIP", "on")
    result = create_cohort_membership_builder(data).build("all-1", dry_run=True)
    assert result.metadata["flags"] == {"DD_DETERMINISTIC_GEN_IDS": "draft", "DD_SLIM_MEMBERSHIP": True}
    names = result.membership_preview.groupby("stage")["gen_id"].agg(list)
    assert all(name.startswith("d_") for name in names["draft"])
    assert {len(name) for stage in ("essay", "evaluation") for name in names[stage]} == {16}
    monkeypatch.setenv("DD_DETERMINISTIC_GEN_IDS", "essay")
    with pytest.raises(DDError) as caught:
        create_cohort_membership_builder(data)
    assert caught.value.ctx["reason"] == "stages_out_of_order"


def test_each_collaborator_can_be_replaced(tmp_path):
    selection = Selection("essay", ("e_1",), CuratedMode.REUSE_ESSAYS)
    specs, loader, store = (
        FakeSpecRepository({"c": {"definition": selection}}),
        FakeCatalogLoader(frames()),
        FakeArtifactStore(),
    )
    registry = InMemoryGenerationRegistry("c")
    builder = create_cohort_membership_builder(
        tmp_path / "nowhere",
        spec_repository=specs,
        catalog_loader=loader,
        artifact_store=store,
        registry_factory=FakeRegistryFactory(registry),
        flags={"more": 1},
    )
    with pytest.raises(DDError) as caught:
        builder.build("c")
    assert caught.value.ctx["reason"] == "invalid_selection"
    assert (specs.asked, store.persisted) == (["c"], [])
