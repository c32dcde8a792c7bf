"""Cases in which scores or their pivot are easily wrong, each with the numbers that it must give."""

from __future__ import annotations

import json

import pytest

from genaudit.cohorts.membership import read_membership
from genaudit.errors import DDError
from genaudit.layout import Layout
from genaudit.scores import aggregate_scores, allowlist_for, generation_scores_pivot, listed_essays
from genaudit.store.snapshot import scan
from helpers.membership import member, plain, write_membership_csv
from helpers.stores import write_generation

SUM = "allowlisted_template_score_sum"
TEMPLATES, MODELS = "1_raw/evaluation_templates.csv", "1_raw/llm_models.csv"


@pytest.fixture
def catalogs(put):
    put(TEMPLATES, "template_id\nnovelty\nclarity\n")
    put(MODELS, "id\nalder\ntern\n")


class Store:
    """Writes chains, and gives the tables of cohort ``c1`` that lists them all."""

    def __init__(self, root):
        self.root = root
        self.members = []
        self.count = 0

    def add(self, stage, gen_id, **record):
        self.members.append(member(stage, gen_id))
        return write_generation(self.root, stage, gen_id, {"replicate": 1, **record})

    def draft(self, gen_id, model, **record):
        self.add("draft", gen_id, **{"combo_id": "combo", "template_id": "notes", "llm_model_id": model, **record})

    def essay(self, gen_id, parent, **record):
        self.add("essay", gen_id, **{"parent_gen_id": parent, "template_id": "as-is", **record})

    def judge(self, essay, *scores, model="alder", template="novelty", **record):
        for score in scores:
            self.count += 1
            judged = {"parent_gen_id": essay, "template_id": template, "llm_model_id": model, **record}
            folder = self.add("evaluation", f"v_{self.count:02}", **judged)
            (folder / "parsed.txt").write_text(f"Because.\n{score}\n")

    def spec(self, templates, models):
        axes = {"combo_id": ["combo"], "draft_template": ["notes"], "draft_llm": ["harbor"]}
        axes |= {"essay_template": ["as-is"], "evaluation_template": templates, "evaluation_llm": models}
        path = self.root / "cohorts/c1/spec/config.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"axes": axes, "output": {"field_order": list(axes)}}))

    def tables(self):
        write_membership_csv(self.root, "c1", self.members, form="two_column", manifest=False)
        members = read_membership(Layout(self.root), "c1").frame
        snapshot = scan(self.root)
        scores = aggregate_scores(snapshot, members)
        essays = listed_essays(snapshot, members)
        return scores, generation_scores_pivot(scores, allowlist_for(self.root, "c1"), essays)


@pytest.fixture
def store(root, catalogs):  # noqa: ARG001 - only has to be there
    return Store(root)


@pytest.mark.parametrize("word", ["None", "none", " None "])
def test_copies_take_the_models_of_their_drafts_and_are_not_averaged(store, word):
    for number, model in ((1, "harbor"), (2, "juniper")):
        store.draft(f"d_{number}", model)
        store.essay(f"e_{number}", f"d_{number}", mode="copy", llm_model_id=word)
    store.judge("e_1", 8)
    store.judge("e_2", 3)
    scores, pivot = store.tables()
    assert scores["generation_model"].tolist() == ["harbor", "juniper"]
    assert pivot[["generation_model", "alder_novelty"]].to_numpy().tolist() == [["harbor", 8.0], ["juniper", 3.0]]


def test_two_essays_that_share_everything_else_keep_rows_of_their_own(store):
    store.draft("d_1", "harbor")
    store.draft("d_2", "harbor", replicate=2)
    store.essay("e_1", "d_1")
    store.essay("e_2", "d_2")
    store.judge("e_1", 3, 3, 4, 4, 4, 4, 4, 4, 5)
    store.judge("e_2", 1, 1, 1, 1, 1, 2, 2, 2, 2)
    _, pivot = store.tables()
    # 35 / 9 = 3.888… and 13 / 9 = 1.444…; both together, 48 / 18 = 2.67, are nobody's mean.
    assert pivot[["parent_gen_id", "alder_novelty", "alder_novelty_n"]].to_numpy().tolist() == [
        ["e_1", 3.89, 9],
        ["e_2", 1.44, 9],
    ]


