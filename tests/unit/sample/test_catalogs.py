from __future__ import annotations

import csv

import pytest

from genaudit.layout import Layout
from genaudit.sample.catalogs import csv_text, write_catalogs

TEMPLATE_COLUMNS = ["template_id", "template_name", "description", "parser", "generator"]


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def older(tmp_path):
    """Catalogs of the older kind."""
    write_catalogs(Layout(tmp_path), active=True)
    return tmp_path / "1_raw"


@pytest.mark.parametrize("stage", ["draft", "essay", "evaluation"])
def test_templates_have_the_columns_of_a_real_catalog(sample, stage):
    rows = sample.table(f"1_raw/{stage}_templates.csv")
    assert list(rows[0]) == TEMPLATE_COLUMNS
    assert {row["generator"] for row in rows} == ({"llm", "copy"} if stage == "essay" else {"llm"})


def test_models_have_the_columns_of_a_real_catalog(sample):
    rows = sample.table("1_raw/llm_models.csv")
    assert list(rows[0]) == ["id", "model", "provider", "display_name", "specialization"]


def test_concepts_and_replication_have_the_columns_of_a_real_catalog(sample):
    assert list(sample.table("1_raw/concepts_metadata.csv")[0]) == ["concept_id", "name"]
    replication = sample.table("1_raw/replication_config.csv")
    assert [row["stage"] for row in replication] == ["draft", "essay", "evaluation"]
    assert all(int(row["replicates"]) >= 1 for row in replication)


@pytest.mark.parametrize("stage", ["draft", "essay", "evaluation"])
def test_catalogs_list_all_used_ids(sample, stage):
    listed = {row["template_id"] for row in sample.table(f"1_raw/{stage}_templates.csv")}
    assert listed == {record["template_id"] for record in sample.records.values() if record["stage"] == stage}
    models = {row["id"] for row in sample.table("1_raw/llm_models.csv")}
    used = {record["llm_model_id"] for record in sample.records.values() if "llm_model_id" in record}
    # Copies name no model by a word.
    assert used == models | {"None"}


@pytest.mark.parametrize("stage", ["draft", "essay", "evaluation"])
def test_older_catalogs_retire_rows_and_list_more_than_the_store_uses(sample, older, stage):
    rows = table(older / f"{stage}_templates.csv")
    assert list(rows[0]) == [*TEMPLATE_COLUMNS, "active"]
    assert {row["active"] for row in rows} == {"True", "False"}
    assert {row["template_id"] for row in sample.table(f"1_raw/{stage}_templates.csv")} < {
        row["template_id"] for row in rows
    }
    models = table(older / "llm_models.csv")
    assert {row["for_generation"] for row in models} == {row["for_evaluation"] for row in models} == {"true", "false"}
    assert list(table(older / "concepts_metadata.csv")[0]) == ["concept_id", "name", "active"]


def test_csv_text_quotes_values_with_a_comma():
    assert csv_text(("a", "b"), [(1, "x, y"), (None, True)]) == 'a,b\n1,"x, y"\n,True\n'
    assert csv_text((), [("only", "rows")]) == "only,rows\n"
