"""Edits of files whose content changes with the ids, byte for byte.

An edit replaces the bytes of ids and nothing else. The one exception is a cohort's stage manifest, which contains
digests: it is parsed and rendered again.

The scan for edits reads every record, every report beside an answer, every cohort, the selections and the tables. One
digest covers all of them, so that a change in any of these files is detected.
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
    """The kind of an edit: ids replaced in place, or a stage manifest rendered again."""

    SPANS = "spans"
    MANIFEST = "manifest"


class Edit(NamedTuple):
    """The edit of one file.

    :param path: relative to the data root, before any rename; forward slashes.
    :param before: SHA-256 of the current content.
    :param after: SHA-256 of the new content.
    :param spans: sorted by offset; empty for a manifest.
    """

    path: str
    kind: str
    before: str
    after: str
    spans: tuple[Span, ...] = ()


class Left(NamedTuple):
    """A file that may hold references and is not edited, with the reason."""

    path: str
    reason: str


class Rendered(NamedTuple):
    """The new content of a manifest.

    :param membership: the SHA-256 of the membership that it was rendered for, before its own edit.
    """

    membership: str
    content: bytes


@dataclass(slots=True)
class EditScan:
    """A search for edits, and its results.

    :param ids: the new id of each renamed generation, by stage and old id.
    :param fingerprints: whether the digest of all files is wanted; without it, records of other generations are not
        read for this search.
    :param manifests: the new contents of manifests, by path.
    """

    ids: Ids
    fingerprints: bool = True
    edits: list[Edit] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    manifests: dict[str, Rendered] = field(default_factory=dict)
    _seen: list[tuple[str, str]] = field(default_factory=list)

    def see(self, path: str, data: bytes) -> None:
        """Add the content of a scanned file to the fingerprint."""
        if self.fingerprints:
            self._seen.append((path, sha256(data).hexdigest()))

    def note(self, path: str, fact: str) -> None:
        """Add a fact about a path without content to the fingerprint."""
        if self.fingerprints:
            self._seen.append((path, f"({fact})"))

    def edit(self, path: str, data: bytes, spans: Iterable[Span]) -> bytes:
        """Add an edit, if any ids are replaced.

        :returns: the new content.
        """
        ordered = tuple(sorted(set(spans)))
        if not ordered:
            return data
        after = rewritten(data, ordered)
        self.edits.append(Edit(path, EditKind.SPANS.value, digest(data), digest(after), ordered))
        return after

    def leave(self, path: str, reason: str) -> None:
        """Add a file that cannot be edited."""
        self.left.append(Left(path, reason))
        self.note(path, reason)

    def fingerprint(self) -> str:
        """Return the digest of all scanned files and facts."""
        text = "".join(f"{path}\t{content}\n" for path, content in sorted(self._seen))
        return sha256(text.encode()).hexdigest()


def digest(data: bytes) -> str:
    """Return the SHA-256 of a content, in hexadecimal."""
    return sha256(data).hexdigest()
