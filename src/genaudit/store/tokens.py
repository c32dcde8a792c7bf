"""Search for ids in bytes: as whole tokens, in one pass, for any number of ids.

Bytes form *runs* of the characters that an id can have: letters, digits, ``_``, ``-`` and ``.``. A run is an id,
perhaps with extra marks at its ends (``see d_abc.``, ``_d_abc_``), or it is none; so an id is never found inside a
longer one. An id that cannot be a word is also found as a *part* of a run, between dots and dashes (``d_abc.txt``),
unless a dash and digit follow that could be its collision suffix: ``d_abc-2`` is another id than ``d_abc``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from genaudit.ids import DIGITS, LEGACY_LENGTH, MAX_COLLISION, MAX_DIGITS, IdForm, parse_id
from genaudit.layout import ARTIFACTS, GENS
from genaudit.stages import MAX_STAGE_NAME, STAGES, StageTable

# Longer runs are cut at multiples of this, independent of chunks.
MAX_RUN: Final = 1 << 16
# A hash has fewer digits once in 260,000; a shorter text may be a variable or a word.
LEAST_DIGITS: Final = 13
# How far before a run the path may begin that makes the run a generation's folder.
CONTEXT: Final = MAX_STAGE_NAME + len(GENS) + 2

ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-"
_RUN: Final = re.compile(rb"[A-Za-z0-9_.-]{1,%d}" % MAX_RUN)
_PIECE: Final = re.compile(rb"[A-Za-z0-9_]+(?:-[1-%d](?!_*[A-Za-z0-9]))?" % MAX_COLLISION)
_MARKS: Final = b"_.-"
_MOST_MARKS: Final = 16
# No safe name is longer; a longer run need not be looked up.
_LONGEST: Final = 128
_WORDS: Final = bytes(byte if byte in ALPHABET and byte not in b".-" else 32 for byte in range(256))
_FIRST_WORD: Final = re.compile(rb"[A-Za-z0-9_]+")
# Bytes of a hash become one letter, all others a blank: the shape of a hash is then found as a plain text.
_SHAPES: Final = bytes(120 if chr(byte) in DIGITS else 32 for byte in range(256))
_SHAPE: Final = b"x" * LEAST_DIGITS
_RUNS: Final = bytes(120 if byte in ALPHABET else 32 for byte in range(256))
_LEGACY: Final = re.compile(rb"[0-9a-z]{%d}" % LEGACY_LENGTH)
_GENS: Final = f"{GENS}/".encode()
# Memory of cells without an id, small beside the ids.
_MOST_BARREN: Final = 10_000
_SHORT: Final = 64
# Bytes that are split into words together, in a search for ids without the shape of a hash.
_BLOCK: Final = 1024


class KnownId(NamedTuple):
    """An id of the store: the stages that have a generation of that name, and whether it could be a word."""

    gen_id: str
    stages: tuple[str, ...]
    wordy: bool


class Hit(NamedTuple):
    """An id in bytes.

    :param start: its first offset; ``end`` is the offset after it.
    :param known: ``None`` for a text in the form of an id that names no generation.
    :param is_part: whether it is a part of a longer run.
    :param folder_of: the stage whose folder precedes it, as in ``gens/draft/d_abc``.
    """

    start: int
    end: int
    known: KnownId | None
    is_part: bool
    folder_of: str | None


def could_be_a_word(gen_id: str, stages: StageTable = STAGES) -> bool:
    """Return whether an id could occur in a text with another meaning: ``draft``, ``v_2``.

    One hash of 16 digits in 180 has no 0-9; it counts as a word.
    """
    for stage in stages:
        parsed = parse_id(stage, gen_id, stages)
        if parsed.form is IdForm.DETERMINISTIC and len(parsed.digits) >= LEAST_DIGITS:
            return False
        if parsed.form is IdForm.LEGACY and not gen_id.isalpha():
            return False
    return True


def looks_like_an_id(text: bytes, stages: StageTable = STAGES) -> bool:
    """Return whether a text in place of an id has the deterministic or the legacy form."""
    if _LEGACY.fullmatch(text):
        return True
    # Text that is not ASCII matches no form.
    word = text.decode("ascii", "replace")
    return any(parse_id(stage, word, stages).form is IdForm.DETERMINISTIC for stage in stages)


class Around(NamedTuple):
    """The bytes before and after the name of a generation in a path, and the generation's stage, if there is one."""

    before: bytes
    after: bytes
    stage: str | None


