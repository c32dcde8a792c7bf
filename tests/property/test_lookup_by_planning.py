"""The number of generations that a plan finds by id, held against a plan that asks for everything stored."""

import json
import shutil

import pytest
import yaml

from genaudit.audits.rebuild import RebuildRequest, rebuild
from genaudit.audits.recompute import found_by_id, recompute
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.sample import SampleOptions, write_sample
from genaudit.store.snapshot import scan

AXES = (
    *("combo_id", "draft_template", "draft_llm", "draft_replicate", "essay_template", "essay_llm", "essay_replicate"),
    *("evaluation_template", "evaluation_llm"),
)


def everything_as_a_spec(root):
    """Write a spec that asks for the signature of every stored evaluation, and remove generations without one."""
    records = {
        stage: {
            path.parent.name: json.loads(path.read_text()) for path in (root / "gens" / stage).glob("*/metadata.json")
        }
        for stage in ("draft", "essay", "evaluation")
    }
    used, items = {"draft": set(), "essay": set(), "evaluation": set()}, set()
    for name, evaluation in records["evaluation"].items():
        essay_id = evaluation["parent_gen_id"]
        essay = records["essay"][essay_id]
        draft = records["draft"][essay["parent_gen_id"]]
        for stage, gen_id in (("evaluation", name), ("essay", essay_id), ("draft", essay["parent_gen_id"])):
            used[stage].add(gen_id)
        model = "None" if essay["mode"] == "copy" else essay.get("llm_model_id") or draft["llm_model_id"]
        items.add(
            (
                *(draft["combo_id"], draft["template_id"], draft["llm_model_id"], draft["replicate"]),
                *(essay["template_id"], model, essay["replicate"]),
                *(evaluation["template_id"], evaluation["llm_model_id"]),
            )
        )
    for stage, names in used.items():
        for folder in (root / "gens" / stage).iterdir():
            if folder.name not in names:
                shutil.rmtree(folder)
    replicates = sorted({record["replicate"] for record in records["evaluation"].values()})
    spec = {
        "axes": {"evaluation_replicate": replicates},
        "rules": {"tuples": {"chain": {"axes": list(AXES), "items": [list(item) for item in sorted(items)]}}},
        "output": {"field_order": [*AXES, "evaluation_replicate"]},
    }
    path = root / "cohorts/again/spec/config.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(spec, sort_keys=False))


@pytest.mark.parametrize(("seed", "share"), [(3, 0.3), (4, 0.0), (5, 1.0), (6, 0.6)])
def test_a_plan_for_everything_finds_as_many_as_the_audit_counts(tmp_path, seed, share):
    root = tmp_path / "data"
    write_sample(root, SampleOptions(drafts=6, seed=seed, legacy_share=share))
    everything_as_a_spec(root)
    snapshot = scan(root)
    result = recompute(snapshot)
    table = rebuild(snapshot, RebuildRequest(modes=("spec:again",), cohort_id="again", scheme=IdScheme())).frame
    planned = table[table["in_store"]]
    found = found_by_id(snapshot, result.frame)
    assert {(row.stage, row.gen_id) for row in planned.itertuples()} == {
        (stage, gen_id) for stage, names in found.items() for gen_id in names
    }
    assert result.summary.lookup.found_by_id == len(planned)


def test_regenerate_pays_for_everything_though_every_id_matches(tmp_path):
    root = tmp_path / "data"
    write_sample(root, SampleOptions(drafts=6, seed=1, legacy_share=0.0))
    snapshot = scan(root)
    lookup = recompute(snapshot).summary.lookup
    # But for a name with a collision suffix whose first name is free.
    assert (lookup.own, lookup.unverifiable, lookup.missed_by_id) == (0, 0, 1)
    essays = tuple(snapshot.rows["essay"])[:4]
    result = rebuild(snapshot, RebuildRequest(ids=essays, modes=("regenerate", "reuse-essays")))
    table = result.frame
    assert not table.loc[table["mode"] == "regenerate", "in_store"].any()
    kept = table[(table["mode"] == "reuse-essays") & (table["stage"] != "evaluation")]
    assert kept["in_store"].all()
    assert set(essays) <= set(kept["gen_id"])
