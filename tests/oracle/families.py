"""Small stores of sound generations, legacy and deterministic ones mixed, with twins and squatters among them."""

from __future__ import annotations

from hypothesis import strategies as st

from oracle.identity import deterministic_id
from oracle.model import SIGNATURE, STAGES
from oracle.stores import FOLDER


@st.composite
def families(draw):
    plan = {f"gens/{stage}": FOLDER for stage in STAGES}
    above = [None]
    count = 0
    for stage in STAGES:
        names = []
        for parent in above:
            for _ in range(draw(st.integers(1 if stage == "draft" else 0, 2))):
                record = {
                    "stage": stage,
                    **({"combo_id": "c"} if parent is None else {"parent_gen_id": parent}),
                    "template_id": draw(st.sampled_from(["t", "u"])),
                    **({} if stage == "essay" else {"llm_model_id": "m"}),
                    "replicate": draw(st.integers(1, 2)),
                }
                right = deterministic_id(stage, tuple(record[field] for field in SIGNATURE[stage]))
                count += 1
                name = draw(st.sampled_from([right, right, f"{count:016d}"]))
                if f"gens/{stage}/{name}/metadata.json" in plan:
                    continue
                plan[f"gens/{stage}/{name}/metadata.json"] = {**record, "gen_id": name}
                names.append(name)
                # Somebody else has the name that the record gives: with a record that gives another one, or none.
                squatter = draw(st.sampled_from([None] * 8 + [{**record, "replicate": 9}, FOLDER]))
                if squatter and name != right:
                    path = f"gens/{stage}/{right}" + ("" if squatter == FOLDER else "/metadata.json")
                    plan.setdefault(path, squatter)
        above = names
    return plan
