"""File types by path: whether a file may hold references, and who could rewrite them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from genaudit.audits.registry import report_names
from genaudit.cohorts.manifest import MANIFEST_NAME
from genaudit.cohorts.membership import MEMBERSHIP_NAME, PREVIOUS_NAME
from genaudit.layout import BASELINE, GENS, METADATA, PARSED_METADATA, RAW_METADATA, TEXTS
from genaudit.schemas import RefKind
from genaudit.stages import SCORED, STAGES, StageTable

_GENERATION_DEPTH: Final = 4
_BY_SUFFIX: Final = {
    **dict.fromkeys(("csv", "tsv"), RefKind.TABLE),
    **dict.fromkeys(("json", "jsonl", "ndjson"), RefKind.DATA),
    **dict.fromkeys(("md", "rst", "txt", "html", "htm", "adoc", "tex"), RefKind.DOC),
    **dict.fromkeys(("py", "pyi", "sh", "bash", "sql", "r", "js", "ts", "mk"), RefKind.SCRIPT),
    **dict.fromkeys(("yaml", "yml", "toml", "ini", "cfg", "conf"), RefKind.CONFIG),
    **dict.fromkeys(("log", "out", "err"), RefKind.LOG),
    "ipynb": RefKind.NOTEBOOK,
}
_BY_NAME: Final = {
    MEMBERSHIP_NAME: RefKind.MEMBERSHIP,
    MANIFEST_NAME: RefKind.STAGE_MANIFEST,
    PREVIOUS_NAME: RefKind.STAGE_MANIFEST,
    "manifest.json": RefKind.MANIFEST,
    # Its fingerprints cover the ids, which are read through the ledger: a rename leaves it as it is.
    BASELINE: RefKind.REPORT,
    "Makefile": RefKind.SCRIPT,
}
_ARTIFACTS: Final = {
    METADATA: RefKind.RECORD,
    RAW_METADATA: RefKind.RAW_METADATA,
    PARSED_METADATA: RefKind.DATA,
    **dict.fromkeys(TEXTS, RefKind.TEXT),
}
_SELECTION: Final = re.compile(r"selected_(.+)s\.txt")
_DATED: Final = re.compile(r"(.+)_\d{4}-\d\d-\d\d\.(?:json|csv|html|md|txt)")
_SCORES_NAME: Final = "aggregated_scores"

# Programs that can rewrite an id in place. Memberships and their manifests are linked by digests.
HANDLERS: Final[Mapping[RefKind, str]] = MappingProxyType(
    {
        RefKind.RECORD: "record",
        RefKind.RAW_METADATA: "json",
        RefKind.MEMBERSHIP: "membership",
        RefKind.STAGE_MANIFEST: "stage_manifest",
        RefKind.MANIFEST: "json",
        RefKind.SELECTION: "lines",
        RefKind.SCORES: "csv",
        RefKind.TABLE: "csv",
        RefKind.DATA: "json",
    }
)


class FileType(NamedTuple):
    """The type of a file, derived from its path.

    :param suffix: lower case, without the dot and without a compression suffix.
    :param stage: the stage of its subject, if its path or name gives one.
    """

    kind: RefKind
    suffix: str
    stage: str | None = None


def placed(path: str, *, in_store: bool, stages: StageTable = STAGES) -> FileType:
    """Return a file's type.

    :param path: relative to its root, with forward slashes.
    :param in_store: whether the root is the data root, which has its own order.
    :param stages: the store's table of stages.
    """
    *folders, name = path.removesuffix(".gz").split("/")
    if in_store and (stage := generation_of(folders, stages)):
        return _of_generation(name, stage)
    suffix = _suffix(name)
    if "reports" in folders or _is_own_report(name):
        return FileType(RefKind.REPORT, suffix)
    if "logs" in folders:
        return FileType(RefKind.LOG, suffix)
    if (match := _SELECTION.fullmatch(name)) and match[1] in stages:
        return FileType(RefKind.SELECTION, suffix, match[1])
    kind = _BY_NAME.get(name) or _BY_SUFFIX.get(suffix, RefKind.OTHER)
    if kind is RefKind.TABLE and (name.startswith(_SCORES_NAME) or (in_store and folders[:1] == [_SCORES_FOLDER])):
        return FileType(
            RefKind.SCORES, suffix, SCORED if name.startswith(_SCORES_NAME) and SCORED in stages else None
        )
    return FileType(kind, suffix)


@lru_cache
def _of_generation(name: str, stage: str) -> FileType:
    return FileType(_ARTIFACTS.get(name, RefKind.OTHER), _suffix(name), stage)


def _suffix(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def _is_own_report(name: str) -> bool:
    match = _DATED.fullmatch(name)
    return match is not None and match[1] in report_names()


def generation_of(folders: list[str], stages: StageTable = STAGES) -> str | None:
    """Name the stage of the generation whose folder, or a file in it, is meant; ``None`` for everything else."""
    below = len(folders) >= _GENERATION_DEPTH - 1 and folders[0] == GENS and folders[1] in stages
    return folders[1] if below and len(folders) == _GENERATION_DEPTH - 1 else None


_SCORES_FOLDER: Final = "7_cross_experiment"
