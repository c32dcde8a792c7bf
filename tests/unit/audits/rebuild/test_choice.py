"""The selection of a rebuild, and all of its errors, raised together."""

from __future__ import annotations

import pytest

from genaudit.audits.rebuild import RebuildRequest, rebuild
from genaudit.audits.rebuild.audit import rebuild_by_default
from genaudit.audits.recompute import recompute
from genaudit.cohorts.id_scheme import FLAG, IdScheme
from genaudit.errors import DDError, Err
from genaudit.store.snapshot import scan
from helpers.rebuilds import add, run
from unit.audits.rebuild.conftest import NEW_DRAFT, NEW_ESSAY, OLD_DRAFT, OLD_ESSAY, essay

ESSAYS, DRAFTS = "2_tasks/selected_essays.txt", "2_tasks/selected_drafts.txt"


def by_default(root, **request):
    return rebuild(scan(root), RebuildRequest(scheme=IdScheme(), **request))


def refused(root, ids="", **request):
    with pytest.raises(DDError) as caught:
        run(root, ids, **request)
    return caught.value


def problems_of(error):
    return [(each["problem"], each["value"]) for each in error.ctx["problems"]]


def test_the_selection_file_of_the_data_root_comes_first(chains, put):
    put(ESSAYS, f"# mode: reuse-essays\n# fill-up\n{NEW_ESSAY}\n")
    chosen = by_default(chains).summary.selection
    assert (chosen["how"], chosen["source"], chosen["selected"]) == ("file", ESSAYS, 1)
    assert (chosen["mode"], chosen["skip_existing"]) == ("reuse-essays", True)


def test_a_selection_of_drafts_is_found_as_well(chains, put):
    put(DRAFTS, f"{NEW_DRAFT}\n")
    result = by_default(chains)
    assert result.choice.stage == "draft"
    assert list(result.summary.modes) == ["regenerate", "reuse-drafts", "reuse-drafts+reuse-existing"]


def test_then_all_legacy_essays(chains):
    result = by_default(chains)
    assert (result.choice.how, result.choice.ids) == ("legacy", (OLD_ESSAY,))
    assert result.summary.findings_are_about == []


def test_a_store_without_legacy_essays_has_nothing_to_rebuild(root):
    result = by_default(root)
    assert result.choice.how == "nothing"
    assert result.frame.empty
    assert result.summary.modes == {}
    assert result.advice == ()


def test_the_stage_of_another_file_comes_from_its_name(chains, tmp_path):
    path = tmp_path / "selected_drafts.txt"
    path.write_text(f"{OLD_DRAFT}\n")
    assert by_default(chains, select=path).choice.stage == "draft"
    path.rename(tmp_path / "mine.txt")
    assert by_default(chains, select=tmp_path / "mine.txt", stage="draft").choice.ids == (OLD_DRAFT,)


def test_a_random_sample_names_its_seed_and_is_the_same_again(chains):
    for number in range(2, 12):
        add(chains, "essay", f"oldessay000000{number:02}", essay(OLD_DRAFT, number))
    chosen = [run(chains, sample=5, seed=seed).summary.selection for seed in (3, 3, 4)]
    assert chosen[0] == chosen[1]
    assert chosen[0]["first"] != chosen[2]["first"]
    assert (chosen[0]["seed"], chosen[0]["selected"], chosen[0]["chosen_from"]) == (3, 5, 12)
    legacy = run(chains, sample=99, legacy=True).summary.selection
    assert (legacy["selected"], legacy["chosen_from"]) == (11, 11)


def test_unplannable_generations_are_left_out_of_a_sample_and_counted(chains):
    add(chains, "essay", "orphanessay00000", essay("d_gone"))
    add(chains, "essay", "unreadableessay0", b"{")
    result = run(chains, sample=9)
    assert set(result.choice.ids) == {OLD_ESSAY, NEW_ESSAY}
    assert result.coverage.skipped["essays whose draft is not known"] == 1
    assert result.coverage.skipped["essays whose signature is not known"] == 1


def test_ids_can_be_given_with_repetitions(chains):
    result = run(chains, f"{OLD_ESSAY} {NEW_ESSAY} {OLD_ESSAY}")
    assert result.choice.ids == (OLD_ESSAY, NEW_ESSAY)
    assert result.summary.selection["repeated"] == 1


def test_everything_that_is_wrong_with_ids_and_modes_at_once(chains):
    add(chains, "essay", "orphanessay00000", essay("d_gone"))
    add(chains, "essay", "unreadableessay0", b"{")
    add(chains, "draft", "d_broken", b"{")
    add(chains, "essay", "belowbrokendraft", essay("d_broken"))
    misspelt = OLD_ESSAY.replace("ess", "ees")
    ids = f"{misspelt} {OLD_DRAFT} orphanessay00000 unreadableessay0 belowbrokendraft ../etc"
    error = refused(chains, ids, modes=("all", "regenarate"))
    assert error.code is Err.INVALID_CONFIG
    assert error.ctx["reason"] == "unsupported_curated_mode"
    assert set(problems_of(error)) == {
        ("unsupported_curated_mode", "regenarate"),
        ("not_an_id", "../etc"),
        ("unknown_id", misspelt),
        ("wrong_stage", OLD_DRAFT),
        ("parent_missing", "orphanessay00000"),
        ("unverifiable", "unreadableessay0"),
        ("parent_unverifiable", "belowbrokendraft"),
    }
    nearest = {each["value"]: each["nearest"] for each in error.ctx["problems"]}
    assert nearest[misspelt] == OLD_ESSAY
    assert nearest["regenarate"] == "regenerate"


