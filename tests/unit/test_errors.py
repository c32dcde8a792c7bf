from __future__ import annotations

import pytest

from genaudit.errors import DDError, Err


def test_codes_are_those_that_the_pipeline_uses():
    assert {code.name: code.value for code in Err} == {
        "DATA_MISSING": "data_missing",
        "INVALID_CONFIG": "invalid_config",
        "INVALID_MEMBERSHIP": "invalid_membership",
        "IO_ERROR": "io_error",
        "PARSER_FAILURE": "parser_failure",
    }


@pytest.mark.parametrize(
    ("ctx", "words"),
    [
        (None, ["io_error"]),
        ({"reason": "not_writable"}, ["not writable", "io_error"]),
        ({"reason": "bad", "path": "a b", "row": 3}, ["bad", "path 'a b'", "row 3", "io_error"]),
        ({"path": "x"}, ["path 'x'", "io_error"]),
    ],
)
def test_message_says_every_value_of_the_context(ctx, words):
    message = str(DDError(Err.IO_ERROR, ctx))
    assert [word for word in words if word not in message] == []
    assert "reason" not in message


def test_message_stays_on_one_line_whatever_the_values():
    assert "\n" not in str(DDError(Err.IO_ERROR, {"reason": "bad", "path": "a\nb"}))


def test_context_is_a_copy():
    ctx = {"reason": "bad"}
    error = DDError(Err.IO_ERROR, ctx)
    ctx["reason"] = "other"
    assert error.ctx == {"reason": "bad"}
    assert DDError(Err.IO_ERROR).ctx == {}


def test_is_an_exception_that_carries_both():
    with pytest.raises(DDError) as caught:
        raise DDError(Err.DATA_MISSING, {"reason": "no_store"})
    assert caught.value.code is Err.DATA_MISSING
    assert caught.value.args == (Err.DATA_MISSING, {"reason": "no_store"})
