"""Source of all randomness."""

from __future__ import annotations

from random import Random


def seeded(seed: int, *purpose: str) -> Random:
    """Create a random source, the same for the same seed and purpose and distinct from all others."""
    return Random("/".join((str(seed), *purpose)))  # noqa: S311 -- reproducible, not secret