class IdIndex:
    """Index of the ids to search for.

    :param held: by id, the stages that have a generation of that name.
    :param stages: the store's table of stages.
    """

    def __init__(self, held: Mapping[str, tuple[str, ...]], stages: StageTable = STAGES) -> None:
        self.stages = stages
        self._folders = {f"{GENS}/{stage}/".encode(): stage for stage in stages}
        self._prefixes = tuple(stage.prefix.encode() for stage in stages.values())
        self._long = re.compile(
            rb"(?:%s)[1-9a-z][0-9a-z]{%d,%d}(?:-[1-%d])?"
            % (b"|".join(map(re.escape, self._prefixes)), LEAST_DIGITS - 1, MAX_DIGITS - 1, MAX_COLLISION)
        )
        known = ((name.encode(), name, own) for name, own in held.items())
        # Most ids are long hashes, which one match shows.
        self._known = {
            key: KnownId(name, own, not self._long.fullmatch(key) and could_be_a_word(name, stages))
            for key, name, own in known
        }
        self._parts = {name: known for name, known in self._known.items() if not known.wordy}
        self._folder = re.compile(rb"%s(?:%s)/" % (_GENS, b"|".join(stage.encode() for stage in stages)))
        # Ids without the shape of a hash are found by their first word.
        firsts = (_FIRST_WORD.match(name) for name in self._known if _SHAPE not in name.translate(_SHAPES))
        self._firsts = {first[0] for first in firsts if first}
        self._stripped = {first.strip(b"_") for first in self._firsts}
        self._barren: set[bytes] = set()
        self._lowered = {name.lower(): known for name, known in sorted(self._known.items())}
        # Paths of files in a generation's folder, without its name, in which nothing else can be an id.
        files = [(folder, name.encode()) for folder in self._folders for name in ARTIFACTS]
        self._plain = {folder + name for folder, name in files if not self.may_find(folder + b"-/" + name)}

    def get(self, text: bytes) -> KnownId | None:
        """Look up an id."""
        return self._known.get(text)

    def meant(self, text: bytes) -> KnownId | None:
        """Look up the id that a text becomes when it is normalised."""
        return self._lowered.get(text.strip().lower())

    def may_find(self, data: bytes) -> bool:
        """Return whether there is anything to find."""
        return next(self.find(data), None) is not None

    def find_in_cell(self, text: bytes) -> tuple[Hit, ...]:
        """Find ids in a short text as :meth:`find` does, and remember texts without ids, which columns repeat."""
        if text in self._barren:
            return ()
        if known := self._known.get(text):
            return (Hit(0, len(text), known, is_part=False, folder_of=None),)
        if hit := self._in_path(text):
            return (hit,)
        hits = tuple(self.find(text))
        if not hits and len(text) <= _SHORT and len(self._barren) < _MOST_BARREN:
            self._barren.add(text)
        return hits

    def around(self, text: bytes) -> Around | None:
        """Split the path of a generation's file, in which nothing else can be an id, around the generation's name."""
        if not text.startswith(_GENS):
            return None
        folder, stage = next(((one, name) for one, name in self._folders.items() if text.startswith(one)), (b"", ""))
        _, slash, file = text[len(folder) :].partition(b"/")
        return Around(folder, slash + file, stage) if folder + file in self._plain else None

    def _in_path(self, text: bytes) -> Hit | None:
        """Find the only id in the path of a generation's file, which reports of generations repeat."""
        around = self.around(text)
        if around is None:
            return None
        start, end = len(around.before), len(text) - len(around.after)
        known = self._known.get(text[start:end])
        return known and Hit(start, end, known, is_part=False, folder_of=around.stage)

    def find(self, data: bytes, start: int = 0) -> Iterator[Hit]:
        """Find ids, and texts in the form of an id, from left to right.

        :param start: the first offset to search; bytes before it only count as a folder's path. No run may cross it.
        """
        for left, right in self._spans(data, start):
            for match in _RUN.finditer(data, left, right):
                yield from self._in_run(match[0], match.start(), self._folder_before(data, match.start()))

    def _spans(self, data: bytes, start: int) -> Iterator[tuple[int, int]]:
        """Find the stretches of id characters that may hold an id, from left to right."""
        places = [*_shapes(data, start)]
        if _GENS in data:
            places += [match.end() for match in self._folder.finditer(data) if match.end() >= start]
        if self._firsts:
            places += self._first_words(data, start)
        if not places:
            return
        marks = data.translate(_RUNS)
        done = start
        for place in sorted(places):
            if place >= done:
                left = max(marks.rfind(b" ", start, place) + 1, start)
                done = _end_of(marks, place)
                yield left, done

    def _first_words(self, data: bytes, start: int) -> Iterator[int]:
        """Find places in runs that may begin with the first word of an id, block by block."""
        marks = data.translate(_RUNS)
        while start < len(data):
            end = _end_of(marks, start + _BLOCK)
            block = data[start:end]
            if self._may_begin(block):
                yield from (
                    start + match.start()
                    for match in _RUN.finditer(block)
                    if not match[0].isalpha() or match[0] in self._known
                )
            start = end

    def _may_begin(self, block: bytes) -> bool:
        text = block.translate(_WORDS)
        words = text.split()
        if not self._firsts.isdisjoint(words):
            return True
        is_marked = b" _" in text or b"_ " in text or text[:1] == b"_" or text[-1:] == b"_"
        return is_marked and not self._stripped.isdisjoint(word.strip(b"_") for word in words)

    def _folder_before(self, data: bytes, place: int) -> str | None:
        if data[place - 1 : place] != b"/":
            return None
        before = data[max(0, place - CONTEXT) : place]
        return next((stage for folder, stage in self._folders.items() if before.endswith(folder)), None)

    def _in_run(self, run: bytes, place: int, folder_of: str | None) -> Iterator[Hit]:
        first, last = _core(run)
        if first == last and run not in self._known:
            return
        if (whole := self._whole(run, first, last)) is not None:
            start, end = whole
            folder_of = folder_of if not start else None
            yield Hit(place + start, place + end, self._known[run[start:end]], is_part=False, folder_of=folder_of)
        elif folder_of and looks_like_an_id(run[:last], self.stages):
            yield Hit(place, place + last, None, is_part=False, folder_of=folder_of)
        else:
            yield from self._parts_of(run, place, (first, last), folder_of)

    def _whole(self, run: bytes, first: int, last: int) -> tuple[int, int] | None:
        """Find the leftmost and then longest id that leaves only marks of a run."""
        if run in self._known:
            return 0, len(run)
        if last - first > _LONGEST:
            return None
        for start in range(max(0, first - _MOST_MARKS), first + 1):
            for end in range(min(len(run), last + _MOST_MARKS), last - 1, -1):
                if run[start:end] in self._known:
                    return start, end
        return None

    def _parts_of(self, run: bytes, place: int, core: tuple[int, int], folder_of: str | None) -> Iterator[Hit]:
        for match in _PIECE.finditer(run):
            piece = match[0].strip(b"_")
            start = match.start() + match[0].index(piece)
            end = start + len(piece)
            known = self._parts.get(piece)
            if known or self._long.fullmatch(piece):
                folder = folder_of if not start else None
                yield Hit(place + start, place + end, known, (start, end) != core, folder)


def _shapes(data: bytes, start: int) -> Iterator[int]:
    """Find the places of texts that are as long as a hash and made of its characters."""
    text = data.translate(_SHAPES)
    place = text.find(_SHAPE, start)
    while place >= 0:
        yield place
        place = text.find(_SHAPE, _end_of(text, place))


def _end_of(text: bytes, place: int) -> int:
    """Return the offset of the first blank from a place on, or the end."""
    end = text.find(b" ", place)
    return len(text) if end < 0 else end


def _core(run: bytes) -> tuple[int, int]:
    """Find the start and end of a run without the marks at its ends."""
    last = len(run.rstrip(_MARKS))
    return min(len(run) - len(run.lstrip(_MARKS)), last), last
