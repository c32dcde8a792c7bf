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


def write_catalogs(root, **changes):
    """Write the catalogs of the small store; lists are rows below the same header, ``None`` leaves a file out."""
    for name, frame in frames(**changes).items():
        path = root / CATALOGS[name]
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.to_csv(path, index=False)


def add(root, stage, gen_id, record, *, done="parsed", usage=None):
    """Write a generation.

    :param done: ``planned`` (its record only), ``raw`` or ``parsed``.
    :param usage: the tokens of its prompt and of its answer, or whatever stands in their place.
    """
    folder = write_generation(root, stage, gen_id, record)
    if done != "planned":
        (folder / "raw.txt").write_text("answer")
    if done == "parsed":
        (folder / "parsed.txt").write_text("7")
    if usage is not None:
        if isinstance(usage, tuple):
            usage = {"usage": dict(zip(("prompt_tokens", "completion_tokens"), usage, strict=True))}
        (folder / "raw_metadata.json").write_text(json.dumps(usage))


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
    """What is decided, as ``stage decision`` with its number."""
    table = result.comparison[result.comparison["mode"] == mode]
    return {
        f"{row['stage']} {decision}": row[decision]
        for row in table.to_dict("records")
        for decision in ("reuse", "parse", "copy", "call")
        if row[decision]
    }


def kinds(row):
    """The causes of a row."""
    return [why["cause"] for why in row["causes"]]
