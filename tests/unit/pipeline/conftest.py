"""Real instances of Dagster, in memory and on disk."""

import dagster as dg
import pytest

from helpers.workshop import make_workshop


@pytest.fixture(autouse=True)
def _surroundings(monkeypatch):
    """No telemetry, and none of the variables that the assets read."""
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "yes")
    for name in (
        "DD_COHORT",
        "DD_DETERMINISTIC_GEN_IDS",
        "DD_SLIM_MEMBERSHIP",
        "DAYDREAMING_DATA_ROOT",
        "DAGSTER_HOME",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def root(tmp_path):
    return make_workshop(tmp_path / "data")


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as made:
        yield made
