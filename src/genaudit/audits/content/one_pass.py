"""The content audit in the pass of the search for references, which opens and reads every file once."""

from __future__ import annotations

from typing import Final

from genaudit.audits.content.audit import Checked, ContentCheck
from genaudit.audits.content.stored import StoredTexts
from genaudit.layout import GENS, is_safe_name
from genaudit.store.snapshot import Snapshot
from genaudit.store.texts import MAX_TEXT_BYTES

_PARTS: Final = 4


class Bystander:
    """Checks each generation when the search has left its folder.

    The texts of parents are kept for the prompts of their children, which a search by path reaches later. A process
    that has only a part of the store reads those of other parts again.
    """

    limit = MAX_TEXT_BYTES

    def __init__(self, snapshot: Snapshot, texts: StoredTexts, check: ContentCheck) -> None:
        self._snapshot = snapshot
        self._texts = texts
        self._check = check
        self._row: int | None = None
        self._wanted: dict[str, int] = {}
        self._files: dict[str, bytes] = {}
        self._done: set[int] = set()

    def wants(self, path: str) -> bool:
        """Return whether a file belongs to what the audit reads of a generation."""
        parts = path.split("/")
        if len(parts) != _PARTS or parts[0] != GENS:
            return False
        row = self._snapshot.rows.get(parts[1], {}).get(parts[2])
        if row != self._row:
            self._look()
            self._row = row
            self._wanted = self._texts.wanted(row) if row is not None and is_safe_name(parts[2]) else {}
        return parts[3] in self._wanted

    def take(self, path: str, data: bytes) -> None:
        """Take the bytes of a file."""
        self._files[path.rpartition("/")[2]] = data

    def taken(self) -> tuple[set[int], Checked]:
        """Return the generations that were checked since the last call, and the results."""
        self._look()
        self._row = None
        done, self._done = self._done, set()
        return done, self._check.taken()

    def join(self, taken: tuple[set[int], Checked]) -> None:
        """Add the generations that another process checked."""
        done, checked = taken
        self._done |= done
        self._check.checked.extend(checked)

    def finish(self) -> None:
        """Check the generations that the search did not read, or not whole."""
        self._look()
        for stored in self._texts.each(self._done):
            self._check.look(stored)

    def _look(self) -> None:
        files, self._files = self._files, {}
        if self._row is None or not files:
            return
        stored = self._texts.generation(self._row, files)
        if stored is not None:
            self._check.look(stored)
            self._done.add(self._row)
