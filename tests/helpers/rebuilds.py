"""Small data roots to rebuild from: generations with as many artifacts as they are given, catalogs, and answers."""

from __future__ import annotations

import json

from fakes.cohorts import frames
from genaudit.audits.rebuild import RebuildRequest, rebuild
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.store.snapshot import scan
from helpers.stores import write_generation

CATALOGS = {
    "combo_mappings": "combo_mappings.csv",
    "draft_templates": "1_raw/draft_templates.csv",
    "essay_templates": "1_raw/essay_templates.csv",
    "evaluation_templates": "1_raw/evaluation_templates.csv",
    "llm_models": "1_raw/llm_models.csv",
    "replication_config": "1_raw/replication_config.csv",
    "selected_combo_mappings": "2_tasks/selected_combo_mappings.csv",
}


# The name of the parent's text in each stage's templates.
SEEN = {"draft": "{{ concepts[0].content }}", "essay": "{{ draft_block }}", "evaluation": "{{ response }}"}
# Answers that the parser of each stage accepts, and the texts that it takes from them.
ANSWERS = {
    "draft": ("one\ntwo\nthree\n", "one\ntwo\nthree\n"),
    "essay": ("an essay\n", "an essay\n"),
    "evaluation": ("Good.\nSCORE: 7\n", "7.0\n"),
}


def write_catalogs(root, **changes):
    """Write the catalogs of the small store; lists are rows below the same header, ``None`` leaves a file out.

    Every template of a catalog gets a text, and every concept a name.
    """
    made = frames(**changes)
    for name, frame in made.items():
        path = root / CATALOGS[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_csv(path, index=False)
    for stage, text in SEEN.items():
        if f"{stage}_templates" not in made:
            continue
        for template in made[f"{stage}_templates"]["template_id"]:
            path = root / "1_raw" / "templates" / stage / f"{template}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"Work on this: {text}\n")
    if "combo_mappings" in made:
        names = sorted({*made["combo_mappings"]["concept_id"]})
        rows = "".join(f"{name},{name.title()}\n" for name in names)
        (root / "1_raw/concepts_metadata.csv").write_text(f"concept_id,name\n{rows}")


def add(root, stage, gen_id, record, *, done="parsed", usage=None):
    """Write a generation.

    :param done: ``planned`` (its record only), ``raw`` (answered) or ``parsed`` (all of its files).
    :param usage: the tokens of its prompt and of its answer, or the whole report in place of the usual one.
    """
    folder = write_generation(root, stage, gen_id, record)
    head = {"stage": stage, "gen_id": gen_id}
    raw, parsed = ANSWERS[stage]
    if done != "planned":
        (folder / "prompt.txt").write_text("asked")
        (folder / "raw.txt").write_text(raw)
        report = {**head, "truncated": False}
        if isinstance(usage, tuple):
            report["usage"] = dict(zip(("prompt_tokens", "completion_tokens"), usage, strict=True))
        elif usage is not None:
            report = usage
        (folder / "raw_metadata.json").write_text(json.dumps(report))
    if done == "parsed":
        (folder / "parsed.txt").write_text(parsed)
        (folder / "parsed_metadata.json").write_text(json.dumps({**head, "success": True}))


def run(root, ids="", flag="all", **request):
    """Rebuild ids, given as words."""
    chosen = RebuildRequest(ids=tuple(ids.split()), scheme=IdScheme.parse(flag), **request)
    return rebuild(scan(root), chosen)


def rows_of(result, mode, stage=None):
    """The rows of a mode as mappings, causes and counterfactuals read."""
    table = result.frame[result.frame["mode"] == mode]
    if stage:
        table = table[table["stage"] == stage]
    found = table.astype(object).where(table.notna(), None).to_dict("records")
    for row in found:
        for name in ("causes", "would_reuse_if"):
            row[name] = json.loads(row[name]) if row[name] else []
    return found


def decided(result, mode):
    """Count the decisions, as ``stage decision``."""
    table = result.comparison[result.comparison["mode"] == mode]
    return {
        f"{row['stage']} {decision}": row[decision]
        for row in table.to_dict("records")
        for decision in ("reuse", "parse", "copy", "call", "blocked")
        if row[decision]
    }


def kinds(row):
    """The causes of a row."""
    return [why["cause"] for why in row["causes"]]
