"""What is taken out of an answer, and what is refused."""

import pytest

from genaudit.errors import DDError, Err
from genaudit.generating.parsers import Parser, parse, parser_named


@pytest.mark.parametrize(
    ("parser", "answer", "text"),
    [
        ("identity", "  as it is \r\n", "  as it is \r\n"),
        ("essay_block", "x <essay>\n\none\ntwo\n</essay> y", "one\ntwo\n"),
        ("essay_block", "I'll use <essay></essay>.\n<essay>real</essay>", "real\n"),
        ("essay_idea_last", '<essay-idea stage="1">a</essay-idea><essay-idea stage="2">b</essay-idea>', "b\n"),
        ("in_last_line", "Why.\nSCORE: 7", "Why.\n7\n"),
        ("in_last_line", "Why.\n\n**Score: 0.5**\n\n", "Why.\n\n0.5\n"),
        ("in_last_line", "score = 9", "9\n"),
        ("in_last_line", "Why.\n3", "Why.\n3\n"),
    ],
)
def test_what_is_taken_out_of_an_answer(parser, answer, text):
    assert parse(Parser(parser), answer) == text


@pytest.mark.parametrize(
    ("parser", "answer", "reason"),
    [
        ("identity", " \n", "answer_blank"),
        ("essay_block", "no block", "block_missing"),
        ("essay_block", "<essay>never closed", "block_missing"),
        ("essay_block", "<essay> \n</essay>", "block_blank"),
        ("essay_idea_last", "<essay>x</essay>", "block_missing"),
        ("in_last_line", "SCORE: 7\nThank you.", "score_missing"),
        ("in_last_line", "SCORE: 7/10", "score_missing"),
        ("in_last_line", "SCORE: seven", "score_missing"),
        ("in_last_line", "SCORE: 9.5", "score_out_of_range"),
        ("in_last_line", "SCORE: -1", "score_out_of_range"),
    ],
)
def test_what_is_refused(parser, answer, reason):
    with pytest.raises(DDError) as caught:
        parse(Parser(parser), answer)
    assert caught.value.code is Err.PARSER_FAILURE
    assert (caught.value.ctx["reason"], caught.value.ctx["parser"]) == (reason, parser)


def test_parsers_have_the_names_of_the_catalogs():
    assert [parser_named(name) for name in ("", " ", "In_Last_Line", "essay_block")] == [
        Parser.IDENTITY,
        Parser.IDENTITY,
        Parser.IN_LAST_LINE,
        Parser.ESSAY_BLOCK,
    ]
    with pytest.raises(DDError) as caught:
        parser_named("xml")
    assert caught.value.ctx == {
        "reason": "unknown_parser",
        "parser": "xml",
        "known": sorted(Parser, key=list(Parser).index),
    }
