from __future__ import annotations

import hashlib
from collections import Counter

import pytest

from genaudit.sample import SampleOptions
from genaudit.sample.plan import SamplePlan

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
SIGNATURE = {
    "draft": ("combo_id", "template_id", "llm_model_id", "replicate"),
    "essay": ("parent_gen_id", "template_id", "replicate"),
    "evaluation": ("parent_gen_id", "template_id", "llm_model_id", "replicate"),
}
PREFIX = {"draft": "d_", "essay": "e_", "evaluation": "v_"}


def plan(**options):
    return SamplePlan(SampleOptions(**options))


def signature(generation):
    record = generation.record()
    return tuple(record[field] for field in SIGNATURE[generation.stage])


def base36(number):
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return text


def deterministic(generation, collision=0):
    text = "|".join(str(part).lower() for part in signature(generation))
    text += f"|collision:{collision}" if collision else ""
    digest = hashlib.blake2b(text.encode(), digest_size=10).digest()
    return PREFIX[generation.stage] + base36(int.from_bytes(digest, "big"))


def legacy(generation):
    """The legacy id, from the record and its ancestors alone."""
    own = generation.record()
    replicate, draft = own["replicate"], generation.parent
    if generation.stage == "draft":
        task = [own["combo_id"], own["template_id"], own["llm_model_id"]]
        salt = "" if replicate == 1 else f"rep{replicate}"
    elif generation.stage == "essay":
        above = draft.record()
        task = [above["combo_id"], above["template_id"], above["llm_model_id"], own["template_id"]]
        salt = "" if replicate == above["replicate"] == 1 else f"rep{above['replicate']}-{replicate}"
    else:
        task = [own["parent_gen_id"], own["template_id"], own["llm_model_id"]]
        salt = "" if replicate == 1 else f"rep{replicate}"
    parts = [generation.stage, "__".join(task), own["origin_cohort_id"], *([salt] if salt else [])]
    digest = hashlib.sha256("".join(f"{part}|" for part in parts).encode()).digest()
    return base36(int.from_bytes(digest[:12], "big")).rjust(16, "0")[:16]


def is_legacy(generation):
    return not generation.gen_id.startswith(PREFIX[generation.stage])


def test_it_has_the_proportions_of_the_largest_real_store():
    assert plan().counts == {"draft": 289, "essay": 258, "evaluation": 4154}
    made = Counter(generation.stage for generation in plan().generations())
    assert made == {"draft": 289, "essay": 258, "evaluation": 4154}


@pytest.mark.parametrize(
    ("drafts", "essays", "evaluations"), [(0, 0, 0), (1, 1, 14), (5, 4, 72), (12, 11, 172), (600, 536, 8624)]
)
def test_essays_and_evaluations_follow_the_drafts(drafts, essays, evaluations):
    made = Counter(generation.stage for generation in plan(drafts=drafts).generations())
    assert [made[stage] for stage in SIGNATURE] == [drafts, essays, evaluations]


def test_every_name_recomputes_from_the_record():
    suffixes = Counter()
    for generation in plan(drafts=80, legacy_share=0.3).generations():
        name, _, collision = generation.gen_id.partition("-")
        assert name == (
            legacy(generation) if is_legacy(generation) else deterministic(generation, int(collision or 0))
        )
        suffixes[collision] += 1
    assert suffixes.keys() == {"", "1", "2", "3", "4"}
    assert suffixes.total() - suffixes[""] <= 30


def test_signatures_and_names_are_distinct():
    made = list(plan(drafts=300, legacy_share=0.4).generations())
    assert len({(one.stage, signature(one)) for one in made}) == len(made)
    assert len({(one.stage, one.gen_id) for one in made}) == len(made)


@pytest.mark.parametrize("drafts", [2, 12, 289])
@pytest.mark.parametrize("share", [0.001, 0.15, 0.999])
def test_each_form_occurs_under_the_other(drafts, share):
    links = Counter(
        (is_legacy(one.parent), is_legacy(one))
        for one in plan(drafts=drafts, legacy_share=share).generations()
        if one.parent
    )
    assert links[True, False]
    assert links[False, True]


@pytest.mark.parametrize(("share", "low", "high"), [(0.0, 0, 0), (0.15, 0.13, 0.17), (0.6, 0.57, 0.63), (1.0, 1, 1)])
def test_the_share_of_legacy_ids_is_the_requested_one(share, low, high):
    made = list(plan(legacy_share=share).generations())
    assert low <= sum(map(is_legacy, made)) / len(made) <= high


def test_replicates_go_beyond_the_first_on_every_stage():
    highest = Counter()
    for generation in plan().generations():
        highest[generation.stage] = max(highest[generation.stage], generation.replicate)
    assert highest == {"draft": 2, "essay": 2, "evaluation": 3}


def test_only_drafts_without_essays_are_unfinished():
    made = plan(drafts=120)
    mothers = {essay.parent.gen_id for essay in made.essays}
    unfinished = Counter(draft.done for draft in made.drafts if draft.done != "parsed")
    assert unfinished["planned"] >= 5
    assert unfinished["answered"] >= 5
    assert all(draft.done == "parsed" for draft in made.drafts if draft.gen_id in mothers)
    assert any(draft.done == "parsed" for draft in made.drafts if draft.gen_id not in mothers)


def test_some_drafts_have_two_essays():
    essays = Counter(essay.parent.gen_id for essay in plan().essays)
    assert Counter(essays.values()).keys() == {1, 2}


def test_old_essays_may_not_name_a_model_and_drafts_and_evaluations_always_do():
    made = list(plan().generations())
    silent = [one for one in made if "llm_model_id" not in one.record()]
    assert {one.stage for one in silent} == {"essay"}
    assert all(is_legacy(one) for one in silent)
    assert any(is_legacy(one) and "llm_model_id" in one.record() for one in made if one.stage == "essay")


def test_copies_are_essays_of_the_copy_template():
    made = list(plan(drafts=60).generations())
    assert {(one.stage, one.template) for one in made if one.mode == "copy"} == {("essay", "draft-as-essay-v1")}


def test_the_seed_decides():
    first, same, other = ([one.gen_id for one in plan(drafts=20, seed=seed).generations()] for seed in (1, 1, 2))
    assert first == same
    assert first != other
