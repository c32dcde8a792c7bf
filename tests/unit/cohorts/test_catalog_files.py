from __future__ import annotations

import hashlib

import pytest

from genaudit.cohorts.catalog_files import FileCatalogBundleLoader
from genaudit.cohorts.catalogs import needed_slices, read_catalogs
from genaudit.cohorts.definition import CohortDefinition
from genaudit.cohorts.interfaces import ResolvedSpec
from genaudit.cohorts.selection import Cartesian
from genaudit.errors import DDError, Err
from genaudit.layout import Layout
from genaudit.sample.catalogs import write_catalogs
from genaudit.sample.stock import TEMPLATES

COMBOS = "combo_mappings.csv"
COMBO_HEADER = "combo_id,version,concept_id,description_level,k_max,created_at"
SPEC = ResolvedSpec("c", CohortDefinition((), (), ()))
CARTESIAN = ResolvedSpec("c", Cartesian())
FILES = {
    COMBOS: f"{COMBO_HEADER}\nc1,v1,x,sentence,2,now\n",
    "1_raw/draft_templates.csv": "template_id,active\nd1,True\nd2,False\n",
    "1_raw/essay_templates.csv": "template_id,generator\ne1,copy\n",
    "1_raw/evaluation_templates.csv": 'template_id,description\nv1,"one, two"\n',
    "1_raw/llm_models.csv": "id,for_generation,for_evaluation\nm1,true,false\n",
    "1_raw/replication_config.csv": "stage,replicates\ndraft,1\nessay,1\nevaluation,4\n",
    "2_tasks/selected_combo_mappings.csv": f"{COMBO_HEADER}\nc1,v1,x,sentence,2,now\n",
}


@pytest.fixture
def load(root, put):
    def go(spec=CARTESIAN, changes=None):
        for path, text in {**FILES, **(changes or {})}.items():
            if text is not None:
                put(path, text)
        return FileCatalogBundleLoader(root).load_for_spec(spec)

    return go


def error_of(load, spec=CARTESIAN, **changes):
    with pytest.raises(DDError) as caught:
        load(spec, {path.replace("__", "/"): text for path, text in changes.items()})
    return caught.value


def test_every_catalog_comes_from_its_file(load):
    found, metadata = load()
    assert {name: frame.iloc[0, 0] for name, frame in found.items()} == {
        "combo_mappings": "c1",
        "draft_templates": "d1",
        "essay_templates": "e1",
        "evaluation_templates": "v1",
        "llm_models": "m1",
        "replication_config": "draft",
        "selected_combo_mappings": "c1",
    }
    assert list(found["combo_mappings"].columns) == COMBO_HEADER.split(",")
    assert found["evaluation_templates"].iloc[0, 1] == "one, two"
    assert metadata["draft_templates"] == {
        "path": "1_raw/draft_templates.csv",
        "rows": 2,
        "sha256": hashlib.sha256(FILES["1_raw/draft_templates.csv"].encode()).hexdigest(),
    }
    catalogs = read_catalogs(found, needed_slices(Cartesian()))
    assert catalogs.active_templates("draft") == ["d1"]
    assert catalogs.replicates["evaluation"] == 4


def test_a_spec_needs_no_replication_and_no_selected_combos(load):
    broken = {"1_raw/replication_config.csv": "nonsense", "2_tasks/selected_combo_mappings.csv": None}
    found, _ = load(SPEC, broken)
    assert set(found) == {
        "combo_mappings",
        "draft_templates",
        "essay_templates",
        "evaluation_templates",
        "llm_models",
    }


@pytest.mark.parametrize(
    ("templates", "models", "expected"),
    [
        (
            "template_id,active\nv1,True\nv2,False\n Third ,yes\n",
            "id,for_generation,for_evaluation\nm1,true,false\nm2,false,true\nm3,true,true\n",
            (["v1", "Third"], ["m2", "m3"]),
        ),
        ("template_id,parser\nv2,x\nv1,x\n", "id\nm2\nm1\n", (["v2", "v1"], ["m2", "m1"])),
    ],
)
def test_active_judges_need_two_catalogs_alone(root, put, templates, models, expected):
    put("1_raw/evaluation_templates.csv", templates)
    put("1_raw/llm_models.csv", models)
    assert FileCatalogBundleLoader(root).active_judges() == expected


