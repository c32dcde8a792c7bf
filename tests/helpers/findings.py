"""Stores with a few findings, known by hand."""

from __future__ import annotations

from helpers.stores import ESSAY, ESSAY_RECORD, make_stages, write_generation

GONE_PARENT = f"gens/essay/{ESSAY}/metadata.json"


def orphaned(root):
    """Write a store with one error (an essay without its draft) and one warning (a stray file)."""
    make_stages(root)
    write_generation(root, "essay", ESSAY, ESSAY_RECORD)
    (root / "gens" / "draft" / "notes.txt").write_text("x")
    return root
