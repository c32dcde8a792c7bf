"""The partition keys of a pipeline, which follow the ids of the store.

Keys can be added and deleted, not renamed, and no two calls are one transaction. So the store is the truth and the
keys follow it: new ones are added, looked up again, linked to the old ones, and only then the old ones are deleted.
Whatever of this was done before an interruption is not done again, but for a link, which may be reported twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from genaudit.errors import DDError, Err, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence


class Partitions(Protocol):
    """The partition keys of a pipeline, by definition (``draft_gens``, ``essay_gens``, ``evaluation_gens``).

    Its calls raise ``OSError`` where the pipeline refuses, as a disk would.
    """

    def keys(self, definition: str) -> Iterable[str]:
        """List the keys of a definition."""

    def add(self, definition: str, keys: Sequence[str]) -> None:
        """Add keys; those that are there already are no error."""

    def delete(self, definition: str, keys: Sequence[str]) -> None:
        """Delete keys."""

    def link(self, definition: str, old: str, new: str) -> None:
        """Note with the history of the new key that it continues the old one."""


def follow_renames(
    partitions: Partitions,
    renamed: Mapping[str, Mapping[str, str]],
    journal: Callable[[str, str, int], None],
    keep: Mapping[str, Collection[str]] | None = None,
) -> None:
    """Bring the keys in line with a store in which generations were renamed.

    :param renamed: the new key of each old one, by definition and old key; only keys that are there are renamed.
    :param journal: told of each step before it is taken: its name, the definition and the number of keys.
    :param keep: old keys that are not deleted, by definition.
    :raises DDError: ``IO_ERROR``, reason ``partitions_not_added``: keys that were added are not there.
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
