"""The generator that needs no network."""

import pytest

from genaudit.generating.generator import Request
from genaudit.generating.offline import OfflineGenerator
from genaudit.generating.parsers import Parser, parse
from genaudit.scores import score_of

ASKED = Request("Judge it.", "judge", "house/judge", Parser.IN_LAST_LINE)


def test_the_same_question_has_the_same_answer_and_another_has_another():
    answers = [
        OfflineGenerator().generate(Request(prompt, model, "x", Parser.IDENTITY)).text
        for prompt, model in (("a", "m"), ("a", "m"), ("b", "m"), ("a", "n"))
    ]
    assert answers[0] == answers[1]
    assert len(set(answers)) == 3


@pytest.mark.parametrize("parser", list(Parser))
def test_answers_have_the_form_that_the_parser_wants(parser):
    answer = OfflineGenerator().generate(Request("What?", "m", "x", parser))
    assert parse(parser, answer.text).strip()
    assert answer.finish_reason == "stop"


def test_evaluations_end_with_a_score_and_not_all_with_the_same_one():
    scores = {
        score_of(
            parse(Parser.IN_LAST_LINE, OfflineGenerator().generate(Request(str(n), "m", "x", ASKED.parser)).text)
        )
        for n in range(50)
    }
    assert all(0 <= score <= 9 for score in scores)
    assert len(scores) > 5


def test_tokens_are_filled_in():
    usage = OfflineGenerator().generate(ASKED).usage
    assert usage["prompt_tokens"] == 3  # nine characters, four to a token
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert usage["completion_tokens"] > 10
