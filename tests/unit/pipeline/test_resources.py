"""The sources of settings that a resource is not given."""

from pathlib import Path

import pytest

from genaudit.errors import DDError
from genaudit.generating.offline import OfflineGenerator
from genaudit.generating.openai_compatible import OpenAIGenerator
from genaudit.pipeline.resources import DataRoot, GeneratorResource


def test_the_data_root_comes_from_the_configuration_or_the_environment(monkeypatch):
    assert DataRoot().root == Path("data")
    monkeypatch.setenv("DAYDREAMING_DATA_ROOT", "elsewhere")
    assert DataRoot().root == Path("elsewhere")
    assert DataRoot(path="here").root == Path("here")


def test_the_generator_is_the_one_that_is_named(monkeypatch):
    assert isinstance(GeneratorResource().make(), OfflineGenerator)
    monkeypatch.setenv("HOUSE_KEY", "sk-secret")
    resource = GeneratorResource(kind="openai", base_url="http://127.0.0.1:1/v1", api_key_variable="HOUSE_KEY")
    assert isinstance(resource.make(), OpenAIGenerator)
    # Dagster stores and shows the variable's name, never the key.
    assert "sk-secret" not in str(resource.model_dump()) + repr(resource)


@pytest.mark.parametrize(("kind", "reason"), [("oracle", "unknown_generator"), ("openai", "api_key_missing")])
def test_a_generator_that_cannot_be_made(monkeypatch, kind, reason):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(DDError) as caught:
        GeneratorResource(kind=kind).make()
    assert caught.value.ctx["reason"] == reason
