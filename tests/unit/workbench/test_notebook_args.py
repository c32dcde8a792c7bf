from __future__ import annotations

from pathlib import Path

import pytest

from genaudit.audits.registry import AUDITS
from genaudit.cli.options import DEFAULT_OUTPUT, DEFAULT_ROOT
from genaudit.errors import DDError, Err, Reason
from genaudit.store.snapshot import scan
from genaudit.workbench.notebook_args import arguments, chosen_by, notebooks, one, refusal


@pytest.fixture(autouse=True)
def without_environment(monkeypatch):
    monkeypatch.delenv("DAYDREAMING_DATA_ROOT", raising=False)


def test_the_defaults_are_those_of_a_command():
    assert arguments([]) == (str(DEFAULT_ROOT), str(DEFAULT_OUTPUT), False)


def test_arguments_come_before_the_environment(monkeypatch):
    monkeypatch.setenv("DAYDREAMING_DATA_ROOT", "/from/environment")
    assert arguments([]).data_root == "/from/environment"
    assert arguments(["--data-root", "/given"]).data_root == "/given"


@pytest.mark.parametrize("argv", [["--write", "--output", "out"], ["--", "--output", "out", "--write"]])
def test_a_script_is_asked_to_write(argv):
    assert arguments(argv) == ("data", "out", True)


def test_the_arguments_of_others_are_left_alone():
    assert arguments(["-q", "tests", "--data", "x", "--output", "out", "--numprocesses=2"]) == ("data", "out", False)


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ({}, (None, None)),
        ({"stage": "essay", "id": "e_1"}, ("essay", "e_1")),
        ({"stage": "essay"}, ("essay", None)),
        ({"id": "e_1"}, (None, "e_1")),
        ({"stage": "elsewhere", "id": "e_1"}, (None, "e_1")),
        ({"stage": ["draft", "essay"], "id": ["a", "b"]}, ("essay", "b")),
        ({"stage": "essay", "id": ""}, ("essay", None)),
    ],
)
def test_a_link_selects_the_generation(query, chosen):
    assert chosen_by(query) == chosen


def test_a_parameter_may_be_given_twice_or_not_at_all():
    assert [one(value) for value in (None, "", [], "a", ["a", "b"])] == [None, None, None, "a", "b"]


def test_every_audit_has_a_notebook():
    listed = notebooks()
    assert (next(iter(listed)), [*listed][-1]) == ("workbench", "migration")
    shown = [name for notebook in listed.values() for name in notebook.audits]
    assert shown == [name for name, audit in AUDITS.items() if audit.notebook]
    assert all(listed[AUDITS[name].notebook].audits == (name,) for name in shown)


@pytest.mark.parametrize("kind", ["nowhere", "file", "empty", "linked"])
def test_a_refusal_names_the_path_and_a_way_out(tmp_path, kind):
    root = tmp_path / kind
    if kind == "file":
        root.write_text("")
    elif kind in {"empty", "linked"}:
        root.mkdir()
    if kind == "linked":
        (root / "gens").symlink_to(Path("/"))
    with pytest.raises(DDError) as caught:
        scan(root)
    message = refusal(caught.value)
    assert str(root) in message
    assert "genaudit sample" in message
    assert "{" not in message


def test_an_unforeseen_refusal_is_shown_too():
    assert "not copied" in refusal(DDError(Err.IO_ERROR, {"reason": Reason.NOT_COPIED}))
