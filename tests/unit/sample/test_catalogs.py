from __future__ import annotations

import pytest

from genaudit.sample.catalogs import csv_text

TEMPLATE_COLUMNS = ["template_id", "template_name", "description", "parser", "generator", "active"]


@pytest.mark.parametrize("stage", ["draft", "essay", "evaluation"])
def test_templates_have_the_columns_of_a_real_catalog(sample, stage):
    rows = sample.table(f"1_raw/{stage}_templates.csv")
    assert list(rows[0]) == TEMPLATE_COLUMNS
    assert {row["active"] for row in rows} == {"True", "False"}
    assert {row["generator"] for row in rows} == ({"llm", "copy"} if stage == "essay" else {"llm"})


def test_models_have_the_columns_of_a_real_catalog(sample):
    rows = sample.table("1_raw/llm_models.csv")
    assert list(rows[0]) == [
        "id",
        "model",
        "provider",
        "display_name",
        "for_generation",
        "for_evaluation",
        "specialization",
    ]
    assert {row["for_generation"] for row in rows} == {row["for_evaluation"] for row in rows} == {"true", "false"}


def test_concepts_and_replication_have_the_columns_of_a_real_catalog(sample):
    assert list(sample.table("1_raw/concepts_metadata.csv")[0]) == ["concept_id", "name", "active"]
    replication = sample.table("1_raw/replication_config.csv")
    assert [row["stage"] for row in replication] == ["draft", "essay", "evaluation"]
    assert all(int(row["replicates"]) >= 1 for row in replication)


@pytest.mark.parametrize("stage", ["draft", "essay", "evaluation"])
def test_catalogs_list_more_than_the_store_uses(sample, stage):
    listed = {row["template_id"] for row in sample.table(f"1_raw/{stage}_templates.csv")}
    used = {record["template_id"] for record in sample.records.values() if record["stage"] == stage}
    assert used < listed
    models = {row["id"] for row in sample.table("1_raw/llm_models.csv")}
    assert {record["llm_model_id"] for record in sample.records.values() if "llm_model_id" in record} < models


def test_csv_text_quotes_what_has_a_comma():
    assert csv_text(("a", "b"), [(1, "x, y"), (None, True)]) == 'a,b\n1,"x, y"\n,True\n'
    assert csv_text((), [("only", "rows")]) == "only,rows\n"
