"""Stage manifest: the fields of each member of a cohort, beside a membership that only lists ids.

The file ``stage_manifest.json`` is one JSON object: ``schema`` and ``version``; ``cohort_id``; ``membership_sha256``,
the digest of the exact bytes of ``membership.csv`` that it was written for; ``metadata`` about the build;
``entries``, the fields of each member by stage and id; and ``checksum``, the SHA-256 of all the rest as compact UTF-8
JSON with sorted keys. An entry has ``origin_cohort_id`` only if it differs from the cohort.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from hashlib import sha256
from typing import Any, Final, NamedTuple

import orjson
import pandas as pd

from genaudit.cohorts.membership_csv import MembershipCsv
from genaudit.cohorts.membership_rows import (
    KEY_COLUMNS,
    MODE,
    WITH_MODE,
    Problems,
    normal_membership,
    normal_rows,
)
from genaudit.errors import DDError, Err, Reason
from genaudit.ids import normal_text
from genaudit.schemas import rows as rows_of
from genaudit.stages import STAGES, StageTable
from genaudit.store.gc_pause import without_gc
from genaudit.store.records import UnreadableError, decode

MANIFEST_NAME: Final = "stage_manifest.json"
SCHEMA: Final = "genaudit/stage-manifest"
VERSION: Final = 1
DETAILS: Final = tuple(name for name in WITH_MODE if name not in KEY_COLUMNS)

_DETAILS: Final = frozenset(DETAILS)
_CHECKSUM: Final = "checksum"
_KEYS: Final = frozenset({"schema", "version", "cohort_id", "membership_sha256", "metadata", "entries", _CHECKSUM})


class ManifestEntry(NamedTuple):
    """The fields of one member; ``None`` for fields that do not apply."""

    stage: str
    gen_id: str
    origin_cohort_id: str
    parent_gen_id: str | None
    combo_id: str | None
    template_id: str | None
    llm_model_id: str | None
    replicate: int | None
    mode: str | None


@dataclass(frozen=True, eq=False)
class StageManifest:
    """The members of a cohort with their fields.

    :param frame: one row per member, in normal form; columns of :data:`~genaudit.cohorts.membership_rows.WITH_MODE`.
    :param membership_sha256: the digest of the membership's bytes; ``None`` before it is bound to one.
    :param metadata: plain values about the build.
    :param stages: the store's table of stages.
    """

    cohort_id: str
    frame: pd.DataFrame
    membership_sha256: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    stages: StageTable = STAGES

    @classmethod
    def from_membership(
        cls, frame: pd.DataFrame, cohort_id: str, modes: Mapping[str, Mapping[str, str]] | None = None
    ) -> StageManifest:
        """Create a manifest from a membership in memory.

        :param frame: the columns of :data:`~genaudit.cohorts.membership_rows.MEMBERSHIP`, optionally ``mode``.
        :param modes: the mode of each template's generations, by stage, for rows without their own mode.
        :raises DDError: ``INVALID_MEMBERSHIP`` with all problems of all rows.
        """
        full = normal_membership(frame.assign(mode=_modes(frame, modes or {})), cohort_id, MANIFEST_NAME)
        return cls(cohort_id, full)

    @cached_property
    def entries(self) -> Mapping[tuple[str, str], ManifestEntry]:
        """The members by stage and id."""
        made = (ManifestEntry(**row._asdict()) for row in rows_of(self.frame))
        return {(entry.stage, entry.gen_id): entry for entry in made}

    def bound_to(self, membership: bytes, metadata: Mapping[str, Any]) -> StageManifest:
        """Bind the manifest to the bytes of a membership.

        :param metadata: metadata of the build.
        :raises DDError: ``INVALID_CONFIG``, reason ``metadata_not_plain``: JSON cannot hold it.
        """
        return replace(self, membership_sha256=sha256(membership).hexdigest(), metadata=_plain(metadata))

    def belongs_to(self, membership: MembershipCsv) -> bool:
        """Return whether the manifest belongs to a membership: it was bound to its bytes and has its members.

        The bytes are those of the file, or those that our writer would produce, since another program may have saved
        the file again or written it in its own way.
        """
        same = all(self.frame[name].tolist() == membership.frame[name].tolist() for name in KEY_COLUMNS)
        return same and (
            self.membership_sha256 == membership.sha256
            or self.membership_sha256 == sha256(membership.canonical()).hexdigest()
        )

    def to_bytes(self) -> bytes:
        """Render the manifest, one line per member; the same manifest gives the same bytes."""
        document: dict[str, Any] = {
            "schema": SCHEMA,
            "version": VERSION,
            "cohort_id": self.cohort_id,
            "membership_sha256": self.membership_sha256,
            "metadata": self.metadata,
            "entries": self._entries(),
        }
        checksum = _checksum(document)
        lines = [b"{"]
        lines += [b"  " + _pair(name, value) + b"," for name, value in document.items() if name != "entries"]
        lines.append(b'  "entries": {')
        lines.append(b",\n".join(_stage_lines(stage, members) for stage, members in document["entries"].items()))
        lines += [b"  },", b"  " + _pair(_CHECKSUM, checksum), b"}", b""]
        return b"\n".join(lines)

    def _entries(self) -> dict[str, dict[str, dict[str, Any]]]:
        entries: dict[str, dict[str, dict[str, Any]]] = {stage: {} for stage in self.stages}
        for (stage, gen_id), entry in self.entries.items():
            origin = None if entry.origin_cohort_id == self.cohort_id else entry.origin_cohort_id
            values = zip(DETAILS, (origin, *entry[len(KEY_COLUMNS) + 1 :]), strict=True)
            entries[stage][gen_id] = {name: value for name, value in values if value is not None}
        return entries

    @classmethod
    @without_gc()
    def from_bytes(cls, data: bytes, cohort_id: str, path: str, stages: StageTable = STAGES) -> StageManifest:
        """Read a manifest.

        :param cohort_id: the expected cohort.
        :param path: the file, as errors name it.
        :param stages: the store's table of stages.
        :raises DDError: ``INVALID_MEMBERSHIP``, reason ``manifest_damaged`` (it is no manifest, of another cohort, or
            changed since it was written; ``field`` and ``value`` locate it), ``manifest_version`` (another one)
            or ``invalid_rows``.
        """
        document = _document(data, cohort_id, path)
        rows = list(_rows(document["entries"], path))
        columns = {name: [row.get(name) for row in rows] for name in WITH_MODE}
        frame = normal_rows(columns, [None] * len(rows), cohort_id, Problems(path, stages))
        return cls(cohort_id, frame, document["membership_sha256"], document["metadata"], stages)


def _modes(frame: pd.DataFrame, modes: Mapping[str, Mapping[str, str]]) -> pd.Series[Any]:
    """Return each row's own mode, else that of its template."""
    own = frame[MODE].astype(object) if MODE in frame.columns else pd.Series(None, index=frame.index, dtype=object)
    if not {"stage", "template_id"}.issubset(frame.columns):
        # The later check of the columns names the missing ones.
        return own
    known = {
        (stage, normal_text(name)): mode for stage, templates in modes.items() for name, mode in templates.items()
    }
    keys = zip(frame["stage"].tolist(), map(normal_text, frame["template_id"].tolist()), strict=True)
    of_template = pd.Series([known.get(key) for key in keys], index=frame.index, dtype=object)
    return own.where(own.notna(), of_template)