def test_active_judges_without_a_catalog_are_an_error(root, put):
    put("1_raw/llm_models.csv", "id\nm1\n")
    with pytest.raises(DDError) as caught:
        FileCatalogBundleLoader(root).active_judges()
    assert caught.value.code is Err.DATA_MISSING
    assert (caught.value.ctx["reason"], caught.value.ctx["catalog"]) == ("catalog_missing", "evaluation_templates")
    assert [problem["path"] for problem in caught.value.ctx["problems"]] == ["1_raw/evaluation_templates.csv"]


def test_cells_stay_text(load):
    found, _ = load(SPEC, {"1_raw/llm_models.csv": "id,note\n007,NA\nNone,\n"})
    assert found["llm_models"].to_numpy().tolist() == [["007", "NA"], ["None", ""]]


def test_byte_order_marks_line_ends_and_blank_lines_are_understood(load):
    found, _ = load(SPEC, {"1_raw/llm_models.csv": "\ufeffid , x\r\n\r\nm1,1\r\n,\r\n , ,\r\n"})
    assert list(found["llm_models"].columns) == ["id", "x"]
    assert len(found["llm_models"]) == 1


def test_all_missing_files_at_once(root):
    with pytest.raises(DDError) as caught:
        FileCatalogBundleLoader(root).load_for_spec(CARTESIAN)
    assert caught.value.code is Err.DATA_MISSING
    assert caught.value.ctx["reason"] == "catalog_missing"
    assert sorted(problem["path"] for problem in caught.value.ctx["problems"]) == sorted(FILES)


def test_no_catalog_of_combos(load):
    error = error_of(load, SPEC, **{COMBOS: None})
    assert error.code is Err.DATA_MISSING
    assert (error.ctx["reason"], error.ctx["catalog"]) == ("catalog_missing", "combo_mappings")


def test_a_catalog_of_combos_without_all_its_columns(load):
    error = error_of(load, SPEC, **{COMBOS: "combo_id,version,concept_id\nc1,v1,x\n"})
    assert error.code is Err.INVALID_CONFIG
    assert error.ctx["reason"] == "catalog_incomplete"
    assert error.ctx["problems"][0]["columns"] == ["description_level", "k_max", "created_at"]
    assert error.ctx["problems"][0]["path"] == COMBOS


def test_a_catalog_of_combos_without_rows_is_the_readers_to_refuse(load):
    found, _ = load(SPEC, {COMBOS: f"{COMBO_HEADER}\n"})
    with pytest.raises(DDError) as caught:
        read_catalogs(found, needed_slices(SPEC.definition))
    assert caught.value.code is Err.DATA_MISSING
    assert caught.value.ctx["reason"] == "catalog_empty"


@pytest.mark.parametrize(
    "content",
    [
        b"id\n\xff\n",
        b"id,x\nm1\n",
        b"id,x\nm1,1,2\n",
        b"id,id\nm1,m2\n",
        b'id\n"m1\n',
    ],
)
def test_files_that_are_no_tables(load, content):
    error = error_of(load, SPEC, **{"1_raw__llm_models.csv": content})
    assert error.code is Err.INVALID_CONFIG
    assert error.ctx["reason"] == "catalog_invalid"
    assert [problem["path"] for problem in error.ctx["problems"]] == ["1_raw/llm_models.csv"]


def test_an_empty_file_has_no_columns(load):
    found, _ = load(SPEC, {"1_raw/llm_models.csv": ""})
    with pytest.raises(DDError) as caught:
        read_catalogs(found, needed_slices(SPEC.definition))
    assert caught.value.ctx["reason"] == "catalog_incomplete"


def test_links_are_not_followed(load, root, tmp_path):
    load()
    (tmp_path / "outside.csv").write_text("id\nm1\n")
    (root / "1_raw/llm_models.csv").unlink()
    (root / "1_raw/llm_models.csv").symlink_to(tmp_path / "outside.csv")
    error = error_of(load, SPEC, **{"1_raw__llm_models.csv": None})
    assert error.code is Err.IO_ERROR
    assert error.ctx["reason"] == "catalog_unreadable"


def test_the_catalogs_of_the_sample(tmp_path):
    write_catalogs(Layout(tmp_path), active=True)
    (tmp_path / COMBOS).write_text(FILES[COMBOS])
    found, _ = FileCatalogBundleLoader(tmp_path).load_for_spec(SPEC)
    catalogs = read_catalogs(found, needed_slices(SPEC.definition))
    for stage, templates in TEMPLATES.items():
        assert catalogs.active_templates(stage) == [each.template_id for each in templates if each.active]
