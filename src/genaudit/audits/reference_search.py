"""Treatment of references by a rename, with reasons, from the file type and the cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from genaudit.audits.file_types import HANDLERS, FileType
from genaudit.audits.structured_files import Cell
from genaudit.schemas import RefKind, Treatment
from genaudit.store.tokens import Hit, IdIndex, KnownId, looks_like_an_id

# File types that record the past and are not rewritten.
HISTORICAL: Final = frozenset({RefKind.TEXT, RefKind.REPORT, RefKind.LOG})
STRUCTURED: Final = frozenset({*HANDLERS, RefKind.NOTEBOOK})
_MOST_BLANKS: Final = 64
OUTPUT: Final = "notebook_output"
# Reasons why free text is not rewritten, by file type.
_FREE: Final[Mapping[RefKind, str]] = MappingProxyType(
    {RefKind.SCRIPT: "code", RefKind.CONFIG: "code", RefKind.NAME: "file_name"}
)


class Classification(NamedTuple):
    """The treatment of a reference.

    :param reason: words joined by ``, ``: all reasons why no program may rewrite it, or its kind if one may.
    :param handler: the program that rewrites it; ``None`` if there is none.
    """

    treatment: Treatment
    reason: str
    handler: str | None = None


def in_text(place: FileType, hit: Hit, problem: str | None = None) -> Classification:
    """Classify a reference in a text.

    :param problem: the reason why a structured file was read as text.
    """
    if hit.known is None:
        return _dangling(hit, problem or _free(place.kind))
    if place.kind in HISTORICAL:
        return Classification(Treatment.HISTORICAL, place.kind)
    word = "may_be_a_word" if hit.known.wordy else None
    return Classification(
        Treatment.AMBIGUOUS, _joined([problem or _free(place.kind), word, *_about_the_id(hit, None)])
    )


def subject(known: KnownId | None, text: bytes) -> tuple[str, str | None]:
    """Return an id and its stages as reports have them; an id that is not in the store has none.

    :param text: the id as it was found.
    """
    return (known.gen_id, " ".join(known.stages)) if known else (text.decode(), None)


def references_in(index: IdIndex, place: FileType, cell: Cell, form: str) -> Iterator[tuple[Hit, Classification]]:
    """Find and classify the references in a cell.

    :param form: as for :func:`in_cell`.
    """
    hits = index.find_in_cell(cell.text)
    for hit in hits:
        yield hit, in_cell(place, cell, hit, form)
    if hits or not cell.names_ids:
        return
    text = cell.text.strip()
    start = cell.text.index(text)
    known = index.meant(text)
    hit = Hit(start, start + len(text), known, is_part=False, folder_of=None)
    if known:
        yield hit, Classification(Treatment.AMBIGUOUS, "written_differently")
    elif looks_like_an_id(text, index.stages):
        yield hit, in_cell(place, cell, hit, form)


class _Extent(Enum):
    """The part of a cell that a reference takes."""

    WHOLE = "id"
    PATH = "path"
    SOME = "more_than_an_id"


def in_cell(place: FileType, cell: Cell, hit: Hit, form: str) -> Classification:
    """Classify a reference in a cell.

    :param hit: the reference, with offsets in the cell's text.
    :param form: the form of the content; decoded or decompressed content is not rewritten.
    """
    # The treatment depends on neither the id nor the field: most references share theirs with others.
    known = hit.known and (hit.known.stages, hit.known.wordy)
    about_cell = (cell.names_ids, cell.stage, cell.problem)
    return _in_cell((place.kind, form), about_cell, known, (hit.is_part, hit.folder_of), _extent(cell, hit))


def _extent(cell: Cell, hit: Hit) -> _Extent:
    if hit.folder_of is not None and cell.text[hit.end : hit.end + 1] in (b"", b"/"):
        return _Extent.PATH
    # A cell of many ids is not stripped for each of them.
    others = len(cell.text) - (hit.end - hit.start)
    if not others or (others <= _MOST_BLANKS and cell.text.strip() == cell.text[hit.start : hit.end]):
        return _Extent.WHOLE
    return _Extent.SOME


@lru_cache(maxsize=4096)
def _in_cell(
    content: tuple[RefKind, str],
    about_cell: tuple[bool, str | None, str | None],
    known: tuple[tuple[str, ...], bool] | None,
    about_hit: tuple[bool, str | None],
    extent: _Extent,
) -> Classification:
    (kind, form), cell = content, Cell(0, b"", "", *about_cell)
    hit = Hit(0, 0, None if known is None else KnownId("", *known), *about_hit)
    if hit.known is None:
        return _dangling(hit, extent.value)
    if cell.problem == OUTPUT:
        return Classification(Treatment.HISTORICAL, cell.problem)
    reasons = [cell.problem, None if form == "plain" else form]
    if extent is _Extent.SOME:
        reasons.append(extent.value)
    path = extent is _Extent.PATH
    if hit.known.wordy and not path and not (cell.names_ids and extent is _Extent.WHOLE):
        reasons.append("may_be_a_word")
    reasons += _about_the_id(hit, cell.stage if cell.names_ids and not path else None)
    if reason := _joined(dict.fromkeys(reasons)):
        return Classification(Treatment.AMBIGUOUS, reason)
    return Classification(Treatment.REWRITE, extent.value, HANDLERS[kind])


def _about_the_id(hit: Hit, stage: str | None) -> list[str | None]:
    if hit.known is None:
        return []
    stage = hit.folder_of or stage
    reasons: list[str | None] = ["part_of_a_name" if hit.is_part else None]
    if stage is None and len(hit.known.stages) > 1:
        reasons.append("in_several_stages")
    if stage is not None and stage not in hit.known.stages:
        reasons.append("in_another_stage")
    return reasons


def _dangling(hit: Hit, where: str) -> Classification:
    return Classification(Treatment.DANGLING, _joined([where, "part_of_a_name" if hit.is_part else None]))


def _free(kind: RefKind) -> str:
    return _FREE.get(kind, kind if kind in HISTORICAL else "free_text")


def _joined(reasons: Iterable[str | None]) -> str:
    return ", ".join(filter(None, reasons))
