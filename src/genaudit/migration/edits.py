"""Every file whose content changes when generations get new ids, and how: to the byte.

A file is edited by exchanging the bytes of ids, and nothing else of it changes. The one exception is a cohort's stage
manifest, which carries digests: it is read and rendered anew.

The scan for edits looks at every record, every report beside an answer, every cohort, the selections and the tables.
What it looked at goes into one digest, so that a store in which any of these files changed is known to be another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import NamedTuple, TypeAlias

from genaudit.migration.spans import Span, rewritten

# The new id of each renamed generation, by stage and old id.
Ids: TypeAlias = "Mapping[str, Mapping[str, str]]"


class EditKind(StrEnum):
    """How a file is edited: ids exchanged where they stand, or a stage manifest rendered anew."""

    SPANS = "spans"
    MANIFEST = "manifest"


class Edit(NamedTuple):
    """What becomes of one file.

    :param path: relative to the data root, as it is before anything is renamed; forward slashes.
    :param before: SHA-256 of the content now.
    :param after: SHA-256 of the content then.
    :param spans: sorted by offset; none for a manifest.
    """

    path: str
    kind: str
    before: str
    after: str
    spans: tuple[Span, ...] = ()


class Left(NamedTuple):
    """A file that may quote ids and is left as it is, and why."""

    path: str
    reason: str


@dataclass(slots=True)
class Found:
    """What a scan for edits found, while it is going on and afterwards."""

    edits: list[Edit] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    _seen: list[tuple[str, str]] = field(default_factory=list)

    def see(self, path: str, data: bytes) -> None:
        """Note the content of a file that was looked at."""
        self._seen.append((path, sha256(data).hexdigest()))

    def note(self, path: str, fact: str) -> None:
        """Note what is known of a place without content."""
        self._seen.append((path, f"({fact})"))

    def edit(self, path: str, data: bytes, spans: Iterable[Span]) -> bytes:
        """Add an edit, if there is anything to exchange.

        :returns: the content after it.
        """
        ordered = tuple(sorted(set(spans)))
        if not ordered:
            return data
        after = rewritten(data, ordered)
        self.edits.append(Edit(path, EditKind.SPANS.value, digest(data), digest(after), ordered))
        return after

    def leave(self, path: str, reason: str) -> None:
        """Note a file that cannot be edited."""
        self.left.append(Left(path, reason))
        self.note(path, reason)

    def fingerprint(self) -> str:
        """The digest of all that was looked at."""
        text = "".join(f"{path}\t{content}\n" for path, content in sorted(self._seen))
        return sha256(text.encode()).hexdigest()


def digest(data: bytes) -> str:
    """The SHA-256 of a content, in hexadecimal."""
    return sha256(data).hexdigest()
