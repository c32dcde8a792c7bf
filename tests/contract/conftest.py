"""Fixtures that tests of one subject share."""

from __future__ import annotations

import pytest

from helpers.stopping import make_world


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A store to migrate, with its plan and the migrated store."""
    return make_world(tmp_path_factory.mktemp("world"))
