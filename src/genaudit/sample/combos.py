"""Combinations of concepts, as the append-only ``combo_mappings.csv`` lists them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Final, NamedTuple

from genaudit.sample.stock import CONCEPTS, SampleConcept

COMBO_COLUMNS: Final = ("combo_id", "version", "concept_id", "description_level", "k_max", "created_at")

LEVELS: Final = ("sentence", "paragraph", "article")
_FIRST_DAY: Final = datetime(2025, 6, 2, 9, tzinfo=UTC)
# Few of the possible combinations of a version are used, so a draw soon finds a free one.
_PER_VERSION: Final = 2000


class Combo(NamedTuple):
    """A combination of concepts, described at one level."""

    combo_id: str
    version: str
    concepts: tuple[SampleConcept, ...]
    level: str
    k_max: int
    created_at: str

    def rows(self) -> Iterator[tuple[object, ...]]:
        """Yield the combination's rows in the catalog, one per concept."""
        for concept in self.concepts:
            yield self.combo_id, self.version, concept.concept_id, self.level, self.k_max, self.created_at


class ComboMaker:
    """Generator of distinct combinations."""

    def __init__(self) -> None:
        self.made: list[Combo] = []
        self._taken: set[str] = set()

    def draw(self, rng: Random) -> Combo:
        """Draw a new combination."""
        version = f"v{1 + len(self.made) // _PER_VERSION}"
        while True:
            concepts = tuple(rng.sample(CONCEPTS, rng.randint(2, 4)))
            level = rng.choice(LEVELS)
            text = "|".join((version, level, *sorted(concept.concept_id for concept in concepts)))
            combo_id = f"combo_{version}_{sha256(text.encode()).hexdigest()[:12]}"
            if combo_id not in self._taken:
                break
        self._taken.add(combo_id)
        created = _FIRST_DAY + timedelta(hours=7 * len(self.made), minutes=rng.randrange(60))
        self.made.append(Combo(combo_id, version, concepts, level, len(concepts), created.isoformat()))
        return self.made[-1]
