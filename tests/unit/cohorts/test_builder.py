from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

import genaudit.cohorts
from fakes.cohorts import (
    FakeArtifactStore,
    FakeCatalogLoader,
    FakeClock,
    FakeRegistryFactory,
    FakeSpecRepository,
    frames,
    table,
)
from genaudit.cohorts import CohortMembershipBuilder, CohortMembershipResult
from genaudit.cohorts.definition import define
from genaudit.cohorts.generations import stored_in
from genaudit.cohorts.interfaces import ResolvedSpec
from genaudit.cohorts.plan import MembershipPlan
from genaudit.cohorts.planning import generate_membership
from genaudit.cohorts.registry import InMemoryGenerationRegistry, SnapshotRegistryFactory
from genaudit.cohorts.selection import Cartesian, CuratedMode, Selection
from genaudit.cohorts.spec import parse_spec
from genaudit.errors import DDError, Err
from helpers.small_store import ESSAY_A, small_snapshot

AXES = {
    "combo_id": ["combo_v1_85128e4e5ef3", "combo_v1_13c725cf02fa"],
    "draft_template": ["creative-synthesis-v10"],
    "draft_llm": ["gemini_25_pro"],
    "essay_template": ["creative-synthesis-v10"],
    "evaluation_template": ["novelty"],
    "evaluation_llm": ["sonnet-4"],
}
DESIGN = define(parse_spec({"axes": AXES, "output": {"field_order": list(AXES)}}))


class Setting:
    """A builder over fakes, each within reach."""

    def __init__(self, definition=DESIGN, metadata=None, registry=None, **changes):
        self.specs = FakeSpecRepository({"c-1": ResolvedSpec("c-1", definition, metadata or {})})
        self.loader = FakeCatalogLoader(frames(**changes), {"combo_mappings": {"path": "combo_mappings.csv"}})
        self.store = FakeArtifactStore()
        self.clock = FakeClock()
        self.registry = registry

    def builder(self, **options):
        factory = self.registry and FakeRegistryFactory(self.registry)
        return CohortMembershipBuilder(self.specs, self.loader, self.store, factory, clock=self.clock, **options)


def error_of(setting, cohort="c-1"):
    with pytest.raises(DDError) as caught:
        setting.builder().build(cohort)
    assert setting.store.persisted == []
    return caught.value


def test_a_persisted_run():
    setting = Setting()
    result = setting.builder().build("c-1")
    assert isinstance(result, CohortMembershipResult)
    assert (result.cohort_id, result.row_count) == ("c-1", 6)
    assert result.artifacts == {"membership": "memory://c-1"}
    [(cohort, frame, metadata)] = setting.store.persisted
    assert cohort == "c-1"
    assert frame["stage"].tolist() == ["draft"] * 2 + ["essay"] * 2 + ["evaluation"] * 2
    assert frame["gen_id"].iloc[0] == "d_5ezrffv9uf3lr37d"
    assert frame.equals(result.membership_preview)
    assert metadata == result.metadata
    assert setting.specs.asked == ["c-1"]
    assert setting.loader.asked == [ResolvedSpec("c-1", DESIGN)]


def test_a_dry_run_plans_and_checks_but_writes_nothing():
    setting = Setting()
    dry = setting.builder().build("c-1", dry_run=True)
    assert setting.store.persisted == []
    assert dry.artifacts == {}
    wet = setting.builder().build("c-1")
    assert dry.membership_preview.equals(wet.membership_preview)
    assert dry.metadata == wet.metadata
    broken = Setting(combo_mappings=["other,v1,x,sentence,2,now"])
    with pytest.raises(DDError) as caught:
        broken.builder().build("c-1", dry_run=True)
    assert caught.value.ctx["reason"] == "coverage_gap"


def test_without_a_store_nothing_is_written():
    setting = Setting()
    result = CohortMembershipBuilder(setting.specs, setting.loader).build("c-1")
    assert result.artifacts == {}
    assert result.row_count == 6


def test_a_missing_catalog_of_combos():
    error = error_of(Setting(combo_mappings=None))
    assert error.code is Err.DATA_MISSING
    assert (error.ctx["reason"], error.ctx["catalog"]) == ("catalog_incomplete", "combo_mappings")


def test_an_empty_catalog_of_combos():
    error = error_of(Setting(combo_mappings=[]))
    assert error.code is Err.DATA_MISSING
    assert (error.ctx["reason"], error.ctx["catalog"]) == ("catalog_empty", "combo_mappings")


def test_a_malformed_catalog_of_combos():
    error = error_of(Setting(combo_mappings=table("combo,version", "x,v1")))
    assert error.code is Err.INVALID_CONFIG
    assert (error.ctx["reason"], error.ctx["catalog"]) == ("catalog_incomplete", "combo_mappings")


