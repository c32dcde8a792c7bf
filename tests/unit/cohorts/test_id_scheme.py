from __future__ import annotations

import pytest

from genaudit.cohorts.id_scheme import IdScheme
from genaudit.errors import DDError, Err

EVERY = frozenset({"draft", "essay", "evaluation"})


@pytest.mark.parametrize("text", ["0", "false", "off", "none", "OFF", " None "])
def test_words_for_off(text):
    assert IdScheme.parse(text).deterministic == frozenset()


@pytest.mark.parametrize("text", ["1", "true", "on", "all", "ALL", " True", "draft,essay,evaluation"])
def test_words_for_all_stages(text):
    assert IdScheme.parse(text).deterministic == EVERY


@pytest.mark.parametrize(
    ("text", "stages"),
    [("draft", {"draft"}), ("draft,essay", {"draft", "essay"}), (" Draft , ESSAY ", {"draft", "essay"})],
)
def test_stages_cut_over_so_far(text, stages):
    assert IdScheme.parse(text).deterministic == stages


def test_all_stages_are_deterministic_by_default():
    assert IdScheme().deterministic == EVERY


@pytest.mark.parametrize("text", ["essay", "evaluation", "draft,evaluation", "essay,draft", "essay,evaluation"])
def test_a_stage_before_the_one_above_it_is_an_error(text):
    with pytest.raises(DDError) as caught:
        IdScheme.parse(text)
    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx["reason"] == "stages_out_of_order"
    assert caught.value.ctx["order"] == ["draft", "essay", "evaluation"]


def test_a_scheme_made_by_hand_is_checked_too():
    with pytest.raises(DDError) as caught:
        IdScheme(frozenset({"essay"}))
    assert caught.value.ctx["reason"] == "stages_out_of_order"


@pytest.mark.parametrize("text", ["yes", "drafts", "draft,", "draft,draft", "draft;essay", "2"])
def test_other_words_are_errors(text):
    with pytest.raises(DDError) as caught:
        IdScheme.parse(text)
    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx["reason"] == "invalid_flag"
    assert caught.value.ctx["value"] == text
    assert caught.value.ctx["flag"] == "DD_DETERMINISTIC_GEN_IDS"


def test_the_environment_decides_and_an_unset_flag_means_all_stages():
    assert IdScheme.from_environ({}).deterministic == EVERY
    assert IdScheme.from_environ({"DD_DETERMINISTIC_GEN_IDS": ""}).deterministic == EVERY
    assert IdScheme.from_environ({"DD_DETERMINISTIC_GEN_IDS": "draft"}).deterministic == {"draft"}


@pytest.mark.parametrize("text", ["none", "draft", "draft,essay", "draft,essay,evaluation"])
def test_a_scheme_writes_the_flag_that_reads_back(text):
    assert IdScheme.parse(text).flag == text
