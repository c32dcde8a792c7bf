from __future__ import annotations

import pytest

from genaudit.errors import DDError, Err
from genaudit.sample import FAULTS, UNPLANTABLE, parse_faults


def refused(text):
    with pytest.raises(DDError) as caught:
        parse_faults(text)
    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx["field"] == "faults"
    return caught.value.ctx


@pytest.mark.parametrize("text", ["none", " None ", ""])
def test_none_means_no_fault(text):
    assert parse_faults(text) == ()


def test_all_means_every_fault_that_bears_company():
    alone = {code for code in FAULTS if code.startswith(("CATALOG_", "REPLICATION_"))} | {"STAGE_FOLDER_MISSING"}
    assert set(FAULTS) - set(parse_faults("all")) == alone - {"REPLICATE_RULES_DIFFER"}


def test_codes_are_listed_with_commas_in_any_case():
    assert parse_faults("id_mismatch, SYMLINK,") == ("ID_MISMATCH", "SYMLINK")


def test_an_unknown_code_is_refused_with_its_near_misses():
    ctx = refused("parent_mising")
    assert ctx["reason"] == "unknown_fault"
    assert "PARENT_MISSING" in ctx["near_misses"]


def test_a_code_that_cannot_be_planted_is_refused_with_the_reason():
    ctx = refused("VANISHED")
    assert ctx["reason"] == "unplantable_fault"
    assert ctx["why"] == UNPLANTABLE["VANISHED"]


def test_an_exclusive_fault_excludes_others():
    assert parse_faults("STAGE_FOLDER_MISSING") == ("STAGE_FOLDER_MISSING",)
    ctx = refused("SYMLINK,STAGE_FOLDER_MISSING")
    assert (ctx["reason"], ctx["value"], ctx["others"]) == ("exclusive_fault", "STAGE_FOLDER_MISSING", ["SYMLINK"])


def test_every_fault_has_a_description():
    assert all(fault.what and fault.code == code for code, fault in FAULTS.items())
    assert len({fault.what for fault in FAULTS.values()}) == len(FAULTS)
