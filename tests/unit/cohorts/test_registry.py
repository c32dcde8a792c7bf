from __future__ import annotations

import json

import pytest

from genaudit.cohorts.generations import Generation, stored_in
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.cohorts.interfaces import ResolvedSpec
from genaudit.cohorts.registry import (
    InMemoryGenerationRegistry,
    InMemoryRegistryFactory,
    SnapshotRegistryFactory,
)
from genaudit.errors import DDError, Err
from genaudit.store.snapshot import scan
from helpers.small_store import (
    COMBO_A,
    COMBO_B,
    DRAFT_A,
    DRAFT_LEGACY,
    ESSAY_A,
    ESSAY_LEGACY,
    EVALUATION_A,
    EVALUATION_LEGACY,
    legacy_by_hand,
    small_snapshot,
    write_small_store,
)
from oracle.identity import deterministic_id

V10 = "creative-synthesis-v10"
SPEC = ResolvedSpec("cohort-1", None)


def draft(combo=COMBO_A, template=V10, model="gemini_25_pro", replicate=1):
    return Generation(combo, None, template, model, replicate)


def essay(parent, template=V10, replicate=1):
    return Generation(None, parent, template, None, replicate)


def evaluation(parent, replicate=1):
    return Generation(None, parent, "novelty", "sonnet-4", replicate)


def draft_id(*signature, collision=0):
    return deterministic_id("draft", signature, collision)


@pytest.fixture
def registry(root):
    return InMemoryGenerationRegistry("cohort-1", stored_in(small_snapshot(root)))


def over(root, more, ids=None):
    return InMemoryGenerationRegistry("cohort-1", stored_in(small_snapshot(root, more)), ids)


def test_ids_of_published_signatures():
    registry = InMemoryGenerationRegistry("c")
    assert registry.assign("draft", [draft(), draft(COMBO_B, "creative-synthesis-v7", "deepseek_r1_p")]) == [
        "d_5ezrffv9uf3lr37d",
        "d_1z2eobtuv71xs5az",
    ]
    assert registry.assign("essay", [essay("d_1z2eobtuv71xs5az", "parsed-from-links-v1")]) == ["e_4nqjjtqtnpxlljlz"]


def test_an_empty_registry_finds_only_the_ids_it_assigned():
    registry = InMemoryRegistryFactory().create_registry(SPEC, {})
    assert registry.find("draft", DRAFT_A) is None
    registry.assign("draft", [draft(), draft(" " + COMBO_A.upper())])
    assert registry.find("draft", DRAFT_A) == draft()
    assert not registry.is_stored("draft", DRAFT_A)
    assert registry.nearest("draft", DRAFT_A) is None


def test_stored_generations_are_found(registry):
    assert registry.find("draft", DRAFT_LEGACY) == draft(replicate=3)._replace(origin_cohort_id="old-cohort")
    assert registry.find("essay", DRAFT_LEGACY) is None
    assert registry.is_stored("draft", DRAFT_LEGACY)
    assert not registry.is_stored("essay", DRAFT_LEGACY)
    assert registry.nearest("draft", "d_5ezrffv9uf3lr37") == DRAFT_A
    assert registry.nearest("draft", "zzz") is None


def test_a_long_list_of_misspelt_ids_is_not_searched_for_ever(registry, monkeypatch):
    monkeypatch.setattr("genaudit.cohorts.registry._MAX_COMPARISONS", 7)
    # Three drafts: two searches are six comparisons, a third one would be nine.
    assert [registry.nearest("draft", "d_5ezrffv9uf3lr37") for _ in range(3)] == [DRAFT_A, DRAFT_A, None]


def test_an_id_that_the_same_signature_has_is_that_generation(registry):
    assert registry.assign("draft", [draft()]) == [DRAFT_A]
    assert registry.is_stored("draft", DRAFT_A)


def test_one_signature_asked_for_twice_has_one_id():
    registry = InMemoryGenerationRegistry("c")
    first, second = registry.assign("draft", [draft("Combo"), draft(" combo")])
    assert first == second == draft_id("combo", V10, "gemini_25_pro", 1)


@pytest.mark.parametrize("taken", [1, 2, 4])
def test_an_id_that_another_signature_has_gets_a_collision_index(root, taken):
    wanted = ("combo-x", V10, "gemini_25_pro", 1)
    other = {"combo_id": "other", "template_id": V10, "llm_model_id": "m", "replicate": 1}
    more = {draft_id(*wanted, collision=index): {**other, "replicate": index + 1} for index in range(taken)}
    registry = over(root, {"draft": more})
    assert registry.assign("draft", [draft("combo-x")]) == [draft_id(*wanted, collision=taken)]


