"""Templates, and everything that can be wrong with one."""

import pytest

from genaudit.errors import DDError, Err
from genaudit.generating.bounded_render import RenderError, render_bounded
from genaudit.generating.prompts import render_prompt
from genaudit.layout import Layout
from helpers.workshop import write


def rendered(root, text, **values):
    write(root / "1_raw/templates/draft/t.txt", text)
    return render_prompt(Layout(root), "draft", "t", values)


def test_a_template_is_filled_and_nothing_is_escaped(tmp_path):
    # One trailing newline is removed, as Jinja does by default.
    assert rendered(tmp_path, "On {{ essay }}:\n\n", essay='<b> & "c"') == 'On <b> & "c":\n'


@pytest.mark.parametrize(
    ("text", "reason", "key"),
    [
        ("{{ essay ", "template_invalid", "line"),
        ("{{ draft }}", "template_undefined", "names"),
        ("{{ essay.nothing.at_all }}", "template_undefined", "names"),
        ("{{ essay.__class__.__mro__ }}", "template_forbidden", "error"),
        ("{{ 1 // 0 }}", "template_failed", "error"),
        ("{{ items.append(1) }}", "template_forbidden", "error"),
        ("{# nothing #}\n", "prompt_blank", "path"),
    ],
)
def test_a_bad_template_is_named(tmp_path, text, reason, key):
    with pytest.raises(DDError) as caught:
        rendered(tmp_path, text, essay="x", items=[])
    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx["reason"] == reason
    assert key in caught.value.ctx
    assert caught.value.ctx["path"].endswith("1_raw/templates/draft/t.txt")


def test_a_template_that_is_not_there(tmp_path):
    with pytest.raises(DDError) as caught:
        render_prompt(Layout(tmp_path), "draft", "t", {})
    assert (caught.value.code, caught.value.ctx["reason"]) == (Err.DATA_MISSING, "template_missing")


def test_a_template_is_never_read_through_a_link_or_outside_its_folder(tmp_path):
    secret = write(tmp_path / "secret.txt", "secret")
    root = tmp_path / "data"
    (root / "1_raw/templates/draft").mkdir(parents=True)
    (root / "1_raw/templates/draft/t.txt").symlink_to(secret)
    with pytest.raises(DDError) as caught:
        render_prompt(Layout(root), "draft", "t", {})
    assert caught.value.ctx["reason"] == "not_readable"
    with pytest.raises(DDError) as caught:
        render_prompt(Layout(root), "draft", "../../../secret", {})
    assert caught.value.ctx["reason"] == "unsafe_id"


def test_text_that_is_not_utf8_is_named(tmp_path):
    write(tmp_path / "1_raw/templates/draft/t.txt", "").write_bytes(b"\xff")
    with pytest.raises(DDError) as caught:
        render_prompt(Layout(tmp_path), "draft", "t", {})
    assert (caught.value.code, caught.value.ctx["reason"]) == (Err.IO_ERROR, "not_readable")


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("{% for a in range(1000000000) %}x{% endfor %}", "range"),
        ("{% for a in range(99999) %}{{ essay * 1000 }}{% endfor %}", "output"),
        ("{{ essay * 10 ** 10 }}", "memory"),
        ("{{ '{:>10000000000}'.format(1) }}", "memory"),
        ("{% set n = namespace(x='x') %}{% for a in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}", "memory"),
        ("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "time"),
        ("{{ (9 ** 9) ** (9 ** 8) }}", "time"),
    ],
)
def test_a_template_without_bounds_is_ended(text, limit):
    with pytest.raises(RenderError) as caught:
        render_bounded(text, {"essay": "x"}, seconds=8 if limit != "time" else 1)
    assert (caught.value.reason, caught.value.ctx["limit"]) == ("template_exceeds_limit", limit)
    assert render_bounded("On {{ essay }}", {"essay": "x"}) == "On x"


def test_the_limit_is_named_with_the_template(tmp_path):
    with pytest.raises(DDError) as caught:
        rendered(tmp_path, "{{ essay * 10 ** 10 }}", essay="x")
    ctx = caught.value.ctx
    assert (ctx["reason"], ctx["limit"], ctx["allowed"], ctx["unit"]) == (
        "template_exceeds_limit",
        "memory",
        1 << 30,
        "bytes",
    )
    assert ctx["path"].endswith("1_raw/templates/draft/t.txt")
