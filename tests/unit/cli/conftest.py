"""Runs the command line in this process."""

import sys

import pytest

from genaudit.cli import main


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path_factory):
    """A working directory of its own, so that reports land in no other."""
    path = tmp_path_factory.mktemp("folder")
    monkeypatch.chdir(path)
    return path


@pytest.fixture
def run(monkeypatch, capfd):
    """Run a command; return its exit code, stdout and stderr."""

    def call(*args):
        monkeypatch.setattr(sys, "argv", ["genaudit", *map(str, args)])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capfd.readouterr()
        assert "Traceback" not in out + err
        return stop.value.code or 0, out, err

    return call
