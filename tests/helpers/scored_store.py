"""A store of eleven generations whose scores can be worked out on paper.

Two drafts of one combo, by two models; an essay under each, the second a copy; evaluations by two judges. ``c1`` has
the first chain with its evaluations, ``c2`` the second one.
"""

from __future__ import annotations

import json

from helpers.membership import member
from helpers.stores import write_generation

D1, D2, E1, E2 = "d_1", "d_2", "e_1", "e_2"
COMBO = "combo_v1_1"
DRAFTS = {
    D1: {"combo_id": COMBO, "template_id": "ladder", "llm_model_id": "harbor", "replicate": 1},
    D2: {"combo_id": COMBO, "template_id": "notes", "llm_model_id": "juniper", "replicate": 1},
}
ESSAYS = {
    E1: {"parent_gen_id": D1, "template_id": "letter", "llm_model_id": "own-model", "replicate": 1},
    E2: {"parent_gen_id": D2, "template_id": "as-is", "mode": "copy", "replicate": 1},
}


def judged(parent, model, template, replicate=1):
    """Make the record of an evaluation."""
    return {"parent_gen_id": parent, "template_id": template, "llm_model_id": model, "replicate": replicate}


# Each evaluation, and the last line of its parsed.txt.
EVALUATIONS = {
    "v_1": (judged(E1, "alder", "novelty"), "4.0"),
    "v_2": (judged(E1, "alder", "novelty", 2), "7"),
    "v_3": (judged(E1, "alder", "novelty", 3), "5.5"),
    "v_4": (judged(E1, "alder", "clarity"), "8.25"),
    "v_5": (judged(E1, "tern", "novelty"), "0"),
    "v_6": (judged(E2, "alder", "novelty"), "9.0"),
    "v_7": (judged(E2, "tern", "retired"), "3"),
}
STORED = {"draft": DRAFTS, "essay": ESSAYS, "evaluation": {name: one for name, (one, _) in EVALUATIONS.items()}}
COHORTS = {"c1": (D1, E1, "v_1", "v_2", "v_3", "v_4", "v_5"), "c2": (D2, E2, "v_6", "v_7")}


def write_scored_store(root):
    """Write the store below a root whose stages are there."""
    for stage, records in STORED.items():
        for gen_id, record in records.items():
            of = {"origin_cohort_id": "c1" if gen_id in COHORTS["c1"] else "c2"}
            write_generation(root, stage, gen_id, of | record)
    for gen_id, (_, last) in EVALUATIONS.items():
        (root / f"gens/evaluation/{gen_id}/parsed.txt").write_text(f"It has its merits.\n\n{last}\n")
    copy = {"input_mode": "copy", "copied_from": f"gens/draft/{D2}/parsed.txt"}
    for path, report in {
        f"essay/{E1}": {"input_mode": "prompt", "copied_from": None},
        f"essay/{E2}": copy,
        # An evaluation's own report does not name the source of the essay.
        "evaluation/v_6": {"input_mode": "prompt", "copied_from": "nowhere"},
    }.items():
        (root / "gens" / path / "raw_metadata.json").write_text(json.dumps(report))
    return root


def members(cohort):
    """The members of a cohort, as a membership lists them."""
    return [
        member(stage, gen_id, **record)
        for stage, records in STORED.items()
        for gen_id, record in records.items()
        if gen_id in COHORTS[cohort]
    ]
