from __future__ import annotations

import pytest

from genaudit.cohorts.flags import in_force, slim_membership
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.errors import DDError, Err


@pytest.mark.parametrize("value", ["1", "true", "on", "TRUE", " On ", "", "  "])
def test_on(value):
    assert slim_membership({"DD_SLIM_MEMBERSHIP": value}) is True


@pytest.mark.parametrize("value", ["0", "false", "off", "none", "Off", "NONE"])
def test_off(value):
    assert slim_membership({"DD_SLIM_MEMBERSHIP": value}) is False


def test_the_slim_form_is_the_default():
    assert slim_membership({"DD_DETERMINISTIC_GEN_IDS": "off"}) is True


def test_the_environment_is_looked_at(monkeypatch):
    monkeypatch.setenv("DD_SLIM_MEMBERSHIP", "off")
    assert slim_membership() is False
    monkeypatch.delenv("DD_SLIM_MEMBERSHIP")
    assert slim_membership() is True


@pytest.mark.parametrize("value", ["yes", "2", "draft", "on,off", "null"])
def test_another_word_is_an_error(value):
    with pytest.raises(DDError) as caught:
        slim_membership({"DD_SLIM_MEMBERSHIP": value})
    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx["reason"] == "invalid_flag"
    assert caught.value.ctx["flag"] == "DD_SLIM_MEMBERSHIP"
    assert caught.value.ctx["value"] == value


def test_the_values_in_force_are_one_line():
    assert in_force(IdScheme()) == "DD_DETERMINISTIC_GEN_IDS=draft,essay,evaluation"
    assert in_force(IdScheme.parse("off"), slim=False) == "DD_DETERMINISTIC_GEN_IDS=none, DD_SLIM_MEMBERSHIP=off"
