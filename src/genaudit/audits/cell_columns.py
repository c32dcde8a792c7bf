"""References in many cells of one meaning at once: a key of alike documents, or a column of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

from genaudit.audits.file_types import FileType
from genaudit.audits.occurrences import Occurrences, Where
from genaudit.audits.reference_search import Classification, in_cell, references_in, subject
from genaudit.audits.structured_files import Cell
from genaudit.store.contents import characters
from genaudit.store.tokens import Around, Hit, IdIndex, KnownId


class _Coded(NamedTuple):
    """A known id, its number, and the traits that decide its treatment."""

    number: int
    traits: tuple[tuple[str, ...], bool]
    known: KnownId


class _Codes(dict[bytes, "_Coded | None"]):
    """The known ids that were found so far."""

    def __init__(self, index: IdIndex, rows: Occurrences) -> None:
        super().__init__()
        self._index = index
        self._rows = rows

    def __missing__(self, text: bytes) -> _Coded | None:
        known = self._index.get(text)
        if known is None:
            return None
        number = self._rows.identity(*subject(known, text))
        coded = self[text] = _Coded(number, (known.stages, known.wordy), known)
        return coded


class Meaning(NamedTuple):
    """The meaning of the cells of a column.

    :param form: the form of the content, as for :func:`~genaudit.audits.reference_search.in_cell`.
    :param cell: any of the cells.
    """

    place: FileType
    form: str
    cell: Cell

    def classified(self, text: bytes, hit: Hit) -> Classification:
        """Classify a reference in one of the cells."""
        return in_cell(self.place, self.cell._replace(text=text), hit, self.form)


class CellColumns:
    """Search of columns of cells, most of which hold an id, the path of a generation's file, or neither.

    :param rows: gets the references.
    """

    def __init__(self, index: IdIndex, rows: Occurrences) -> None:
        self._index = index
        self._rows = rows
        self._codes = _Codes(index, rows)

    def add(self, meaning: Meaning, values: Sequence[bytes], where: Callable[[], Where]) -> None:
        """Find and classify the references in a column.

        :param values: the texts of the cells, without line breaks.
        :param where: returns the positions of their first characters.
        """
        if not meaning.cell.names_ids and not any(map(self._index.may_find, (values[0], b"\n".join(values)))):
            return
        get = self._codes.__getitem__
        known, around = [*map(get, values)], None
        if None in known and (around := self._index.around(values[0])):
            # Most are paths of the same file in the folders of generations.
            before, after = around.before, around.after
            names = [value[len(before) : len(value) - len(after)] for value in values]
            known = [
                get(name) if before + name + after == value else None
                for name, value in zip(names, values, strict=True)
            ]
        every = where()
        if None not in known:
            self._add_known(meaning, known, every, around)
            return
        rows = [row for row, one in enumerate(known) if one is not None]
        if rows:
            self._add_known(meaning, [known[row] for row in rows], every.at(rows), around)
        for one, text, at in zip(known, values, every.rows(), strict=True):
            if one is None:
                self._add_cell(meaning, text, at)

    def _add_known(
        self, meaning: Meaning, known: Sequence[_Coded | None], where: Where, around: Around | None
    ) -> None:
        """Add ids that fill their cells, or paths with ids."""
        before, after, stage = around or Around(b"", b"", None)
        numbers, traits, ids = zip(*cast("Sequence[_Coded]", known), strict=True)
        classified: dict[tuple[tuple[str, ...], bool], int] = {}
        for trait, one in dict(zip(traits, ids, strict=True)).items():
            name = one.gen_id.encode()
            hit = Hit(len(before), len(before) + len(name), one, is_part=False, folder_of=stage)
            found = meaning.classified(before + name + after, hit)
            classified[trait] = self._rows.classification(meaning.cell.field or None, found)
        self._rows.add_columns(where.moved(len(before)), numbers, [*map(classified.__getitem__, traits)])

    def _add_cell(self, meaning: Meaning, text: bytes, at: tuple[int, int, int, int]) -> None:
        file, line, column, offset = at
        cell = meaning.cell._replace(text=text)
        for hit, found in references_in(self._index, meaning.place, cell, meaning.form):
            identity = self._rows.identity(*subject(hit.known, text[hit.start : hit.end]))
            self._rows.append(
                (file, identity, self._rows.classification(cell.field or None, found)),
                (line, column + characters(text[: hit.start]), offset + hit.start),
            )
