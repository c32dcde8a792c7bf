from __future__ import annotations

import json

import orjson
import pytest

from genaudit.errors import DDError, Err, ExitCode, Reason


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
        ({"reason": Reason.NOT_WRITABLE}, ["not writable", "io_error"]),
        ({"reason": Reason.UNSAFE_ID, "path": "a b", "row": 3}, ["unsafe id", "path 'a b'", "row 3", "io_error"]),
        ({"path": "x"}, ["path 'x'", "io_error"]),
    ],
)
def test_the_message_has_every_value_of_the_context(ctx, words):
    message = str(DDError(Err.IO_ERROR, ctx))
    assert [word for word in words if word not in message] == []
    assert "reason" not in message


def test_message_stays_on_one_line_whatever_the_values():
    assert "\n" not in str(DDError(Err.IO_ERROR, {"reason": Reason.UNSAFE_ID, "path": "a\nb"}))


def test_context_is_a_copy():
    ctx = {"reason": Reason.UNSAFE_ID}
    error = DDError(Err.IO_ERROR, ctx)
    ctx["reason"] = Reason.NO_STORE
    assert error.ctx == {"reason": Reason.UNSAFE_ID}
    assert DDError(Err.IO_ERROR).ctx == {}


def test_is_an_exception_that_carries_both():
    with pytest.raises(DDError) as caught:
        raise DDError(Err.DATA_MISSING, {"reason": Reason.NO_STORE})
    assert caught.value.code is Err.DATA_MISSING
    assert caught.value.args == (Err.DATA_MISSING, {"reason": "no_store"})


def test_a_word_becomes_its_member_and_an_unknown_one_is_refused():
    assert DDError(Err.DATA_MISSING, {"reason": "no_store"}).ctx["reason"] is Reason.NO_STORE
    with pytest.raises(ValueError, match="bad"):
        DDError(Err.IO_ERROR, {"reason": "bad"})


def test_a_reason_is_its_word_in_json_and_text():
    ctx = DDError(Err.DATA_MISSING, {"reason": Reason.NO_STORE}).ctx
    assert json.dumps(ctx) == '{"reason": "no_store"}'
    assert orjson.dumps(ctx) == b'{"reason":"no_store"}'
    assert f"{ctx['reason']}" == "no_store"


EXIT_CODES = {
    1: "generation_not_found",
    3: """no_such_root root_is_no_folder no_store gens_is_no_folder not_readable membership_missing cohort_not_found
        invalid_rows manifest_damaged manifest_version snapshot_missing access_denied store_unreachable
        worker_cannot_read""",
    4: "store_drifted added_since migration_busy",
    5: "migration_interrupted migration_stopped verification_failed",
}


def test_exit_codes_of_reasons():
    expected = {word: code for code, words in EXIT_CODES.items() for word in words.split()}
    assert {str(reason): reason.exit_code for reason in Reason if reason.exit_code is not ExitCode.USAGE} == expected
    assert DDError(Err.IO_ERROR, {"reason": Reason.MIGRATION_BUSY}).exit_code == 4
    assert DDError(Err.IO_ERROR).exit_code == 2


@pytest.mark.parametrize("reason", Reason)
def test_a_meaning_is_one_short_sentence(reason):
    assert reason.meaning.endswith(".")
    assert len(reason.meaning) <= 90
    assert "\n" not in reason.meaning
