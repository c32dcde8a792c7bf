"""Scores of a store that is small enough to be worked out on paper."""

from __future__ import annotations

import pandas as pd
import pytest

from genaudit import schemas
from genaudit.cohorts.membership import read_membership
from genaudit.errors import DDError, Err
from genaudit.layout import Layout
from genaudit.scores import PIVOT_INDEX, SUM, Allowlist, aggregate_scores, score_of
from genaudit.scores import generation_scores_pivot as pivot_of
from genaudit.store.snapshot import scan
from helpers.membership import member, plain, write_membership_csv
from helpers.scored_store import COHORTS, COMBO, D1, E1, E2, EVALUATIONS, judged, members, write_scored_store
from helpers.trees import fingerprint


@pytest.fixture
def store(root):
    return write_scored_store(root)


def scores_of(root, cohort=None):
    frame = read_membership(Layout(root), cohort).frame if cohort else None
    return aggregate_scores(scan(root), frame)


def generation_scores_pivot(scores, templates, models=("alder", "tern")):
    return pivot_of(scores, Allowlist.of(templates, models))


def by_id(scores):
    return {row["gen_id"]: row for row in plain(scores)}


def test_a_row_for_each_evaluation_with_all_that_it_judged(store):
    scores = scores_of(store)
    assert list(scores.columns) == list(schemas.SCORES)
    assert scores["gen_id"].tolist() == sorted(EVALUATIONS)
    found = by_id(scores)
    assert found["v_1"] == {
        "gen_id": "v_1",
        "parent_gen_id": E1,
        "evaluation_template": "novelty",
        "evaluation_llm_model": "alder",
        "score": 4.0,
        "evaluation_response_path": "gens/evaluation/v_1/parsed.txt",
        "combo_id": COMBO,
        "draft_template": "ladder",
        "generation_template": "letter",
        "generation_model": "own-model",
        "origin_cohort_id": "c1",
        "generation_response_path": "gens/essay/e_1/parsed.txt",
        "input_mode": "prompt",
    }
    # An essay without a model has its draft's; the source of a copy is in the essay's own report.
    copied = {name: found["v_6"][name] for name in ("generation_model", "input_mode", "copied_from")}
    assert copied == {
        "generation_model": "juniper",
        "input_mode": "copy",
        "copied_from": "gens/draft/d_2/parsed.txt",
    }


def test_only_a_cohorts_own_evaluations_are_scored_in_its_order(store):
    rows = [*members("c2")[:2], *reversed(members("c2")[2:])]
    write_membership_csv(store, "c2", rows, form="slim")
    assert scores_of(store, "c2")["gen_id"].tolist() == ["v_7", "v_6"]


def test_the_pivot_has_means_extremes_and_numbers(store):
    write_membership_csv(store, "c1", members("c1"))
    pivot = generation_scores_pivot(scores_of(store, "c1"), ["novelty", "clarity"])
    assert list(pivot.columns) == [
        *("combo_id", "draft_template", "generation_template", "generation_model", "parent_gen_id"),
        *("alder_clarity", "alder_novelty", "tern_novelty"),
        *("alder_clarity_min", "alder_clarity_max", "alder_clarity_n"),
        *("alder_novelty_min", "alder_novelty_max", "alder_novelty_n"),
        *("tern_novelty_min", "tern_novelty_max", "tern_novelty_n"),
        *("allowlisted_template_score_sum", "generation_response_path"),
    ]
    # (4 + 7 + 5.5) / 3 = 5.5, and 8.25 + 5.5 + 0 = 13.75
    assert pivot.to_numpy().tolist() == [
        [
            *(COMBO, "ladder", "letter", "own-model", E1),
            *(8.25, 5.5, 0.0),
            *(8.25, 8.25, 1),
            *(4.0, 7.0, 3),
            *(0.0, 0.0, 1),
            *(13.75, "gens/essay/e_1/parsed.txt"),
        ]
    ]
    assert pivot["alder_novelty_n"].dtype == "int64"