def test_the_sum_adds_means_that_are_rounded(store):
    store.draft("d_1", "harbor")
    store.essay("e_1", "d_1")
    store.judge("e_1", 1, 1, 2)
    store.judge("e_1", 1, 1, 2, model="tern")
    store.judge("e_1", 1, 1, 2, template="clarity")
    _, pivot = store.tables()
    # 4 / 3 = 1.333…: three times 1.33 is 3.99, and not 4.
    assert pivot[["alder_clarity", "alder_novelty", "tern_novelty", SUM]].to_numpy().tolist() == [
        [1.33, 1.33, 1.33, 3.99]
    ]


def test_judges_are_those_of_the_cohorts_own_spec(store, put):
    put(TEMPLATES, "template_id,active\nnovelty,False\nclarity,True\n")
    store.spec(["novelty"], ["alder"])
    store.draft("d_1", "harbor")
    store.essay("e_1", "d_1")
    for template in ("novelty", "clarity"):
        for model in ("alder", "tern"):
            store.judge("e_1", 5, model=model, template=template)
    scores, pivot = store.tables()
    assert len(scores) == 4
    assert [name for name in pivot.columns if name.endswith("_n")] == ["alder_novelty_n"]
    assert pivot[SUM].tolist() == [5.0]


def test_a_spec_may_judge_with_uncatalogued_models(store, root):
    (root / TEMPLATES).unlink()
    (root / MODELS).unlink()
    store.spec(["retired"], ["old_judge"])
    store.draft("d_1", "harbor")
    store.essay("e_1", "d_1")
    store.judge("e_1", 5, model="old_judge", template="retired")
    assert store.tables()[1]["old_judge_retired"].tolist() == [5.0]


@pytest.mark.parametrize(
    ("templates", "models", "expected"),
    [
        ("template_id\nnovelty\nclarity\n", "id\nalder\ntern\n", 20.0),
        ("template_id,active\nnovelty,True\nclarity,False\n", "id\nalder\ntern\n", 10.0),
        ("template_id\nnovelty\nclarity\n", "id,for_evaluation\nalder,true\ntern,false\n", 10.0),
        ("template_id,active\nnovelty,True\nclarity,False\n", "id,for_evaluation\nalder,true\ntern,false\n", 5.0),
    ],
)
def test_without_a_spec_judges_are_the_active_rows_of_the_catalogs(store, put, templates, models, expected):
    put(TEMPLATES, templates)
    put(MODELS, models)
    store.draft("d_1", "harbor")
    store.essay("e_1", "d_1")
    for template in ("novelty", "clarity"):
        for model in ("alder", "tern"):
            store.judge("e_1", 5, model=model, template=template)
    assert store.tables()[1][SUM].tolist() == [expected]


@pytest.mark.usefixtures("catalogs")
def test_a_spec_that_cannot_be_read_is_an_error_and_no_other_allowlist(root, put):
    put("cohorts/c1/spec/config.yaml", "axes: [")
    with pytest.raises(DDError) as caught:
        allowlist_for(root, "c1")
    assert caught.value.ctx["reason"] == "invalid_spec"
    assert allowlist_for(root).source == allowlist_for(root, "c2").source == "catalogs"


def test_columns_are_in_the_order_of_the_joined_names(store, put):
    put(MODELS, "id\na\na-b\n")
    put(TEMPLATES, "template_id\nx\nz\n")
    store.draft("d_1", "harbor")
    store.essay("e_1", "d_1")
    for model in ("a", "a-b"):
        for template in ("x", "z"):
            store.judge("e_1", 5, model=model, template=template)
    _, pivot = store.tables()
    # A hyphen sorts before an underscore, so that joined names are in another order than models.
    judges = ["a-b_x", "a-b_z", "a_x", "a_z"]
    spread = [name + suffix for name in judges for suffix in ("_min", "_max", "_n")]
    index = ["combo_id", "draft_template", "generation_template", "generation_model", "parent_gen_id"]
    assert list(pivot.columns) == [*index, *judges, *spread, SUM, "generation_response_path"]


