from __future__ import annotations

import pytest

from genaudit.workbench.session import Sessions
from helpers.stores import DRAFT, ESSAY, ESSAY_RECORD, write_generation


def named(session, rows):
    return [session.snapshot.values("gen_id")[row] for row in rows]


def row_of(session, stage, gen_id):
    return session.snapshot.rows[stage][gen_id]


@pytest.mark.parametrize(
    ("stage", "gen_id", "above", "below"),
    [
        ("draft", DRAFT, [], [ESSAY, "v_1", "v_2", "v_3"]),
        ("essay", ESSAY, [DRAFT], ["v_1", "v_2", "v_3"]),
        ("evaluation", "v_2", [ESSAY, DRAFT], []),
        ("essay", "e_lost", [], []),
    ],
)
def test_relatives_are_found(session, stage, gen_id, above, below):
    row = row_of(session, stage, gen_id)
    assert named(session, session.lineage.above(row)) == above
    assert named(session, session.lineage.below(row)) == below


def test_a_cycle_comes_to_an_end(root):
    write_generation(root, "essay", "e_1", {**ESSAY_RECORD, "parent_gen_id": "e_2"})
    write_generation(root, "essay", "e_2", {**ESSAY_RECORD, "parent_gen_id": "e_1"})
    write_generation(root, "essay", "e_self", {**ESSAY_RECORD, "parent_gen_id": "e_self"})
    write_generation(root, "evaluation", "v_8", {"parent_gen_id": "e_1"})
    write_generation(root, "evaluation", "v_9", {"parent_gen_id": "e_2"})
    session = Sessions().open(root)
    first, alone = row_of(session, "essay", "e_1"), row_of(session, "essay", "e_self")
    assert named(session, session.lineage.above(first)) == ["e_2"]
    # An ancestor is not below as well.
    assert named(session, session.lineage.below(first)) == ["v_8"]
    assert session.lineage.above(alone) == session.lineage.below(alone) == []


def test_links_are_the_rows_asked_for(session):
    row = row_of(session, "essay", "e_lost")
    assert session.lineage.links([row])["gen_id"].tolist() == ["e_lost"]
