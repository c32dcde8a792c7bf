from __future__ import annotations

import json
import os

import pytest

from genaudit.cohorts.membership_rows import normal_membership
from genaudit.cohorts.seeding import KeptRecord, kept_as_plain, plan_seeding, write_seeds
from genaudit.errors import DDError, Err
from genaudit.layout import Layout
from genaudit.store.snapshot import scan
from helpers.membership import EVALUATION, MEMBERS, member, membership_frame
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD, write_generation

SEEDED = {
    f"draft/{DRAFT}": {
        "stage": "draft",
        "gen_id": DRAFT,
        "origin_cohort_id": "c1",
        "mode": "llm",
        "template_id": "creative-synthesis-v10",
        "combo_id": "combo_v1_85128e4e5ef3",
        "llm_model_id": "gemini_25_pro",
        "replicate": 1,
    },
    f"essay/{ESSAY}": {
        "stage": "essay",
        "gen_id": ESSAY,
        "origin_cohort_id": "c1",
        "mode": "copy",
        "template_id": "creative-synthesis-v10",
        "parent_gen_id": DRAFT,
        "replicate": 1,
    },
    f"evaluation/{EVALUATION}": {
        "stage": "evaluation",
        "gen_id": EVALUATION,
        "origin_cohort_id": "c1",
        "mode": "llm",
        "template_id": "novelty",
        "parent_gen_id": ESSAY,
        "llm_model_id": "sonnet-4",
        "replicate": 2,
    },
}


def plan(root, members=MEMBERS):
    return plan_seeding(Layout(root), normal_membership(membership_frame(members), "c1", "p"))


def seed(root, members=MEMBERS):
    return write_seeds(Layout(root), "c1", plan(root, members))


def records(root):
    paths = sorted((root / "gens").glob("*/*/metadata.json"))
    return {path.parent.relative_to(root / "gens").as_posix(): json.loads(path.read_bytes()) for path in paths}


def state(folder):
    """Every entry below a folder with its bytes and time."""
    return {
        path.relative_to(folder).as_posix(): (
            path.read_bytes() if path.is_file() else None,
            path.lstat().st_mtime_ns,
            path.lstat().st_ino,
        )
        for path in folder.rglob("*")
    }


def test_new_generations_get_exactly_the_fields_of_their_stage(root):
    done = seed(root)
    assert list(done.new) == [tuple(key.split("/")) for key in SEEDED]
    assert done.kept == []
    assert records(root) == SEEDED
    text = (root / "gens" / "draft" / DRAFT / "metadata.json").read_text()
    assert text == json.dumps(SEEDED[f"draft/{DRAFT}"], indent=2) + "\n"


def test_a_seeded_store_has_no_findings(root):
    seed(root)
    snapshot = scan(root)
    assert set(snapshot.generations["state"]) == {"ok"}
    assert snapshot.irregular == {}
    assert len(snapshot.strays) == 0
    assert os.listdir(root / "cohorts" / "c1") == []


def test_fields_that_do_not_belong_into_a_record_are_left_out(root):
    rows = [
        member("draft", "d_1", **DRAFT_RECORD, parent_gen_id="x"),
        member("essay", "e_1", parent_gen_id="d_1", template_id="t", replicate=1, combo_id="c", llm_model_id="m"),
    ]
    seed(root, rows)
    found = records(root)
    assert "parent_gen_id" not in found["draft/d_1"]
    assert "combo_id" not in found["essay/e_1"]
    assert found["essay/e_1"]["llm_model_id"] == "m"


def test_stages_folders_are_made(tmp_path):
    seed(tmp_path)
    assert records(tmp_path) == SEEDED


def test_all_missing_fields_are_raised_together_and_nothing_is_written(root):
    rows = [
        member("draft", "d_1", mode=None),
        member("draft", "d_2", **DRAFT_RECORD),
        member("essay", "e_1", parent_gen_id="d_1"),
        member("evaluation", "v_1", mode=None, template_id="t", replicate=1),
    ]
    with pytest.raises(DDError) as caught:
        plan(root, rows)
    assert caught.value.code is Err.DATA_MISSING
    assert caught.value.ctx == {
        "reason": "seed_incomplete",
        "problems": [
            {
                "stage": "draft",
                "gen_id": "d_1",
                "fields": ["combo_id", "template_id", "llm_model_id", "replicate", "mode"],
            },
            {"stage": "essay", "gen_id": "e_1", "fields": ["template_id", "replicate"]},
            {"stage": "evaluation", "gen_id": "v_1", "fields": ["parent_gen_id", "llm_model_id", "mode"]},
        ],
    }
    assert records(root) == {}