def test_essays_without_any_score_or_evaluation_are_rows_of_none(store):
    store.draft("d_1", "harbor")
    for essay in ("e_1", "e_2", "e_3"):
        store.essay(essay, "d_1")
    store.judge("e_1", 5)
    store.judge("e_2", "no idea")
    _, pivot = store.tables()
    assert pivot[["parent_gen_id", "alder_novelty_n", SUM]].to_numpy().tolist() == [
        ["e_1", 1, 5.0],
        ["e_2", 0, 0.0],
        ["e_3", 0, 0.0],
    ]
    assert pivot["alder_novelty"].isna().tolist() == [False, True, True]


@pytest.mark.parametrize("bad", [b"\xff\xfe", b"", b"8 of 9\n", None])
def test_one_unreadable_file_keeps_its_error_to_itself(store, root, bad):
    store.draft("d_1", "harbor")
    store.essay("e_1", "d_1")
    store.judge("e_1", 4, 5, 6)
    path = root / "gens/evaluation/v_02/parsed.txt"
    path.unlink()
    if bad is not None:
        path.write_bytes(bad)
    else:
        path.mkdir()
    scores, pivot = store.tables()
    assert scores["score"].isna().tolist() == scores["error"].notna().tolist() == [False, True, False]
    assert pivot[["alder_novelty", "alder_novelty_n"]].to_numpy().tolist() == [[5.0, 2]]


def test_one_unreadable_record_keeps_its_error_to_itself(store, root):
    store.draft("d_1", "harbor")
    store.essay("e_1", "d_1")
    store.judge("e_1", 4, 5, 6)
    (root / "gens/evaluation/v_02/metadata.json").write_bytes(b"{torn")
    scores, pivot = store.tables()
    assert scores["error"].tolist()[1] == "chain_incomplete"
    assert scores["error"].isna().tolist() == [True, False, True]
    assert pivot["alder_novelty_n"].tolist() == [2]


OLD_ESSAYS = [{"essay_template_id": "as-is"}, {"essay_template": "as-is"}, {"template_id": "as-is"}]


@pytest.mark.parametrize("essay", OLD_ESSAYS)
@pytest.mark.parametrize("draft", [{"draft_template": "notes"}, {"template_id": "notes"}])
def test_old_names_of_templates_are_read(store, draft, essay):
    store.add("draft", "d_1", combo_id="combo", llm_model_id="harbor", **draft)
    store.add("essay", "e_1", parent_gen_id="d_1", **essay)
    store.add("evaluation", "v_1", parent_gen_id="e_1", evaluation_template="novelty", llm_model_id="alder")
    (store.root / "gens/evaluation/v_1/parsed.txt").write_text("7\n")
    scores, pivot = store.tables()
    found = plain(scores)[0]
    assert [found[name] for name in ("draft_template", "generation_template", "evaluation_template")] == [
        *("notes", "as-is", "novelty")
    ]
    assert pivot["alder_novelty"].tolist() == [7.0]


def test_an_evaluation_supplies_missing_fields_of_its_draft_and_essay(store):
    store.draft("d_1", "harbor", combo_id=None, template_id=None)
    store.essay("e_1", "d_1", template_id=None)
    repeated = {"combo_id": "combo", "draft_template": "notes", "essay_template_id": "as-is"}
    store.judge("e_1", 4, **repeated)
    store.judge("e_1", 6)
    scores, pivot = store.tables()
    assert (
        scores[["combo_id", "draft_template", "generation_template"]].to_numpy().tolist()
        == [["combo", "notes", "as-is"]] * 2
    )
    assert pivot[["alder_novelty", "alder_novelty_n"]].to_numpy().tolist() == [[5.0, 2]]


def test_fields_of_an_evaluation_do_not_replace_those_of_its_draft(store):
    store.draft("d_1", "harbor")
    store.essay("e_1", "d_1")
    store.judge("e_1", 4, combo_id="other", draft_template="other", essay_template_id="other")
    assert "other" not in store.tables()[0].to_numpy()


def test_an_essays_own_combo_gives_way_to_its_drafts(store):
    store.draft("d_1", "harbor", combo_id="of-the-draft")
    store.essay("e_1", "d_1", combo_id="of-the-essay")
    store.judge("e_1", 5)
    scores, _ = store.tables()
    assert scores["combo_id"].tolist() == ["of-the-draft"]
