"""The work of trying every mode grows with the store, and no faster: calls are counted, not seconds."""

from __future__ import annotations

import sys

from genaudit.audits.rebuild import RebuildRequest, rebuild
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.store.snapshot import scan
from helpers.rebuilds import add, write_catalogs
from unit.audits.rebuild.conftest import V10, essay, judged


def write_store(root, essays):
    """Drafts with an essay each, and two evaluations of every essay; some ids legacy, some not."""
    combos = [f"combo_{number},v1,x,sentence,1,now" for number in range(essays)]
    write_catalogs(root, combo_mappings=combos)
    for number in range(essays):
        prefix = "d_" if number % 2 else ""
        draft = {"combo_id": f"combo_{number}", "template_id": V10, "llm_model_id": "gemini_25_pro", "replicate": 1}
        add(root, "draft", f"{prefix}draft{number}", draft, usage=(10, 20))
        add(root, "essay", f"essay{number}", essay(f"{prefix}draft{number}"))
        for replicate in (1, 3):
            add(root, "evaluation", f"evaluation{number}x{replicate}", judged(f"essay{number}", replicate))
    return scan(root)


def calls_of(snapshot, essays):
    request = RebuildRequest(ids=tuple(f"essay{number}" for number in range(essays)), scheme=IdScheme())
    planned = len(rebuild(snapshot, request).frame)
    count = 0

    def note(_frame, event, _argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        rebuild(snapshot, request)
    finally:
        sys.setprofile(None)
    return planned, count


def test_twice_the_store_and_twice_the_selection_take_twice_the_calls(tmp_path):
    (small, few), (large, many) = (calls_of(write_store(tmp_path / str(size), size), size) for size in (60, 120))
    assert large == 2 * small
    assert many <= 2.05 * few


def test_a_larger_store_behind_the_same_selection_costs_no_more_than_its_size(tmp_path):
    (small, few), (large, many) = (calls_of(write_store(tmp_path / str(size), size), 20) for size in (60, 120))
    assert large == small
    assert many <= 2 * few
