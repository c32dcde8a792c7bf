"""Faults for the rebuild audit: the selection and its stored generations."""

from __future__ import annotations

import json

from genaudit.sample import SampleOptions, write_sample


def test_the_selected_essay_has_a_second_replicate_and_no_first(tmp_path):
    root = tmp_path / "data"
    summary = write_sample(root, SampleOptions(drafts=0, faults=("REPLICATE_RULES_DIFFER",)))
    (planted,) = summary.planted
    text = (root / "2_tasks/selected_essays.txt").read_text()
    assert text.splitlines()[:2] == ["# mode: reuse-essays", "# skip-existing-evaluations"]
    (selected,) = [line for line in text.splitlines() if line and not line.startswith("#")]
    records = [json.loads(path.read_text()) for path in root.glob("gens/evaluation/*/metadata.json")]
    assert {record["parent_gen_id"] for record in records} == {selected}
    assert [(record["gen_id"], record["replicate"]) for record in records] == [(planted.gen_id, 2)]
