"""The examples in the docstrings of the package print the documented output."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import genaudit
from genaudit.sample import SampleOptions, write_sample

# Optional parts of the package, by the distribution that they need.
OPTIONAL = {"genaudit.pipeline": "dagster"}


def modules():
    found = [info.name for info in pkgutil.walk_packages(genaudit.__path__, "genaudit.", onerror=lambda _: None)]
    return ["genaudit", *(name for name in sorted(found) if not name.endswith("__main__"))]


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder with the sample store that examples read."""
    folder = tmp_path_factory.mktemp("examples")
    faults = ("FIELD_MISSING", "ID_MISMATCH", "PARENT_MISSING")
    write_sample(folder / "store", SampleOptions(drafts=24, seed=7, faults=faults))
    return folder


@pytest.mark.parametrize("name", modules())
def test_examples(name, folder, monkeypatch):
    monkeypatch.chdir(folder)
    for package, needs in OPTIONAL.items():
        if name == package or name.startswith(f"{package}."):
            pytest.importorskip(needs)
    failed, _ = doctest.testmod(importlib.import_module(name), raise_on_error=False)
    assert failed == 0


def test_there_are_examples_to_run():
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = finder.find(importlib.import_module("genaudit.ids"))
    assert sum(len(each.examples) for each in found) >= 4