def test_planning_writes_nothing(root):
    before = state(root)
    plan(root)
    assert state(root) == before


def test_existing_records_are_left_alone(root):
    rewritten = {**SEEDED[f"draft/{DRAFT}"], "template_id": "another", "replicate": "3", "note": "kept"}
    write_generation(root, "draft", DRAFT, rewritten)
    write_generation(root, "essay", ESSAY, b"{broken")
    before = state(root / "gens" / "draft") | state(root / "gens" / "essay")
    done = seed(root)
    assert state(root / "gens" / "draft") | state(root / "gens" / "essay") == before
    assert list(done.new) == [("evaluation", EVALUATION)]
    assert done.kept[0] == KeptRecord(
        "draft", DRAFT, {"template_id": ("another", "creative-synthesis-v10"), "replicate": (3, 1)}
    )
    assert (done.kept[1].gen_id, done.kept[1].differences) == (ESSAY, {})
    assert done.kept[1].problem.startswith("not_json")


def test_a_record_of_another_cohort_or_spelling_is_no_difference(root):
    stored = {
        **SEEDED[f"draft/{DRAFT}"],
        "origin_cohort_id": "older",
        "llm_model_id": " Gemini_25_pro",
        "replicate": "1",
    }
    stored["draft_template"] = stored.pop("template_id")
    write_generation(root, "draft", DRAFT, stored)
    assert plan(root).kept == [KeptRecord("draft", DRAFT)]


@pytest.mark.parametrize(
    ("stored", "differences"),
    [
        ({}, {}),
        ({"llm_model_id": None}, {}),
        ({"llm_model_id": 5}, {"llm_model_id": (None, "m")}),
        ({"llm_model_id": "other"}, {"llm_model_id": ("other", "m")}),
        ({"mode": None}, {"mode": (None, "copy")}),
        ({"template_id": None}, {"template_id": (None, "creative-synthesis-v10")}),
    ],
)
def test_an_old_essay_without_a_model_is_no_difference(root, stored, differences):
    write_generation(root, "essay", ESSAY, {"mode": "copy", **ESSAY_RECORD, **stored})
    found = plan(root, [member("essay", ESSAY, **ESSAY_RECORD | {"mode": "copy", "llm_model_id": "m"})])
    assert found.kept == [KeptRecord("essay", ESSAY, differences)]


def test_missing_fields_of_a_kept_generation_are_no_error(root):
    write_generation(root, "draft", DRAFT, {})
    assert plan(root, [member("draft", DRAFT, mode=None)]).new == {}


@pytest.mark.parametrize("entry", ["folder", "dangling link", "pipe"])
def test_anything_in_place_of_a_record_is_kept(root, entry):
    folder = write_generation(root, "draft", DRAFT)
    path = folder / "metadata.json"
    if entry == "folder":
        path.mkdir()
    elif entry == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(root / "elsewhere")
    before = state(root / "gens")
    done = seed(root, MEMBERS[:1])
    assert state(root / "gens") == before
    assert not (root / "elsewhere").exists()
    assert [each.problem for each in done.kept] == [done.kept[0].problem]
    assert done.kept[0].problem.startswith("unreadable")


def test_a_folder_without_a_record_gets_one_beside_its_files(root):
    folder = write_generation(root, "draft", DRAFT)
    (folder / "prompt.txt").write_text("think")
    write_generation(root, "essay", ESSAY)
    seed(root)
    assert records(root) == SEEDED
    assert (folder / "prompt.txt").read_text() == "think"
    assert sorted(os.listdir(folder)) == ["metadata.json", "prompt.txt"]


@pytest.mark.parametrize("level", ["gens", "gens/draft", f"gens/draft/{DRAFT}"])
def test_a_link_in_place_of_a_folder_is_refused(tmp_path, level):
    root, elsewhere = tmp_path / "data", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (root / level).parent.mkdir(parents=True)
    (root / level).symlink_to(elsewhere)
    with pytest.raises(DDError) as caught:
        seed(root)
    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx == {"reason": "unsafe_path", "path": str(root / level), "kind": "symbolic link"}
    assert os.listdir(elsewhere) == []


