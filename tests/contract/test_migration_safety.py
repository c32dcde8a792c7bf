"""A store that differs from the plan is refused; no text of a store or a plan leads outside the data root."""

from __future__ import annotations

import json
import shutil

import orjson
import pytest

from genaudit.errors import DDError, Err
from genaudit.migration.apply import apply
from genaudit.migration.plan import digest_of
from genaudit.migration.plan_file import parse_plan, read_plan
from genaudit.migration.simulate import simulate
from helpers.migrations import (
    CASCADED,
    LEGACY_DRAFT,
    LEGACY_EVALUATION,
    LEGACY_RECORD,
    NEW_DRAFT,
    NEW_ESSAY,
    CrashError,
    FailingFiles,
    applied,
    content,
    migratable,
    plan_of,
    rolled_back,
    tree,
)
from helpers.stores import make_stages, write_generation


def reason(call, *arguments, **named):
    with pytest.raises(DDError) as caught:
        call(*arguments, **named)
    return caught.value.ctx["reason"]


def drift_record(root):
    path = root / "gens" / "draft" / LEGACY_DRAFT / "metadata.json"
    path.write_bytes(path.read_bytes() + b"\n")


def drift_record_elsewhere(root):
    path = root / "gens" / "essay" / "e_sq5klak2lljyyom" / "metadata.json"
    path.write_bytes(path.read_bytes() + b"\n")


DRIFTS = {
    "a record that changes": drift_record,
    "a record that does not": drift_record_elsewhere,
    "a generation more": lambda root: write_generation(root, "draft", "new", LEGACY_RECORD),
    "a generation less": lambda root: shutil.rmtree(root / "gens" / "evaluation" / LEGACY_EVALUATION),
    "a record less": lambda root: (root / "gens" / "draft" / LEGACY_DRAFT / "metadata.json").unlink(),
    "an empty folder more": lambda root: (root / "gens" / "draft" / "empty").mkdir(),
    "a name taken": lambda root: (root / "gens" / "draft" / NEW_DRAFT).mkdir(),
    "a name taken by a file": lambda root: (root / "gens" / "draft" / NEW_DRAFT).write_text(""),
    "a name taken by a link": lambda root: (root / "gens" / "draft" / NEW_DRAFT).symlink_to(root),
    "a report more": lambda root: (root / "gens" / "draft" / LEGACY_DRAFT / "raw_metadata.json").write_text("{}"),
    "a membership changed": lambda root: (root / "cohorts" / "c1" / "membership.csv").write_text("stage,gen_id\n"),
    "a manifest less": lambda root: (root / "cohorts" / "c1" / "stage_manifest.json").unlink(),
    "a cohort more": lambda root: shutil.copytree(root / "cohorts" / "c1", root / "cohorts" / "c2"),
    "a selection changed": lambda root: (root / "2_tasks" / "selected_essays.txt").write_text(CASCADED),
    "a table changed": lambda root: (root / "7_cross_experiment" / "scores.csv").write_text("gen_id\n"),
    "a table more": lambda root: (root / "7_cross_experiment" / "t.csv").write_text(f"gen_id\n{CASCADED}\n"),
    "cohorts that are a link": lambda root: (
        shutil.move(root / "cohorts", root / "elsewhere"),
        (root / "cohorts").symlink_to("elsewhere"),
    ),
}


@pytest.mark.parametrize("drift", DRIFTS.values(), ids=DRIFTS)
def test_a_store_that_drifted_is_left_alone(tmp_path, drift):
    root = migratable(tmp_path)
    made = plan_of(root)
    drift(root)
    before = tree(root)
    assert reason(applied, root, made) == "store_drifted"
    assert tree(root) == before
    assert not (root / ".genaudit").exists()


