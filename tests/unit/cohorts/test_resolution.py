"""Generations found under every id that they have or had."""

import pytest

from genaudit.cohorts.resolution import MatchedBy, Resolver
from genaudit.errors import DDError, Err
from genaudit.ids import deterministic_id
from genaudit.store.snapshot import scan
from helpers.small_store import legacy_by_hand
from helpers.stores import make_stages, write_generation

COMBO, TEMPLATE, MODEL = "combo_1", "Notes-v1", "Writer"
LEGACY_DRAFT = legacy_by_hand("draft", "combo_1__Notes-v1__Writer", "old", "rep2")
LEGACY_ESSAY = legacy_by_hand("essay", "combo_1__Notes-v1__Writer__braid", "old", "rep2-1")
LEGACY_JUDGED = legacy_by_hand("evaluation", f"{LEGACY_ESSAY}__novelty__judge", "old")
DRAFT = deterministic_id("draft", (COMBO, TEMPLATE, MODEL, 2))
ESSAY = deterministic_id("essay", (DRAFT, "braid", 1))
ESSAY_BELOW_LEGACY = deterministic_id("essay", (LEGACY_DRAFT, "braid", 1))
JUDGED = deterministic_id("evaluation", (ESSAY, "novelty", "judge", 1))


def chain(root, draft, essay, judged, cohort="old"):
    """Write a chain of three under the names given."""
    make_stages(root)
    record = {"origin_cohort_id": cohort, "combo_id": COMBO, "template_id": TEMPLATE, "llm_model_id": MODEL}
    write_generation(root, "draft", draft, {**record, "replicate": 2})
    below = {"origin_cohort_id": cohort, "parent_gen_id": draft, "template_id": "braid", "replicate": 1}
    write_generation(root, "essay", essay, below)
    last = {"origin_cohort_id": cohort, "parent_gen_id": essay, "template_id": "novelty", "llm_model_id": "judge"}
    write_generation(root, "evaluation", judged, {**last, "replicate": 1})
    return root


def found(resolver, stage, gen_id):
    resolved = resolver.resolve(stage, gen_id)
    assert (resolved.stage, resolved.asked) == (stage, gen_id)
    return resolved.gen_id, resolved.via


def test_deterministic_ids_find_a_store_of_legacy_ones(tmp_path):
    resolver = Resolver(scan(chain(tmp_path, LEGACY_DRAFT, LEGACY_ESSAY, LEGACY_JUDGED)))
    assert found(resolver, "draft", LEGACY_DRAFT) == (LEGACY_DRAFT, MatchedBy.NAME)
    assert found(resolver, "draft", DRAFT) == (LEGACY_DRAFT, MatchedBy.DETERMINISTIC)
    # Below the draft's own name, and below the one that it will have.
    assert found(resolver, "essay", ESSAY_BELOW_LEGACY) == (LEGACY_ESSAY, MatchedBy.DETERMINISTIC)
    assert found(resolver, "essay", ESSAY) == (LEGACY_ESSAY, MatchedBy.DETERMINISTIC)
    for essay in (LEGACY_ESSAY, ESSAY_BELOW_LEGACY, ESSAY):
        asked = deterministic_id("evaluation", (essay, "novelty", "judge", 1))
        assert found(resolver, "evaluation", asked) == (LEGACY_JUDGED, MatchedBy.DETERMINISTIC)


def test_legacy_ids_find_a_store_of_deterministic_ones(tmp_path):
    resolver = Resolver(scan(chain(tmp_path, DRAFT, ESSAY, JUDGED)))
    assert found(resolver, "draft", LEGACY_DRAFT) == (DRAFT, MatchedBy.LEGACY)
    assert found(resolver, "essay", LEGACY_ESSAY) == (ESSAY, MatchedBy.LEGACY)
    assert found(resolver, "evaluation", LEGACY_JUDGED) == (JUDGED, MatchedBy.LEGACY)
    # The evaluations of a rollout that had got as far as the essays.
    asked = legacy_by_hand("evaluation", f"{ESSAY}__novelty__judge", "old")
    assert found(resolver, "evaluation", asked) == (JUDGED, MatchedBy.LEGACY)


def test_a_mixed_chain_is_found_whole(tmp_path):
    resolver = Resolver(scan(chain(tmp_path, DRAFT, LEGACY_ESSAY, LEGACY_JUDGED)))
    assert found(resolver, "essay", ESSAY) == (LEGACY_ESSAY, MatchedBy.DETERMINISTIC)
    assert found(resolver, "evaluation", JUDGED) == (LEGACY_JUDGED, MatchedBy.DETERMINISTIC)
    assert found(resolver, "draft", LEGACY_DRAFT) == (DRAFT, MatchedBy.LEGACY)


