"""What every test runs under: one hypothesis profile with the same examples on each run, and a store to fill."""

from __future__ import annotations

import json
from datetime import timedelta

import hypothesis
import pytest

# Derandomised, so that a red run is red again; `--hypothesis-profile=search` looks further.
hypothesis.settings.register_profile("fixed", derandomize=True, deadline=None, print_blob=True, database=None)
hypothesis.settings.register_profile(
    "search", max_examples=1500, deadline=timedelta(seconds=30), print_blob=True, database=None
)
hypothesis.settings.load_profile("fixed")


@pytest.fixture
def root(tmp_path):
    """A data root whose stages are all there, and empty."""
    data = tmp_path / "data"
    for stage in ("draft", "essay", "evaluation"):
        (data / "gens" / stage).mkdir(parents=True)
    return data


@pytest.fixture
def put(root):
    """Write a file below the data root: a dict as JSON, text and bytes as they are, ``None`` for a folder."""

    def write(path, content):
        target = root / path
        if content is None:
            target.mkdir(parents=True)
            return target
        target.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict):
            content = json.dumps(content)
        target.write_bytes(content.encode() if isinstance(content, str) else content)
        return target

    return write
