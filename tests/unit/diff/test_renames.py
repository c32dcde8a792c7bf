import pytest

from genaudit.diff.renames import names_between


def done(plan, *renames):
    return {"event": "applied", "plan": plan, "renames": [["draft", *each] for each in renames]}


def undone(plan):
    return {"event": "undone", "plan": plan}


FIRST, SECOND = done("1", ("a", "b")), done("2", ("b", "c"), ("x", "y"))
SWAP = done("3", ("c", "y"), ("y", "c"))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([], [], {}),
        ([FIRST], [FIRST], {}),
        ([], [FIRST], {"a": "b"}),
        ([], [FIRST, SECOND], {"a": "c", "x": "y"}),
        ([FIRST], [FIRST, SECOND], {"b": "c", "x": "y"}),
        ([FIRST, SECOND], [], {"c": "a", "y": "x"}),
        ([], [FIRST, undone("1")], {}),
        ([FIRST], [FIRST, undone("1")], {"b": "a"}),
        ([FIRST, undone("1")], [FIRST], {"a": "b"}),
        ([FIRST, SECOND], [FIRST, SECOND, undone("2"), undone("1")], {"c": "a", "y": "x"}),
        ([FIRST, SECOND], [FIRST, SECOND, SWAP], {"c": "y", "y": "c"}),
        ([], [FIRST, SECOND, SWAP], {"a": "y", "x": "c"}),
        ([FIRST], [SECOND], {"b": "a", "x": "y"}),
    ],
)
def test_names_between_two_states_of_a_ledger(before, after, expected):
    assert names_between(before, after) == {("draft", old): new for old, new in expected.items()}
