"""The recommendations of the rebuild audit, carried out: the cohort of each makes the calls that it promises."""

import re
import shutil

import pytest

from genaudit.audits.rebuild import RebuildRequest, rebuild
from genaudit.audits.rebuild.advice import BACKFILL, RERUN, REUSE_ALL, selection_text
from genaudit.cohorts import IdScheme
from genaudit.sample import SampleOptions, write_sample
from genaudit.store.snapshot import scan
from helpers.runs import PlainRun, made
from helpers.trees import fingerprint

COHORT = "advised"
# Without the mode that reuses everything, the last recommendation names it and gives no number.
MODES = {
    "all": ("all",),
    "three": ("regenerate", "reuse-drafts", "reuse-essays", "reuse-essays+skip-existing"),
}


@pytest.fixture(scope="module", params=[0.0, 0.5], ids=["deterministic ids", "half of them legacy"])
def root(request, tmp_path_factory):
    root = tmp_path_factory.mktemp("advised") / "store"
    write_sample(root, SampleOptions(drafts=5, legacy_share=request.param))
    # One judge is enough, and keeps the cohorts small.
    for name in ("evaluation_templates", "llm_models"):
        path = root / f"1_raw/{name}.csv"
        path.write_text("".join(path.read_text().splitlines(keepends=True)[: 2 if name != "llm_models" else None]))
    return root


def advised(root, modes):
    request = RebuildRequest(modes=MODES[modes], cohort_id=COHORT, scheme=IdScheme())
    result = rebuild(scan(root), request)
    return result, {one.purpose: one for one in result.advice}


def follow(root, tmp_path, choice, advice):
    """Write the recommended selection into a copy of the store, build the cohort and make it.

    :returns: the copy, the actions by stage and id, and the number of calls.
    """
    copy = shutil.copytree(root, tmp_path / "copy")
    for path in (copy / "2_tasks").glob("selected_*s.txt"):
        path.unlink()
    (copy / f"2_tasks/selected_{choice.stage}s.txt").write_text(selection_text(choice, advice, "2026-01-02"))
    run = PlainRun(copy, "all")
    run.plan(COHORT)
    done = made(copy, COHORT, run.make)
    return copy, done, sum(what == "call" for what in done.values())


@pytest.mark.parametrize("purpose", [BACKFILL, RERUN, REUSE_ALL])
def test_a_recommended_mode_makes_the_predicted_number_of_calls(root, tmp_path, purpose):
    result, advice = advised(root, "all")
    before = fingerprint(root)
    _, done, calls = follow(root, tmp_path, result.choice, advice[purpose])
    assert calls == advice[purpose].calls
    assert {*done.values()} <= {"reuse", "call", "copy", "parse", "blocked"}
    assert fingerprint(root) == before


def test_the_backfill_keeps_every_selected_essay_and_makes_only_evaluations(root, tmp_path):
    result, advice = advised(root, "all")
    copy, done, _ = follow(root, tmp_path, result.choice, advice[BACKFILL])
    for gen_id in result.choice.ids:
        assert (root / f"gens/essay/{gen_id}/raw.txt").read_bytes() == (
            copy / f"gens/essay/{gen_id}/raw.txt"
        ).read_bytes()
    assert {stage for (stage, _), what in done.items() if what == "call"} <= {"evaluation"}


def test_the_rerun_keeps_the_predicted_generations(root, tmp_path):
    result, advice = advised(root, "all")
    _, done, _ = follow(root, tmp_path, result.choice, advice[RERUN])
    number = re.search(r"keeps (none|[\d,]+) of the stored", advice[RERUN].reason)[1]
    kept = result.kept[result.kept["mode"] == advice[RERUN].mode]["kept"].sum()
    assert kept == (0 if number == "none" else int(number.replace(",", "")))
    assert kept == sum(what == "reuse" for what in done.values())


def test_a_recommendation_without_a_number_saves_the_calls_that_it_names(root, tmp_path):
    result, advice = advised(root, "three")
    reuse = advice[REUSE_ALL]
    assert reuse.mode is None
    assert reuse.calls is None
    _, _, calls = follow(root, tmp_path, result.choice, reuse)
    makes, saved = (
        int(number.replace(",", "")) for number in re.findall(r"([\d,]+)(?: model calls|\s*of them)", reuse.reason)
    )
    assert calls == makes - saved
    named = re.search(r"--modes (\S+) for", reuse.reason)[1]
    planned = rebuild(scan(root), RebuildRequest(modes=(named,), cohort_id=COHORT, scheme=IdScheme()))
    assert planned.comparison["call"].sum() == calls
