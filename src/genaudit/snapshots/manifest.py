"""Manifest of a snapshot: its store, its maker, and the digests of its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

import orjson

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """The facts about a snapshot.

    :param name: its name.
    :param number: its place in the order of the snapshots of a folder, from 1.
    :param date: the day it was saved for, ``YYYY-MM-DD``.
    :param data_root: the data root, as it was named.
    :param fingerprint: a digest of the store: records, artifacts, strays, catalogs, cohorts and selections.
    :param genaudit_version: the version that saved it.
    :param flags: values of the rollout's variables; ``None`` for one that was not set.
    :param audits: names of the audits that ran.
    :param coverage: by audit, the numbers ``checked``, ``skipped`` and ``unverified``.
    :param generations: generations by stage.
    :param classes: by stage, ids by class.
    :param findings: findings by severity.
    :param left_out: entries that the store's settings leave out, by name.
    :param files: by name, the digest (SHA-256) and the uncompressed size of each file of the snapshot.
    :param format: the version of the format.
    """

    name: str
    number: int
    date: str
    data_root: str
    fingerprint: str
    genaudit_version: str
    flags: Mapping[str, str | None]
    audits: list[str]
    coverage: Mapping[str, Mapping[str, Mapping[str, int]]]
    generations: Mapping[str, int]
    classes: Mapping[str, Mapping[str, int]]
    findings: Mapping[str, int]
    left_out: Mapping[str, int]
    files: Mapping[str, Mapping[str, Any]]
    format: int = FORMAT

    def to_dict(self) -> dict[str, Any]:
        """Return the manifest as plain values."""
        return asdict(self)

    def to_bytes(self) -> bytes:
        """Render the manifest as JSON."""
        return orjson.dumps(
            self.to_dict(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS
        )


def parse_manifest(data: bytes) -> Manifest:
    """Parse a manifest.

    :raises ValueError: it is damaged, or of another format.
    """
    content = orjson.loads(data)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ValueError(f"expected format {FORMAT}")
    if content.keys() != {field.name for field in fields(Manifest)}:
        raise ValueError("other fields")
    texts = ("name", "date", "data_root", "fingerprint", "genaudit_version")
    tables = ("flags", "coverage", "generations", "classes", "findings", "left_out", "files")
    sound = (
        all(isinstance(content[name], str) for name in texts)
        and all(isinstance(content[name], dict) for name in tables)
        and isinstance(content["audits"], list)
        and type(content["number"]) is int
    )
    if not sound:
        raise ValueError("a field of another type")
    return Manifest(**content)