def test_rows_of_another_cohort_and_retired_templates_stay_out_of_the_pivot(store):
    write_membership_csv(store, "c1", members("c1"))
    write_membership_csv(store, "c2", members("c2"))
    pivot = generation_scores_pivot(scores_of(store, "c2"), [" Novelty ", "clarity"])
    assert plain(pivot) == [
        {
            "combo_id": COMBO,
            "draft_template": "notes",
            "generation_template": "as-is",
            "generation_model": "juniper",
            "parent_gen_id": E2,
            "alder_novelty": 9.0,
            "alder_novelty_min": 9.0,
            "alder_novelty_max": 9.0,
            "alder_novelty_n": 1,
            "allowlisted_template_score_sum": 9.0,
            "generation_response_path": "gens/essay/e_2/parsed.txt",
        }
    ]


def test_missing_judges_of_a_row_count_as_none(store):
    pivot = generation_scores_pivot(scores_of(store), ["novelty", "clarity", "retired"])
    assert pivot["generation_template"].tolist() == ["letter", "as-is"]
    assert plain(pivot[["tern_retired", "tern_retired_n", "tern_novelty_n", SUM]]) == [
        {"tern_retired_n": 0, "tern_novelty_n": 1, SUM: 13.75},
        {"tern_retired": 3.0, "tern_retired_n": 1, "tern_novelty_n": 0, SUM: 12.0},
    ]


@pytest.mark.parametrize(
    ("form", "manifest"),
    [
        ("wide", False),
        ("wide", True),
        ("wide_without_replicate", False),
        ("slim", True),
        ("slim", False),
        ("two_column", False),
    ],
)
def test_every_form_of_a_membership_gives_one_pivot(store, form, manifest):
    write_membership_csv(store, "c1", members("c1"), form=form, manifest=manifest)
    scores = scores_of(store, "c1")
    assert by_id(scores) == {name: row for name, row in by_id(scores_of(store)).items() if name in COHORTS["c1"]}
    pivot = generation_scores_pivot(scores, ["novelty"])
    assert plain(pivot[["generation_model", "alder_novelty", SUM]]) == [
        {"generation_model": "own-model", "alder_novelty": 5.5, SUM: 5.5}
    ]


@pytest.mark.parametrize(("form", "manifest"), [("slim", True), ("wide", False)])
def test_missing_fields_of_a_record_come_from_the_manifest_or_the_wide_row(store, put, form, manifest):
    write_membership_csv(store, "c1", members("c1"), form=form, manifest=manifest)
    put(f"gens/essay/{E1}/metadata.json", {"stage": "essay", "parent_gen_id": D1, "replicate": 1})
    put("gens/evaluation/v_1/metadata.json", b"{torn")
    (store / f"gens/draft/{D1}/metadata.json").unlink()
    found = by_id(scores_of(store, "c1"))["v_1"]
    assert (found["score"], "error" in found) == (4.0, False)
    assert [found[name] for name in PIVOT_INDEX] == [COMBO, "ladder", "letter", "own-model", E1]
    assert (found["evaluation_llm_model"], found["evaluation_template"]) == ("alder", "novelty")


def test_the_record_takes_precedence_over_a_wide_row(store):
    edited = [{**one, "template_id": "edited", "llm_model_id": "edited"} for one in members("c1")]
    write_membership_csv(store, "c1", edited, form="wide", manifest=False)
    assert "edited" not in scores_of(store, "c1").to_numpy()


