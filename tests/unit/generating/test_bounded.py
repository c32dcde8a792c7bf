"""Templates that would run for ever, or fill the memory: refused in time, with the process none the worse."""

import os
import signal
import time

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment

from genaudit.generating.bounded import Renderer
from genaudit.generating.rendering import Concept, Fault, RenderError, is_plain, render

CONCEPTS = [Concept("Tide", "It comes."), Concept("Clock", "It ticks.")]
LOOP = "{% for one in concepts %}{{ loop.index }}. {{ one.name | upper }}: {{ one.content }}\n{% endfor %}"
NESTED = "{% for a in concepts %}{% for b in concepts %}{{ a.name[0] }}{{ b[0] ~ '!' }}{% endfor %}{% endfor %}"
ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
HOSTILE = [
    ENDLESS,
    "{{ 'x' * 10 ** 10 }}",
    "{{ 10 ** (10 ** 10) }}",
    "{{ 'x' | center(10 ** 10) }}",
    "{{ '%10000000000d' % 1 }}",
    "{{ '{:10000000000}'.format(1) }}",
    "{% set ns = namespace(x='x') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{{ lipsum(n=99999) }}",
]


@pytest.fixture
def renderer():
    one = Renderer(seconds=1)
    yield one
    one.close()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_template_is_refused_in_time(renderer, text):
    started = time.monotonic()
    with pytest.raises(RenderError) as caught:
        renderer.render(text, {"concepts": CONCEPTS})
    assert caught.value.fault in {Fault.TOO_SLOW, Fault.TOO_LONG, Fault.FAILED, Fault.FORBIDDEN}
    assert time.monotonic() - started < 30
    # The next one is rendered as if nothing had been.
    assert renderer.render(NESTED, {"concepts": CONCEPTS}) == "TTide!TClock!CTide!CClock!"


def test_a_template_that_took_too_long_is_not_tried_again(renderer):
    for _ in range(2):
        started = time.monotonic()
        with pytest.raises(RenderError) as caught:
            renderer.render(ENDLESS, {})
        assert caught.value.fault is Fault.TOO_SLOW
    assert time.monotonic() - started < 0.5


def test_a_process_that_was_ended_is_started_again(renderer):
    assert renderer.render("{{ 1 + 1 }}", {}) == "2"
    os.kill(renderer._process.pid, signal.SIGKILL)
    renderer._process.wait()
    assert renderer.render("{{ 1 + 2 }}", {}) == "3"


@pytest.mark.parametrize("text", [LOOP, NESTED, "{{ response.strip() }}", "{{ 'é' }}{{ response }}\n\n"])
def test_both_ways_render_what_jinja_does(renderer, text):
    values = {"concepts": CONCEPTS, "response": " äö \U0001f600 "}
    expected = ImmutableSandboxedEnvironment().from_string(text).render(values)
    assert renderer.render(text, values) == render(text, values) == expected


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("", True),
        (LOOP, True),
        ("{% if response %}{{ response | trim }}{% else %}-{% endif %}", True),
        ("{{ broken ", True),
        (NESTED, False),
        ("{{ response * 2 }}", False),
        ("{{ response.strip() }}", False),
        ("{% for x in response %}x{% endfor %}", False),
        ("{% for x in concepts recursive %}x{% endfor %}", False),
        ("{{ response | center(9) }}", False),
        ("{% set x = 1 %}", False),
        ("{{ response }}" * 3000, False),
        ("(" * 100_000, True),
        ("{{ " + "(" * 100_000, True),
    ],
)
def test_a_plain_template_neither_calls_nor_computes(text, plain):
    assert is_plain(text) is plain


def test_output_is_bounded_in_this_process_too():
    with pytest.raises(RenderError) as caught:
        render("{{ response }}{{ response }}", {"response": "x" * 60}, limit=100)
    assert caught.value.fault is Fault.TOO_LONG
    assert render("{{ response }}", {"response": "x" * 100}, limit=100) == "x" * 100


@pytest.mark.parametrize("text", ["{{ " + "(" * 100_000, "{% if x %}" * 500 + "{% endif %}" * 500])
def test_deep_nesting_is_an_error_like_any_other(renderer, text):
    with pytest.raises(RenderError) as caught:
        renderer.render(text, {"x": 1})
    assert caught.value.fault in {Fault.FAILED, Fault.INVALID}