def test_the_metadata_names_the_inputs_of_the_build():
    setting = Setting(metadata={"plan": "spec", "source": "x.yaml"})
    flags = {"DD_SLIM_MEMBERSHIP": True}
    metadata = setting.builder(flags=flags).build("c-1").metadata
    assert metadata == {
        "cohort_id": "c-1",
        "built_at": "2025-09-01T12:30:00+00:00",
        "row_count": 6,
        "rows_by_stage": {"draft": 2, "essay": 2, "evaluation": 2},
        "rows_by_origin": {"new": 6},
        "evaluation_fill_up": {"added": 2, "fully_covered_essays": 0},
        "spec": {"plan": "spec", "source": "x.yaml"},
        "catalogs": {"combo_mappings": {"path": "combo_mappings.csv"}},
        "combo_catalog": {"combo_count": 2, "rows": 3, "max_version": "v2"},
        "flags": {"DD_SLIM_MEMBERSHIP": True},
        "warnings": [],
    }
    assert json.loads(json.dumps(metadata)) == metadata


def test_a_grown_catalog_of_combos_shows_in_the_metadata():
    grown = [
        "combo_v1_85128e4e5ef3,v1,x,sentence,1,now",
        "combo_v1_13c725cf02fa,v1,x,sentence,1,now",
        "new,v11,x,sentence,1,now",
    ]
    summary = Setting(combo_mappings=grown).builder().build("c-1").metadata["combo_catalog"]
    assert summary == {"combo_count": 3, "rows": 3, "max_version": "v11"}


def test_times_are_in_utc():
    setting = Setting()
    setting.clock.time = datetime(2025, 9, 1, 1, 15, tzinfo=timezone(timedelta(hours=2)))
    assert setting.builder().build("c-1").metadata["built_at"] == "2025-08-31T23:15:00+00:00"


@pytest.mark.parametrize(("rows", "shown"), [(0, 0), (4, 4), (6, 6), (100, 6)])
def test_the_preview_is_capped(rows, shown):
    setting = Setting()
    result = setting.builder(preview_rows=rows).build("c-1")
    [(_, frame, _)] = setting.store.persisted
    assert len(result.membership_preview) == shown
    assert len(frame) == result.row_count == 6
    assert result.membership_preview.equals(frame.head(rows))


def test_the_preview_is_a_copy():
    setting = Setting()
    result = setting.builder().build("c-1")
    result.membership_preview["stage"] = "changed"
    assert setting.builder().build("c-1").membership_preview["stage"].iloc[0] == "draft"
    assert setting.store.persisted[0][1]["stage"].iloc[0] == "draft"


def test_a_builder_keeps_nothing_from_one_build_to_the_next():
    builder = Setting().builder()
    first, second = builder.build("c-1"), builder.build("c-1")
    assert first.membership_preview.equals(second.membership_preview)
    assert first.metadata == second.metadata


def test_a_cohort_without_a_spec():
    error = error_of(Setting(), "c-2")
    assert error.code is Err.DATA_MISSING
    assert error.ctx == {"reason": "spec_not_found", "cohort_id": "c-2"}


@pytest.mark.parametrize("cohort", ["", "../c", ".c", "a/b", "a b"])
def test_an_id_that_is_no_folders_name(cohort):
    setting = Setting()
    error = error_of(setting, cohort)
    assert error.code is Err.INVALID_CONFIG
    assert error.ctx == {"reason": "unsafe_id", "cohort_id": cohort}
    assert setting.specs.asked == []


@pytest.mark.parametrize("spec", [{}, {"definition": None}, {"metadata": {}}, SimpleNamespace(), None, "spec"])
def test_a_spec_without_a_definition(spec):
    setting = Setting()
    setting.specs.specs["c-1"] = spec
    error = error_of(setting)
    assert error.code is Err.INVALID_CONFIG
    assert error.ctx["reason"] == "definition_missing"
    assert error.ctx["cohort_id"] == "c-1"
    assert setting.loader.asked == []


@pytest.mark.parametrize(
    "spec",
    [
        {"definition": DESIGN},
        {"definition": DESIGN, "metadata": None},
        SimpleNamespace(definition=DESIGN),
        SimpleNamespace(definition=DESIGN, metadata={"a": 1}),
    ],
)
def test_a_spec_may_be_any_object_or_mapping_with_a_definition(spec):
    setting = Setting()
    setting.specs.specs["c-1"] = spec
    result = setting.builder().build("c-1")
    assert result.row_count == 6
    assert result.metadata["spec"] == (getattr(spec, "metadata", None) or {})


def test_a_definition_that_does_not_hang_together():
    error = error_of(Setting(Selection("draft", ("d_1",), CuratedMode.REUSE_ESSAYS)))
    assert error.code is Err.INVALID_CONFIG
    assert error.ctx["reason"] == "unsupported_curated_mode"


