"""Snapshots in memory, and as the files of a folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from typing import Any, Final

import pandas as pd

from genaudit.audits.reference_report import ReferencesSummary
from genaudit.audits.result import AuditResult, Coverage
from genaudit.layout import SETTINGS
from genaudit.schemas import FINDINGS, REFERENCES, SCORES, SNAPSHOT, STRAYS
from genaudit.snapshots.columns import compress, decompress, pack, pack_lines, unpack, unpack_lines
from genaudit.snapshots.kept import KeptFile
from genaudit.snapshots.manifest import Manifest
from genaudit.stage_file import parse_settings
from genaudit.stages import STAGES, StageTable
from genaudit.store.gc_pause import without_gc
from genaudit.store.snapshot import snapshot_columns

FILES: Final = {
    "path": "str",
    "size": "int64",
    "mtime_ns": "int64",
    "ctime_ns": "int64",
    "inode": "int64",
    "etag": "str",
}
_TABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "generations": SNAPSHOT,
    "strays": STRAYS,
    "findings": FINDINGS,
    "scores": SCORES,
    "files": FILES,
    "references": REFERENCES,
}
# Input of the fingerprint of the store: neither times of files nor results of audits.
_OF_STORE: Final = ("generations", "strays", "irregular", "kept")


@dataclass(frozen=True)
class Saved:
    """A snapshot.

    :param generations: columns as :func:`genaudit.store.snapshot.snapshot_columns` gives them.
    :param irregular: stored records by row number, as :class:`genaudit.store.snapshot.Snapshot` has them.
    :param strays: columns of :data:`genaudit.schemas.STRAYS`.
    :param findings: columns of :data:`genaudit.schemas.FINDINGS`.
    :param scores: columns of :data:`genaudit.schemas.SCORES`.
    :param files: every file below the data root: columns of :data:`FILES`.
    :param kept: the files that audits read after the scan.
    :param references: the result of the search for references, if it ran.
    """

    manifest: Manifest
    generations: pd.DataFrame
    irregular: Mapping[int, Mapping[str, Any]]
    strays: pd.DataFrame
    findings: pd.DataFrame
    scores: pd.DataFrame
    files: pd.DataFrame
    kept: Sequence[KeptFile]
    references: AuditResult[ReferencesSummary] | None = None

    @property
    def stages(self) -> StageTable:
        """The store's table of stages."""
        return _stages(self.kept)

    @without_gc()
    def sealed(self) -> tuple[Saved, dict[str, bytes]]:
        """Return the snapshot with the digests of its files, and the compressed files by name."""
        contents = self._contents()
        files = {_file(name): compress(data) for name, data in contents.items()}
        sums = {
            _file(name): {"sha256": sha256(files[_file(name)]).hexdigest(), "bytes": len(data)}
            for name, data in contents.items()
        }
        whole = sha256()
        for name in _OF_STORE:
            whole.update(sha256(contents[name]).digest())
        manifest = replace(self.manifest, fingerprint=whole.hexdigest(), files=sums)
        return replace(self, manifest=manifest), files

    def _contents(self) -> dict[str, bytes]:
        tables = {name: getattr(self, name) for name in _TABLES if name != "references"}
        contents = {name: pack(table) for name, table in tables.items()}
        contents["irregular"] = pack_lines([row, record] for row, record in sorted(self.irregular.items()))
        contents["kept"] = pack_lines(one.to_list() for one in self.kept)
        if self.references:
            found = self.references
            contents["references"] = pack(found.frame)
            contents["references_result"] = pack_lines([asdict(found.summary), asdict(found.coverage)])
        return contents


def _file(name: str) -> str:
    return f"{name}.{'csv' if name in _TABLES else 'jsonl'}.gz"


@without_gc()
def unseal(manifest: Manifest, files: Mapping[str, bytes]) -> Saved:
    """Build a snapshot from its compressed files.

    :raises ValueError: a file is missing, damaged, or not the one of the manifest.
    """
    contents: dict[str, bytes] = {}
    for name, facts in manifest.files.items():
        if sha256(files[name]).hexdigest() != facts["sha256"]:
            raise ValueError(f"{name}: another digest")
        contents[name.split(".")[0]] = decompress(files[name], facts["bytes"])
    kept = [KeptFile.from_list(values) for values in unpack_lines(contents["kept"])]
    stages = _stages(kept)
    schemas = {**_TABLES, "generations": snapshot_columns(stages)}
    tables = {name: unpack(contents[name], schema, stages) for name, schema in schemas.items() if name in contents}
    table = tables.pop("references", None)
    irregular = dict(unpack_lines(contents["irregular"]))
    references = None if table is None else _references(table, tables["findings"], contents["references_result"])
    return Saved(manifest, irregular=irregular, kept=kept, references=references, **tables)


def _stages(kept: Iterable[KeptFile]) -> StageTable:
    """Read the table of stages from the settings among the kept files."""
    data = next((one.data for one in kept if one.path == SETTINGS and one.kind == "file"), None)
    return STAGES if data is None else parse_settings(data).stages


def _references(table: pd.DataFrame, findings: pd.DataFrame, data: bytes) -> AuditResult[ReferencesSummary]:
    summary, coverage = unpack_lines(data)
    own = findings[findings["audit"] == "references"].reset_index(drop=True)
    return AuditResult("references", ReferencesSummary(**summary), table, own, Coverage(**coverage))
