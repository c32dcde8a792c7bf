from __future__ import annotations

from pathlib import Path

import pytest

from genaudit import layout
from genaudit.errors import DDError, Err
from genaudit.layout import Layout, are_safe_names, is_safe_name

ROOT = Path("root")

SAFE = ["d_5ezrffv9uf3lr37d", "e_1-2", "43ftibqi56628az1", "a", "_", "0", "A.b-c_d", "a..b", "x" * 128]
UNSAFE = [
    *("", ".", "..", ".hidden", "-rf", "a/b", "/", "a\\b", "a b", " a", "a ", "a\n", "\n", "a\0b", "a:b", "a|b"),
    *("x" * 129, "é", "٣", "ａ", "😀", "a\u202eb", "\udcff", "~", "$HOME", "a*", "a?", "a'b", 'a"b'),  # noqa: RUF001
]


@pytest.mark.parametrize("name", SAFE)
def test_safe_names(name):
    assert is_safe_name(name)
    assert Layout(ROOT).generation("draft", name) == ROOT / "gens" / "draft" / name
    assert Layout(ROOT).cohort(name) == ROOT / "cohorts" / name


@pytest.mark.parametrize("name", UNSAFE)
def test_unsafe_names_never_become_a_path(name):
    assert not is_safe_name(name)
    with pytest.raises(DDError) as caught:
        Layout(ROOT).generation("essay", name)
    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx == {"reason": "unsafe_id", "stage": "essay", "gen_id": name}
    with pytest.raises(DDError) as caught:
        Layout(ROOT).cohort(name)
    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx == {"reason": "unsafe_id", "cohort_id": name}


@pytest.mark.parametrize("name", UNSAFE)
def test_one_unsafe_name_among_many_is_noticed(name):
    assert are_safe_names([])
    assert are_safe_names(SAFE)
    for names in ([name], [name, *SAFE], [*SAFE, name], ["a", name, "b"]):
        assert not are_safe_names(names)


def test_paths_of_a_data_root():
    where = Layout(ROOT)
    found = {
        name: getattr(where, name).as_posix() for name in dir(Layout) if isinstance(getattr(Layout, name), property)
    }
    assert found == {
        "gens": "root/gens",
        "catalogs": "root/1_raw",
        "llm_models": "root/1_raw/llm_models.csv",
        "concepts": "root/1_raw/concepts_metadata.csv",
        "replication": "root/1_raw/replication_config.csv",
        "combo_mappings": "root/combo_mappings.csv",
        "cohorts": "root/cohorts",
        "tasks": "root/2_tasks",
        "cross_experiment": "root/7_cross_experiment",
        "store_scores": "root/7_cross_experiment/aggregated_scores.csv",
    }
    assert where.stage("evaluation").as_posix() == "root/gens/evaluation"


def test_artifacts_of_a_generation():
    assert set(layout.ARTIFACTS) == {
        *("metadata.json", "prompt.txt", "raw.txt", "parsed.txt", "raw_metadata.json", "parsed_metadata.json"),
    }
    assert set(layout.TEXTS) == {"prompt.txt", "raw.txt", "parsed.txt"}


def test_relative_and_report_paths():
    assert layout.metadata_path("draft", "d_1") == "gens/draft/d_1/metadata.json"
    found = layout.report_path(Path("out"), "gen_id_inventory", "2025-01-02", "json")
    assert found == Path("out/gen_id_inventory_2025-01-02.json")


def test_templates_and_reports_have_their_places(tmp_path):
    layout = Layout(tmp_path)
    assert layout.template("draft", "t-1") == tmp_path / "1_raw" / "templates" / "draft" / "t-1.txt"
    reports = tmp_path / "cohorts" / "c-1" / "reports"
    assert layout.cohort_scores("c-1") == reports / "parsing" / "aggregated_scores.csv"
    assert layout.cohort_scores_pivot("c-1") == reports / "summary" / "generation_scores.csv"
    assert layout.store_scores == tmp_path / "7_cross_experiment" / "aggregated_scores.csv"
    for call in (
        lambda: layout.template("draft", "../t"),
        lambda: layout.cohort_scores(".."),
        lambda: layout.cohort_scores_pivot(".."),
    ):
        with pytest.raises(DDError) as caught:
            call()
        assert caught.value.ctx["reason"] == "unsafe_id"
