"""Generation ids: creation, parsing and recognition.

A *deterministic* id is a hash of the generation's signature; a *legacy* id is a hash of its task and run. Both
formulas are those of the pipeline that wrote the store; neither is a choice of this package.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b, sha256
from typing import Any, Final

import numpy as np

from genaudit.errors import DDError, Err, Reason
from genaudit.stages import REPLICATE, STAGES, StageTable

DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
DIGEST_BYTES: Final = 10
MAX_DIGITS: Final = 16
MAX_COLLISION: Final = 4
MAX_REPLICATE: Final = 2**31 - 1
SEPARATOR: Final = "|"
LEGACY_DIGEST_BYTES: Final = 12
LEGACY_LENGTH: Final = 16

_TRIPLE: Final = len(DIGITS) ** 3
_TRIPLES: Final = tuple(a + b + c for a in DIGITS for b in DIGITS for c in DIGITS)
_TRIPLE_BYTES: Final = np.frombuffer("".join(_TRIPLES).encode("ascii"), dtype=np.uint8).reshape(-1, 3)
_DIGEST_TRIPLES: Final = 6  # 36**18 is the first power of 36**3 above 2**80
# A digest is divided in two halves: 36**3 * 2**40 fits in 64 bits.
_HALF_BYTES: Final = DIGEST_BYTES // 2
_HALF_BITS: Final = np.uint64(8 * _HALF_BYTES)
_LEGACY: Final = re.compile(rf"[0-9a-z]{{{LEGACY_LENGTH}}}")


class IdForm(StrEnum):
    """The form of an id; only a recomputation shows whether it is valid."""

    DETERMINISTIC = "deterministic"
    LEGACY = "legacy"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ParsedId:
    """A parsed id: its form, its base-36 digits and its collision index (0 without a suffix)."""

    form: IdForm
    digits: str
    collision: int


def base36(number: int) -> str:
    """Format a number in base 36 without padding.

    :raises DDError: ``PARSER_FAILURE``, reason ``negative_number``.

    >>> base36(0), base36(35), base36(36**15)
    ('0', 'z', '1000000000000000')
    """
    if number < 0:
        raise DDError(Err.PARSER_FAILURE, {"reason": Reason.NEGATIVE_NUMBER, "value": number})
    triples: list[str] = []
    while True:
        number, rest = divmod(number, _TRIPLE)
        triples.append(_TRIPLES[rest])
        if not number:
            # Three digits at a time are several times faster than one by one.
            return "".join(reversed(triples)).lstrip("0") or "0"


def normal_text(value: object) -> str | None:
    """Normalise a text field of a signature for hashing: stripped and lower-cased.

    :returns: ``None`` if the value is not text or is blank.
    """
    return (value.strip().lower() or None) if isinstance(value, str) else None


def normal_texts(values: Sequence[Any]) -> list[str | None]:
    """Normalise many values of a field at once; as :func:`normal_text`."""
    return [*values] if are_normal(values) else [*map(normal_text, values)]


def are_normal(values: Sequence[Any]) -> bool:
    """Return whether many values are texts in normal form without blanks, at a glance."""
    if not {str}.issuperset(map(type, values)) or not all(values):
        return False
    joined = SEPARATOR.join(values)
    return joined.isascii() and joined.isprintable() and " " not in joined and joined == joined.lower()


@lru_cache(maxsize=1 << 12)
def normal_name(name: str | None) -> str | None:
    """Normalise a text field that recurs in many generations; as :func:`normal_text`, several times faster."""
    return normal_text(name)


def normal_replicate(value: object) -> int | None:
    """Normalise a replicate: a whole number from 1 up, also as the text ``"2"`` or the float ``2.0``.

    :returns: ``None`` for everything else (booleans, fractions, numbers beyond 2**31 - 1, other text).
    """
    if isinstance(value, str) and (match := re.fullmatch(r"0*([0-9]{1,10})", value.strip())):
        value = int(match[1])
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_REPLICATE:
        return None
    return value


def signature(stage: str, record: Mapping[str, object], stages: StageTable = STAGES) -> tuple[str | int, ...]:
    """Take the signature of a generation from its record.

    A missing replicate means 1; no other field has a default.

    :param record: the fields under their current names, as stored or normalised.
    :returns: the stage's text fields in hash order, then the replicate.
    :raises DDError: ``DATA_MISSING``, reason ``signature_incomplete``, with every missing, blank or malformed field
        under ``fields``.

    >>> signature("essay", {"parent_gen_id": " D_1 ", "template_id": "Plain-v1"})
    ('d_1', 'plain-v1', 1)
    """
    fields = stages[stage].signature
    texts = tuple(normal_text(record.get(field)) for field in fields)
    stored = record.get(REPLICATE)
    replicate = 1 if stored is None else normal_replicate(stored)
    broken = [field for field, part in zip((*fields, REPLICATE), (*texts, replicate), strict=True) if part is None]
    if broken:
        raise DDError(Err.DATA_MISSING, {"reason": Reason.SIGNATURE_INCOMPLETE, "stage": stage, "fields": broken})
    return tuple(part for part in (*texts, replicate) if part is not None)


def hashed_text(text: str, collision: int = 0) -> str:
    """Append the collision index to a signature's joined text, as it is hashed."""
    return f"{text}{SEPARATOR}collision:{collision}" if collision else text


