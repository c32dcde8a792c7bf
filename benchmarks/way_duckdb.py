"""DuckDB's reader of JSON files, with the columns spelled out, into a table."""

from __future__ import annotations

import sys

import duckdb
from measure import report

from genaudit.stages import TEXT_FIELDS

# Counting alone would let the optimizer skip the fields; a table has to hold them all.
LOAD = """
create temp table generations as select * from read_json(
    ? || '/gens/*/*/metadata.json',
    format = 'unstructured', columns = {columns}, filename = true, ignore_errors = false
)
"""


def work() -> tuple[int, int]:
    columns = dict.fromkeys(TEXT_FIELDS, "VARCHAR") | {"replicate": "INTEGER"}
    with duckdb.connect(config={"threads": 1}) as database:
        database.execute(LOAD.format(columns=columns), [sys.argv[1]])
        seen = database.execute("select count(filename), sum(length(template_id)) from generations").fetchone()
    return int(seen[0]), int(seen[1])


report(work)
