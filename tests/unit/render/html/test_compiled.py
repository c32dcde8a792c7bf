from __future__ import annotations

import sys

import jinja2
import pytest

from genaudit.render.html import compiled
from genaudit.render.html.compiled import CompiledTemplates


@pytest.fixture(autouse=True)
def _keeps_code(monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)


def render(folder, *, trims=False):
    loader, cache = jinja2.FileSystemLoader(folder), CompiledTemplates(folder)
    return (
        jinja2.Environment(loader=loader, autoescape=True, trim_blocks=trims, bytecode_cache=cache)
        .get_template("a.j2")
        .render()
    )


def kept(folder):
    return [*folder.glob("__pycache__/*")]


def compiling(monkeypatch):
    """Count how often Jinja compiles from now on."""
    calls = []
    real = jinja2.Environment.compile
    monkeypatch.setattr(
        jinja2.Environment, "compile", lambda self, *given, **named: (calls.append(1), real(self, *given, **named))[1]
    )
    return calls


def test_a_template_is_compiled_once_until_it_changes(tmp_path, monkeypatch):
    source = tmp_path / "a.j2"
    source.write_text("{{ 1 + 1 }}")
    calls = compiling(monkeypatch)
    assert [render(tmp_path), render(tmp_path), len(calls)] == ["2", "2", 1]
    assert [file.name for file in kept(tmp_path)] == [f"a.j2.{sys.implementation.cache_tag}.pyc"]
    source.write_text("{{ 1 + 2 }}")
    assert [render(tmp_path), render(tmp_path), len(calls)] == ["3", "3", 2]


def test_code_of_other_settings_is_made_again(tmp_path):
    (tmp_path / "a.j2").write_text("{% if 1 %}\n1{% endif %}")
    assert [render(tmp_path), render(tmp_path, trims=True), render(tmp_path)] == ["\n1", "1", "\n1"]


def test_code_of_another_jinja_is_made_again(tmp_path, monkeypatch):
    (tmp_path / "a.j2").write_text("{{ 1 + 1 }}")
    render(tmp_path)
    calls = compiling(monkeypatch)
    monkeypatch.setattr(compiled, "version", lambda _: "3.0.0")
    render(tmp_path)
    assert len(calls) == 1


@pytest.mark.parametrize("rest", [b"", b"j2", b"no code at all", None], ids=["empty", "short", "other", "cut"])
def test_damaged_code_is_made_again(tmp_path, rest):
    (tmp_path / "a.j2").write_text("{{ 1 + 1 }}")
    render(tmp_path)
    (file,) = kept(tmp_path)
    whole = file.read_bytes()
    for end in [len(whole) // 2, 25] if rest is None else [0]:
        file.write_bytes(whole[:end] if rest is None else rest)
        assert render(tmp_path) == "2"
        assert file.read_bytes() == whole


def test_nothing_is_kept_where_python_keeps_nothing(tmp_path, monkeypatch):
    (tmp_path / "a.j2").write_text("{{ 1 + 1 }}")
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert render(tmp_path) == "2"
    assert kept(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "a.j2").write_text("{{ 1 + 1 }}")
    (tmp_path / "__pycache__").write_text("a file")
    assert render(tmp_path) == "2"
