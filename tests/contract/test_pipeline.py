"""The whole pipeline on a small cohort, under each value of the flag, on instances in memory and on disk."""

from contextlib import contextmanager

import dagster as dg
import pytest

from genaudit.audits.run import run_audits
from genaudit.cohorts.service import MembershipService
from genaudit.ids import deterministic_id, parse_id
from genaudit.pipeline.partitions import partitions_name
from genaudit.pipeline.sandbox import Sandbox, by_partition, failures_of, metadata_of
from genaudit.store.snapshot import scan
from helpers.trees import fingerprint
from helpers.workshop import COHORT, COMBO, COUNTS, SPEC, make_workshop

# A draft, an essay, a copy of it and four evaluations; and one of each, for the slower instance.
SPECS = {
    "memory": SPEC,
    "disk": {**SPEC, "axes": {**SPEC["axes"], "essay_template": ["as-is-v1"], "evaluation_replicate": [1]}},
}
SIZES = {"memory": (1, 2, 4), "disk": (1, 1, 1)}
CALLS = {"memory": 6, "disk": 2}
FLAGS = {"none": (), "draft": ("draft",), "draft,essay": ("draft", "essay"), "all": tuple(COUNTS)}


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch):
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "yes")
    for name in ("DD_COHORT", "DD_DETERMINISTIC_GEN_IDS", "DD_SLIM_MEMBERSHIP"):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def made(kind, folder):
    if kind == "memory":
        with dg.DagsterInstance.ephemeral() as instance:
            yield instance
    else:
        with dg.DagsterInstance.local_temp(str(folder)) as instance:
            yield instance


def generated(sandbox, root, kind):
    """Run every partition of the cohort, and gather the metadata of each step by stage, id and step.

    In memory a run is over all generations of a stage; on disk each generation has its own.
    """
    gathered = {}
    for stage in COUNTS:
        ids = MembershipService(root).stage_gen_ids(stage, COHORT)
        for chosen in [ids] if kind == "memory" else [[gen_id] for gen_id in ids]:
            result = sandbox.generate(stage, *chosen)
            assert failures_of(result) == []
            for gen_id, steps in by_partition(result).items():
                for name, metadata in steps.items():
                    gathered[stage, gen_id, name.removeprefix(f"{stage}_")] = metadata
    return gathered


@pytest.mark.parametrize("kind", ["memory", "disk"])
@pytest.mark.parametrize("flag", FLAGS)
def test_a_cohort_is_made_and_then_reused(tmp_path, flag, kind):
    root = make_workshop(tmp_path / "data", spec=SPECS[kind])
    (tmp_path / "home").mkdir()
    drafts, essays, evaluations = SIZES[kind]
    total = drafts + essays + evaluations
    with made(kind, tmp_path / "home") as instance:
        sandbox = Sandbox(instance, root, deterministic_gen_ids=flag)
        planned = sandbox.plan(COHORT)
        assert failures_of(planned) == []
        membership = metadata_of(planned)["cohort_membership"]
        assert membership == {
            "rows": total,
            "rows_draft": drafts,
            "rows_essay": essays,
            "rows_evaluation": evaluations,
            "rows_new": total,
            "evaluations_added": evaluations,
            "evaluations_fully_covered_essays": 0,
            "combo_catalog": {"combo_count": 1, "max_version": "v1", "rows": 2},
            "warning_count": 0,
            "warnings": {"warnings": []},
        }
        ids = {stage: MembershipService(root).stage_gen_ids(stage, COHORT) for stage in COUNTS}
        for stage in COUNTS:
            assert sorted(instance.get_dynamic_partitions(partitions_name(stage))) == sorted(ids[stage])
            forms = {parse_id(stage, gen_id).form.value for gen_id in ids[stage]}
            assert forms == {"deterministic" if stage in FLAGS[flag] else "legacy"}
        if flag != "none":
            assert ids["draft"] == [deterministic_id("draft", (COMBO, "links-v1", "writer", 1))]

        first = generated(sandbox, root, kind)
        assert len(first) == total * 3
        assert not any(metadata["reused"] for metadata in first.values())
        # One essay is a copy.
        assert sum(metadata["calls"] for metadata in first.values()) == CALLS[kind]
        assert sorted(each["decision"] for (_, _, step), each in first.items() if step == "prompt") == [
            *["call"] * CALLS[kind],
            "copy",
        ]
        after = fingerprint(root / "gens")

        again = sandbox.plan(COHORT)
        assert metadata_of(again)["cohort_membership"]["rows_stored"] == total
        assert metadata_of(again)["cohort_membership"]["evaluations_fully_covered_essays"] == essays
        assert set(metadata_of(again)["register_cohort_partitions"].values()) == {0}
        second = generated(sandbox, root, kind)
        assert {metadata["decision"] for metadata in second.values()} == {"reuse"}
        assert all(metadata["reused"] for metadata in second.values())
        assert sum(metadata["calls"] for metadata in second.values()) == 0
        assert fingerprint(root / "gens") == after

        scored = sandbox.score()
        assert failures_of(scored) == []
        assert metadata_of(scored)["cohort_aggregated_scores"]["scored"] == evaluations
        assert metadata_of(scored)["generation_scores_pivot"]["rows"] == essays
    assert run_audits(scan(root)).findings.empty
