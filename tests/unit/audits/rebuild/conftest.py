"""A store of one legacy chain and one deterministic chain, each with evaluations in part."""

from __future__ import annotations

import pytest

from helpers.rebuilds import add, write_catalogs
from oracle.identity import deterministic_id

COMBO = "combo_v1_85128e4e5ef3"
V10 = "creative-synthesis-v10"
GEMINI, SONNET = "gemini_25_pro", "sonnet-4"
OLD_DRAFT, OLD_ESSAY, OLD_EVALUATION = "olddraft00000000", "oldessay00000000", "oldevaluation000"
NEW_DRAFT = deterministic_id("draft", (COMBO, V10, GEMINI, 2))
NEW_ESSAY = deterministic_id("essay", (NEW_DRAFT, V10, 1))
NEW_EVALUATION = deterministic_id("evaluation", (NEW_ESSAY, "novelty", SONNET, 1))
RETIRED = deterministic_id("evaluation", (NEW_ESSAY, "style-coherence", SONNET, 1))


def draft(replicate, **more):
    return {"combo_id": COMBO, "template_id": V10, "llm_model_id": GEMINI, "replicate": replicate, **more}


def essay(parent, replicate=1, **more):
    return {"parent_gen_id": parent, "template_id": V10, "replicate": replicate, **more}


def judged(parent, replicate=1, template="novelty", model=SONNET):
    return {"parent_gen_id": parent, "template_id": template, "llm_model_id": model, "replicate": replicate}


@pytest.fixture
def chains(root):
    """A legacy draft, essay and evaluation; the same with deterministic ids, and an evaluation by a retired template.

    One replicate of drafts and essays, two of evaluations, one judge.
    """
    counts = ["draft,1", "essay,1", "evaluation,2"]
    write_catalogs(root, replication_config=counts)
    add(root, "draft", OLD_DRAFT, draft(1), usage=(100, 1000))
    add(root, "draft", NEW_DRAFT, draft(2), usage=(200, 3000))
    add(root, "essay", OLD_ESSAY, essay(OLD_DRAFT), usage=(1000, 900))
    add(root, "essay", NEW_ESSAY, essay(NEW_DRAFT), usage=(1100, 1100))
    add(root, "evaluation", OLD_EVALUATION, judged(OLD_ESSAY), usage=(500, 10))
    add(root, "evaluation", NEW_EVALUATION, judged(NEW_ESSAY), usage=(700, 20))
    add(root, "evaluation", RETIRED, judged(NEW_ESSAY, template="style-coherence"), usage=(9, 9))
    return root