def _plain(metadata: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return decode(orjson.dumps(dict(metadata)))
    except (TypeError, UnreadableError) as error:
        ctx = {"reason": Reason.METADATA_NOT_PLAIN, "keys": sorted(map(str, metadata)), "error": str(error)}
        raise DDError(Err.INVALID_CONFIG, ctx) from error


def _checksum(document: Mapping[str, Any]) -> str:
    rest = {name: value for name, value in document.items() if name != _CHECKSUM}
    return sha256(orjson.dumps(rest, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _pair(name: str, value: object) -> bytes:
    return orjson.dumps(name) + b": " + orjson.dumps(value)


def _stage_lines(stage: str, members: Mapping[str, object]) -> bytes:
    lines = b",\n".join(b"      " + _pair(gen_id, entry) for gen_id, entry in members.items())
    return b"    " + orjson.dumps(stage) + b": {" + (b"\n" + lines + b"\n    }" if lines else b"}")


def _document(data: bytes, cohort_id: str, path: str) -> dict[str, Any]:
    """Decode a manifest and verify its checksum."""
    try:
        document = decode(data)
    except UnreadableError as error:
        raise _damaged(path, None, f"{error.state}: {error.detail}") from error
    if document.get("schema") != SCHEMA:
        raise _damaged(path, "schema", document.get("schema"))
    if document.get("version") != VERSION:
        ctx = {"path": path, "version": document.get("version"), "understood": VERSION}
        raise DDError(Err.INVALID_MEMBERSHIP, {"reason": Reason.MANIFEST_VERSION, **ctx})
    if document.keys() != _KEYS:
        raise _damaged(path, None, sorted(_KEYS ^ document.keys()))
    for name, kind in (("membership_sha256", str), ("metadata", dict), ("entries", dict)):
        if not isinstance(document[name], kind):
            raise _damaged(path, name, document[name])
    if document[_CHECKSUM] != _checksum(document):
        raise _damaged(path, _CHECKSUM, document[_CHECKSUM])
    if document["cohort_id"] != cohort_id:
        raise _damaged(path, "cohort_id", document["cohort_id"])
    return document


def _rows(entries: Mapping[str, object], path: str) -> Iterator[dict[str, Any]]:
    """Yield the entries of a document; a correct checksum does not guarantee valid entries."""
    for stage, members in entries.items():
        if not isinstance(members, dict):
            raise _damaged(path, f"entries.{stage}", members)
        for gen_id, entry in members.items():
            if not isinstance(entry, dict) or not _DETAILS.issuperset(entry):
                raise _damaged(path, f"entries.{stage}.{gen_id}", entry)
            yield {"stage": stage, "gen_id": gen_id, **entry}


def _damaged(path: str, field: str | None, value: object) -> DDError:
    plain = value if isinstance(value, (str, int, float, list, type(None))) else repr(value)
    ctx = {"reason": Reason.MANIFEST_DAMAGED, "path": path, "field": field, "value": plain}
    return DDError(Err.INVALID_MEMBERSHIP, ctx)