def test_a_combo_that_the_catalog_does_not_cover():
    error = error_of(Setting(combo_mappings=["combo_v1_85128e4e5ef3,v1,x,sentence,1,now"]))
    assert error.code is Err.INVALID_MEMBERSHIP
    assert error.ctx["reason"] == "coverage_gap"
    assert [(each["field"], each["value"]) for each in error.ctx["problems"]] == [
        ("combo_id", "combo_v1_13c725cf02fa")
    ]


def test_parents_are_checked_before_anything_is_written(monkeypatch):
    def without_drafts(*args):
        plan = generate_membership(*args)
        return MembershipPlan(plan.members[plan.members["stage"] != "draft"], plan.warnings)

    # No way to plan loses a parent; one that does is caught all the same.
    monkeypatch.setattr("genaudit.cohorts.builder.generate_membership", without_drafts)
    error = error_of(Setting())
    assert error.code is Err.INVALID_MEMBERSHIP
    assert error.ctx["reason"] == "cohort_parent_integrity_failed"
    assert [each["stage"] for each in error.ctx["problems"]] == ["essay", "essay"]


def test_an_error_of_a_collaborator_passes_through_untouched():
    setting = Setting()
    setting.store.error = DDError(Err.IO_ERROR, {"reason": "not_writable", "path": "x"})
    with pytest.raises(DDError) as caught:
        setting.builder().build("c-1")
    assert caught.value is setting.store.error


def test_warnings_of_the_plan_and_of_the_catalogs_reach_the_metadata(root):
    registry = InMemoryGenerationRegistry("c-1", stored_in(small_snapshot(root)))
    selection = Selection("essay", (ESSAY_A,), CuratedMode.REUSE_ESSAYS, repeated=(ESSAY_A,))
    setting = Setting(selection, registry=registry, essay_templates=["other,llm,True"])
    result = setting.builder().build("c-1")
    assert result.metadata["warnings"] == [
        {"warning": "selected_more_than_once", "gen_ids": [ESSAY_A]},
        {
            "warning": "not_in_catalog",
            "stage": "essay",
            "field": "template_id",
            "value": "creative-synthesis-v10",
            "rows": 1,
            "nearest": None,
        },
    ]
    assert result.metadata["rows_by_origin"] == {"stored": 2, "new": 2}


def test_warnings_of_the_spec_reach_the_metadata():
    spec = ResolvedSpec("c-1", DESIGN, {"plan": "spec", "warnings": [{"warning": "key_ignored"}]})
    builder = CohortMembershipBuilder(SimpleNamespace(get=lambda _: spec), Setting().loader)
    metadata = builder.build("c-1", dry_run=True).metadata
    assert (metadata["warnings"], metadata["spec"]) == ([{"warning": "key_ignored"}], {"plan": "spec"})


def test_every_way_to_plan_goes_through_one_builder(root):
    snapshot = small_snapshot(root)
    selection = Selection("draft", ("d_5ezrffv9uf3lr37d",), CuratedMode.REUSE_DRAFTS)
    for definition in (DESIGN, selection, Cartesian()):
        setting = Setting(definition)
        factory = SnapshotRegistryFactory(lambda: snapshot)
        result = CohortMembershipBuilder(setting.specs, setting.loader, setting.store, factory).build("c-1")
        assert set(result.metadata["rows_by_stage"]) == {"draft", "essay", "evaluation"}


def test_the_registry_is_made_for_the_spec_and_its_catalogs():
    setting = Setting()
    factory = FakeRegistryFactory(InMemoryGenerationRegistry("c-1"))
    CohortMembershipBuilder(setting.specs, setting.loader, None, factory).build("c-1")
    [(spec, names)] = factory.asked
    assert spec == ResolvedSpec("c-1", DESIGN)
    assert "combo_mappings" in names


def test_nothing_of_the_orchestrator_is_needed():
    # In a process of its own: other tests may have imported it into this one.
    code = "import sys, genaudit.cohorts; sys.exit(any(name.startswith('dagster') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_package_exports_the_builders_collaborators():
    for name in genaudit.cohorts.__all__:
        assert getattr(genaudit.cohorts, name) is not None
    assert {
        "CohortMembershipBuilder",
        "CohortMembershipResult",
        "CohortSpecRepository",
        "CatalogBundleLoader",
        "MembershipArtifactStore",
        "RegistryFactory",
        "GenerationRegistry",
        "InMemoryRegistryFactory",
        "InMemoryGenerationRegistry",
        "create_cohort_membership_builder",
        "generate_membership",
        "validate_cohort_definition",
        "validate_membership_against_catalog",
    } <= set(genaudit.cohorts.__all__)