def test_a_generation_that_has_a_collision_index_keeps_it(root):
    wanted = ("combo-x", V10, "gemini_25_pro", 1)
    own = {"combo_id": "combo-x", "template_id": V10, "llm_model_id": "gemini_25_pro", "replicate": 1}
    other = {**own, "combo_id": "other"}
    second = draft_id(*wanted, collision=1)
    registry = over(root, {"draft": {draft_id(*wanted): other, second: own}})
    assert registry.assign("draft", [draft("combo-x")]) == [second]
    assert registry.is_stored("draft", second)


def test_when_every_collision_index_is_taken_it_is_an_error(root):
    wanted = [("combo-x", V10, "gemini_25_pro", 1), ("combo-y", V10, "gemini_25_pro", 1)]
    other = {"combo_id": "other", "template_id": V10, "llm_model_id": "m", "replicate": 1}
    more = {
        draft_id(*parts, collision=index): {**other, "replicate": 10 * place + index + 1}
        for place, parts in enumerate(wanted)
        for index in range(5)
    }
    registry = over(root, {"draft": more})
    with pytest.raises(DDError) as caught:
        registry.assign("draft", [draft("combo-x"), draft("fine"), draft("combo-y")])
    assert caught.value.code is Err.INVALID_MEMBERSHIP
    assert caught.value.ctx["reason"] == "deterministic_id_collision"
    assert caught.value.ctx["problems"] == [
        {"stage": "draft", "gen_id": draft_id(*parts), "signature": list(parts)} for parts in wanted
    ]


def test_signatures_that_are_hashed_from_one_text_collide_inside_a_plan():
    registry = InMemoryGenerationRegistry("c")
    first, second = registry.assign("draft", [draft("a|b", "c"), draft("a", "b|c")])
    assert first == draft_id("a|b", "c", "gemini_25_pro", 1)
    assert second == draft_id("a", "b|c", "gemini_25_pro", 1, collision=1)
    assert registry.assign("draft", [draft("a", "b|c")]) == [second]


def test_missing_fields_of_a_signature_are_named():
    registry = InMemoryGenerationRegistry("c")
    with pytest.raises(DDError) as caught:
        registry.assign("draft", [draft(" ", model=None)])
    assert caught.value.code is Err.DATA_MISSING
    assert caught.value.ctx["fields"] == ["combo_id", "llm_model_id"]


def test_replicates_continue_after_the_highest_of_either_form(registry):
    made = registry.continued("draft", [draft(replicate=None)], [2])
    # 1 is deterministic, 3 is legacy; 2 is free and stays so.
    assert [each.replicate for each in made] == [4, 5]
    assert [each.replicate for each in registry.continued("draft", [draft(replicate=None)], [1])] == [6]


def test_lines_of_one_base_get_replicates_one_after_the_other(registry):
    wanted = [draft("new"), draft(), draft(" NEW "), draft()]
    made = registry.continued("draft", wanted, [2, 1, 1, 2])
    assert [(each.combo_id, each.replicate) for each in made] == [
        ("new", 1),
        ("new", 2),
        (COMBO_A, 4),
        (" NEW ", 3),
        (COMBO_A, 5),
        (COMBO_A, 6),
    ]


def test_replicates_of_unstored_generations_start_at_1(registry):
    assert [each.replicate for each in registry.continued("draft", [draft("new")], [3])] == [1, 2, 3]
    assert len(registry.continued("draft", [draft("newer")], [0])) == 0


def test_bases_are_compared_normalised(registry):
    made = registry.continued("draft", [draft(f" {COMBO_A.upper()}", V10.upper(), "Gemini_25_Pro")], [1])
    assert made[0].replicate == 4
    assert made[0].template_id == V10.upper()


def test_stored_replicates_are_listed_sorted(registry):
    wanted = [evaluation("e_none", None), evaluation(ESSAY_A, None)]
    counts, names, found = registry.replicates("evaluation", wanted)
    assert counts.tolist() == [0, 2]
    assert names == sorted([EVALUATION_A, EVALUATION_LEGACY])
    assert [each.replicate for each in found] == [{EVALUATION_A: 1, EVALUATION_LEGACY: 4}[name] for name in names]
    counts, names, _ = registry.replicates("evaluation", wanted, 1)
    assert (counts.tolist(), names) == ([0, 1], [min(EVALUATION_A, EVALUATION_LEGACY)])


def test_a_replicate_whose_record_cannot_be_read_exists_all_the_same(root):
    unreadable = draft_id(COMBO_A, V10, "gemini_25_pro", 4)
    registry = over(root, {"draft": {unreadable: None}})
    assert [each.replicate for each in registry.continued("draft", [draft()], [2])] == [5, 6]
    assert registry.find("draft", unreadable) is None
    assert registry.is_stored("draft", unreadable)
    assert registry.unverifiable("draft", unreadable) == "record: folder empty"