def ids_of_texts(stage: str, texts: Sequence[str], stages: StageTable = STAGES) -> list[str]:
    """Make the base ids of many hashed texts at once, several times faster than one by one.

    :param texts: normalised signatures joined with :data:`SEPARATOR`, optionally completed by :func:`hashed_text`.
    :returns: prefix and digits, without a collision suffix.
    """
    digests = b"".join([blake2b(text.encode(), digest_size=DIGEST_BYTES).digest() for text in texts])
    wide = np.zeros((len(texts), 2, 8), dtype=np.uint8)
    wide[:, :, -_HALF_BYTES:] = np.frombuffer(digests, dtype=np.uint8).reshape(-1, 2, _HALF_BYTES)
    high, low = wide.view(">u8").reshape(-1, 2).astype(np.uint64).T
    triple = np.uint64(_TRIPLE)
    digits = np.empty((len(texts), _DIGEST_TRIPLES * 3), dtype=np.uint8)
    for place in reversed(range(_DIGEST_TRIPLES)):
        # Long division of all numbers by 36**3; the remainder gives the next three digits from the right.
        above = high // triple
        low += (high - above * triple) << _HALF_BITS
        high, below = above, low // triple
        digits[:, place * 3 : place * 3 + 3] = _TRIPLE_BYTES[low - below * triple]
        low = below
    written, width, prefix = digits.tobytes().decode("ascii"), digits.shape[1], stages[stage].prefix
    starts = range(0, len(written), width)
    return [f"{prefix}{written[start : start + width].lstrip('0') or '0'}" for start in starts]


def deterministic_id(stage: str, parts: Sequence[object], collision: int = 0, stages: StageTable = STAGES) -> str:
    """Make the deterministic id of a signature.

    :param parts: as :func:`signature` returns them; text is normalised here too.
    :param collision: 0, or 1 to 4 if another signature has taken the id.
    :raises DDError: ``DATA_MISSING`` (``signature_incomplete``) for a missing, blank or malformed part, or a wrong
        number of parts; ``PARSER_FAILURE`` (``collision_out_of_range``).

    >>> deterministic_id("essay", ("d_5ezrffv9uf3lr37d", "creative-synthesis-v10", 1))
    'e_sq5klak2lljyyom'
    """
    if not 0 <= collision <= MAX_COLLISION:
        raise DDError(Err.PARSER_FAILURE, {"reason": Reason.COLLISION_OUT_OF_RANGE, "collision": collision})
    fields = (*stages[stage].signature, REPLICATE)
    if len(parts) != len(fields):
        ctx = {"reason": Reason.SIGNATURE_INCOMPLETE, "stage": stage, "fields": list(fields), "parts": list(parts)}
        raise DDError(Err.DATA_MISSING, ctx)
    # A replicate of None is malformed here; only a record may leave it out.
    record = dict(zip(fields, parts, strict=True))
    record[REPLICATE] = "" if record[REPLICATE] is None else record[REPLICATE]
    text = hashed_text(SEPARATOR.join(map(str, signature(stage, record, stages))), collision)
    number = int.from_bytes(blake2b(text.encode(), digest_size=DIGEST_BYTES).digest(), "big")
    return with_collision(f"{stages[stage].prefix}{base36(number)}", collision)


