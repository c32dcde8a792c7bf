"""Notebooks and README use the Python API and the workbench, never the package's inner modules."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import genaudit
from genaudit.sample import SampleOptions, write_sample

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "src/genaudit/workbench/notebooks").glob("*.py"))
# Charts and widgets are the notebooks' own part of the package.
ALLOWED = ("genaudit.charts", "genaudit.workbench")


def inner(code):
    """Return the names of the package that code imports besides the API, charts and the workbench."""
    names = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    public = {"genaudit", *(f"genaudit.{name}" for name in genaudit.__all__)}
    ours = [name for name in names if name.partition(".")[0] == "genaudit"]
    return [name for name in ours if name not in public and not name.startswith(ALLOWED)]


def python_blocks(page):
    return re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)


def test_inner_modules_are_found():
    assert inner("import genaudit\nfrom genaudit import scan, charts\nfrom genaudit.workbench import panels") == []
    found = inner("from genaudit.audits.run import run_audits\nfrom genaudit import audits")
    assert found == ["genaudit.audits.run.run_audits", "genaudit.audits"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def test_notebook_uses_the_api(path):
    code = path.read_text("utf-8")
    assert inner(code) == []
    assert 'results["' not in code


def test_readme_uses_the_api():
    blocks = python_blocks(ROOT / "README.md")
    assert blocks
    assert [inner(block) for block in blocks] == [[]] * len(blocks)


def test_readme_example_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_sample(tmp_path / "data" / "sample", SampleOptions(drafts=8, light=True))
    for block in python_blocks(ROOT / "README.md"):
        exec(block, {})  # noqa: S102 (the example is ours)
