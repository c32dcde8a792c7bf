from __future__ import annotations

import re
from collections import Counter

import pytest

from genaudit.sample import SampleOptions
from genaudit.sample.plan import SamplePlan
from genaudit.sample.prose import cut_off, score, texts
from genaudit.sample.stock import TEMPLATES


@pytest.fixture(scope="module")
def plan():
    return SamplePlan(SampleOptions(drafts=60))


def sentences(text):
    body = text.split("\n\n", 1)[1]
    return [one for paragraph in body.split("\n\n") for one in re.split(r"(?<=[.?]) ", paragraph.strip())]


def test_drafts_and_essays_are_titled_by_their_concepts(plan):
    for generation in [*plan.drafts[:10], *plan.essays[:10]]:
        title = texts(generation, 0).parsed.splitlines()[0]
        assert title.startswith("# ")
        assert all(concept.name in title for concept in generation.combo.concepts)


def test_a_draft_s_prompt_describes_its_concepts(plan):
    draft = plan.drafts[0]
    prompt = texts(draft, 0).prompt
    for concept in draft.combo.concepts:
        assert f"## {concept.name}\n{concept.noun.capitalize()} {concept.does[0]}." in prompt


def test_the_prompt_contains_its_parent_text(plan):
    essay = next(essay for essay in plan.essays if essay.mode == "llm")
    assert texts(essay.parent, 0).parsed.strip() in texts(essay, 0).prompt
    evaluation = next(one for one in plan.generations() if one.parent is essay)
    assert texts(essay, 0).parsed.strip() in texts(evaluation, 0).prompt


def test_texts_have_paragraphs_that_do_not_repeat_themselves(plan):
    for generation in [*plan.drafts, *plan.essays]:
        text = texts(generation, 0).parsed
        assert text.count("\n\n") >= 3
        assert "{" not in text
        assert max(Counter(sentences(text)).values()) == 1


def test_no_two_drafts_read_the_same(plan):
    assert len({texts(draft, 0).parsed for draft in plan.drafts}) == len(plan.drafts)


def test_scores_are_half_points_from_0_to_9(plan):
    scores = {score(generation, 3) for generation in plan.generations() if generation.stage == "evaluation"}
    assert all(points * 2 == int(points * 2) for points in scores)
    assert min(scores) >= 0
    assert max(scores) <= 9


def test_a_strict_judge_gives_less(plan):
    given = {}
    for generation in plan.generations():
        if generation.stage == "evaluation":
            given.setdefault(generation.model, []).append(score(generation, 0))
    mean = {judge: sum(scores) / len(scores) for judge, scores in given.items()}
    assert mean["alder_judge"] < mean["tern-mini-3"]


def test_another_seed_writes_other_texts(plan):
    assert texts(plan.drafts[0], 0).parsed != texts(plan.drafts[0], 1).parsed


def test_a_text_is_cut_off_before_its_end():
    assert cut_off("One. Two. Three. Four.") == "One. Two. Thr"


def test_every_template_that_is_run_on_a_model_has_a_task():
    for template in (template for templates in TEMPLATES.values() for template in templates):
        assert bool(template.task) == (template.used and template.generator == "llm")
