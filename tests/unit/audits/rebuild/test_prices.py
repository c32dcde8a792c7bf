"""Tables of prices, and everything that can be wrong with one."""

from __future__ import annotations

import pytest

from genaudit.audits.rebuild.prices import Price, read_prices
from genaudit.errors import DDError, Err

HEADER = "model,prompt_per_million,completion_per_million\n"


@pytest.fixture
def prices(tmp_path):
    def write(text):
        path = tmp_path / "prices.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_prices_by_model(prices):
    path = prices(f"\ufeff{HEADER}Gemini_25_Pro , 1.25,10\nsonnet-4,0,4e0\n\n")
    assert read_prices(path) == {"gemini_25_pro": Price(1.25, 10.0), "sonnet-4": Price(0.0, 4.0)}


def test_columns_in_any_order_and_others_beside_them(prices):
    path = prices("completion_per_million,note,prompt_per_million,Model\n4,cheap,1,sonnet-4\n")
    assert read_prices(path) == {"sonnet-4": Price(1.0, 4.0)}


def test_a_price_of_tokens():
    assert Price(2.0, 10.0).of(500_000, 100_000) == pytest.approx(1.0 + 1.0)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (
            "model,price\nx,1\n",
            [("column_missing", 1, "prompt_per_million"), ("column_missing", 1, "completion_per_million")],
        ),
        (
            f"{HEADER},1,2\nm,-1,nan\nM,1,2\nn,1,inf\nk,1\n",
            [
                ("blank", 2, "model"),
                ("not_a_price", 3, "prompt_per_million"),
                ("not_a_price", 3, "completion_per_million"),
                ("repeated", 4, "model"),
                ("not_a_price", 5, "completion_per_million"),
                ("wrong_number_of_cells", 6, None),
            ],
        ),
        (f"{HEADER}m,one,2\n", [("not_a_price", 2, "prompt_per_million")]),
        (HEADER, [("empty", None, None)]),
        (f'{HEADER}"m,1,2\n', [("not_csv", 2, None)]),
    ],
)
def test_everything_that_is_wrong_at_once(prices, text, problems):
    path = prices(text)
    with pytest.raises(DDError) as caught:
        read_prices(path)
    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx["reason"] == "invalid_prices"
    assert caught.value.ctx["file"] == str(path)
    assert [(each["problem"], each["line"], each["column"]) for each in caught.value.ctx["problems"]] == problems


def test_the_value_is_named(prices):
    with pytest.raises(DDError) as caught:
        read_prices(prices(f"{HEADER}m,1,free\n"))
    assert caught.value.ctx["problems"][0]["value"] == "free"


def test_files_that_cannot_be_read(prices, tmp_path):
    with pytest.raises(DDError) as missing:
        read_prices(tmp_path / "none.csv")
    assert (missing.value.code, missing.value.ctx["reason"]) == (Err.DATA_MISSING, "prices_missing")
    for path in (tmp_path, prices(b"model\xff")):
        with pytest.raises(DDError) as caught:
            read_prices(path)
        assert (caught.value.code, caught.value.ctx["reason"]) == (Err.IO_ERROR, "prices_unreadable")
