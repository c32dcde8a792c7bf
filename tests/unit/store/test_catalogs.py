from __future__ import annotations

import os

import pytest

from genaudit.layout import Layout
from genaudit.store.catalogs import read_catalog_ids

MODELS = "1_raw/llm_models.csv"


def test_absent_catalogs_are_no_problem(root):
    found = read_catalog_ids(Layout(root))
    assert dict(found.templates) == {"draft": None, "essay": None, "evaluation": None}
    assert found.models is None
    assert found.combos is None


def test_each_catalog_has_its_file_and_column(root, put):
    for stage in ("draft", "essay", "evaluation"):
        put(f"1_raw/{stage}_templates.csv", f"template_id,id,combo_id\n{stage}-t,no,no\n")
    put(MODELS, "template_id,id,combo_id\nno,model,no\n")
    put("combo_mappings.csv", "template_id,id,combo_id\nno,no,combo\n")
    found = read_catalog_ids(Layout(root))
    assert dict(found.templates) == {stage: frozenset({f"{stage}-t"}) for stage in ("draft", "essay", "evaluation")}
    assert found.models == frozenset({"model"})
    assert found.combos == frozenset({"combo"})


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("id\na\nb\na\n", {"a", "b"}),
        ("id,active\na,True\nb,False\n", {"a", "b"}),
        ("x,id\r\n1, A \r\n2,B\r\n", {"a", "b"}),
        ("\ufeffid\na\n", {"a"}),
        ('id,note\na,"one\nb,two"\n', {"a"}),
        ('"id"\n"a,b"\n', {"a,b"}),
        ("id\n\n  \na\n", {"a"}),
        ("x,id\n1\n2,b\n", {"b"}),
        ("id\nÉ😀\n", {"é😀"}),
    ],
)
def test_ids_are_normalised_and_all_rows_count(root, put, text, ids):
    put(MODELS, text)
    assert read_catalog_ids(Layout(root)).models == ids


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"id\n",
        b"id\n \n",
        b"ID\na\n",
        b"model,name\na,b\n",
        b"id\n\xff\n",
        "id\na\n".encode("utf-16"),
        b"id\n" + b'"' + b"a" * 200_000 + b'"\n',
    ],
)
def test_an_unusable_catalog_has_no_ids(root, put, content):
    put(MODELS, content)
    found = read_catalog_ids(Layout(root))
    assert found.models is None


def test_links_folders_and_pipes_are_unusable(root, put, tmp_path):
    (tmp_path / "outside.csv").write_text("id\na\n")
    put("1_raw/draft_templates.csv", None)
    (root / MODELS).symlink_to(tmp_path / "outside.csv")
    os.mkfifo(root / "combo_mappings.csv")
    (root / "1_raw/essay_templates.csv").symlink_to("nothing")
    found = read_catalog_ids(Layout(root))
    assert found.models is found.combos is found.templates["draft"] is found.templates["essay"] is None


def test_a_catalog_may_be_larger_than_a_record(root, put):
    put("combo_mappings.csv", "combo_id\n" + "".join(f"combo_{n}\n" for n in range(200_000)))
    assert len(read_catalog_ids(Layout(root)).combos) == 200_000