def test_the_combo_of_an_old_wide_row_replaces_that_of_a_missing_draft(store):
    rows = [{**one, "combo_id": COMBO} for one in members("c1") if one["stage"] == "evaluation"]
    write_membership_csv(store, "c1", rows, form="wide", manifest=False)
    for file in (store / "gens/draft/d_1").iterdir():
        file.unlink()
    (store / "gens/draft/d_1").rmdir()
    found = by_id(scores_of(store, "c1"))["v_4"]
    assert (found["combo_id"], found["score"], found["error"]) == (COMBO, 8.25, "chain_incomplete")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (None, "parsed_missing"),
        ("", "parsed_blank"),
        (" \n\n", "parsed_blank"),
        ("Fine.\nNaN\n", "score_not_finite"),
        ("nan", "score_not_finite"),
        ("inf", "score_not_finite"),
        ("-Infinity", "score_not_finite"),
        ("1e999", "score_not_finite"),
        ("10", "score_out_of_range"),
        ("9.01", "score_out_of_range"),
        ("-1", "score_out_of_range"),
        ("-0.5", "score_out_of_range"),
        ("SCORE: 7", "score_not_a_number"),
        ("7.5\nThat is all.", "score_not_a_number"),
        ("7,5", "score_not_a_number"),
        ("1_0", "score_not_a_number"),
        ("\N{ARABIC-INDIC DIGIT SEVEN}", "score_not_a_number"),
        ("0x7", "score_not_a_number"),
        (".", "score_not_a_number"),
        ("7.5 / 9", "score_not_a_number"),
        (b"\xff\n7", "parsed_not_utf8"),
        (b"7" * (1 << 24) + b"\n7", "parsed_too_large"),
    ],
)
def test_a_bad_score_is_an_error_and_no_lost_row(store, put, text, error):
    (store / "gens/evaluation/v_2/parsed.txt").unlink()
    if text is not None:
        put("gens/evaluation/v_2/parsed.txt", text)
    scores = scores_of(store)
    found = by_id(scores)["v_2"]
    assert (found["error"], "score" in found) == (error, False)
    assert found["generation_template"] == "letter"
    pivot = plain(generation_scores_pivot(scores, ["novelty"]))[0]
    assert (pivot["alder_novelty"], pivot["alder_novelty_n"]) == (4.75, 2)


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("0", 0.0),
        ("-0", 0.0),
        ("9", 9.0),
        ("9.0", 9.0),
        ("+3.", 3.0),
        (".5", 0.5),
        ("75e-1", 7.5),
        ("Reasons.\r\n7.5\r\n", 7.5),
        ("Reasons.\r7.5", 7.5),
        ("1\n2\n  6.5  \n\n \n", 6.5),
    ],
)
def test_a_good_score_in_any_spelling(text, score):
    assert repr(score_of(text)) == repr(score)


def test_a_link_or_folder_in_place_of_the_text_is_not_read(store):
    parsed = store / "gens/evaluation/v_2/parsed.txt"
    parsed.unlink()
    parsed.symlink_to(store / "gens/evaluation/v_1/parsed.txt")
    (store / "gens/evaluation/v_3/parsed.txt").unlink()
    (store / "gens/evaluation/v_3/parsed.txt").mkdir()
    found = by_id(scores_of(store))
    assert [found[name]["error"] for name in ("v_2", "v_3")] == ["parsed_unreadable"] * 2


def test_a_member_that_is_not_in_the_store_has_its_row(store):
    ghost = member("evaluation", "v_ghost", **judged(E1, "alder", "novelty"))
    write_membership_csv(store, "c1", [*members("c1"), ghost])
    found = by_id(scores_of(store, "c1"))["v_ghost"]
    assert (found["error"], found["combo_id"], "score" in found) == ("not_in_store", COMBO, False)


@pytest.mark.parametrize("parent", ["e_gone", "../../../etc", None])
def test_an_evaluation_of_nothing_keeps_its_score_outside_the_pivot(store, put, parent):
    put("gens/evaluation/v_8/metadata.json", judged(parent, "alder", "novelty", 9))
    put("gens/evaluation/v_8/parsed.txt", "1\n")
    scores = scores_of(store)
    found = by_id(scores)["v_8"]
    assert (found["score"], found["error"]) == (1.0, "chain_incomplete")
    assert found.get("generation_response_path") == ("gens/essay/e_gone/parsed.txt" if parent == "e_gone" else None)
    assert generation_scores_pivot(scores, ["novelty"])["alder_novelty_min"].min() == 4.0


@pytest.mark.parametrize(
    "report", [None, b"{torn", b"[]", b'{"input_mode": 7, "copied_from": ["x"]}', b'{"input_mode": " "}']
)
def test_a_report_without_the_input_leaves_it_missing(store, put, report):
    (store / f"gens/essay/{E2}/raw_metadata.json").unlink()
    if report is not None:
        put(f"gens/essay/{E2}/raw_metadata.json", report)
    found = by_id(scores_of(store))["v_6"]
    assert (found["score"], "input_mode" in found, "copied_from" in found) == (9.0, False, False)


