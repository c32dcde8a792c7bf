"""Ids that signatures give, without a collision index; kept only where a generation has another name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from genaudit.encoded import Encoded, unequal
from genaudit.ids import SEPARATOR, ids_of_texts
from genaudit.stages import REPLICATE, STAGES, StageTable


def signature_texts(parts: Sequence[Sequence[Any]]) -> list[str | None]:
    """Join the parts of signatures as they are hashed, with ``None`` if a part is missing.

    :param parts: a column for each field of the signature, the replicate last.
    """
    *texts, replicates = parts
    if any(None in column for column in parts):
        return [None if None in row else SEPARATOR.join(map(str, row)) for row in zip(*parts, strict=True)]
    return [*map(SEPARATOR.join, zip(*texts, map(str, replicates), strict=True))]


def other_ids(
    stage: str, names: Sequence[str], columns: Mapping[str, Encoded], stages: StageTable = STAGES
) -> dict[int, str | None]:
    """Compute the ids of a stage's rows from their signatures.

    :param columns: the normalised fields of the records.
    :returns: by row, the id that is not the row's name; ``None`` without a signature.
    """
    fields = (*stages[stage].signature, REPLICATE)
    texts = signature_texts([columns[field].take().tolist() for field in fields])
    ids: list[str | None] = [*ids_of_texts(stage, [text for text in texts if text is not None], stages)]
    if len(ids) < len(texts):
        of_texts = iter(ids)
        ids = [None if text is None else next(of_texts) for text in texts]
    return {row: ids[row] for row in unequal(ids, names)}