def test_each_unreadable_replicate_moves_those_behind_it(root):
    taken = {draft_id(COMBO_A, V10, "gemini_25_pro", number): None for number in (4, 6, 7)}
    registry = over(root, {"draft": taken})
    made = registry.continued("draft", [draft(), draft("new"), draft()], [2, 1, 2])
    assert [each.replicate for each in made] == [5, 8, 1, 9, 10]


def test_a_legacy_replicate_whose_record_cannot_be_read_exists_all_the_same(root):
    unreadable = legacy_by_hand("draft", f"{COMBO_A}__{V10}__gemini_25_pro", "cohort-1", "rep4")
    registry = over(root, {"draft": {unreadable: {"combo_id": "x"}}}, IdScheme.parse("off"))
    assert [each.replicate for each in registry.continued("draft", [draft()], [2])] == [5, 6]
    assert registry.unverifiable("draft", unreadable) == "no usable template_id, llm_model_id"


WANTED = {"combo_id": "combo-x", "template_id": V10, "llm_model_id": "gemini_25_pro", "replicate": 1}
SIGNATURE = ("combo-x", V10, "gemini_25_pro", 1)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(WANTED | {"combo_id": "elsewhere"}),
        json.dumps(WANTED | {"replicate": 2}),
        json.dumps(WANTED | {"replicate": "1.0"}),
        json.dumps(WANTED | {"llm_model_id": "  "}),
        json.dumps({name: value for name, value in WANTED.items() if name != "combo_id"}),
        json.dumps({"draft_template" if name == "template_id" else name: value for name, value in WANTED.items()}),
        "\ufeff" + json.dumps(WANTED),
        "{",
        "",
    ],
)
def test_a_record_that_differs_or_cannot_be_compared_takes_the_id(root, text):
    write_small_store(root, {"draft": {draft_id(*SIGNATURE): WANTED}})
    (root / "gens/draft" / draft_id(*SIGNATURE) / "metadata.json").write_text(text)
    registry = InMemoryGenerationRegistry("cohort-1", stored_in(scan(root)))
    second = draft_id(*SIGNATURE, collision=1)
    assert registry.assign("draft", [draft("combo-x")]) == [second]
    assert registry.taken("draft") == {second: draft_id(*SIGNATURE)}


@pytest.mark.parametrize(
    "changes",
    [
        {"stage": "essay", "gen_id": "another", "mode": "copy", "origin_cohort_id": "x"},
        {"replicate": None},
        {"replicate": "1"},
        {"replicate": 1.0},
        {"combo_id": " COMBO-X "},
    ],
)
def test_a_record_of_the_same_signature_keeps_its_id(root, changes):
    write_small_store(root, {"draft": {draft_id(*SIGNATURE): WANTED}})
    path = root / "gens/draft" / draft_id(*SIGNATURE) / "metadata.json"
    path.write_text(json.dumps({name: value for name, value in (WANTED | changes).items() if value is not None}))
    registry = InMemoryGenerationRegistry("cohort-1", stored_in(scan(root)))
    assert registry.assign("draft", [draft("combo-x")]) == [draft_id(*SIGNATURE)]
    assert registry.taken("draft") == {}


def test_the_model_of_an_essay_and_its_old_template_name_are_no_collision(root):
    gen_id = deterministic_id("essay", (DRAFT_A, "other", 1), 0)
    record = {"parent_gen_id": DRAFT_A, "essay_template": "other", "llm_model_id": "sonnet-4", "replicate": 1}
    registry = over(root, {"essay": {gen_id: record}})
    assert registry.assign("essay", [essay(DRAFT_A, "other")]) == [gen_id]


def test_a_folder_without_a_record_keeps_its_id(root):
    first, second = draft_id(*SIGNATURE), draft_id(*SIGNATURE, collision=1)
    write_small_store(root, {"draft": {first: None, second: WANTED}})
    (root / "gens/draft" / first / "raw.txt").write_text("answer")
    registry = InMemoryGenerationRegistry("cohort-1", stored_in(scan(root)))
    assert registry.assign("draft", [draft("combo-x")]) == [first]


def test_a_collision_id_without_a_record_is_used_before_a_later_one_of_the_signature(root):
    taken, second, third = (draft_id(*SIGNATURE, collision=index) for index in range(3))
    registry = over(root, {"draft": {taken: WANTED | {"replicate": 7}, second: None, third: WANTED}})
    assert registry.assign("draft", [draft("combo-x")]) == [second]


