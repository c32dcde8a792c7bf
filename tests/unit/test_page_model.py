from __future__ import annotations

import pandas as pd

from genaudit.page_model import MOST_ROWS, Column, first_of_each, listing

COLUMNS = (Column("gen_id", "Id"), Column("kind", "Kind"))


def frame(counts):
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    return pd.DataFrame({"gen_id": [f"g{place}" for place in range(len(kinds))], "kind": kinds})


def test_a_long_listing_has_equally_many_rows_of_each_kind():
    table = frame({"rare": 3, None: 500, "often": 3 * MOST_ROWS})
    made = listing("k", "c", COLUMNS, table, each=("kind",))
    assert made.total == 503 + 3 * MOST_ROWS
    assert [cells[1] for cells in made.cells].count("") == 500
    # The three and the five hundred come first; the rest are the first ones of the third kind.
    assert [cells[0] for cells in made.cells] == [f"g{place}" for place in range(MOST_ROWS)]
    shuffled = table.sample(frac=1, random_state=1)
    kinds = [*zip(shuffled["kind"].astype(object).where(shuffled["kind"].notna(), None), strict=True)]
    expected = shuffled["gen_id"].iloc[first_of_each(kinds)].tolist()
    assert [cells[0] for cells in listing("k", "c", COLUMNS, shuffled, each=("kind",)).cells] == expected


def test_a_listing_without_kinds_has_the_first_rows():
    made = listing("k", "c", COLUMNS, frame({"a": MOST_ROWS + 1}))
    assert [cells[0] for cells in made.cells] == [f"g{place}" for place in range(MOST_ROWS)]
    assert made.is_cut
