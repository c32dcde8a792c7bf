"""Runs of audits over stores of a few generations."""

from __future__ import annotations

import pytest

from genaudit.audits.run import run_audits
from genaudit.store.snapshot import scan
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD, evaluation, make_stages, write_generation


@pytest.fixture
def store(tmp_path):
    """A sound store: a draft, its essay and no evaluation."""
    root = make_stages(tmp_path / "store")
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_generation(root, "essay", ESSAY, ESSAY_RECORD)
    return root


@pytest.fixture
def broken(store):
    """The same with an essay whose parent is gone, an evaluation below it, and a draft without a record."""
    write_generation(store, "essay", "orphan-essay", {**ESSAY_RECORD, "parent_gen_id": "d_gone"})
    write_generation(store, "evaluation", "43ftibqi56628az1", evaluation("orphan-essay", replicate="1"))
    write_generation(store, "draft", "d_bare", b"")
    return store


@pytest.fixture
def audit():
    """Scan a store and run audits over it."""

    def run(root, **options):
        return run_audits(scan(root), **options)

    return run