@pytest.mark.parametrize("mine", ["no folder", "a folder with a prompt"])
def test_a_record_that_appears_meanwhile_is_kept(root, mine):
    if mine != "no folder":
        (write_generation(root, "draft", DRAFT) / "prompt.txt").write_text("think")
    planned = plan(root)
    path = root / "gens" / "draft" / DRAFT / "metadata.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({**SEEDED[f"draft/{DRAFT}"], "replicate": 9}))
    before = state(path.parent)
    done = write_seeds(Layout(root), "c1", planned)
    assert state(path.parent) == before
    assert done.kept == [KeptRecord("draft", DRAFT, {"replicate": (9, 1)})]
    assert list(done.new) == [("essay", ESSAY), ("evaluation", EVALUATION)]


def test_seeding_again_changes_nothing(root):
    seed(root)
    before = state(root / "gens")
    again = seed(root)
    assert state(root / "gens") == before
    assert again.new == {}
    assert again.kept == [KeptRecord(*key.split("/")) for key in SEEDED]


def test_leftovers_of_an_interrupted_seeding_are_deleted(root):
    left = root / "cohorts" / "c1" / ".seeding" / "draft" / DRAFT
    left.mkdir(parents=True)
    (left / "metadata.json").write_text("{")
    seed(root)
    assert records(root) == SEEDED
    assert os.listdir(root / "cohorts" / "c1") == []


def test_a_link_in_place_of_the_leftovers_is_not_followed(root, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "x").write_text("kept")
    (root / "cohorts" / "c1").mkdir(parents=True)
    (root / "cohorts" / "c1" / ".seeding").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DDError) as caught:
        seed(root)
    assert (caught.value.code, caught.value.ctx["reason"]) == (Err.IO_ERROR, "not_writable")
    assert (tmp_path / "elsewhere" / "x").read_text() == "kept"
    assert records(root) == {}


@pytest.mark.parametrize("step", ["mkdir", "write", "sync", "rename"])
def test_a_full_disk_leaves_whole_records_or_none(root, monkeypatch, step):
    def fail(*_arguments, **_named):
        raise OSError(28, "No space left on device")

    planned = plan(root)
    (root / "cohorts" / "c1" / ".seeding").mkdir(parents=True)
    with monkeypatch.context() as patched:
        patched.setattr(os, step, fail)
        with pytest.raises(DDError) as caught:
            write_seeds(Layout(root), "c1", planned)
    assert (caught.value.code, caught.value.ctx["reason"]) == (Err.IO_ERROR, "not_writable")
    assert records(root) == {}
    assert len(scan(root).strays) == 0
    seed(root)
    assert records(root) == SEEDED


def test_records_reach_the_disk_before_they_reach_their_places(root, monkeypatch):
    steps = []
    for name in ("write", "sync", "rename", "fsync"):
        original = getattr(os, name)

        def noted(*arguments, name=name, original=original, **named):
            steps.append(name)
            return original(*arguments, **named)

        monkeypatch.setattr(os, name, noted)
    (root / "cohorts" / "c1").mkdir(parents=True)
    seed(root)
    placed = ["rename", "fsync"] * 3
    assert [step for step in steps[steps.index("write") :] if step != "mkdir"] == ["write"] * 3 + ["sync", *placed]


def test_only_differences_from_the_plan_are_reported():
    kept = [
        KeptRecord("draft", "d_1"),
        KeptRecord("draft", "d_2", {"mode": ("copy", "llm")}),
        KeptRecord("essay", "e_1", problem="x: y"),
    ]
    assert kept_as_plain(kept) == [
        {
            "stage": "draft",
            "gen_id": "d_2",
            "path": "gens/draft/d_2/metadata.json",
            "problem": None,
            "differences": {"mode": {"stored": "copy", "planned": "llm"}},
        },
        {
            "stage": "essay",
            "gen_id": "e_1",
            "path": "gens/essay/e_1/metadata.json",
            "problem": "x: y",
            "differences": {},
        },
    ]
