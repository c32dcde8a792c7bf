"""The wheel is complete: built, checked and installed, it has commands, sample, pages and notebooks."""

from __future__ import annotations

import subprocess
import sys
import tarfile
from pathlib import Path
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

import genaudit
from helpers.distribution import build, install
from helpers.notebooks import NAMES
from helpers.server import serving


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return build(tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    return install(built[1], tmp_path_factory.mktemp("installed") / "venv")


@pytest.fixture(scope="module")
def store(installed, tmp_path_factory):
    root = tmp_path_factory.mktemp("elsewhere") / "store"
    assert call(installed, root.parent, "sample", root, "--drafts", "8", "--faults", "PARENT_MISSING").returncode == 0
    return root


def call(programs, folder, *words):
    command = [programs / "genaudit", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_an_index_accepts_both(built):
    command = [sys.executable, "-m", "twine", "check", "--strict", *built]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("PASSED") == len(built)


def test_the_sdist_has_no_leftovers(built):
    with tarfile.open(built[0]) as sdist:
        names = sdist.getnames()
    assert not [name for name in names if "__pycache__" in name or "__marimo__" in name]


def test_the_installed_wheel_runs(installed, tmp_path):
    done = call(installed, tmp_path, "--version")
    assert (done.returncode, done.stdout) == (0, f"genaudit {genaudit.__version__}\n")
    python = [installed / "python", "-c", "import genaudit; print(genaudit.__file__)"]
    found = subprocess.run(python, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    assert Path(found).is_relative_to(installed.parent)


def test_it_audits_a_sample(installed, store, tmp_path):
    done = call(installed, tmp_path, "audit", "--data-root", store, "--date", "2026-01-02")
    assert done.returncode == 1, done.stderr
    assert "PARENT_MISSING" in (tmp_path / "reports" / "findings_2026-01-02.csv").read_text()
    assert "PARENT_MISSING" in (tmp_path / "reports" / "audit_2026-01-02.html").read_text()


def test_it_serves_the_workbench(installed, store, tmp_path):
    # The server puts the token into a cookie, and leads to the page without it.
    browser = build_opener(HTTPCookieProcessor())
    with serving(tmp_path, store, program=[installed / "genaudit"]) as address:
        for name in NAMES:
            with browser.open(address.link(f"&file={name}.py")) as answer:
                assert answer.status == 200
                assert "<marimo-" in answer.read().decode()


def test_its_notebooks_run(installed, store, tmp_path):
    (notebook,) = installed.parent.glob("lib/*/site-packages/genaudit/workbench/notebooks/inventory.py")
    command = [installed / "python", notebook, "--data-root", store, "--write"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "reports").glob("gen_id_inventory_*.json"))
