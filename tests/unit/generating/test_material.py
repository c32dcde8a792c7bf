"""What catalogs say of templates, models and combos."""

import pytest

from genaudit.errors import DDError, Err
from genaudit.generating.material import Concept, Material, Template
from helpers.workshop import COMBO, make_workshop, write


def test_ids_are_found_however_they_are_spelled(tmp_path):
    material = Material(make_workshop(tmp_path))
    assert material.template("draft", " LINKS-v1") == Template("links-v1", "essay_block")
    assert material.model("Writer") == "house/writer-1"
    assert material.concepts(COMBO.upper()) == (
        Concept("tide", "The Tide", "sentence"),
        Concept("clock", "The Clock", "paragraph"),
    )


@pytest.mark.parametrize(
    ("ask", "reason", "nearest"),
    [
        (lambda material: material.template("essay", "braid-v2"), "template_not_in_catalog", ["braid-v1"]),
        (lambda material: material.model("writers"), "model_not_in_catalog", ["writer"]),
        (lambda material: material.concepts("nothing"), "combo_not_in_catalog", []),
    ],
)
def test_what_no_catalog_lists_is_named_with_what_comes_near(tmp_path, ask, reason, nearest):
    with pytest.raises(DDError) as caught:
        ask(Material(make_workshop(tmp_path)))
    assert (caught.value.code, caught.value.ctx["reason"]) == (Err.DATA_MISSING, reason)
    assert caught.value.ctx["nearest"] == nearest


def test_a_concept_that_no_catalog_lists(tmp_path):
    write(make_workshop(tmp_path) / "1_raw/concepts_metadata.csv", "concept_id,name\ntide,The Tide\n")
    with pytest.raises(DDError) as caught:
        Material(tmp_path).concepts(COMBO)
    assert (caught.value.ctx["reason"], caught.value.ctx["value"]) == ("concept_not_in_catalog", "clock")


def test_a_catalog_of_models_without_names_knows_ids(tmp_path):
    write(make_workshop(tmp_path) / "1_raw/llm_models.csv", "id\nwriter\n")
    assert Material(tmp_path).model("writer") == "writer"


def test_a_catalog_that_is_not_there(tmp_path):
    (make_workshop(tmp_path) / "1_raw/llm_models.csv").unlink()
    with pytest.raises(DDError) as caught:
        Material(tmp_path).model("writer")
    assert caught.value.ctx["reason"] == "catalog_missing"
