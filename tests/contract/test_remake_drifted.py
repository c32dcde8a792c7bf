"""The plan of a rebuild for drifted generations equals the work of the steps after their prompts are deleted."""

import json
import shutil

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
COPIED = "draft-as-essay-v1"
DECISIONS = {
    "written called parsed": "call",
    "written copied parsed": "copy",
    "kept kept kept": "reuse",
    "kept kept parsed": "parse",
    "refused": "blocked",
}


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    root = tmp_path_factory.mktemp("sample") / "data"
    write_sample(root, SampleOptions(drafts=8))
    return root


@pytest.fixture
def layout(tmp_path, sample):
    """A clean sample of its own."""
    return Layout(shutil.copytree(sample, tmp_path / "data"))


def records(layout, stage):
    for path in sorted(layout.root.glob(f"gens/{stage}/*/metadata.json")):
        yield path.parent, json.loads(path.read_bytes())


def made_from(layout, stage, field, value):
    """The generations of a stage whose record has a value and whose prompt is stored."""
    return {
        (stage, folder.name)
        for folder, record in records(layout, stage)
        if record.get(field) == value and (folder / "prompt.txt").exists()
    }


def edit_template(layout):
    path = layout.template("essay", TEMPLATE)
    path.write_text(f"{path.read_text()}\nWrite at most 800 words.\n")
    return made_from(layout, "essay", "template_id", TEMPLATE)


def edit_concept(layout):
    """Edit a concept's text at each level; the drafts whose prompt contains its first sentence were made from it."""
    prompts = {path.parent.name: path.read_text() for path in layout.root.glob("gens/draft/*/prompt.txt")}
    sentences = {path.name: path.read_text().strip() for path in layout.root.glob("1_raw/concepts/*-sentence/*.txt")}
    name = next(
        name for name, sentence in sorted(sentences.items()) if any(sentence in prompt for prompt in prompts.values())
    )
    for level in layout.root.glob(f"1_raw/concepts/descriptions-*/{name}"):
        level.write_text(level.read_text().replace(sentences[name], "It was another thing altogether."))
    return {("draft", gen_id) for gen_id, prompt in prompts.items() if sentences[name] in prompt}


def edit_parent(layout):
    """Edit the parsed text of an essay that has evaluations."""
    parent = next(record["parent_gen_id"] for _, record in records(layout, "evaluation"))
    path = layout.generation("essay", parent) / "parsed.txt"
    path.write_text(f"{path.read_text().rstrip()}\n\nA sentence by hand.\n")
    return made_from(layout, "evaluation", "parent_gen_id", parent)


def edit_parent_of_copy(layout):
    """Edit the draft of a copy, whose prompt is that draft's text."""
    parent = next(one["parent_gen_id"] for _, one in records(layout, "essay") if one["template_id"] == COPIED)
    path = layout.generation("draft", parent) / "parsed.txt"
    path.write_text(f"{path.read_text().rstrip()}\n\nA sentence by hand.\n")
    return made_from(layout, "essay", "parent_gen_id", parent)


def remove_template(layout):
    layout.template("essay", TEMPLATE).unlink()
    return set()


def break_template(layout):
    path = layout.template("essay", TEMPLATE)
    path.write_text(f"{path.read_text()}\n{{{{ nothing_of_that_name }}}}\n")
    return set()


def with_crlf(layout):
    path = layout.template("essay", TEMPLATE)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    return set()


def with_newlines_at_the_end(layout):
    path = layout.template("essay", TEMPLATE)
    path.write_bytes(path.read_bytes() + b"\n\n")
    return set()


def edit_template_and_drop_the_models(layout):
    found = edit_template(layout)
    used = {record["llm_model_id"] for _, record in records(layout, "essay") if record.get("llm_model_id")}
    used |= {record["llm_model_id"] for _, record in records(layout, "draft")}
    rows = layout.llm_models.read_text().splitlines(keepends=True)
    layout.llm_models.write_text("".join(row for row in rows if row.partition(",")[0] not in used))
    return found


# An edit, and the decisions about the generations that it made drift.
CASES = {
    "template edited": (edit_template, {"call"}),
    "concept edited": (edit_concept, {"call"}),
    "parent's text edited": (edit_parent, {"call"}),
    "prompt of a copy": (edit_parent_of_copy, {"copy"}),
    "template gone": (remove_template, set()),
    "template with an error": (break_template, set()),
    "CRLF against LF": (with_crlf, set()),
    "trailing newlines": (with_newlines_at_the_end, set()),
    "template edited, models gone": (edit_template_and_drop_the_models, {"blocked"}),
}


def planned(layout, **request):
    table = rebuild(scan(layout.root), RebuildRequest(modes=("reuse-essays+skip-existing",), **request)).frame
    return table[table["in_store"]].drop_duplicates(["stage", "gen_id"])


def named(rows):
    return {*zip(rows["stage"], rows["gen_id"], strict=True)}


@pytest.mark.parametrize("case", CASES)
def test_only_drifted_generations_are_asked_for_again_at_the_same_id(layout, case):
    edit, decisions = CASES[case]
    expected = edit(layout)
    assert content(scan(layout.root)).drifted == expected
    plain, remade = planned(layout), planned(layout, remake_drifted=True)
    assert plain["gen_id"].tolist() == remade["gen_id"].tolist()
    kept = (plain["decision"] == "reuse").to_numpy()
    again = remade[(remade["decision"] != "reuse").to_numpy() & kept]
    assert named(again) == expected & named(remade[kept])
    assert {*again["decision"]} == decisions
    for row in again[again["decision"] != "blocked"].itertuples():
        first, *others = [(one["cause"], one["field"]) for one in json.loads(row.causes)]
        assert first == ("content_changed", "prompt.txt")
        assert others == ([("mode_copy", "mode")] if row.decision == "copy" else [])
        assert row.destroys == "raw.txt raw_metadata.json parsed.txt parsed_metadata.json"
    same = ~plain["gen_id"].isin([gen_id for _, gen_id in expected]).to_numpy()
    assert remade[same].equals(plain[same])


@pytest.mark.parametrize("case", CASES)
def test_the_steps_carry_out_the_plan(layout, case):
    edit, decisions = CASES[case]
    expected = edit(layout)
    table = planned(layout, remake_drifted=True)
    for stage, gen_id in expected:
        (layout.generation(stage, gen_id) / "prompt.txt").unlink()
    steps = Steps(layout.root, OfflineGenerator())
    for row in table.itertuples():
        folder = layout.generation(row.stage, row.gen_id)
        try:
            did = " ".join(result.action for result in steps.run_all(row.stage, row.gen_id))
        except DDError:
            did = "refused"
        assert DECISIONS[did] == row.decision, (row.stage, row.gen_id)
        destroyed = row.destroys.split() if isinstance(row.destroys, str) else []
        assert {path.name for path in folder.glob("replaced/1/*")} == {*destroyed}
    remade = named(table[table["decision"].isin(decisions - {"blocked"})]) & expected
    assert bool(remade) == bool(decisions - {"blocked"})
    assert not remade & content(scan(layout.root)).drifted


def test_children_of_a_remade_text_are_kept_and_reported_as_drifted(layout):
    essays = edit_template(layout)
    for stage, gen_id in essays:
        (layout.generation(stage, gen_id) / "prompt.txt").unlink()
    steps = Steps(layout.root, OfflineGenerator())
    for row in planned(layout).itertuples():
        if row.decision != "blocked":
            steps.run_all(row.stage, row.gen_id)
    assert {stage for stage, _ in content(scan(layout.root)).drifted} == {"evaluation"}
