"""What a file is, by its place and name: what may quote ids in it, and who could rewrite them."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from genaudit.audits.registry import report_names
from genaudit.cohorts.manifest import MANIFEST_NAME
from genaudit.cohorts.membership import MEMBERSHIP_NAME, PREVIOUS_NAME
from genaudit.layout import BASELINE, GENS, METADATA, PARSED_METADATA, RAW_METADATA, TEXTS
from genaudit.schemas import RefKind
from genaudit.stages import STAGE_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

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
_SELECTION: Final = re.compile(rf"selected_({'|'.join(STAGE_NAMES)})s\.txt")
_DATED: Final = re.compile(r"(.+)_\d{4}-\d\d-\d\d\.(?:json|csv|html|md|txt)")
_SCORES_NAME: Final = "aggregated_scores"

# Who can rewrite an id where it stands. Memberships and their manifests hang together by digests.
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


class Placed(NamedTuple):
    """What is known of a file from its path.

    :param suffix: lower case, without the dot, and without that of a compression.
    :param stage: the stage of what the file is about, where its place or name says so.
    """

    kind: RefKind
    suffix: str
    stage: str | None = None


def placed(path: str, *, in_store: bool) -> Placed:
    """Tell a file's kind.

    :param path: relative to its root, with forward slashes.
    :param in_store: whether the root is the data root, which has its own order.
    """
    *folders, name = path.removesuffix(".gz").split("/")
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    if in_store and (stage := generation_of(folders)):
        return Placed(_ARTIFACTS.get(name, RefKind.OTHER), suffix, stage)
    if "reports" in folders or _is_own_report(name):
        return Placed(RefKind.REPORT, suffix)
    if "logs" in folders:
        return Placed(RefKind.LOG, suffix)
    if match := _SELECTION.fullmatch(name):
        return Placed(RefKind.SELECTION, suffix, match[1])
    kind = _BY_NAME.get(name) or _BY_SUFFIX.get(suffix, RefKind.OTHER)
    if kind is RefKind.TABLE and (name.startswith(_SCORES_NAME) or (in_store and folders[:1] == [_SCORES_FOLDER])):
        return Placed(RefKind.SCORES, suffix, STAGE_NAMES[-1] if name.startswith(_SCORES_NAME) else None)
    return Placed(kind, suffix)


def _is_own_report(name: str) -> bool:
    match = _DATED.fullmatch(name)
    return match is not None and match[1] in report_names()


def generation_of(folders: list[str]) -> str | None:
    """Name the stage of the generation whose folder, or a file in it, is meant; ``None`` for everything else."""
    below = len(folders) >= _GENERATION_DEPTH - 1 and folders[0] == GENS and folders[1] in STAGE_NAMES
    return folders[1] if below and len(folders) == _GENERATION_DEPTH - 1 else None


_SCORES_FOLDER: Final = "7_cross_experiment"