def test_legacy_ids_of_cohorts_that_only_asked_are_found_when_these_are_named(tmp_path):
    snapshot = scan(chain(tmp_path, DRAFT, ESSAY, JUDGED))
    asked = legacy_by_hand("draft", "combo_1__Notes-v1__Writer", "new", "rep2")
    assert found(Resolver(snapshot, ["new"]), "draft", asked) == (DRAFT, MatchedBy.LEGACY)
    with pytest.raises(DDError) as caught:
        Resolver(snapshot).resolve("draft", asked)
    assert (caught.value.code, caught.value.ctx["reason"]) == (Err.DATA_MISSING, "generation_not_found")


def test_a_stored_name_takes_precedence_over_a_signature(tmp_path):
    chain(tmp_path, LEGACY_DRAFT, LEGACY_ESSAY, LEGACY_JUDGED)
    other = {"combo_id": "combo_2", "template_id": "t", "llm_model_id": "m", "replicate": 1}
    write_generation(tmp_path, "draft", DRAFT, other)
    assert found(Resolver(scan(tmp_path)), "draft", DRAFT) == (DRAFT, MatchedBy.NAME)


def test_generations_of_one_signature_are_named_and_none_is_chosen(tmp_path):
    chain(tmp_path, LEGACY_DRAFT, LEGACY_ESSAY, LEGACY_JUDGED)
    same = {"combo_id": COMBO, "template_id": "notes-v1", "llm_model_id": "writer", "replicate": 2}
    write_generation(tmp_path, "draft", "another_name", same)
    resolver = Resolver(scan(tmp_path))
    for ask in (lambda: resolver.resolve("draft", DRAFT), lambda: resolver.resolve_signature("draft", same)):
        with pytest.raises(DDError) as caught:
            ask()
        assert (caught.value.code, caught.value.ctx["reason"]) == (Err.INVALID_MEMBERSHIP, "ambiguous_id")
        assert caught.value.ctx["candidates"] == sorted([LEGACY_DRAFT, "another_name"])


def test_an_unknown_id_gives_the_nearest(tmp_path):
    resolver = Resolver(scan(chain(tmp_path, DRAFT, ESSAY, JUDGED)))
    with pytest.raises(DDError) as caught:
        resolver.resolve("draft", f"{DRAFT[:-1]}_")
    assert caught.value.ctx["nearest"] == [DRAFT]
    with pytest.raises(DDError) as caught:
        resolver.resolve("poem", DRAFT)
    assert (caught.value.code, caught.value.ctx["reason"]) == (Err.INVALID_CONFIG, "unknown_stage")


@pytest.mark.parametrize("parent", [LEGACY_DRAFT, DRAFT])
def test_a_signature_finds_its_generation_whatever_its_parent_is_called(tmp_path, parent):
    resolver = Resolver(scan(chain(tmp_path, LEGACY_DRAFT, LEGACY_ESSAY, LEGACY_JUDGED)))
    resolved = resolver.resolve_signature("essay", {"parent_gen_id": parent, "template_id": " Braid", "replicate": 1})
    assert (resolved.asked, resolved.gen_id, resolved.via) == (None, LEGACY_ESSAY, MatchedBy.SIGNATURE)


def test_a_signature_of_nothing(tmp_path):
    resolver = Resolver(scan(chain(tmp_path, LEGACY_DRAFT, LEGACY_ESSAY, LEGACY_JUDGED)))
    record = {"combo_id": COMBO, "template_id": TEMPLATE, "llm_model_id": MODEL, "replicate": 7}
    with pytest.raises(DDError) as caught:
        resolver.resolve_signature("draft", record)
    assert (caught.value.ctx["reason"], caught.value.ctx["nearest"]) == ("generation_not_found", [LEGACY_DRAFT])
    with pytest.raises(DDError) as caught:
        resolver.resolve_signature("draft", {"combo_id": COMBO})
    assert caught.value.ctx["reason"] == "signature_incomplete"


def test_a_collision_suffix_and_its_base_both_lead_there(tmp_path):
    name = deterministic_id("draft", (COMBO, TEMPLATE, MODEL, 2), 1)
    resolver = Resolver(scan(chain(tmp_path, name, "e_x", "v_x")))
    assert found(resolver, "draft", name) == (name, MatchedBy.NAME)
    assert found(resolver, "draft", DRAFT) == (name, MatchedBy.DETERMINISTIC)


def test_a_record_without_a_signature_is_found_by_its_name_alone(tmp_path):
    make_stages(tmp_path)
    write_generation(tmp_path, "draft", "d_1", {"combo_id": COMBO})
    write_generation(tmp_path, "essay", "e_1", {"parent_gen_id": "d_0", "template_id": "braid", "replicate": 1})
    resolver = Resolver(scan(tmp_path))
    assert found(resolver, "draft", "d_1") == ("d_1", MatchedBy.NAME)
    orphan = deterministic_id("essay", ("d_0", "braid", 1))
    assert found(resolver, "essay", orphan) == ("e_1", MatchedBy.DETERMINISTIC)
    with pytest.raises(DDError):
        resolver.resolve("draft", LEGACY_DRAFT)
