from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from genaudit.ids import IdForm, deterministic_id, parse_id
from genaudit.sample import SampleOptions
from genaudit.sample.plan import SamplePlan

SIGNATURE = {
    "draft": ("combo_id", "template_id", "llm_model_id", "replicate"),
    "essay": ("parent_gen_id", "template_id", "replicate"),
    "evaluation": ("parent_gen_id", "template_id", "llm_model_id", "replicate"),
}


@given(drafts=st.integers(0, 30), seed=st.integers(), share=st.floats(0, 1))
def test_any_plan_is_sound(drafts, seed, share):
    plan = SamplePlan(SampleOptions(drafts=drafts, seed=seed, legacy_share=share))
    names, signatures = set(), set()
    made = 0
    for generation in plan.generations():
        record = generation.record()
        stage = generation.stage
        key = tuple(record[field] for field in SIGNATURE[stage])
        if generation.parent:
            assert (generation.parent.stage, generation.parent.gen_id) in names
        form = parse_id(stage, generation.gen_id)
        if form.form is IdForm.DETERMINISTIC:
            assert generation.gen_id == deterministic_id(stage, key, form.collision)
        else:
            assert form.form is IdForm.LEGACY
        names.add((stage, generation.gen_id))
        signatures.add((stage, key))
        made += 1
    assert len(names) == len(signatures) == made == sum(plan.counts.values())
