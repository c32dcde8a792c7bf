"""Findings are collected and sorted as columns, in the order of tuples under Python's own sort."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from genaudit.audits.result import Findings
from genaudit.codes import CODES, SEVERITIES
from genaudit.reports import _findings, to_json
from genaudit.schemas import rows
from genaudit.stages import STAGE_NAMES

TEXTS = st.none() | st.sampled_from(["", "a", "B", "a\nb", 'quoted "%s"', "é\u2028"])
FOUND = st.fixed_dictionaries(
    {
        "code": st.sampled_from(sorted(CODES)[:6]),
        "stage": st.none() | st.sampled_from([*STAGE_NAMES, "other"]),
        **dict.fromkeys(("gen_id", "field", "expected", "actual", "path", "detail"), TEXTS),
    }
)


def order(found):
    code, stage = found["code"], found["stage"]
    place = STAGE_NAMES.index(stage) if stage in STAGE_NAMES else -1
    rest = [found[name] or "" for name in ("gen_id", "field", "path", "detail")]
    return [SEVERITIES.index(CODES[code].severity), code, place, *rest]


@given(st.lists(FOUND, max_size=12))
def test_findings_come_sorted_and_equal_ones_in_the_order_of_their_report(wanted):
    findings = Findings()
    for each in wanted:
        findings.add(**each)
    table = findings.frame()
    assert [{name: getattr(row, name) for name in wanted[0]} for row in rows(table)] == sorted(wanted, key=order)
    as_rows = {"findings": [row._asdict() for row in rows(table)]}
    document = to_json({"findings": _findings(table)})
    assert document == to_json(as_rows)
    assert json.loads(document) == as_rows
