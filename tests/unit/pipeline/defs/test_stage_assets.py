"""The steps of a generation as assets: their metadata and their errors."""

import dagster as dg
import pytest

from genaudit.generating.folder import open_generation
from genaudit.layout import Layout
from genaudit.pipeline.definitions import defs
from genaudit.pipeline.partitions import add_partitions
from genaudit.pipeline.resources import GeneratorResource
from genaudit.pipeline.sandbox import Sandbox, failures_of, metadata_of
from helpers.trees import contents, fingerprint
from helpers.workshop import Recorder, put, reports, write


class Failing(GeneratorResource):
    """A resource whose generator raises."""

    def make(self):
        return Recorder(RuntimeError("out of order"))


@pytest.fixture
def sandbox(instance, root):
    for stage, gen_id in (("draft", "d_1"), ("essay", "e_1"), ("evaluation", "v_1")):
        add_partitions(instance, stage, [gen_id])
    return Sandbox(instance, root, deterministic_gen_ids="all")


def only_failure(result):
    (failure,) = failures_of(result)
    return failure["step"], failure["code"], failure["reason"], failure["context"]


def test_there_are_three_assets_a_stage_each_with_a_code_version_and_its_partitions():
    graph = defs.resolve_asset_graph()
    assets = {key.path[-1]: graph.get(key) for key in graph.get_all_asset_keys()}
    for stage, parent in (("draft", None), ("essay", "draft"), ("evaluation", "essay")):
        for step, above in (("prompt", f"{parent}_parsed"), ("raw", f"{stage}_prompt"), ("parsed", f"{stage}_raw")):
            node = assets[f"{stage}_{step}"]
            assert node.partitions_def == dg.DynamicPartitionsDefinition(name=f"{stage}_gens")
            parents = {key.path[-1] for key in node.parent_keys}
            assert above in parents or (step, parent) == ("prompt", None)
    assert all(node.code_version for node in assets.values())
    assert len(assets) == 9 + 7


def test_a_generation_reports_each_step(sandbox, root):
    put(root, "draft", "d_1")
    metadata = metadata_of(sandbox.generate("draft", "d_1"))
    assert {name: (each["decision"], each["action"], each["calls"]) for name, each in metadata.items()} == {
        "draft_prompt": ("call", "written", 0),
        "draft_raw": ("call", "called", 1),
        "draft_parsed": ("parse", "parsed", 0),
    }
    assert metadata["draft_raw"]["facts"]["usage"]["total_tokens"] > 0
    assert metadata["draft_parsed"]["facts"] == {"parser_name": "essay_block"}
    assert metadata["draft_raw"]["paths"] == {
        "written": ["gens/draft/d_1/raw_metadata.json", "gens/draft/d_1/raw.txt"]
    }


def test_only_force_replaces_existing_files(sandbox, root):
    texts = {"prompt.txt": "old", "raw.txt": "old", "parsed.txt": "old", **reports("draft", "d_1")}
    folder = put(root, "draft", "d_1", texts)
    assert {each["reused"] for each in metadata_of(sandbox.generate("draft", "d_1")).values()} == {True}
    assert contents(folder)["parsed.txt"] == b"old"
    forced = metadata_of(sandbox.generate("draft", "d_1", force=True))
    assert {each["reused"] for each in forced.values()} == {False}
    assert contents(folder)["parsed.txt"] != b"old"


def test_an_unchanged_text_has_an_unchanged_data_version(sandbox, root, instance):
    put(root, "draft", "d_1")
    versions = []
    for _ in range(2):
        sandbox.generate("draft", "d_1")
        event = instance.get_latest_materialization_event(dg.AssetKey("draft_parsed"))
        versions.append(event.asset_materialization.tags["dagster/data_version"])
    assert versions[0] == versions[1]
    assert len(versions[0]) == 64


def test_metadata_that_is_missing(sandbox, root):
    folder = put(root, "draft", "d_1")
    (folder / "metadata.json").unlink()
    step, code, reason, context = only_failure(sandbox.generate("draft", "d_1"))
    assert (step, code, reason) == ("draft_prompt", "data_missing", "metadata_missing")
    assert (context["stage"], context["gen_id"]) == ("draft", "d_1")
    assert contents(folder) == {}


def test_a_parent_that_vanished(sandbox, root):
    folder = put(root, "essay", "e_1")
    step, code, reason, context = only_failure(sandbox.generate("essay", "e_1"))
    assert (step, code, reason) == ("essay_prompt", "data_missing", "parent_missing")
    assert (context["parent_stage"], context["parent_gen_id"]) == ("draft", "d_1")
    assert list(contents(folder)) == ["metadata.json"]


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("1_raw/templates/draft/links-v1.txt", None, ("data_missing", "template_missing")),
        ("1_raw/templates/draft/links-v1.txt", "{{ unknown }}", ("invalid_config", "template_undefined")),
        ("1_raw/draft_templates.csv", "template_id,parser\nlinks-v1,xml\n", ("parser_failure", "unknown_parser")),
    ],
)
def test_a_bad_template(sandbox, root, path, text, expected):
    folder = put(root, "draft", "d_1")
    (root / path).unlink()
    if text:
        write(root / path, text)
    step, *found, _ = only_failure(sandbox.generate("draft", "d_1"))
    assert (step, *found) == ("draft_prompt", *expected)
    assert list(contents(folder)) == ["metadata.json"]


def test_a_generator_that_raises(instance, sandbox, root):
    folder = put(root, "draft", "d_1")
    failing = Sandbox(instance, root, generator=Failing())
    step, code, reason, context = only_failure(failing.generate("draft", "d_1"))
    assert (step, code, reason) == ("draft_raw", "io_error", "generator_failed")
    assert (context["error"], context["gen_id"]) == ("RuntimeError", "d_1")
    assert sorted(contents(folder)) == ["metadata.json", "prompt.txt"]
    # Nothing is lost: the next run continues from there.
    assert sandbox.generate("draft", "d_1").success


def test_a_generation_that_somebody_else_works_on(sandbox, root):
    folder = put(root, "draft", "d_1")
    before = fingerprint(folder)
    with open_generation(Layout(root), "draft", "d_1", alone=True):
        step, code, reason, _ = only_failure(sandbox.generate("draft", "d_1"))
    assert (step, code, reason) == ("draft_prompt", "io_error", "generation_busy")
    assert fingerprint(folder) == before
