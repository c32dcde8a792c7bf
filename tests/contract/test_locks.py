"""The locks: hashed, without a host, small for users, and with the same versions for developers."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
SLIM, DEV = ROOT / "requirements.lock", ROOT / "requirements-dev.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
# Measured: 45 packages for `make audit` and `make workbench`, 253 with the tools; 25 and 137 MB without extras.
MOST_SLIM = 48
MOST_WITHOUT_EXTRAS = 25
MOST_MEGABYTES = 150


def versions(lock):
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==(\S+)", lock.read_text("utf-8"), re.MULTILINE))


def names_of(requirements):
    return {canonicalize_name(Requirement(one).name) for one in requirements if isinstance(one, str)}


def closure(names):
    """The installed distributions that these need on this system, extras left out."""
    found, waiting = {}, list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        found[name] = distribution(name)
        needs = map(Requirement, found[name].requires or ())
        waiting += [one.name for one in needs if one.marker is None or one.marker.evaluate({"extra": ""})]
    return found


@pytest.mark.parametrize("lock", [SLIM, DEV], ids=lambda lock: lock.name)
def test_every_requirement_is_pinned_and_hashed_and_no_host_is_named(lock):
    text = lock.read_text("utf-8")
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[a-z0-9-]+(\[[^]]*\])?==\S+.*\\\n", entry), entry
        assert "--hash=sha256:" in entry
    assert "://" not in text


def test_developers_get_the_versions_of_users_and_more():
    assert versions(SLIM).items() < versions(DEV).items()


def test_users_get_no_tools_of_developers():
    build = names_of(PROJECT["dependency-groups"]["build"])
    tools = names_of(PROJECT["dependency-groups"]["dev"]) - build - closure(["marimo", *runtime()]).keys()
    assert {"pytest", "scipy", "vl-convert-python", "dagster"} & versions(SLIM).keys() == set()
    assert tools & versions(SLIM).keys() == set()
    assert len(versions(SLIM)) <= MOST_SLIM


def test_the_locks_cover_all_requirements():
    extras = PROJECT["project"]["optional-dependencies"]
    assert names_of([*PROJECT["project"]["dependencies"], *extras["notebooks"]]) <= versions(SLIM).keys()
    everything = [one for extra in extras.values() for one in extra] + PROJECT["dependency-groups"]["dev"]
    assert names_of(everything) <= versions(DEV).keys()


def runtime():
    return names_of(PROJECT["project"]["dependencies"])


def test_the_package_without_extras_is_small():
    found = closure(runtime())
    size = sum((one.locate_file(path)).stat().st_size for one in found.values() for path in installed(one))
    assert len(found) <= MOST_WITHOUT_EXTRAS, sorted(found)
    assert size <= MOST_MEGABYTES * 1_000_000


def installed(one):
    """The files of a distribution that exist, but for compiled modules."""
    return [path for path in one.files or () if path.suffix != ".pyc" and one.locate_file(path).is_file()]
