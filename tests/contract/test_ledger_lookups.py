"""Lookups by old ids after a migration, and by new ones after its undoing."""

from __future__ import annotations

import json
import shutil

import pytest

from genaudit.cohorts.resolution import MatchedBy, Resolver
from genaudit.cohorts.service import MembershipService
from genaudit.errors import DDError, Err
from genaudit.store.checksummed_log import render_line
from genaudit.store.ledger import LEDGER
from genaudit.store.snapshot import scan
from helpers.migrations import CASCADED, LEGACY_DRAFT, NEW_DRAFT, RENAMES, applied, migratable, plan_of, rolled_back
from helpers.stores import ESSAY

PAIRS = [(stage, old, new) for stage, ids in RENAMES.items() for old, new in ids.items()]


@pytest.fixture
def store(tmp_path):
    return migratable(tmp_path / "store")


def migrate(store):
    applied(store, plan_of(store))
    return store


def resolved(root, stage, gen_id):
    found = Resolver(scan(root)).resolve(stage, gen_id)
    assert (found.stage, found.asked) == (stage, gen_id)
    return found.gen_id, found.via


@pytest.mark.parametrize(("stage", "old", "new"), PAIRS)
def test_an_old_id_is_the_new_generation_and_after_the_undoing_the_other_way_round(store, stage, old, new):
    migrate(store)
    assert resolved(store, stage, old) == (new, MatchedBy.LEDGER)
    assert resolved(store, stage, new) == (new, MatchedBy.NAME)
    assert MembershipService(store).resolve(stage, old).gen_id == new
    rolled_back(store)
    assert resolved(store, stage, new) == (old, MatchedBy.LEDGER)
    assert resolved(store, stage, old) == (old, MatchedBy.NAME)


@pytest.mark.parametrize("cohort", [None, "c1"])
@pytest.mark.parametrize(("stage", "old", "new"), PAIRS)
def test_a_member_is_found_under_the_name_that_it_had(store, stage, old, new, cohort):
    before = MembershipService(store).find_membership_row_by_gen(stage, old, cohort)
    assert MembershipService(store).find_membership_row_by_gen(stage, new, cohort) is None
    assert before.asked is None
    migrate(store)
    row = MembershipService(store).find_membership_row_by_gen(stage, old, cohort)
    assert (row.gen_id, row.asked) == (new, old)
    assert row == MembershipService(store).require_row(stage, old, cohort_id=cohort)
    direct = MembershipService(store).require_row(stage, new, cohort_id=cohort)
    assert (direct.gen_id, direct.asked, direct.fields) == (new, None, row.fields)
    rolled_back(store)
    back = MembershipService(store).require_row(stage, new, cohort_id=cohort)
    assert (back.gen_id, back.asked, back.fields) == (old, new, before.fields)


def test_a_membership_that_still_has_the_old_ids_is_found_by_the_new_ones(store, tmp_path):
    shutil.copytree(store / "cohorts" / "c1", tmp_path / "kept")
    migrate(store)
    shutil.rmtree(store / "cohorts" / "c1")
    shutil.move(tmp_path / "kept", store / "cohorts" / "c1")
    row = MembershipService(store).find_membership_row_by_gen("draft", NEW_DRAFT)
    assert (row.gen_id, row.asked) == (LEGACY_DRAFT, NEW_DRAFT)


def test_the_ledger_takes_precedence_over_signatures(store):
    migrate(store)
    # Since then the essay's record was changed, so that the old id no longer follows from it.
    (renamed,) = [new for stage, old, new in PAIRS if old == CASCADED]
    path = store / "gens" / "essay" / renamed / "metadata.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "replicate": 9}))
    assert resolved(store, "essay", CASCADED) == (renamed, MatchedBy.LEDGER)


def test_a_generation_renamed_and_then_deleted_is_reported_as_gone(store):
    migrate(store)
    shutil.rmtree(store / "gens" / "draft" / NEW_DRAFT)
    with pytest.raises(DDError) as caught:
        Resolver(scan(store)).resolve("draft", LEGACY_DRAFT)
    assert caught.value.ctx["reason"] == "generation_not_found"
    assert caught.value.ctx["renamed_to"] == [NEW_DRAFT]


def test_a_name_that_two_generations_had_is_an_error_that_names_both(store):
    migrate(store)
    shutil.rmtree(store / ".genaudit")
    (store / ".genaudit").mkdir()
    events = [
        {"event": "applied", "plan": "p1", "renames": [["essay", "once", ESSAY]]},
        {"event": "applied", "plan": "p2", "renames": [["essay", "once", RENAMES["essay"][CASCADED]]]},
    ]
    (store / LEDGER).write_bytes(b"".join(map(render_line, events)))
    for look_up in (Resolver(scan(store)).resolve, MembershipService(store).find_membership_row_by_gen):
        with pytest.raises(DDError) as caught:
            look_up("essay", "once")
        assert caught.value.code is Err.INVALID_MEMBERSHIP
        assert caught.value.ctx["reason"] == "ambiguous_id"
        assert caught.value.ctx["candidates"] == sorted([ESSAY, RENAMES["essay"][CASCADED]])


def test_a_damaged_ledger_is_an_error_and_no_answer(store):
    migrate(store)
    path = store / LEDGER
    path.write_bytes(path.read_bytes().replace(b"applied", b"applies"))
    for look_up in (Resolver(scan(store)).resolve, MembershipService(store).find_membership_row_by_gen):
        with pytest.raises(DDError) as caught:
            look_up("draft", LEGACY_DRAFT)
        assert caught.value.ctx["reason"] == "workspace_damaged"
        # A name of the store needs no ledger.
        assert look_up("draft", NEW_DRAFT).gen_id == NEW_DRAFT