@pytest.mark.parametrize("modes", [("regenarate",), ("regenarate", "cartesian")])
def test_ids_are_looked_up_whatever_is_wrong_with_the_modes(chains, modes):
    error = refused(chains, "nobodysessay0000", modes=modes)
    assert problems_of(error) == [("unsupported_curated_mode", "regenarate"), ("unknown_id", "nobodysessay0000")]


def test_an_error_about_modes_alone_names_the_known_ones(chains):
    error = refused(chains, OLD_ESSAY, modes=("regenarate",))
    assert error.ctx["file"] == "--modes"
    (problem,) = error.ctx["problems"]
    assert problem["option"] == "--modes"
    assert {"regenerate", "cartesian", "all"} < set(problem["known"])
    assert refused(chains, "nobodysessay0000", modes=("regenarate",)).ctx["file"] == "--ids"


@pytest.mark.parametrize("modes", [("cartesian",), ("all",), ()])
def test_ids_that_are_named_are_looked_up_in_every_mode(chains, modes):
    assert problems_of(refused(chains, "nobodysessay0000", modes=modes)) == [("unknown_id", "nobodysessay0000")]


def test_a_plan_without_a_selection_does_not_mind_a_broken_selection_file(chains, put):
    put(ESSAYS, "nobodysessay0000\n")
    assert list(by_default(chains, modes=("cartesian",)).summary.modes) == ["cartesian"]


def test_a_file_with_an_unknown_mode_and_an_unknown_id(chains, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("# mode: reuse-everything\nnobodysessay0000\n")
    error = refused(chains, select=path)
    assert problems_of(error) == [
        ("unsupported_curated_mode", "reuse-everything"),
        ("unknown_id", "nobodysessay0000"),
    ]
    assert error.ctx["file"] == str(path)


def test_an_empty_selection(chains, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("# mode: regenerate\n\n")
    assert problems_of(refused(chains, select=path)) == [("empty_selection", None)]


def test_both_selection_files(chains, put):
    put(ESSAYS, f"{NEW_ESSAY}\n")
    put(DRAFTS, f"{NEW_DRAFT}\n")
    error = refused(chains)
    assert error.ctx == {"reason": "multiple_curated_inputs", "paths": [ESSAYS, DRAFTS]}


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        ({"sample": 0}, "invalid_sample_size"),
        ({"legacy": True, "ids": OLD_ESSAY}, "contradicting_options"),
    ],
)
def test_options_that_make_no_sense(chains, request_, reason):
    assert refused(chains, **request_).ctx["reason"] == reason


def test_files_that_are_not_there_or_no_text(chains, tmp_path):
    error = refused(chains, select=tmp_path / "none.txt")
    assert (error.code, error.ctx["reason"]) == (Err.DATA_MISSING, "selection_missing")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe")
    for name in ("binary.txt", "."):
        error = refused(chains, select=tmp_path / name)
        assert (error.code, error.ctx["reason"]) == (Err.IO_ERROR, "selection_unreadable")


def test_a_selection_of_a_hundred_thousand_lines(chains, tmp_path):
    path = tmp_path / "mine.txt"
    lines = [NEW_ESSAY, "# a remark", f"{OLD_ESSAY}  # the older one", ""]
    path.write_text("\n".join(lines * 25_000))
    result = by_default(chains, select=path)
    assert result.choice.ids == (NEW_ESSAY, OLD_ESSAY)


def test_many_unknown_ids_are_all_named(chains, tmp_path):
    path = tmp_path / "mine.txt"
    path.write_text("\n".join(f"e_unknown{number}" for number in range(50_000)))
    assert len(refused(chains, select=path).ctx["problems"]) == 50_000


def test_a_missing_catalog_is_a_missing_catalog(chains):
    (chains / "1_raw/llm_models.csv").unlink()
    error = refused(chains, OLD_ESSAY)
    assert (error.code, error.ctx["reason"]) == (Err.DATA_MISSING, "catalog_missing")


def test_an_unplannable_mode_is_listed_beside_the_others(chains):
    (chains / "2_tasks/selected_combo_mappings.csv").unlink()
    result = run(chains, OLD_ESSAY, modes=("all", "cartesian", "spec:nowhere"))
    assert set(result.summary.failed_modes) == {"cartesian", "spec:nowhere"}
    assert result.summary.failed_modes["cartesian"]["reason"] == "catalog_missing"
    assert result.coverage.skipped["modes that cannot be planned"] == 2
    assert len(result.summary.modes) == 5


def test_the_default_run_reports_errors_instead_of_raising(chains, put):
    put(ESSAYS, "e_unknown\n")
    snapshot = scan(chains)
    result = rebuild_by_default(snapshot, recompute(snapshot).frame)
    assert result.summary.problem["problems"][0]["problem"] == "unknown_id"
    assert result.findings.empty
    assert result.coverage.skipped == {"selections that cannot be planned": 1}


def test_the_flag_decides_about_ids_where_nothing_else_does():
    assert RebuildRequest().ids_scheme({}) == IdScheme()
    assert RebuildRequest().ids_scheme({FLAG: "draft"}) == IdScheme.parse("draft")
    assert RebuildRequest().ids_scheme({FLAG: ""}) == IdScheme()
    assert RebuildRequest().ids_scheme({FLAG: "off"}) == IdScheme.parse("off")
    assert RebuildRequest(scheme=IdScheme()).ids_scheme({FLAG: "off"}) == IdScheme()
