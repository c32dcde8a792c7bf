"""Sizes of designs are computed before anything is expanded: a huge one is an error at once."""

import json
import tracemalloc

import pytest

from genaudit.cohorts import IdScheme, create_cohort_membership_builder
from genaudit.errors import DDError
from helpers.workshop import COHORT, SPEC, make_workshop, put, write

HUGE = 2_000_000_000


@pytest.fixture
def root(tmp_path):
    root = make_workshop(tmp_path / "data")
    (root / "cohorts" / COHORT / "spec/config.json").unlink()
    write(root / "2_tasks/selected_combo_mappings.csv", (root / "combo_mappings.csv").read_text())
    write(root / "1_raw/replication_config.csv", f"stage,replicates\ndraft,1\nessay,1\nevaluation,{HUGE}\n")
    put(root, "draft", "d_1")
    put(root, "essay", "e_1")
    return root


def build(root, **options):
    builder = create_cohort_membership_builder(root, ids=IdScheme.parse("all"), slim=True, **options)
    return builder.build(COHORT, dry_run=True)


def refused(root, **options):
    tracemalloc.start()
    try:
        with pytest.raises(DDError) as caught:
            build(root, **options)
        assert tracemalloc.get_traced_memory()[1] < 50_000_000
    finally:
        tracemalloc.stop()
    assert caught.value.ctx["reason"] == "design_too_large"
    return caught.value.ctx


def test_a_cartesian_plan(root):
    ctx = refused(root)
    # One combo, draft template and model; two essay templates.
    assert (ctx["size"], ctx["limit"], ctx["axes"]["essay templates"]) == (2 * HUGE, 1_000_000, 2)
    assert ctx["product"].endswith(
        "1 evaluation templates x 1 evaluation models x 2,000,000,000 evaluation replicates"
    )


@pytest.mark.parametrize("mode", ["regenerate", "reuse-drafts", "reuse-essays"])
def test_a_curated_plan(root, mode):
    write(root / "2_tasks/selected_essays.txt", f"# mode: {mode}\ne_1\n")
    ctx = refused(root)
    assert ctx["size"] == HUGE
    assert ctx["axes"]["selected essays"] == 1


def test_a_spec_of_six_axes_of_a_hundred_values(root):
    values = [f"each_{number}" for number in range(100)]
    axes = {name: values for name in SPEC["axes"] if name != "evaluation_replicate"}
    output = {"field_order": [name for name in SPEC["output"]["field_order"] if name in axes]}
    write(root / "cohorts" / COHORT / "spec/config.json", json.dumps({"axes": axes, "output": output}))
    ctx = refused(root)
    assert ctx["size"] == 100**6
    assert set(ctx["axes"].values()) == {100}


def test_the_limit_can_be_chosen(root):
    write(root / "1_raw/replication_config.csv", "stage,replicates\ndraft,1\nessay,1\nevaluation,4\n")
    assert build(root, max_members=8).row_count == 1 + 2 + 8
    assert refused(root, max_members=7)["size"] == 8
