"""The help of every command: whole, in its width, and plain in a pipe."""

from __future__ import annotations

import pytest
import rich_click as click

from genaudit.cli.app import app

FIRST = ["audit", "report", "diff", "scores", "show", "workbench", "sample", "inventory"]
LAST = ["references", "baseline", "snapshot", "cohort", "migrate"]


def commands(group, path=()):
    """Every command and group with its path."""
    yield path, group
    if isinstance(group, click.Group):
        for name, command in group.commands.items():
            yield from commands(command, (*path, name))


COMMANDS = dict(commands(app))


@pytest.mark.parametrize("width", [60, 80])
@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: " ".join(path) or "genaudit")
def test_help_is_whole_and_plain(run, monkeypatch, path, width):
    monkeypatch.setenv("COLUMNS", str(width))
    code, out, err = run(*path, "--help")
    assert (code, err) == (0, "")
    assert max(map(len, out.splitlines())) <= width
    # Nothing is cut off, and no escape sequence goes into a pipe.
    assert "…" not in out
    assert "\x1b" not in out
    for parameter in COMMANDS[path].params:
        for name in parameter.opts:
            assert (name if name.startswith("-") else name.upper()) in out
    text = " ".join(word for word in out.replace("│", " ").split())
    epilog = COMMANDS[path].epilog
    assert epilog is None or epilog in text


@pytest.mark.parametrize(
    "path", [path for path, one in COMMANDS.items() if not isinstance(one, click.Group)], ids=" ".join
)
def test_every_command_ends_with_quiet_and_help(run, path):
    out = run(*path, "-h")[1]
    options = [line.lstrip("│* ").split(" ")[0] for line in out.splitlines() if line.startswith("│")]
    assert [name for name in options if name.startswith("-")][-2:] == ["-q,", "-h,"]


def test_commands_come_in_the_order_of_use(run):
    out = run("--help")[1]
    listed = [line[2:].split(" ")[0] for line in out.split("Commands")[1].splitlines() if line[:2] == "│ "]
    names = [name for name in listed if name]
    assert names[: len(FIRST)] == FIRST
    assert names[-len(LAST) :] == LAST


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("aduit",), "Did you mean 'audit'?"),
        (("migrate", "aply"), "Did you mean 'apply'?"),
        (("audit", "--data-rot", "x"), "--data-root"),
        (("audit", "--fail-on", "sometimes"), "'error', 'warning', 'never'"),
        (("audit", "--jobs", "0"), "x>=1"),
        (("baseline", "accept", "--reason", "known"), "CODE|ID..."),
    ],
)
def test_a_wrong_call_names_the_right_one(run, words, message):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert message in " ".join(err.replace("│", " ").split())


@pytest.mark.parametrize("words", [(), ("migrate",)])
def test_a_group_alone_shows_its_help_and_exits_with_2(run, words):
    code, out, _ = run(*words)
    assert code == 2
    assert "Commands" in out
