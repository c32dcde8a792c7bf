"""Scores worked out with plain loops over files, from the description of the store alone."""

from __future__ import annotations

import csv
import json
import re

TABLE = [
    *("gen_id", "parent_gen_id", "evaluation_template", "evaluation_llm_model", "score", "error"),
    *("evaluation_response_path", "combo_id", "draft_template", "generation_template", "generation_model"),
    *("origin_cohort_id", "generation_response_path", "input_mode", "copied_from"),
]
INDEX = ["combo_id", "draft_template", "generation_template", "generation_model", "parent_gen_id"]


def table_of(path):
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def json_of(path):
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def record(root, stage, gen_id):
    return json_of(root / "gens" / stage / gen_id / "metadata.json") if gen_id else {}


def first(*values):
    return next((value for value in values if value), "")


def model_of(found):
    name = found.get("llm_model_id") or ""
    return "" if name == "None" else name


def last_line_score(path):
    """A number, or an empty text."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError):
        return ""
    lines = [line.strip() for line in lines if line.strip()]
    if not lines or not re.fullmatch("[0-9]+(?:[.][0-9]+)?", lines[-1], re.ASCII):
        return ""
    number = float(lines[-1])
    return number if number <= 9 else ""


def essay_row(root, essay_id, evaluations):
    """The four names of an essay: from its draft, else from itself, else from one of its evaluations."""
    essay = record(root, "essay", essay_id)
    draft = record(root, "draft", essay.get("parent_gen_id"))
    below = [record(root, "evaluation", each) for each in sorted(evaluations)]
    return {
        "combo_id": first(draft.get("combo_id"), essay.get("combo_id"), *(each.get("combo_id") for each in below)),
        "draft_template": first(
            draft.get("template_id"),
            draft.get("draft_template"),
            essay.get("draft_template"),
            *(each.get("draft_template") for each in below),
        ),
        "generation_template": first(
            essay.get("template_id"),
            essay.get("essay_template"),
            essay.get("essay_template_id"),
            *(each.get("essay_template_id") for each in below),
        ),
        "generation_model": first(model_of(essay), model_of(draft)),
    }


def allowed(root, cohort):
    """The evaluation templates and models of the cohort's spec, else the active ones of the catalogs."""
    spec = root / "cohorts" / cohort / "spec" / "config.json"
    if spec.exists():
        axes = json_of(spec)["axes"]
        return axes["evaluation_template"], axes["evaluation_llm"]
    templates = table_of(root / "1_raw" / "evaluation_templates.csv")
    models = table_of(root / "1_raw" / "llm_models.csv")
    return (
        [row["template_id"] for row in templates if row.get("active", "True") == "True"],
        [row["id"] for row in models if row.get("for_evaluation", "true") == "true"],
    )


def scores_of(root, cohort):
    """The rows of a cohort's table, by the names of :data:`TABLE`; ``error`` is only whether there is one."""
    members = table_of(root / "cohorts" / cohort / "membership.csv")
    ids = [row["gen_id"] for row in members if row["stage"] == "evaluation"]
    below = {}
    for gen_id in ids:
        below.setdefault(record(root, "evaluation", gen_id).get("parent_gen_id", ""), []).append(gen_id)
    rows = []
    for gen_id in ids:
        own = record(root, "evaluation", gen_id)
        essay = own.get("parent_gen_id", "")
        source = json_of(root / "gens" / "essay" / essay / "raw_metadata.json") if essay else {}
        path = f"gens/evaluation/{gen_id}/parsed.txt"
        row = {
            "gen_id": gen_id,
            "parent_gen_id": essay,
            "evaluation_template": first(own.get("template_id"), own.get("evaluation_template")),
            "evaluation_llm_model": own.get("llm_model_id", ""),
            "score": last_line_score(root / path),
            "evaluation_response_path": path,
            **essay_row(root, essay, below[essay]),
            "origin_cohort_id": own.get("origin_cohort_id", ""),
            "generation_response_path": f"gens/essay/{essay}/parsed.txt" if essay else "",
            "input_mode": source.get("input_mode", ""),
            "copied_from": source.get("copied_from", ""),
        }
        placed = all(row[name] for name in [*INDEX, "evaluation_template", "evaluation_llm_model"])
        row["error"] = row["score"] == "" or not placed
        rows.append(row)
    return rows


def pivot_of(root, cohort):
    """The header of a cohort's pivot, and its rows as mappings."""
    templates, models = allowed(root, cohort)
    scores = scores_of(root, cohort)
    essays = {row["parent_gen_id"]: {name: row[name] for name in INDEX} for row in scores}
    for member in table_of(root / "cohorts" / cohort / "membership.csv"):
        if member["stage"] == "essay" and member["gen_id"] not in essays:
            essays[member["gen_id"]] = {
                **essay_row(root, member["gen_id"], []),
                "parent_gen_id": member["gen_id"],
            }
    essays = [row for row in essays.values() if all(row.values())]
    essays.sort(key=lambda row: [row[name] for name in INDEX])
    given = {}
    for row in scores:
        if row["evaluation_template"] in templates and row["evaluation_llm_model"] in models:
            judge = row["evaluation_llm_model"] + "_" + row["evaluation_template"]
            if any(essay["parent_gen_id"] == row["parent_gen_id"] for essay in essays):
                given.setdefault(judge, {}).setdefault(row["parent_gen_id"], []).append(row["score"])
    judges = sorted(given)
    spread = [judge + suffix for judge in judges for suffix in ("_min", "_max", "_n")]
    header = [*INDEX, *judges, *spread, "allowlisted_template_score_sum", "generation_response_path"]
    for essay in essays:
        total = 0
        for judge in judges:
            numbers = [one for one in given[judge].get(essay["parent_gen_id"], []) if one != ""]
            essay[judge + "_n"] = len(numbers)
            essay[judge] = round(sum(numbers) / len(numbers), 2) if numbers else ""
            essay[judge + "_min"] = min(numbers, default="")
            essay[judge + "_max"] = max(numbers, default="")
            total += essay[judge] or 0
        essay["allowlisted_template_score_sum"] = round(total, 2)
        essay["generation_response_path"] = f"gens/essay/{essay['parent_gen_id']}/parsed.txt"
    return header, essays
