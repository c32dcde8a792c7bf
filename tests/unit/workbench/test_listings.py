from __future__ import annotations

import pandas as pd

from genaudit.workbench import listings
from genaudit.workbench.listings import inert, listing


def test_columns_get_plain_names_and_gaps_are_empty():
    table = pd.DataFrame(
        {
            "gen_id": ["a", None],
            "status": pd.Categorical(["wrong_stage", None]),
            "reaches_root": [True, False],
            "count": [1, 2],
            "left out": [0, 0],
        }
    )
    shown = listing(table, ("gen_id", "status", "reaches_root", "count"))
    assert shown.table.to_dict("list") == {
        "id": ["a", ""],
        "link to parent": ["wrong stage", ""],
        "chain holds": ["yes", "no"],
        "count": [1, 2],
    }
    assert shown.caption == "2 generations."


def test_a_cut_list_gives_the_counts(monkeypatch):
    monkeypatch.setattr(listings, "MOST_ROWS", 3)
    table = pd.DataFrame({"gen_id": list("abcd")})
    shown = listing(table, ("gen_id",), "finding")
    assert len(shown.table) == 3
    assert ("3" in shown.caption, "4 findings" in shown.caption) == (True, True)
    assert listing(table.head(3), ("gen_id",), "finding").caption == "3 findings."
    assert listing(table.head(1), ("gen_id",), "finding").caption == "1 finding."


def test_no_text_can_be_taken_for_an_address():
    for text in ("http://x/a.png", "see https://x/a.svg", "DATA:image/svg+xml,x", "\u202ehttp://x"):
        shown = inert(text)
        assert "://" not in shown
        assert not shown.lower().startswith("data:")
        assert shown.isprintable()


def test_a_column_is_escaped_if_one_text_needs_it():
    table = pd.DataFrame({"detail": ["plain", None, "http://x/a.png", "Data:x", "two\nlines", "x" * 301]})
    assert listing(table, ("detail",)).table["detail"].tolist() == [
        "plain",
        "",
        "http:\\//x/a.png",
        "\\Data:x",
        "two\\nlines",
        f"{'x' * 300}… (301 characters)",
    ]
