"""Templates, models and concepts of a data root."""

import pytest

from genaudit.errors import DDError, Err
from genaudit.generating.inputs import Concept, Inputs
from genaudit.generating.parsers import Parser
from helpers.workshop import COMBO, make_workshop, write


def test_ids_are_found_in_any_case(tmp_path):
    inputs = Inputs(make_workshop(tmp_path))
    assert inputs.parser("draft", " LINKS-v1") is Parser.ESSAY_BLOCK
    assert inputs.template_name("draft", "LINKS-v1") == "links-v1"
    assert inputs.model("Writer") == "house/writer-1"


def test_contents_are_of_the_level_of_the_first_row_and_stripped(tmp_path):
    # The second row has another level.
    assert Inputs(make_workshop(tmp_path)).concepts(COMBO.upper()) == (
        Concept("The Tide", "It comes and goes."),
        Concept("The Clock", "It ticks."),
    )


@pytest.mark.parametrize(
    ("levels", "content"),
    [
        (("sentence", "paragraph"), "SENTENCE"),
        (("paragraph",), "PARAGRAPH"),
        (("article",), "The Tide"),
        ((), "The Tide"),
    ],
)
def test_a_missing_level_falls_back(tmp_path, levels, content):
    root = make_workshop(tmp_path)
    for old in (root / "1_raw/concepts/descriptions-sentence").iterdir():
        old.unlink()
    for level in levels:
        write(root / f"1_raw/concepts/descriptions-{level}/tide.txt", f" {level.upper()}\n")
    assert Inputs(root).concepts(COMBO)[0].content == content


def test_a_paragraph_goes_before_a_sentence(tmp_path):
    root = make_workshop(tmp_path)
    combos = (root / "combo_mappings.csv").read_text().replace("tide,sentence", "tide,article")
    write(root / "combo_mappings.csv", combos)
    write(root / "1_raw/concepts/descriptions-paragraph/tide.txt", "longer")
    assert [one.content for one in Inputs(root).concepts(COMBO)] == ["longer", "It ticks."]


def test_a_link_is_not_followed(tmp_path):
    root = make_workshop(tmp_path / "data")
    secret = write(tmp_path / "secret.txt", "secret")
    path = root / "1_raw/concepts/descriptions-sentence/tide.txt"
    path.unlink()
    path.symlink_to(secret)
    with pytest.raises(DDError) as caught:
        Inputs(root).concepts(COMBO)
    assert (caught.value.code, caught.value.ctx["path"]) == (Err.IO_ERROR, str(path))


@pytest.mark.parametrize(
    ("ask", "reason", "nearest"),
    [
        (lambda inputs: inputs.parser("evaluation", "novelti"), "template_not_in_catalog", ["novelty"]),
        (lambda inputs: inputs.model("writers"), "model_not_in_catalog", ["writer"]),
        (lambda inputs: inputs.concepts("nothing"), "combo_not_in_catalog", []),
    ],
)
def test_ids_outside_the_catalogs_are_named_with_the_nearest(tmp_path, ask, reason, nearest):
    with pytest.raises(DDError) as caught:
        ask(Inputs(make_workshop(tmp_path)))
    assert (caught.value.code, caught.value.ctx["reason"]) == (Err.DATA_MISSING, reason)
    assert caught.value.ctx["nearest"] == nearest


@pytest.mark.parametrize("broken", ["", "template_id,parser\na\n", None])
@pytest.mark.parametrize("stage", ["draft", "essay"])
def test_without_a_catalog_the_parser_of_drafts_and_essays_is_the_identity(tmp_path, stage, broken):
    path = make_workshop(tmp_path) / f"1_raw/{stage}_templates.csv"
    path.unlink()
    if broken is not None:
        write(path, broken)
    assert Inputs(tmp_path).parser(stage, "links-v1") is Parser.IDENTITY


def test_a_template_outside_the_catalog_is_the_identity_for_essays(tmp_path):
    assert Inputs(make_workshop(tmp_path)).parser("essay", "braid-v2") is Parser.IDENTITY


def test_without_a_catalog_evaluations_have_no_parser(tmp_path):
    (make_workshop(tmp_path) / "1_raw/evaluation_templates.csv").unlink()
    with pytest.raises(DDError) as caught:
        Inputs(tmp_path).parser("evaluation", "novelty")
    assert caught.value.ctx["reason"] == "catalog_missing"


def test_a_concept_outside_the_catalog(tmp_path):
    write(make_workshop(tmp_path) / "1_raw/concepts_metadata.csv", "concept_id,name\ntide,The Tide\n")
    with pytest.raises(DDError) as caught:
        Inputs(tmp_path).concepts(COMBO)
    assert (caught.value.ctx["reason"], caught.value.ctx["value"]) == ("concept_not_in_catalog", "clock")


def test_a_catalog_of_models_without_names_has_only_ids(tmp_path):
    write(make_workshop(tmp_path) / "1_raw/llm_models.csv", "id\nwriter\n")
    assert Inputs(tmp_path).model("writer") == "writer"