def test_legacy_ids():
    off = InMemoryGenerationRegistry("cohort-1", ids=IdScheme.parse("off"))
    task = f"{COMBO_A}__{V10}__gemini_25_pro"
    drafts = off.assign("draft", [draft(), draft(replicate=2)])
    assert drafts == [legacy_by_hand("draft", task, "cohort-1"), legacy_by_hand("draft", task, "cohort-1", "rep2")]
    wanted = [essay(drafts[0]), essay(drafts[0], replicate=3), essay(drafts[1])]
    essays = off.assign("essay", wanted)
    assert essays == [
        legacy_by_hand("essay", f"{task}__{V10}", "cohort-1", salt) for salt in (None, "rep1-3", "rep2-1")
    ]
    evaluations = off.assign("evaluation", [evaluation(essays[0]), evaluation(essays[0], 2)])
    assert evaluations == [
        legacy_by_hand("evaluation", f"{essays[0]}__novelty__sonnet-4", "cohort-1", salt) for salt in (None, "rep2")
    ]


def test_a_mixed_scheme_cuts_over_stage_by_stage():
    registry = InMemoryGenerationRegistry("cohort-1", ids=IdScheme.parse("draft"))
    assert registry.assign("draft", [draft()]) == [DRAFT_A]
    task = f"{COMBO_A}__{V10}__gemini_25_pro__{V10}"
    assert registry.assign("essay", [essay(DRAFT_A)]) == [legacy_by_hand("essay", task, "cohort-1")]


def test_a_legacy_essay_below_a_stored_draft(root):
    registry = over(root, {}, IdScheme.parse("off"))
    task = f"{COMBO_A}__{V10}__gemini_25_pro__{V10}"
    assert registry.assign("essay", [essay(DRAFT_LEGACY)]) == [legacy_by_hand("essay", task, "cohort-1", "rep3-1")]


def test_a_legacy_essay_needs_its_draft():
    registry = InMemoryGenerationRegistry("cohort-1", ids=IdScheme.parse("off"))
    with pytest.raises(DDError) as caught:
        registry.assign("essay", [essay("gone")])
    assert caught.value.code is Err.INVALID_MEMBERSHIP
    assert caught.value.ctx["reason"] == "cohort_parent_integrity_failed"
    assert caught.value.ctx["parent_gen_id"] == "gone"


def test_a_legacy_id_has_no_collision_index(root):
    taken = legacy_by_hand("draft", f"new__{V10}__gemini_25_pro", "cohort-1")
    other = {"combo_id": "other", "template_id": V10, "llm_model_id": "m", "replicate": 1}
    registry = over(root, {"draft": {taken: other}}, IdScheme.parse("off"))
    with pytest.raises(DDError) as caught:
        registry.assign("draft", [draft("new")])
    assert caught.value.ctx["reason"] == "id_collision"
    assert caught.value.ctx["problems"][0]["gen_id"] == taken


def test_the_factory_over_a_store_takes_a_snapshot_for_each_registry(root):
    taken = []

    def take():
        taken.append(small_snapshot(root) if not taken else scan(root))
        return taken[-1]

    factory = SnapshotRegistryFactory(take, IdScheme.parse("draft"))
    assert factory.create_registry(SPEC, {}).is_stored("essay", ESSAY_LEGACY)
    assert factory.create_registry(SPEC, {}).assign("draft", [draft()]) == [DRAFT_A]
    assert len(taken) == 2


def test_a_data_root_without_a_store_holds_nothing(tmp_path):
    factory = SnapshotRegistryFactory(lambda: scan(tmp_path))
    assert not factory.create_registry(SPEC, {}).is_stored("draft", DRAFT_A)
    with pytest.raises(DDError) as caught:
        SnapshotRegistryFactory(lambda: scan(tmp_path / "nowhere")).create_registry(SPEC, {})
    assert caught.value.ctx["reason"] == "no_such_root"


def test_names_are_those_that_are_given_where_nothing_is_taken(registry):
    wanted = [draft(replicate=number) for number in (1, 2)]
    named = registry.names("draft", wanted)
    assert named == [deterministic_id("draft", (COMBO_A, V10, "gemini_25_pro", number)) for number in (1, 2)]
    # Nothing is remembered: an id that was only computed is not known.
    assert registry.find("draft", named[1]) is None
    legacy = InMemoryGenerationRegistry("cohort-1", ids=IdScheme.parse("off"))
    task = f"{COMBO_A}__{V10}__gemini_25_pro"
    assert legacy.names("draft", wanted[:1]) == [legacy_by_hand("draft", task, "cohort-1")]
