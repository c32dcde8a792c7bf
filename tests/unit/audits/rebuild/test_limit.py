"""The limit of members holds for plans of the rebuild audit; a store can lower it, and never raise it."""

import pytest

from genaudit.audits.rebuild import RebuildRequest, rebuild
from genaudit.audits.run import run_audits
from genaudit.cohorts import IdScheme, create_cohort_membership_builder
from genaudit.errors import DDError
from genaudit.snapshots.taking import opened, run_saved, take
from genaudit.store.snapshot import scan
from helpers.workshop import COHORT, make_workshop, put, write


@pytest.fixture
def root(tmp_path):
    """Two essays, each judged by one template and one model, four times: eight evaluations."""
    root = make_workshop(tmp_path / "data")
    (root / "cohorts" / COHORT / "spec/config.json").unlink()
    write(root / "1_raw/replication_config.csv", "stage,replicates\ndraft,1\nessay,1\nevaluation,4\n")
    write(root / "2_tasks/selected_essays.txt", "# mode: reuse-essays\ne_1\ne_2\n")
    put(root, "draft", "d_1")
    for number in (1, 2):
        put(root, "essay", f"e_{number}", replicate=number)
    return root


def limited(root, most):
    write(root / "genaudit.toml", f"[limits]\nmax_members = {most}\n")


def planned(root, **options):
    request = RebuildRequest(modes=("reuse-essays",), scheme=IdScheme(), **options)
    return rebuild(scan(root), request).comparison["planned"].sum()


def refused(call):
    with pytest.raises(DDError) as caught:
        call()
    assert caught.value.ctx["reason"] == "design_too_large"
    return caught.value.ctx["size"], caught.value.ctx["limit"]


def test_the_caller_sets_the_limit(root):
    assert planned(root, max_members=8) == 1 + 2 + 8
    assert refused(lambda: planned(root, max_members=7)) == (8, 7)


def test_the_store_lowers_the_limit(root):
    limited(root, 7)
    assert refused(lambda: planned(root)) == (8, 7)
    assert refused(lambda: planned(root, max_members=1_000)) == (8, 7)
    builder = create_cohort_membership_builder(root, ids=IdScheme(), slim=True)
    assert refused(lambda: builder.build(COHORT, dry_run=True)) == (8, 7)


def test_the_store_never_raises_the_limit(root):
    limited(root, 10**9)
    assert refused(lambda: planned(root, max_members=7)) == (8, 7)
    builder = create_cohort_membership_builder(root, ids=IdScheme(), slim=True, max_members=7)
    assert refused(lambda: builder.build(COHORT, dry_run=True)) == (8, 7)


def test_a_run_of_audits_reports_the_refusal(root):
    run = run_audits(scan(root), max_members=7)
    assert run.rebuild.not_run.reason == "design_too_large"
    assert run_audits(scan(root), max_members=8).rebuild.not_run is None


def test_a_snapshot_keeps_the_limit_of_the_store(root):
    limited(root, 7)
    saved = take(scan(root), date="2026-01-02")
    with opened(saved) as snapshot:
        run = run_saved(saved, snapshot, ["rebuild"])
    assert (run.rebuild.not_run.reason, snapshot.limits.max_members) == ("design_too_large", 7)