def test_an_essay_outside_the_cohort_is_looked_up_in_the_store(store):
    write_membership_csv(store, "later", [one for one in members("c1") if one["stage"] == "evaluation"])
    pivot = generation_scores_pivot(scores_of(store, "later"), ["clarity"])
    assert plain(pivot[["generation_template", "alder_clarity"]]) == [
        {"generation_template": "letter", "alder_clarity": 8.25}
    ]


def test_an_essay_without_any_score_still_has_its_row(store, put):
    put("gens/evaluation/v_6/parsed.txt", "no idea")
    pivot = generation_scores_pivot(scores_of(store), ["novelty"])
    assert plain(pivot[pivot["generation_template"] == "as-is"]) == [
        {
            "combo_id": COMBO,
            "draft_template": "notes",
            "generation_template": "as-is",
            "generation_model": "juniper",
            "parent_gen_id": E2,
            "alder_novelty_n": 0,
            "tern_novelty_n": 0,
            "allowlisted_template_score_sum": 0.0,
            "generation_response_path": "gens/essay/e_2/parsed.txt",
        }
    ]


@pytest.mark.parametrize("templates", [[], ["unknown"]])
def test_without_allowed_templates_the_pivot_has_no_judges(store, templates):
    pivot = generation_scores_pivot(scores_of(store), templates)
    assert list(pivot.columns) == [*PIVOT_INDEX, SUM, "generation_response_path"]
    assert pivot["parent_gen_id"].tolist() == [E1, E2]
    assert (pivot[SUM].dtype, pivot[SUM].tolist()) == ("float64", [0.0, 0.0])


def test_a_store_without_evaluations_has_scores_of_none(root):
    scores = aggregate_scores(scan(root))
    assert list(scores.columns) == list(schemas.SCORES)
    assert generation_scores_pivot(scores, ["novelty"]).empty


@pytest.mark.parametrize(
    ("one", "other"),
    [(("a_b", "c"), ("a", "b_c")), (("a", "x"), ("a", "x_min"))],
)
def test_names_that_run_into_one_column_are_refused(store, put, one, other):
    for name, (model, template) in {"v_8": one, "v_9": other}.items():
        put(f"gens/evaluation/{name}/metadata.json", judged(E1, model, template))
        put(f"gens/evaluation/{name}/parsed.txt", "5")
    with pytest.raises(DDError) as caught:
        generation_scores_pivot(scores_of(store), [one[1], other[1]], [one[0], other[0]])
    assert (caught.value.code, caught.value.ctx["reason"]) == (Err.INVALID_CONFIG, "pivot_columns_clash")
    assert "_".join(other) in caught.value.ctx["columns"]


def test_many_judges_make_many_columns(store, put):
    for number in range(40):
        put(f"gens/evaluation/v_m{number}/metadata.json", judged(E1, f"judge{number}", "novelty"))
        put(f"gens/evaluation/v_m{number}/parsed.txt", "5")
    judges = ["alder", "tern", *(f"judge{number}" for number in range(40))]
    pivot = generation_scores_pivot(scores_of(store), ["novelty"], judges)
    assert pivot.shape == (2, 5 + 4 * 42 + 2)


def test_the_same_scores_give_the_same_pivot_in_any_order(store):
    scores = scores_of(store)
    shuffled = scores.iloc[[3, 6, 0, 5, 1, 4, 2]]
    pivot = generation_scores_pivot(scores, ["novelty", "retired"])
    pd.testing.assert_frame_equal(pivot, generation_scores_pivot(shuffled, ["retired", "novelty"]))


def test_gathering_scores_changes_nothing(store):
    write_membership_csv(store, "c1", members("c1"))
    before = fingerprint(store)
    scores_of(store, "c1")
    assert fingerprint(store) == before


def test_a_store_deleted_since_the_scan_is_reported(store):
    snapshot = scan(store)
    (store / "gens").rename(store / "elsewhere")
    with pytest.raises(DDError) as caught:
        aggregate_scores(snapshot)
    assert (caught.value.code, caught.value.ctx["reason"]) == (Err.DATA_MISSING, "no_store")
