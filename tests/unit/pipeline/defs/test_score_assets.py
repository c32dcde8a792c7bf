"""Scores and their pivot: only of the cohort that is worked on, in whatever form its membership is."""

import pandas as pd
import pytest

from genaudit.pipeline.sandbox import Sandbox, failures_of, metadata_of
from helpers.workshop import COHORT, COMBO, SPEC, make_workshop, put, write

COMBO_2 = "combo_v1_13c725cf02fa"


def chain(root, number, combo, score):
    """Write a chain of three that is scored."""
    put(root, "draft", f"d_{number}", {"parsed.txt": "x\n"}, combo_id=combo)
    put(root, "essay", f"e_{number}", {"parsed.txt": "x\n"}, parent_gen_id=f"d_{number}")
    put(root, "evaluation", f"v_{number}", {"parsed.txt": f"Why.\n{score}\n"}, parent_gen_id=f"e_{number}")


def select(root, essay):
    """Plan a cohort of existing generations."""
    write(root / "2_tasks/selected_essays.txt", f"# mode: reuse-essays\n# fill-up\n{essay}\n")
    write(root / "1_raw/replication_config.csv", "stage,replicates\ndraft,1\nessay,1\nevaluation,1\n")


@pytest.fixture
def root(tmp_path):
    root = make_workshop(tmp_path / "data", spec=SPEC)
    (root / "cohorts" / COHORT / "spec/config.json").unlink()
    with (root / "combo_mappings.csv").open("a") as file:
        file.write(f"{COMBO_2},v1,tide,sentence,1,2025-06-02\n")
    chain(root, 1, COMBO, 3.5)
    chain(root, 2, COMBO_2, 8)
    return root


def scored(sandbox, cohort_id):
    assert failures_of(sandbox.plan(cohort_id)) == []
    result = sandbox.score()
    assert failures_of(result) == []
    return result


def test_the_pivot_has_only_rows_of_the_cohort_that_is_worked_on(instance, root):
    sandbox = Sandbox(instance, root, deterministic_gen_ids="none")
    for cohort_id, essay, combo, score in (
        ("one", "e_1", "combo_v1_85128e4e5ef3", 3.5),
        ("two", "e_2", COMBO_2, 8.0),
    ):
        select(root, essay)
        result = scored(sandbox, cohort_id)
        pivot = result.asset_value("generation_scores_pivot")
        assert pivot[["combo_id", "judge_novelty", "allowlisted_template_score_sum"]].to_numpy().tolist() == [
            [combo, score, score]
        ]
        reports = root / "cohorts" / cohort_id / "reports"
        path = reports / "summary" / "generation_scores.csv"
        assert metadata_of(result)["generation_scores_pivot"]["table"] == str(path)
        pd.testing.assert_frame_equal(pd.read_csv(path), pivot, check_dtype=False)
        assert len(pd.read_csv(reports / "parsing" / "aggregated_scores.csv")) == 1


def test_slim_and_wide_memberships_give_the_same_pivot(instance, root):
    select(root, "e_1")
    tables = {}
    for slim in (False, True):
        sandbox = Sandbox(instance, root, deterministic_gen_ids="none", slim=slim)
        tables[slim] = scored(sandbox, COHORT).asset_value("generation_scores_pivot")
        header = (root / "cohorts" / COHORT / "membership.csv").read_text().splitlines()[0]
        assert header.endswith(",cohort_id") is slim
    assert len(tables[True]) == 1
    pd.testing.assert_frame_equal(tables[True], tables[False])


def test_old_and_slim_cohorts_give_the_same_pivot(instance, root):
    select(root, "e_1")
    sandbox = Sandbox(instance, root, deterministic_gen_ids="none", slim=True)
    slim = scored(sandbox, COHORT).asset_value("generation_scores_pivot")
    # As cohorts were before there were manifests.
    folder = root / "cohorts" / COHORT
    (folder / "stage_manifest.json").unlink()
    lines = (folder / "membership.csv").read_text().splitlines()
    write(folder / "membership.csv", "\n".join(line.rpartition(",")[0] for line in lines) + "\n")
    old = sandbox.score().asset_value("generation_scores_pivot")
    pd.testing.assert_frame_equal(old, slim)


def test_a_membership_that_is_gone_is_a_failure(instance, root):
    select(root, "e_1")
    sandbox = Sandbox(instance, root, deterministic_gen_ids="none")
    sandbox.plan(COHORT)
    (root / "cohorts" / COHORT / "membership.csv").unlink()
    (failure,) = failures_of(sandbox.score())
    assert (failure["step"], failure["reason"]) == ("cohort_aggregated_scores", "membership_missing")


def test_the_scores_of_the_whole_store_lie_where_experiments_are_compared(instance, root):
    result = Sandbox(instance, root).materialize("cross_experiment_scores")
    assert failures_of(result) == []
    path = root / "7_cross_experiment" / "aggregated_scores.csv"
    metadata = metadata_of(result)["cross_experiment_scores"]
    assert [metadata[name] for name in ("rows", "scored", "table")] == [2, 2, str(path)]
    assert pd.read_csv(path)[["gen_id", "score"]].to_numpy().tolist() == [["v_1", 3.5], ["v_2", 8.0]]


def test_no_table_is_written_through_a_link(instance, root, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (root / "7_cross_experiment").symlink_to(tmp_path / "elsewhere")
    (failure,) = failures_of(Sandbox(instance, root).materialize("cross_experiment_scores"))
    assert failure["reason"] == "unsafe_path"
    assert list((tmp_path / "elsewhere").iterdir()) == []
