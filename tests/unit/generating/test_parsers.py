"""Parsers, by the examples of the pipeline's own behaviour."""

import pytest

from genaudit.errors import DDError, Err
from genaudit.generating.parsers import STAGE_PARSERS, Parser, parse, parser_named


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
