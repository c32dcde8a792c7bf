"""Sessions on small stores."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from genaudit.workbench.session import Sessions
from helpers.rebuilds import add, write_catalogs
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD, evaluation, write_generation

JUDGED, RETIRED = "v_novelty", "v_style"
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


@pytest.fixture
def chain(root):
    """A draft, its essay, an evaluation of it and one by a retired template; the essay is selected.

    One replicate of drafts and essays, two of evaluations, one judge.
    """
    write_catalogs(root, replication_config=["draft,1", "essay,1", "evaluation,2"])
    add(root, "draft", DRAFT, DRAFT_RECORD, usage=(100, 1000))
    add(root, "essay", ESSAY, ESSAY_RECORD, usage=(1000, 900))
    add(root, "evaluation", JUDGED, evaluation(ESSAY), usage=(500, 10))
    add(root, "evaluation", RETIRED, evaluation(ESSAY, template_id="style-coherence"))
    (root / "2_tasks").mkdir(exist_ok=True)
    (root / "2_tasks" / "selected_essays.txt").write_text(f"{ESSAY}\n")
    return root


@pytest.fixture
def chained(chain):
    return Sessions(lambda: NOON).open(chain)
