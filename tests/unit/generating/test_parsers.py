"""Parsers, by the examples of the pipeline's own behaviour."""

import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genaudit.errors import DDError, Err
from genaudit.generating.parsers import STAGE_PARSERS, Parser, _ideas, _without_thinking, parse, parser_named
from genaudit.store.texts import MAX_TEXT_BYTES


def refused(parser, answer):
    with pytest.raises(DDError) as caught:
        parse(parser, answer)
    assert caught.value.code is Err.PARSER_FAILURE
    assert caught.value.ctx["parser"] == parser
    return caught.value.ctx["reason"]


@pytest.mark.parametrize(
    ("line", "score"),
    [
        ("SCORE: 8", "8.0"),
        ("score: 7.25", "7.25"),
        ("**SCORE: 8**", "8.0"),
        ("### SCORE: 8", "8.0"),
        ("> SCORE: 7", "7.0"),
        ("SCORE: 7 (good)", "7.0"),
        ("score 7", "7.0"),
        ("Final Score: 6", "6.0"),
        ("TOTAL SCORE: 5.5", "5.5"),
        ("SCORE: 456", "5.0"),
        ("SCORE: 100", "0.33"),
        ("SCORE: 7 10", "2.67"),
        ("SCORE: 4567", "5.0"),
        ("SCORE: 4, 5, 6", "5.0"),
        ("SCORE: 0", "0.0"),
        ("SCORE: 9", "9.0"),
    ],
)
def test_scores_that_are_read(line, score):
    assert parse(Parser.IN_LAST_LINE, f"Reasons.\n\n{line}\n") == f"{score}\n"


@pytest.mark.parametrize("after", ["Thank you for the essay.", "```", "\n\n---\n\n"])
def test_a_score_with_a_line_below(after):
    assert parse(Parser.IN_LAST_LINE, f"Reasons.\nSCORE: 8\n{after}\n") == "8.0\n"


def test_a_score_further_up_is_not_looked_for():
    assert refused(Parser.IN_LAST_LINE, "SCORE: 8\none\ntwo\nthree\n") == "score_missing"


def test_an_exact_line_goes_before_one_that_contains_a_score():
    assert parse(Parser.IN_LAST_LINE, "The final score: 3 at first.\nSCORE: 6\n") == "6.0\n"


@pytest.mark.parametrize("line", ["8.0", "SCORE: 7/9", "SCORE: 7.", "7,5", "`SCORE: 7`", "SCORE: 8,5", "SCORE: x"])
def test_lines_that_are_no_score(line):
    assert refused(Parser.IN_LAST_LINE, f"Reasons.\n\n{line}\n") == "score_missing"


@pytest.mark.parametrize("line", ["SCORE: 10", "SCORE: 9.5", "Final Score: 45"])
def test_scores_out_of_range(line):
    assert refused(Parser.IN_LAST_LINE, f"Reasons.\n{line}\n") == "score_out_of_range"


def test_the_first_essay_block_in_any_case_stripped():
    answer = "Think.\n<ESSAY>\n  One.\n</Essay>\n<essay>Two.</essay>"
    assert parse(Parser.ESSAY_BLOCK, answer) == "One."
    assert parse(Parser.ESSAY_BLOCK, "x <essay> all after\nthe tag \n") == "all after\nthe tag"
    assert refused(Parser.ESSAY_BLOCK, "no tags") == "block_missing"
    assert refused(Parser.ESSAY_BLOCK, "<essay> \n</essay>") == "block_blank"


def test_the_lenient_block_drops_thinking_and_takes_the_whole_text_without_tags():
    thinking = "<thinking budget='3'>an <essay>old</essay> idea</thinking>"
    assert parse(Parser.ESSAY_BLOCK_LENIENT, f"{thinking}<essay>new</essay>") == "new"
    assert parse(Parser.ESSAY_BLOCK_LENIENT, f"{thinking}\n  Just text. \n") == "Just text."