def test_texts_may_change_between_plan_and_apply(tmp_path):
    root = migratable(tmp_path)
    made = plan_of(root)
    (root / "gens" / "draft" / LEGACY_DRAFT / "parsed.txt").write_text("parsed at last")
    (root / "gens" / "essay" / CASCADED / "raw.txt").write_text("another text")
    applied(root, made)
    assert (root / "gens" / "draft" / NEW_DRAFT / "parsed.txt").read_text() == "parsed at last"


def test_a_plan_of_another_store_is_refused(tmp_path):
    root, other = migratable(tmp_path / "one"), migratable(tmp_path / "other")
    drift_record_elsewhere(other)
    made = plan_of(other)
    assert reason(applied, root, made) == "store_drifted"
    assert reason(simulate, root, made, tmp_path / "copy") == "store_drifted"


def signed(document):
    return orjson.dumps({**document, "digest": digest_of(document)})


def forged(root, change):
    document = json.loads(plan_of(root).to_bytes())
    change(document)
    return signed(document)


def test_a_plan_edited_by_hand_is_refused(tmp_path):
    root = migratable(tmp_path)
    data = plan_of(root).to_bytes()
    with pytest.raises(DDError) as caught:
        parse_plan(data.replace(LEGACY_DRAFT.encode(), b"another", 1), "plan.json")
    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx["reason"] == "plan_edited"
    # With a correct digest it can be read, and differs from a plan made from the store.
    document = json.loads(data)
    document["renames"] = document["renames"][:1]
    made = parse_plan(signed(document), "plan.json")
    before = tree(root)
    assert reason(applied, root, made) == "store_drifted"
    assert tree(root) == before


def test_a_plan_of_another_version_is_refused(tmp_path):
    root = migratable(tmp_path)
    data = forged(root, lambda document: document.update(version=2))
    assert reason(parse_plan, data, "plan.json") == "plan_version"


OUTSIDE = ["../x", "/etc/passwd", "..", ".", "", "a/../../x", "a\0b", "gens//x", ".genaudit/ledger.jsonl"]


@pytest.mark.parametrize("path", OUTSIDE)
def test_a_plan_that_leads_outside_is_refused(tmp_path, path):
    root = migratable(tmp_path)
    data = forged(root, lambda document: document["edits"][0].update(path=path))
    assert reason(parse_plan, data, "plan.json") == "plan_malformed"


@pytest.mark.parametrize("name", ["../x", "/etc", "..", "", "a/b", "a\0b", "-x", "x" * 129])
@pytest.mark.parametrize("key", ["old", "new"])
def test_a_plan_with_an_id_that_is_no_name_is_refused(tmp_path, name, key):
    root = migratable(tmp_path)
    data = forged(root, lambda document: document["renames"][0].update({key: name}))
    assert reason(parse_plan, data, "plan.json") == "plan_malformed"


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.pop("edits"),
        lambda document: document.update(more=1),
        lambda document: document.update(schema="another"),
        lambda document: document["renames"].append(document["renames"][0]),
        lambda document: document["renames"].reverse(),
        lambda document: document["renames"][1].update(new=document["renames"][0]["new"]),
        lambda document: document["edits"].reverse(),
        lambda document: document["edits"][0].update(kind="run"),
        lambda document: document["edits"][0].update(after="0"),
        lambda document: document["edits"][0].update(spans=[[-1, "a", "b"]]),
        lambda document: document["edits"][0].update(spans=[["0", "a", "b"]]),
        lambda document: document["edits"][0].update(spans=[[0, "a", "../b"]]),
        lambda document: document["edits"][0].update(spans=[[0, "a"]]),
        lambda document: document["choice"].update(stages=["poem"]),
        lambda document: document["choice"].update(only="x"),
    ],
)
def test_a_malformed_plan_is_refused(tmp_path, change):
    data = forged(migratable(tmp_path), change)
    assert reason(parse_plan, data, "plan.json") == "plan_malformed"


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"\xff", b'{"a": 1, "a": 1}', b"null"])
def test_a_file_that_is_no_plan_is_refused(tmp_path, data):
    (tmp_path / "plan.json").write_bytes(data)
    assert reason(read_plan, tmp_path / "plan.json") == "plan_malformed"
    assert reason(read_plan, tmp_path / "nowhere.json") == "plan_missing"


