"""What the pipeline does with a cohort, written down once more from its rules alone: a small interpreter.

It knows nothing of the package but the layout of a store on disk. A run goes through a cohort's membership, parents
first, and does with each generation what the pipeline's assets do; the generator counts what it is asked for.
"""

from __future__ import annotations

import csv
import json

STAGES = ("draft", "essay", "evaluation")


class CountingGenerator:
    """A model that answers everything, and notes whom it answered for."""

    def __init__(self):
        self.calls = []

    def __call__(self, stage, gen_id):
        self.calls.append((stage, gen_id))
        return f"an answer for {gen_id}\n7"


def run_cohort(root, cohort_id, generator):
    """Run every generation of a cohort.

    :returns: by stage and id, what was done: ``reuse``, ``parse``, ``copy`` or ``call``.
    """
    with (root / "cohorts" / cohort_id / "membership.csv").open(newline="") as file:
        members = [(row["stage"], row["gen_id"]) for row in csv.DictReader(file)]
    done = {}
    for stage in STAGES:
        for member_stage, gen_id in members:
            if member_stage == stage:
                done[stage, gen_id] = run_generation(root / "gens" / stage / gen_id, stage, generator)
    return done


def run_generation(folder, stage, generator):
    """Make a generation's texts, as far as they are not there."""
    record = json.loads((folder / "metadata.json").read_text())
    raw, parsed = folder / "raw.txt", folder / "parsed.txt"
    if parsed.exists():
        return "reuse"
    if raw.exists():
        parsed.write_text(raw.read_text())
        return "parse"
    if record.get("mode") == "copy":
        above = {"essay": "draft", "evaluation": "essay"}[stage]
        text = (folder.parents[1] / above / record["parent_gen_id"] / "parsed.txt").read_text()
        raw.write_text(text)
        parsed.write_text(text)
        return "copy"
    raw.write_text(generator(stage, folder.name))
    parsed.write_text(raw.read_text())
    return "call"
