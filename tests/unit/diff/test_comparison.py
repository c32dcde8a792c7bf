import json

from genaudit.diff.comparison import compare
from genaudit.snapshots.taking import take
from genaudit.store.snapshot import scan
from helpers.migrations import (
    CASCADED,
    LEGACY_DRAFT,
    LEGACY_EVALUATION,
    NEW_DRAFT,
    NEW_ESSAY,
    NEW_EVALUATION,
    applied,
    migratable,
    plan_of,
    rolled_back,
)
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD, evaluation, make_stages, write_generation

DAY = "2026-01-02"
RENAMED = [
    ("draft", LEGACY_DRAFT, NEW_DRAFT),
    ("essay", CASCADED, NEW_ESSAY),
    ("evaluation", LEGACY_EVALUATION, NEW_EVALUATION),
]


def taken(root):
    return take(scan(root), date=DAY)


def small(root):
    make_stages(root)
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_generation(root, "essay", ESSAY, ESSAY_RECORD)
    return root


def rewrite(root, stage, name, /, **changes):
    path = root / "gens" / stage / name / "metadata.json"
    record = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({name: value for name, value in record.items() if value is not ...}))


def by_change(diff):
    return {(change, code) for change, code in zip(diff.findings["change"], diff.findings["code"], strict=True)}


def test_a_store_does_not_differ_from_itself(tmp_path):
    before = taken(migratable(tmp_path))
    diff = compare(before, before)
    assert diff.is_empty
    assert set(diff.findings["change"]) == {"persisting"}


def test_generations_that_came_and_went(tmp_path):
    root = small(tmp_path)
    before = taken(root)
    write_generation(root, "evaluation", "v_1", evaluation(ESSAY))
    (root / "gens" / "draft" / DRAFT / "metadata.json").unlink()
    (root / "gens" / "draft" / DRAFT).rmdir()
    diff = compare(before, taken(root))
    assert list(diff.added) == [("evaluation", "v_1")]
    assert diff.added["evaluation", "v_1"]["template_id"] == "novelty"
    assert diff.gone == (("draft", DRAFT),)
    assert (diff.renamed, diff.changed) == ((), ())
    assert ("new", "PARENT_MISSING") in by_change(diff)
    back = compare(taken(root), before)
    assert (list(back.added), back.gone) == ([("draft", DRAFT)], (("evaluation", "v_1"),))
    assert ("fixed", "PARENT_MISSING") in by_change(back)


def test_changed_fields_have_both_values(tmp_path):
    root = small(tmp_path)
    (root / "gens" / "draft" / DRAFT / "parsed.txt").write_text("one")
    before = taken(root)
    rewrite(root, "draft", DRAFT, template_id="other", origin_cohort_id="c1", combo_id=...)
    (root / "gens" / "draft" / DRAFT / "parsed.txt").write_text("three")
    diff = compare(before, taken(root))
    assert not diff.added
    found = {(one.gen_id, one.field): (one.old, one.new) for one in diff.changed}
    assert found[DRAFT, "template_id"] == ("creative-synthesis-v10", "other")
    assert found[DRAFT, "origin_cohort_id"] == (None, "c1")
    assert found[DRAFT, "combo_id"] == ("combo_v1_85128e4e5ef3", None)
    assert found[DRAFT, "parsed.txt bytes"] == ("3", "5")


def test_a_text_of_equal_size_is_counted_as_not_compared(tmp_path):
    root = small(tmp_path)
    path = root / "gens" / "draft" / DRAFT / "parsed.txt"
    path.write_text("one")
    before = taken(root)
    path.write_text("two")
    assert compare(before, taken(root)).retimed == 1


def test_a_migration_is_renames_and_nothing_else(tmp_path):
    root = migratable(tmp_path)
    before = taken(root)
    applied(root, plan_of(root))
    diff = compare(before, taken(root))
    assert [each[:3] for each in diff.renamed] == RENAMED
    assert {each.known_by for each in diff.renamed} == {"ledger"}
    assert (diff.added, diff.gone, diff.changed) == ({}, (), ())
    assert diff.new_or_fixed == 0
    # Backwards it is the same renames, the other way round.
    back = compare(taken(root), before)
    assert [(stage, new, old) for stage, old, new, _ in back.renamed] == RENAMED
    assert (back.added, back.gone, back.changed) == ({}, (), ())
    rolled_back(root)
    assert compare(before, taken(root)).is_empty


def test_renames_survive_a_chain_of_migrations(tmp_path):
    root = migratable(tmp_path)
    before = taken(root)
    # The evaluation gets an id below its parent's earlier name, and another one when the parent is renamed.
    applied(root, plan_of(root, stages=["evaluation"]))
    between = taken(root)
    (first,) = compare(before, between).renamed
    assert first[:2] == ("evaluation", LEGACY_EVALUATION)
    assert first.new != NEW_EVALUATION
    applied(root, plan_of(root))
    after = taken(root)
    diff = compare(before, after)
    assert [each[:3] for each in diff.renamed] == RENAMED
    assert (diff.added, diff.gone, diff.changed, diff.new_or_fixed) == ({}, (), (), 0)
    assert ("evaluation", first.new, NEW_EVALUATION, "ledger") in compare(between, after).renamed


def test_without_a_ledger_equal_content_shows_a_rename(tmp_path):
    root = small(tmp_path)
    before = taken(root)
    (root / "gens" / "draft" / DRAFT).rename(root / "gens" / "draft" / "by_hand")
    rewrite(root, "draft", "by_hand", gen_id="by_hand")
    rewrite(root, "essay", ESSAY, parent_gen_id="by_hand")
    diff = compare(before, taken(root))
    assert diff.renamed == (("draft", DRAFT, "by_hand", "content"),)
    assert (diff.added, diff.gone, diff.changed) == ({}, (), ())


def test_content_that_two_generations_share_shows_no_rename(tmp_path):
    root = small(tmp_path)
    before = taken(root)
    (root / "gens" / "draft" / DRAFT).rename(root / "gens" / "draft" / "a")
    rewrite(root, "draft", "a", gen_id="a")
    write_generation(root, "draft", "b", DRAFT_RECORD)
    diff = compare(before, taken(root))
    assert (diff.renamed, diff.gone, list(diff.added)) == ((), (("draft", DRAFT),), [("draft", "a"), ("draft", "b")])


def test_a_code_that_newly_hits_most_of_a_stage_is_one_row(tmp_path):
    root = small(tmp_path)
    names = [f"v_{number}" for number in range(4)]
    for name in names:
        write_generation(root, "evaluation", name, evaluation(ESSAY))
    before = taken(root)
    for name in names[:3]:
        rewrite(root, "evaluation", name, llm_model_id=...)
    diff = compare(before, taken(root))
    for found, change in ((diff, "new"), (compare(taken(root), before), "fixed")):
        assert (found.findings.loc[found.findings["change"] == change, "code"] == "FIELD_MISSING").sum() == 3
        [row] = found.changed_findings[found.changed_findings["code"] == "FIELD_MISSING"].to_dict("records")
        assert (row["change"], row["stage"]) == (change, "evaluation")
        assert row["detail"].startswith("3 of 4 evaluations")
