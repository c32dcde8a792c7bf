from __future__ import annotations

import pytest

from genaudit.sample import SampleOptions
from genaudit.sample.plan import SamplePlan

COMMON = {"stage", "gen_id", "origin_cohort_id", "mode", "template_id", "replicate"}


@pytest.fixture(scope="module")
def chain():
    """An evaluation, with its essay and draft above it."""
    return list(SamplePlan(SampleOptions(drafts=2, legacy_share=0)).generations())[-1]


def test_a_draft_has_a_combo_and_no_parent(chain):
    assert set(chain.parent.parent.record()) == COMMON | {"combo_id", "llm_model_id"}


def test_an_essay_and_an_evaluation_have_a_parent_and_no_combo(chain):
    assert set(chain.parent.record()) == COMMON | {"parent_gen_id", "llm_model_id"}
    assert set(chain.record()) == COMMON | {"parent_gen_id", "llm_model_id"}


def test_an_old_essay_names_no_model(chain):
    assert "llm_model_id" not in chain.parent._replace(names_model=False).record()


def test_a_published_id_comes_out(chain):
    essay = chain.parent
    draft = essay.parent._replace(gen_id="d_5ezrffv9uf3lr37d")
    named = essay._replace(parent=draft, template="creative-synthesis-v10", replicate=1).named()
    assert named.gen_id == "e_sq5klak2lljyyom"


def test_a_collision_is_in_the_name_and_in_the_hash(chain):
    plain, collided = chain.named(), chain.named(collision=2)
    assert collided.gen_id.endswith("-2")
    assert collided.gen_id.removesuffix("-2") != plain.gen_id


def test_task_ids_are_joined_from_above(chain):
    essay, draft = chain.parent, chain.parent.parent
    of_draft = f"{draft.combo.combo_id}__{draft.template}__{draft.model}"
    assert draft.task_id == of_draft
    assert essay.task_id == f"{of_draft}__{essay.template}"
    assert chain.task_id == f"{essay.gen_id}__{chain.template}__{chain.model}"
