"""Sessions on small stores."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from genaudit.workbench.session import Sessions
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD, evaluation, write_generation

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.fixture
def family(root):
    """A draft with one essay, which has three evaluations; and an essay whose parent is not there."""
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_generation(root, "essay", ESSAY, ESSAY_RECORD)
    for number in range(1, 4):
        write_generation(root, "evaluation", f"v_{number}", evaluation(ESSAY, replicate=number))
    write_generation(root, "essay", "e_lost", {**ESSAY_RECORD, "parent_gen_id": "d_gone"})
    return root


@pytest.fixture
def session(family):
    return Sessions(lambda: NOON).open(family)
