"""Specs of a few axes and a few rules, for tests in which only these matter."""

from __future__ import annotations

import pytest

from genaudit.cohorts.spec import expand, parse_spec
from genaudit.errors import DDError, Err

TEMPLATES = {"draft_template": ["a", "b", "c"], "essay_template": ["b", "c", "d"]}


def rows_of(axes, rules, columns):
    """The rows as words: the levels of the columns, in order, with a blank between."""
    spec = parse_spec({"axes": axes, "rules": rules, "output": {"field_order": columns.split()}})
    return [" ".join(map(str, row.values())) for row in expand(spec)]


def problems_of(axes, rules, columns="draft_template"):
    with pytest.raises(DDError) as caught:
        parse_spec({"axes": axes, "rules": rules, "output": {"field_order": columns.split()}})
    assert caught.value.code is Err.INVALID_CONFIG
    # That a rule's axes don't come out as they should is no second problem.
    return [
        (found["section"].removeprefix("rules."), found["axis"], found["value"], found["problem"])
        for found in caught.value.ctx["problems"]
        if found["section"].startswith("rules")
    ]


def pair(left, right, *allowed, **options):
    return {"left": left, "right": right, "allowed": [item.split() for item in allowed], **options}


def items(axes, *rows):
    return {"axes": axes.split(), "items": [row.split() for row in rows]}