def outside(tmp_path):
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "metadata.json").write_text(json.dumps({"stage": "draft", "gen_id": "x", **LEGACY_RECORD}))
    (folder / "membership.csv").write_text(f"stage,gen_id\ndraft,{LEGACY_DRAFT}\n")
    return folder


def test_ids_in_records_that_lead_outside_are_never_followed(tmp_path):
    away = outside(tmp_path)
    root = migratable(tmp_path / "store")
    for number, parent in enumerate(["../../outside", "/etc", "..", f"../draft/{LEGACY_DRAFT}"]):
        record = {"parent_gen_id": parent, "template_id": "t", "replicate": 1}
        write_generation(root, "essay", f"{number:016d}", record)
        write_generation(
            root, "draft", f"{number:016d}", {**LEGACY_RECORD, "gen_id": parent, "replicate": 7 + number}
        )
    before, beside = tree(root), tree(away)
    made = plan_of(root)
    assert {each.reason for each in made.excluded} == {"parent_missing", "record_disagrees"}
    applied(root, made)
    assert tree(away) == beside
    rolled_back(root)
    assert (tree(root), tree(away)) == (before, beside)


def test_links_in_the_store_are_never_followed(tmp_path):
    away = outside(tmp_path)
    root = migratable(tmp_path / "store")
    (root / "gens" / "draft" / "linked0000000000").symlink_to(away)
    (root / "cohorts" / "linked").symlink_to(away)
    (root / "7_cross_experiment" / "linked").symlink_to(away)
    (root / "7_cross_experiment" / "linked.csv").symlink_to(away / "membership.csv")
    (root / "2_tasks" / "selected_drafts.txt").symlink_to(away / "membership.csv")
    before, beside = tree(root), tree(away)
    made = plan_of(root)
    assert {left.path for left in made.left} == {
        "2_tasks/selected_drafts.txt",
        "7_cross_experiment/linked",
        "7_cross_experiment/linked.csv",
        "cohorts/linked",
        # References in comments and notes are left to a person.
        "2_tasks/selected_essays.txt",
        "7_cross_experiment/scores.csv",
    }
    simulate(root, made, tmp_path / "copy")
    applied(root, made)
    assert content(tmp_path / "copy") == content(root)
    rolled_back(root)
    assert (tree(root), tree(away)) == (before, beside)


def test_a_link_put_in_place_while_a_migration_is_interrupted_is_not_followed(tmp_path):
    away = outside(tmp_path)
    root = migratable(tmp_path / "store")
    made = plan_of(root)
    with FailingFiles(root) as files:
        apply(files, made)
        first = next(place for place, effect in enumerate(files.done) if effect[0] == "replace")
    rolled_back(root)
    with FailingFiles(root, first) as files, pytest.raises(CrashError):
        apply(files, made)
    folder = root / "gens" / "draft" / LEGACY_DRAFT
    shutil.move(folder, tmp_path / "kept")
    folder.symlink_to(away)
    beside = tree(away)
    assert reason(applied, root, made) == "store_drifted"
    assert reason(rolled_back, root) == "store_drifted"
    assert tree(away) == beside
    folder.unlink()
    shutil.move(tmp_path / "kept", folder)
    applied(root, made)
    assert (root / "gens" / "essay" / NEW_ESSAY).is_dir()
    assert tree(away) == beside


def test_a_store_without_anything_to_rename_is_not_touched(tmp_path):
    root = make_stages(tmp_path / "store")
    before = tree(root)
    made = plan_of(root)
    assert made.renames == ()
    assert applied(root, made).was_complete
    assert rolled_back(root) is None
    assert tree(root) == before
    assert not (root / ".genaudit").exists()
