"""One sample, written once, that the tests of this folder read."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from genaudit.sample import SampleOptions, SampleSummary, write_sample

STAGES = ("draft", "essay", "evaluation")


@dataclass(frozen=True)
class Sample:
    root: Path
    summary: SampleSummary

    @cached_property
    def records(self) -> dict[str, dict[str, Any]]:
        """Each generation's record as it lies on disk, by the folder's name."""
        paths = [path for stage in STAGES for path in sorted((self.root / "gens" / stage).glob("*/metadata.json"))]
        return {path.parent.name: json.loads(path.read_bytes()) for path in paths}

    def folders(self, stage: str) -> list[Path]:
        return sorted((self.root / "gens" / stage).iterdir())

    def table(self, path: str) -> list[dict[str, str]]:
        with (self.root / path).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def text(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def sample(tmp_path_factory) -> Sample:
    root = tmp_path_factory.mktemp("sample") / "data"
    return Sample(root, write_sample(root, SampleOptions(drafts=60, seed=5)))
