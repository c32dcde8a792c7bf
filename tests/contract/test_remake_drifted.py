"""What the rebuild audit plans for drifted generations is what the steps do once their prompts are gone."""

import json

import pytest

from genaudit.audits.content.audit import content
from genaudit.audits.rebuild import RebuildRequest, rebuild
from genaudit.errors import DDError
from genaudit.generating.offline import OfflineGenerator
from genaudit.generating.steps import Steps
from genaudit.layout import Layout
from genaudit.sample import SampleOptions, write_sample
from genaudit.store.snapshot import scan

TEMPLATE = "braided-essay-v3"
DECISIONS = {
    "written called parsed": "call",
    "kept kept kept": "reuse",
    "kept kept parsed": "parse",
    "refused": "blocked",
}


@pytest.fixture
def layout(tmp_path):
    """A clean sample with an essay template edited in place."""
    write_sample(tmp_path / "data", SampleOptions(drafts=8))
    layout = Layout(tmp_path / "data")
    path = layout.template("essay", TEMPLATE)
    path.write_text(f"{path.read_text()}\nWrite at most 800 words.\n")
    return layout


def planned(layout, **request):
    table = rebuild(scan(layout.root), RebuildRequest(modes=("reuse-essays+skip-existing",), **request)).frame
    return table[table["in_store"]].drop_duplicates(["stage", "gen_id"])


def test_only_drifted_generations_are_asked_for_again_at_the_same_id(layout):
    drifted = content(scan(layout.root)).drifted
    assert {stage for stage, _ in drifted} == {"essay"}
    plain, remade = planned(layout), planned(layout, remake_drifted=True)
    kept = (plain["decision"] == "reuse").to_numpy()
    assert plain["gen_id"].tolist() == remade["gen_id"].tolist()
    called = remade[(remade["decision"] == "call").to_numpy() & kept]
    assert {*zip(called["stage"], called["gen_id"], strict=True)} == drifted & {
        *zip(remade["stage"], remade["gen_id"], strict=True)
    }
    assert len(called) > 1
    for causes in called["causes"]:
        assert [(one["cause"], one["field"]) for one in json.loads(causes)] == [("content_changed", "prompt.txt")]
    assert {*called["destroys"]} == {"raw.txt raw_metadata.json parsed.txt parsed_metadata.json"}
    same = ~plain["gen_id"].isin(called["gen_id"]).to_numpy()
    assert remade[same].equals(plain[same])


def test_the_steps_do_what_was_planned(layout):
    table = planned(layout, remake_drifted=True)
    for stage, gen_id in content(scan(layout.root)).drifted:
        (layout.generation(stage, gen_id) / "prompt.txt").unlink()
    steps = Steps(layout.root, OfflineGenerator())
    for row in table.itertuples():
        folder = layout.generation(row.stage, row.gen_id)
        try:
            did = " ".join(result.action for result in steps.run_all(row.stage, row.gen_id))
        except DDError:
            did = "refused"
        assert DECISIONS[did] == row.decision
        destroyed = row.destroys.split() if isinstance(row.destroys, str) else []
        assert {path.name for path in folder.glob("replaced/1/*")} == {*destroyed}
    essays = table[(table["decision"] == "call") & (table["stage"] == "essay")]["gen_id"].tolist()
    assert len(essays) > 1
    after = content(scan(layout.root))
    assert not {("essay", gen_id) for gen_id in essays} & after.drifted
    # What was made from the earlier essays is kept, and shows as drifted now.
    assert {stage for stage, _ in after.drifted} == {"evaluation"}