def with_collision(base_id: str, collision: int) -> str:
    """Append the collision suffix to an id's base; index 0 has none."""
    return f"{base_id}-{collision}" if collision else base_id


def legacy_id(stage: str, task_id: str, run_id: str | None = None, salt: str | None = None) -> str:
    """Compute a legacy id.

    :param task_id: the task, as :func:`legacy_task_id` joins it.
    :param run_id: the cohort.
    :param salt: distinguishes replicates, as :func:`legacy_salt` returns it.
    """
    optional = [part for part in (run_id, salt) if part]
    text = "".join(f"{part}{SEPARATOR}" for part in (stage, task_id, *optional))
    number = int.from_bytes(sha256(text.encode()).digest()[:LEGACY_DIGEST_BYTES], "big")
    return base36(number).rjust(LEGACY_LENGTH, "0")[:LEGACY_LENGTH]


def legacy_task_id(*parts: str) -> str:
    """Join the parts of a task id: ``combo__draft_template__model``, that and ``__essay_template``, and so on."""
    return "__".join(parts)


def legacy_salt(stage: str, replicate: int, parent_replicate: int = 1) -> str | None:
    """Return the salt that distinguishes the replicates of a task; the first one has none."""
    if stage == "essay":
        return None if replicate == parent_replicate == 1 else f"rep{parent_replicate}-{replicate}"
    return None if replicate == 1 else f"rep{replicate}"


@lru_cache
def _deterministic(prefix: str) -> re.Pattern[str]:
    """Compile the deterministic form behind a prefix."""
    digits = rf"([1-9a-z][0-9a-z]{{0,{MAX_DIGITS - 1}}})"
    return re.compile(rf"{re.escape(prefix)}{digits}(?:-([1-{MAX_COLLISION}]))?")


def parse_id(stage: str, gen_id: str, stages: StageTable = STAGES) -> ParsedId:
    """Determine an id's form from its spelling, by the rules of its stage.

    >>> parse_id("draft", "d_5ezrffv9uf3lr37d-2")
    ParsedId(form=<IdForm.DETERMINISTIC: 'deterministic'>, digits='5ezrffv9uf3lr37d', collision=2)
    """
    if match := _deterministic(stages[stage].prefix).fullmatch(gen_id):
        return ParsedId(IdForm.DETERMINISTIC, match[1], int(match[2] or 0))
    if _LEGACY.fullmatch(gen_id):
        return ParsedId(IdForm.LEGACY, gen_id, 0)
    return ParsedId(IdForm.UNKNOWN, "", 0)


def length_probabilities(prefix: int) -> dict[int, float]:
    """Return the probability of each length of a deterministic id: an 80-bit number in base 36, behind a prefix.

    :param prefix: length of the prefix in characters.


    >>> round(1 - length_probabilities(2)[18], 4)
    0.1829
    """
    base, numbers = len(DIGITS), 2 ** (8 * DIGEST_BYTES)
    chances = {}
    for digits in range(1, MAX_DIGITS + 1):
        first = base ** (digits - 1) if digits > 1 else 0
        chances[prefix + digits] = (min(base**digits, numbers) - first) / numbers
    return chances
