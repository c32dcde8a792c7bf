"""The sensor that plans new cohorts, and its job on a real instance."""

import dagster as dg
import pytest

from genaudit.errors import DDError
from genaudit.layout import Layout
from genaudit.pipeline.definitions import defs, resources
from genaudit.pipeline.defs.new_cohorts import new_cohorts, unplanned
from genaudit.pipeline.resources import DataRoot
from helpers.workshop import COHORT, make_workshop, write


def evaluated(instance, root):
    """Return the current requests of the sensor."""
    context = dg.build_sensor_context(instance=instance, resources={"data_root": DataRoot(path=str(root))})
    return new_cohorts.evaluate_tick(context)


def test_a_spec_without_a_membership_is_planned_once_and_its_partitions_registered(instance, root):
    (request,) = evaluated(instance, root).run_requests
    assert request.run_key.startswith(f"{COHORT}:")
    assert request.tags["genaudit/cohort"] == COHORT
    given = resources(DataRoot(path=str(root)), deterministic_gen_ids="all")
    job = dg.Definitions(
        assets=defs.assets, asset_checks=defs.asset_checks, jobs=defs.jobs, resources=given
    ).resolve_job_def("plan_cohort")
    result = job.execute_in_process(run_config=request.run_config, instance=instance)
    assert result.success
    assert {each.check_name for each in result.get_asset_check_evaluations()} == {"metadata_complete", "parents_hold"}
    assert len(instance.get_dynamic_partitions("evaluation_gens")) == 4
    tick = evaluated(instance, root)
    assert tick.run_requests == []
    assert "without a membership" in tick.skip_message


def test_a_spec_that_changed_is_tried_again_and_others_are_not(root):
    first = unplanned(Layout(root))
    assert unplanned(Layout(root)) == first
    make_workshop(root, "trial-2")
    assert set(unplanned(Layout(root))) == {COHORT, "trial-2"}
    spec = root / "cohorts" / COHORT / "spec/config.json"
    spec.write_text(spec.read_text() + "\n")
    changed = unplanned(Layout(root))
    assert changed[COHORT] != first[COHORT]


def test_a_spec_that_cannot_be_read_is_left_to_its_run(root, tmp_path):
    spec = root / "cohorts" / COHORT / "spec/config.json"
    write(tmp_path / "elsewhere.json", "{}")
    spec.unlink()
    spec.symlink_to(tmp_path / "elsewhere.json")
    assert unplanned(Layout(root)) == {COHORT: "unreadable"}


def test_no_cohort_and_no_store(root, tmp_path):
    (root / "cohorts").rename(tmp_path / "gone")
    assert unplanned(Layout(root)) == {}
    with pytest.raises(DDError) as caught:
        unplanned(Layout(tmp_path / "nowhere"))
    assert caught.value.ctx["reason"] == "no_such_root"


def test_it_is_off_until_somebody_switches_it_on():
    assert new_cohorts.default_status is dg.DefaultSensorStatus.STOPPED
