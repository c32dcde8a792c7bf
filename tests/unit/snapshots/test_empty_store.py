"""A snapshot of a store without a single file."""

from __future__ import annotations

from genaudit.snapshots.saved import unseal
from genaudit.snapshots.taking import take
from genaudit.store.snapshot import scan


def test_a_store_without_a_file_has_a_snapshot(tmp_path):
    (tmp_path / "gens").mkdir()
    saved = take(scan(tmp_path), date="2026-01-02", name="a")
    again = unseal(saved.manifest, saved.sealed()[1])
    assert (len(again.files), len(again.generations)) == (0, 0)