def test_the_idea_of_the_highest_stage_the_last_of_equals():
    ideas = [(1, "a"), (3, "b"), (2, "c"), (3, "d")]
    answer = "\n".join(f'<essay-idea stage="{stage}">\n{text}\n</essay-idea>' for stage, text in ideas)
    assert parse(Parser.ESSAY_IDEA_LAST, answer) == "d"
    plain = "<essay-idea>\nfirst\n</essay-idea>\n<essay-idea>\nsecond\n</essay-idea>\n"
    assert parse(Parser.ESSAY_IDEA_LAST, plain) == "second"
    # Tags inside of a line are no blocks.
    assert refused(Parser.ESSAY_IDEA_LAST, "see <essay-idea>x</essay-idea>") == "block_missing"


def test_the_identity_changes_nothing_and_refuses_a_blank_answer():
    assert parse(Parser.IDENTITY, " as is \n") == " as is \n"
    assert refused(Parser.IDENTITY, " \n") == "answer_blank"


def test_a_blank_name_is_the_identity_on_every_stage():
    assert {parser_named(" ", stage) for stage in STAGE_PARSERS} == {Parser.IDENTITY}


@pytest.mark.parametrize(
    ("name", "stage"),
    [("xml", "draft"), ("in_last_line", "draft"), ("essay_block", "essay"), ("essay_block", "evaluation")],
)
def test_a_parser_of_no_or_another_stage(name, stage):
    with pytest.raises(DDError) as caught:
        parser_named(name, stage)
    assert (caught.value.code, caught.value.ctx["reason"]) == (Err.PARSER_FAILURE, "unknown_parser")
    assert (caught.value.ctx["parser"], caught.value.ctx["stage"]) == (name, stage)


# The patterns that the parsers were written by: right, and slow on tags without an end.
THINKING = re.compile(r"<thinking\b[^>]*>.*?</thinking>", re.DOTALL | re.IGNORECASE)
IDEA = re.compile(
    r"^[ \t]*<essay-idea\b([^>]*)>[ \t]*\n(.*?)^[ \t]*</essay-idea>[ \t]*$", re.DOTALL | re.IGNORECASE | re.MULTILINE
)
TAGS = ["<thinking", "<Thinking>", "</thinking>", "<essay-idea", '<essay-idea stage="2">\n', "</essay-idea>\n"]
pieces = st.sampled_from([*"<> \n\ta", *TAGS, "stage=1", "\r\n", "<essay>", "</essay>", "thinkings"])


@settings(max_examples=400)
@given(st.lists(pieces, max_size=14).map("".join))
def test_blocks_are_those_of_the_patterns(answer):
    assert _without_thinking(answer) == THINKING.sub("", answer)
    assert [*_ideas(answer)] == IDEA.findall(answer)


HOSTILE = {
    "thinking-open": (Parser.ESSAY_BLOCK_LENIENT, "<thinking>"),
    "thinking-without-bracket": (Parser.ESSAY_BLOCK_LENIENT, "<thinking "),
    "essay-open": (Parser.ESSAY_BLOCK, "<essay>"),
    "idea-open": (Parser.ESSAY_IDEA_LAST, "<essay-idea>\n"),
    "idea-without-bracket": (Parser.ESSAY_IDEA_LAST, "<essay-idea\n"),
    "idea-blanks": (Parser.ESSAY_IDEA_LAST, " "),
    "score-blanks": (Parser.IN_LAST_LINE, "SCORE:  "),
    "score-digits": (Parser.IN_LAST_LINE, "SCORE: 1,,"),
}


@pytest.mark.parametrize(("parser", "piece"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_answer_as_large_as_a_text_can_be_takes_no_longer_than_another(parser, piece):
    # In quadratic time each of these runs for days.
    answer = "x" + piece * (MAX_TEXT_BYTES // 4 // len(piece))
    code = "import sys; from genaudit.generating.parsers import *\ntry: parse(Parser(sys.argv[1]), sys.stdin.read())"
    command = [sys.executable, "-c", f"{code}\nexcept DDError: pass", parser]
    subprocess.run(command, input=answer, text=True, check=True, timeout=300)


def test_a_stage_of_more_digits_than_a_number_can_have_is_none():
    blocks = f'<essay-idea stage="{"9" * 5000}">\nMany.\n</essay-idea>\n<essay-idea stage="1">\nOne.\n</essay-idea>\n'
    assert parse(Parser.ESSAY_IDEA_LAST, blocks) == "One."
