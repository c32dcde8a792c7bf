"""The prediction of a rebuild equals the work of the pipeline when the cohort is built and made, on any store.

Random stores are made by the steps that the assets call; every mode under every flag also by the assets themselves.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from random import Random

import dagster as dg
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from genaudit.audits.rebuild import RebuildRequest, rebuild
from genaudit.cohorts import IdScheme
from genaudit.errors import DDError
from genaudit.sample import SampleOptions, write_sample
from genaudit.stages import partitions_of
from genaudit.store.snapshot import scan
from helpers.runs import DagsterRun, PlainRun, made

COHORT = "rebuilt"
STAGES = ("draft", "essay", "evaluation")
FLAGS = ("off", "draft", "draft,essay", "all")
ESSAY_MODES = {
    "regenerate": "# mode: regenerate\n",
    "reuse-drafts": "# mode: reuse-drafts\n",
    "reuse-essays": "# mode: reuse-essays\n",
    "reuse-essays+skip-existing": "# mode: reuse-essays\n# skip-existing-evaluations\n",
    "reuse-drafts+reuse-existing": "# mode: reuse-drafts\n# reuse: existing\n",
    "reuse-drafts+reuse-drafts-essays": "# mode: reuse-drafts\n# reuse: drafts, essays\n",
    "reuse-essays+reuse-existing": "# mode: reuse-essays\n# reuse: existing\n",
}
DRAFT_MODES = {
    "regenerate": "# mode: regenerate\n",
    "reuse-drafts": "# mode: reuse-drafts\n",
    "reuse-drafts+reuse-existing": "# reuse: existing\n",
}
SPEC = "spec:rebuilt"
# The starts of a plan: selected essays or drafts with a mode, or nothing selected.
PLANS = (
    *(("essay", mode) for mode in ESSAY_MODES),
    *(("draft", mode) for mode in DRAFT_MODES),
    (None, "cartesian"),
    (None, SPEC),
)


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """Sample stores: all deterministic, mixed, and all legacy."""
    roots = []
    for seed, share in ((0, 0.0), (1, 0.5), (2, 1.0)):
        root = tmp_path_factory.mktemp("samples") / f"share-{share}"
        write_sample(root, SampleOptions(drafts=3, seed=seed, legacy_share=share, active=True))
        narrow(root)
        roots.append(root)
    return roots


@pytest.fixture(autouse=True, scope="module")
def _no_telemetry():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_DISABLE_TELEMETRY", "yes")
        yield


def narrow(root):
    """Leave one combination, one template and model to judge with, one model to write: cohorts stay small."""
    for name, column in (
        ("evaluation_templates", "active"),
        ("llm_models", "for_generation"),
        ("llm_models", "for_evaluation"),
    ):
        path = root / f"1_raw/{name}.csv"
        table = pd.read_csv(path, keep_default_na=False)
        table[column] = table.index == table.index[table[column]][0]
        table.to_csv(path, index=False)
    path = root / "2_tasks/selected_combo_mappings.csv"
    table = pd.read_csv(path, keep_default_na=False)
    table[table["combo_id"] == table["combo_id"][0]].to_csv(path, index=False)
    path = root / "cohorts/second-look-2025-10/spec/config.yaml"
    spec = yaml.safe_load(path.read_text())
    for axis in ("combo_id", "evaluation_template", "evaluation_llm"):
        spec["axes"][axis] = spec["axes"][axis][:1]
    path.write_text(yaml.safe_dump(spec, sort_keys=False))


FILES = ("prompt.txt", "raw.txt", "raw_metadata.json", "parsed.txt", "parsed_metadata.json")


def without_files(folder, random):
    for name in random.sample(FILES, random.randint(1, 5)):
        (folder / name).unlink(missing_ok=True)


def unparsed(folder, random):  # noqa: ARG001
    (folder / "parsed.txt").unlink(missing_ok=True)


def truncated(folder, random):
    report = folder / "raw_metadata.json"
    if report.exists():
        report.write_text(json.dumps({**json.loads(report.read_text()), "truncated": True}))
        unparsed(folder, random)


def unparsable(folder, random):
    if (folder / "raw.txt").exists():
        (folder / "raw.txt").write_text("Fine.\nScore: 8,5\n")
        unparsed(folder, random)


def damaged_report(folder, random):
    name = random.choice(["raw_metadata.json", "parsed_metadata.json"])
    if (folder / name).exists():
        (folder / name).write_text(random.choice(["{", "[]", '{"stage": "draft"}']))


def not_utf8(folder, random):
    name = random.choice(["prompt.txt", "raw.txt", "parsed.txt"])
    if (folder / name).exists():
        (folder / name).write_bytes(b"caf\xe9\n")


SPOILERS = (without_files, without_files, unparsed, truncated, unparsable, damaged_report, not_utf8)


def spoil(root, random):
    """Damage generations in every way that decides about their reuse, and now and then lose a template's text."""
    for stage in STAGES:
        folders = sorted((root / "gens" / stage).iterdir())
        for folder in random.sample(folders, random.randint(0, len(folders) // 2)):
            random.choice(SPOILERS)(folder, random)
        texts = sorted((root / "1_raw/templates" / stage).iterdir())
        if random.random() < 0.25:
            random.choice(texts).unlink()


def replicate(root, counts):
    lines = "".join(f"{stage},{count}\n" for stage, count in zip(STAGES, counts, strict=True))
    (root / "1_raw/replication_config.csv").write_text(f"stage,replicates\n{lines}")


def plan(root, stage, mode, random, most):
    """Write the start of a plan, with up to so many selected ids; every record of a clean sample can be read."""
    (root / "2_tasks/selected_essays.txt").unlink()
    if stage:
        folders = sorted(path.name for path in (root / "gens" / stage).iterdir())
        ids = random.sample(folders, random.randint(1, min(most, len(folders))))
        directives = (ESSAY_MODES if stage == "essay" else DRAFT_MODES)[mode]
        (root / f"2_tasks/selected_{stage}s.txt").write_text(directives + "\n".join(ids) + "\n")
    elif mode == SPEC:
        shutil.copytree(root / "cohorts/second-look-2025-10/spec", root / f"cohorts/{COHORT}/spec")


def predicted(root, flag, mode):
    """Predict a mode; ``None`` where a legacy id is taken, which has no second try: then nothing can be planned."""
    request = RebuildRequest(modes=(mode,), cohort_id=COHORT, scheme=IdScheme.parse(flag))
    try:
        return rebuild(scan(root), request)
    except DDError as error:
        if error.ctx["reason"] != "id_collision":
            raise
        return None


def check(root, flag, mode, run):
    """Predict, then build and make, and compare."""
    result = predicted(root, flag, mode)
    if result is None:
        with pytest.raises(DDError) as caught:
            run.plan(COHORT)
        assert caught.value.ctx["reason"] == "id_collision"
        return
    table = result.frame
    for row in table[table["decision"] != "reuse"].itertuples():
        assert json.loads(row.causes), "every decision but reuse has a cause"
        assert row.root == "own" or row.root.split(":")[0] in ("draft", "essay")
    expected = {(row.stage, row.gen_id): str(row.decision) for row in table.itertuples()}
    destroyed = {(row.stage, row.gen_id): row.destroys for row in table.itertuples() if pd.notna(row.destroys)}
    run.plan(COHORT)
    before = stored(root, expected)
    done = made(root, COHORT, run.make)
    assert done == expected
    # Whatever had to make room, and nothing else, is kept beside the new files.
    assert {key: " ".join(names) for key, names in replaced(root, expected).items() if names} == destroyed
    for key, texts in before.items():
        assert texts <= everything(root, key)
    for key, decision in expected.items():
        if decision in ("reuse", "blocked"):
            assert key not in destroyed
    counts = result.comparison.set_index("stage")
    for stage in STAGES:
        for decision in ("reuse", "parse", "copy", "call", "blocked"):
            really = sum(each == stage and what == decision for (each, _), what in done.items())
            assert counts.loc[stage, decision] == really
    assert len(run.generator.asked) == sum(what == "call" for what in done.values())
    # Members that were made once exist: the same plan again finds them, and is blocked where it was blocked.
    again = PlainRun(root, flag)
    rerun = {key: "blocked" if what == "blocked" else "reuse" for key, what in expected.items()}
    assert made(root, COHORT, again.make) == rerun
    assert again.generator.asked == []


def stored(root, keys):
    return {key: everything(root, key) for key in keys}


def everything(root, key):
    folder = root / "gens" / key[0] / key[1]
    return {path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def replaced(root, keys):
    order = FILES.index
    return {
        key: sorted((path.name for path in (root / "gens" / key[0] / key[1]).glob("replaced/*/*")), key=order)
        for key in keys
    }


@pytest.mark.parametrize(("stage", "mode"), PLANS)
@settings(max_examples=8)
@given(data=st.data())
def test_random_stores(samples, stage, mode, data):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "data"
        shutil.copytree(data.draw(st.sampled_from(samples)), root)
        random = data.draw(st.randoms(use_true_random=False))
        spoil(root, random)
        replicate(root, [data.draw(st.integers(1, 2 if stage else 1)) for _ in STAGES])
        plan(root, stage, mode, random, most=3)
        flag = data.draw(st.sampled_from(FLAGS))
        check(root, flag, mode, PlainRun(root, flag))


@pytest.fixture(scope="module")
def shared_instance():
    with dg.DagsterInstance.ephemeral() as made:
        yield made


@pytest.fixture
def instance(shared_instance):
    # A run over several generations takes neighbours, in the order in which they were registered.
    for name in map(partitions_of, STAGES):
        for key in shared_instance.get_dynamic_partitions(name):
            shared_instance.delete_dynamic_partition(name, key)
    return shared_instance


@pytest.mark.parametrize("flag", FLAGS)
@pytest.mark.parametrize(("stage", "mode"), PLANS)
def test_every_mode_under_every_flag_with_dagster(samples, tmp_path, instance, *, stage, mode, flag):
    place = PLANS.index((stage, mode)) + FLAGS.index(flag)
    root, random = tmp_path / "data", Random(place)  # noqa: S311 (no secret)
    shutil.copytree(samples[place % len(samples)], root)
    spoil(root, random)
    replicate(root, (1, 1, 2) if stage else (1, 1, 1))
    plan(root, stage, mode, random, most=1)
    check(root, flag, mode, DagsterRun(root, flag, instance))
