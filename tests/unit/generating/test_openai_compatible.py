"""The generator that asks a service, held against a real server on the loopback device."""

import json
import logging
import subprocess
import sys
import traceback

import pytest

from genaudit.errors import DDError, Err
from genaudit.generating.generator import Request
from genaudit.generating.openai_compatible import OpenAIGenerator
from genaudit.generating.parsers import Parser
from genaudit.generating.steps import Steps
from helpers.service import USAGE, completion, serving
from helpers.trees import contents
from helpers.workshop import make_workshop, put

KEY = "sk-very-secret-0123456789"
ASKED = Request("Connect them.", "writer", "house/writer-1", Parser.IDENTITY)


def generator(url, **options):
    return OpenAIGenerator(url, environ={"OPENAI_API_KEY": KEY}, **options)


def refused(url, **options):
    with pytest.raises(DDError) as caught:
        generator(url, **options).generate(ASKED)
    return caught.value


def test_an_answer_with_its_tokens_and_its_time():
    times = iter((10.0, 12.5))
    with serving(completion("An answer.")) as service:
        answer = generator(service.url, clock=lambda: next(times), max_tokens=50).generate(ASKED)
    assert (answer.text, answer.finish_reason, answer.duration_s, answer.usage) == ("An answer.", "stop", 2.5, USAGE)
    assert service.asked == [
        {
            "path": "/v1/chat/completions",
            "model": "house/writer-1",
            "messages": [{"role": "user", "content": "Connect them."}],
            "max_tokens": 50,
        }
    ]
    assert service.headers[0]["authorization"] == f"Bearer {KEY}"


def test_transient_errors_are_retried():
    with serving((429, {}), (500, {}), (503, b"text: down"), completion("At last.")) as service:
        assert generator(service.url).generate(ASKED).text == "At last."
    assert len(service.asked) == 4


@pytest.mark.parametrize("status", [429, 500])
def test_it_gives_up_after_the_given_number_of_tries(status):
    with serving((status, {"error": {"message": f"no, {KEY}"}})) as service:
        error = refused(service.url, max_retries=2)
    assert len(service.asked) == 3
    assert (error.code, error.ctx["reason"], error.ctx["status"]) == (Err.IO_ERROR, "service_unavailable", status)


def test_permanent_errors_are_not_retried():
    with serving((401, {"error": {"message": f"Incorrect API key provided: {KEY}"}})) as service:
        error = refused(service.url)
    assert len(service.asked) == 1
    assert (error.ctx["reason"], error.ctx["status"], error.ctx["model"]) == (
        "service_refused",
        401,
        "house/writer-1",
    )


def test_a_service_that_is_not_there():
    with serving({}) as service:
        gone = service.url
    assert refused(gone, max_retries=0).ctx["reason"] == "service_unavailable"


@pytest.mark.parametrize(
    "body",
    [
        b"{not json",
        b"text, no json",
        {},
        {"choices": []},
        {"choices": [{"message": None}]},
        completion(["no", "text"]),
        b"[]",
        b"null",
    ],
)
def test_a_body_that_is_no_answer(body):
    with serving(body) as service:
        error = refused(service.url)
    assert (error.code, error.ctx["reason"]) == (Err.IO_ERROR, "answer_malformed")


def test_an_answer_without_usage_or_text():
    with serving(completion(None, usage=None)) as service:
        answer = generator(service.url).generate(ASKED)
    assert (answer.text, answer.usage) == ("", {})


def test_a_truncated_answer_is_kept_before_it_fails(tmp_path):
    folder = put(make_workshop(tmp_path), "draft", "d_1")
    with serving(completion("It began", "length")) as service, pytest.raises(DDError) as caught:
        Steps(tmp_path, generator(service.url)).run_all("draft", "d_1")
    assert caught.value.ctx["reason"] == "answer_truncated"
    raw = json.loads(contents(folder)["raw_metadata.json"])
    assert (raw["finish_reason"], raw["usage"], raw["truncated"]) == ("length", USAGE, True)
    assert contents(folder)["raw.txt"] == b"It began"
    assert "parsed.txt" not in contents(folder)


def test_the_key_is_nowhere(tmp_path, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    put(make_workshop(tmp_path), "draft", "d_1")
    tracebacks = []
    with serving(
        (401, {"error": {"message": KEY}}), (200, KEY.encode()), completion("<essay>one\ntwo\nthree</essay>")
    ) as service:
        made = generator(service.url, max_retries=1)
        for _ in range(2):
            try:
                Steps(tmp_path, made).run_all("draft", "d_1")
            except DDError as error:
                tracebacks += traceback.format_exception(error)
        Steps(tmp_path, made).run_all("draft", "d_1")
    assert len(tracebacks) > 2
    assert len(caplog.records) > 3
    out, err = capfd.readouterr()
    written = [data.decode() for data in contents(tmp_path).values()]
    for text in (*tracebacks, caplog.text, out, err, repr(made), repr(vars(made)), *written):
        assert KEY not in text


def test_a_key_that_is_not_there_is_asked_for_by_the_name_of_its_variable():
    with pytest.raises(DDError) as caught:
        OpenAIGenerator(environ={"MY_KEY": " "}, key_variable="MY_KEY")
    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx == {"reason": "api_key_missing", "variable": "MY_KEY"}


def test_a_client_that_is_not_installed_is_named():
    code = (
        "import sys; sys.modules['openai'] = None\n"
        "from genaudit.errors import DDError\n"
        "from genaudit.generating.openai_compatible import OpenAIGenerator\n"
        "try: OpenAIGenerator()\n"
        "except DDError as error: print(error.ctx['reason'], error.ctx['install'])\n"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert out == "extra_missing pip install 'genaudit[openai]'\n"
