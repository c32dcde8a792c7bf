"""Where everything random comes from."""

from __future__ import annotations

from random import Random


def seeded(seed: int, *purpose: str) -> Random:
    """Make a source of random numbers that is the same for the same seed and purpose, and no other's."""
    return Random("/".join((str(seed), *purpose)))  # noqa: S311 -- made to be repeated, not to be secret
