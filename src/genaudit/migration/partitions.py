"""Partition keys of a pipeline, which follow the ids of the store.

Keys can be added and deleted, not renamed, and two calls are no transaction. So the store is authoritative and the
keys follow it: new keys are added, verified and linked to the old ones, and only then the old ones are deleted. After
an interruption no finished step is repeated, except for a link, which may be reported twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Protocol

from genaudit.errors import DDError, Err, Reason


class Partitions(Protocol):
    """The partition keys of a pipeline, by definition (``draft_gens``, ``essay_gens``, ``evaluation_gens``).

    Its calls raise ``OSError`` if the pipeline refuses, as a disk would.
    """

    def keys(self, definition: str) -> Iterable[str]:
        """List the keys of a definition."""

    def add(self, definition: str, keys: Sequence[str]) -> None:
        """Add keys; existing keys are ignored."""

    def delete(self, definition: str, keys: Sequence[str]) -> None:
        """Delete keys."""

    def link(self, definition: str, old: str, new: str) -> None:
        """Record in the new key's history that it continues the old one."""


def follow_renames(
    partitions: Partitions,
    renamed: Mapping[str, Mapping[str, str]],
    journal: Callable[[str, str, int], None],
    keep: Mapping[str, Collection[str]] | None = None,
) -> None:
    """Update the keys after generations were renamed.

    :param renamed: the new key of each old one, by definition and old key; only existing keys are renamed.
    :param journal: called before each step with its name, the definition and the number of keys.
    :param keep: old keys that are not deleted, by definition.
    :raises DDError: ``IO_ERROR``, reason ``partitions_not_added``: added keys are missing.
    """
    for definition, new_keys in renamed.items():
        present = frozenset(partitions.keys(definition))
        waiting = {old: new for old, new in new_keys.items() if old in present}
        missing = [new for new in waiting.values() if new not in present]
        if missing:
            journal("partitions_add", definition, len(missing))
            partitions.add(definition, missing)
        present = frozenset(partitions.keys(definition))
        if lost := [new for new in waiting.values() if new not in present]:
            ctx = {
                "reason": Reason.PARTITIONS_NOT_ADDED,
                "definition": definition,
                "keys": lost[:10],
                "count": len(lost),
            }
            raise DDError(Err.IO_ERROR, ctx)
        kept = (keep or {}).get(definition, ())
        stale = [old for old in waiting if old not in kept]
        if stale:
            journal("partitions_delete", definition, len(stale))
            for old in stale:
                partitions.link(definition, old, new_keys[old])
            partitions.delete(definition, stale)
