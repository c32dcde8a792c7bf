from __future__ import annotations

import pytest

from genaudit.errors import DDError, Err
from genaudit.sample import SampleOptions


def refused(**options):
    with pytest.raises(DDError) as caught:
        SampleOptions(**options)
    assert caught.value.code is Err.INVALID_CONFIG
    return caught.value.ctx


def test_the_default_is_the_size_of_the_largest_real_store():
    assert SampleOptions() == SampleOptions(drafts=289, seed=0, legacy_share=0.15, faults=(), light=False)


def test_a_negative_number_of_drafts_is_refused():
    assert refused(drafts=-1) == {"reason": "negative_drafts", "field": "drafts", "value": -1}


@pytest.mark.parametrize("share", [-0.1, 1.01, float("inf")])
def test_a_share_outside_0_to_1_is_refused(share):
    assert refused(legacy_share=share) == {"reason": "share_out_of_range", "field": "legacy_share", "value": share}


def test_a_share_that_is_no_number_is_refused():
    assert refused(legacy_share=float("nan"))["reason"] == "share_out_of_range"


def test_an_unknown_fault_is_refused_with_its_near_misses():
    ctx = refused(faults=("FIELD_MISING",))
    assert (ctx["reason"], ctx["field"], ctx["value"]) == ("unknown_fault", "faults", "FIELD_MISING")
    assert ctx["near_misses"][0] == "FIELD_MISSING"
