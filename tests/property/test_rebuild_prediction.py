"""What a rebuild is predicted to do is what happens when the cohort is built and run, whatever is stored.

The interpreter of the oracle stands where the pipeline would: whatever takes a root, a cohort and a generator, and
says what it did with each generation, can be put in its place.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genaudit.audits.rebuild import RebuildRequest, rebuild
from genaudit.cohorts import IdScheme, create_cohort_membership_builder
from genaudit.errors import DDError
from genaudit.sample import SampleOptions, write_sample
from genaudit.store.snapshot import scan
from oracle.pipeline import CountingGenerator, run_cohort

COHORT = "rebuilt"
RUN = run_cohort
FLAGS = ("off", "draft", "draft,essay", "all")
ESSAY_MODES = {
    "regenerate": "# mode: regenerate\n",
    "reuse-drafts": "# mode: reuse-drafts\n",
    "reuse-essays": "# mode: reuse-essays\n",
    "reuse-essays+skip-existing": "# mode: reuse-essays\n# skip-existing-evaluations\n",
}
DRAFT_MODES = {"regenerate": "# mode: regenerate\n", "reuse-drafts": "# mode: reuse-drafts\n"}
SPEC = "spec:rebuilt"


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """Sample stores: all deterministic, mixed, and all legacy."""
    roots = []
    for seed, share in ((0, 0.0), (1, 0.5), (2, 1.0)):
        root = tmp_path_factory.mktemp("samples") / f"share-{share}"
        write_sample(root, SampleOptions(drafts=5, seed=seed, legacy_share=share))
        roots.append(root)
    return roots


def spoil(root, data):
    """Take texts away, and with them what could be reused or parsed."""
    for stage in ("draft", "essay", "evaluation"):
        for folder in data.draw(st.lists(st.sampled_from(sorted((root / "gens" / stage).iterdir())), max_size=4)):
            (folder / "parsed.txt").unlink(missing_ok=True)
            if data.draw(st.booleans()):
                (folder / "raw.txt").unlink(missing_ok=True)


def replicate(root, data):
    counts = {stage: data.draw(st.integers(1, 3)) for stage in ("draft", "essay", "evaluation")}
    lines = "".join(f"{stage},{count}\n" for stage, count in counts.items())
    (root / "1_raw/replication_config.csv").write_text(f"stage,replicates\n{lines}")


def select(root, stage, ids, directives):
    for old in (root / "2_tasks").glob("selected_*.txt"):
        old.unlink()
    (root / "2_tasks" / f"selected_{stage}s.txt").write_text(directives + "\n".join(ids) + "\n")


def usable(root, stage):
    """Ids that can be selected; every record of a clean sample can be read."""
    return sorted(path.name for path in (root / "gens" / stage).iterdir())


def reality(root, flag):
    """Build the cohort and run it."""
    create_cohort_membership_builder(root, ids=IdScheme.parse(flag), slim=True).build(COHORT)
    generator = CountingGenerator()
    return RUN(root, COHORT, generator), generator.calls


def prediction(result, mode):
    table = result.frame[result.frame["mode"] == mode]
    rows = table.drop_duplicates(["stage", "gen_id"])
    return {(row.stage, row.gen_id): str(row.decision) for row in rows.itertuples()}


def predicted(root, flag, mode):
    """Predict a mode; ``None`` where a legacy id is taken, which has no second try: then nothing can be planned."""
    request = RebuildRequest(modes=(mode,), cohort_id=COHORT, scheme=IdScheme.parse(flag))
    try:
        return rebuild(scan(root), request)
    except DDError as error:
        if error.ctx["reason"] != "id_collision":
            raise
        return None


def check(root, flag, mode):
    """Predict, then build and run, and compare."""
    result = predicted(root, flag, mode)
    if result is None:
        with pytest.raises(DDError) as caught:
            reality(root, flag)
        assert caught.value.ctx["reason"] == "id_collision"
        return
    for row in result.frame[result.frame["decision"] != "reuse"].itertuples():
        assert json.loads(row.causes), "whatever is not reused has a cause"
        assert row.root == "own" or row.root.split(":")[0] in ("draft", "essay")
    done, calls = reality(root, flag)
    assert prediction(result, mode) == done
    counts = result.comparison[result.comparison["mode"] == mode]
    assert counts["call"].sum() == len(calls)
    assert counts["reuse"].sum() == sum(what == "reuse" for what in done.values())
    # What was run once is there: the same plan again would find all of it, though another build may ask for more.
    again, more = RUN(root, COHORT, CountingGenerator()), CountingGenerator()
    assert set(again.values()) == {"reuse"}
    assert more.calls == []


@pytest.mark.parametrize("mode", ESSAY_MODES)
@settings(max_examples=10)
@given(data=st.data())
def test_selected_essays(samples, mode, data):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "data"
        shutil.copytree(data.draw(st.sampled_from(samples)), root)
        spoil(root, data)
        replicate(root, data)
        ids = data.draw(st.lists(st.sampled_from(usable(root, "essay")), min_size=1, unique=True))
        select(root, "essay", ids, ESSAY_MODES[mode])
        check(root, data.draw(st.sampled_from(FLAGS)), mode)


@pytest.mark.parametrize("mode", DRAFT_MODES)
@settings(max_examples=6)
@given(data=st.data())
def test_selected_drafts(samples, mode, data):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "data"
        shutil.copytree(data.draw(st.sampled_from(samples)), root)
        spoil(root, data)
        replicate(root, data)
        ids = data.draw(st.lists(st.sampled_from(usable(root, "draft")), min_size=1, max_size=3, unique=True))
        select(root, "draft", ids, DRAFT_MODES[mode])
        check(root, data.draw(st.sampled_from(FLAGS)), mode)


@pytest.mark.parametrize("mode", ["cartesian", SPEC])
@settings(max_examples=5)
@given(data=st.data())
def test_plans_without_a_selection(samples, mode, data):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "data"
        shutil.copytree(data.draw(st.sampled_from(samples)), root)
        spoil(root, data)
        (root / "1_raw/replication_config.csv").write_text("stage,replicates\ndraft,1\nessay,1\nevaluation,1\n")
        (root / "2_tasks/selected_essays.txt").unlink()
        if mode == SPEC:
            shutil.copytree(root / "cohorts/second-look-2025-10/spec", root / f"cohorts/{COHORT}/spec")
        check(root, data.draw(st.sampled_from(FLAGS)), mode)


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize("mode", ESSAY_MODES)
def test_every_mode_under_every_flag(samples, tmp_path, mode, flag):
    for number, sample in enumerate(samples):
        root = tmp_path / str(number)
        shutil.copytree(sample, root)
        select(root, "essay", usable(root, "essay"), ESSAY_MODES[mode])
        check(root, flag, mode)
