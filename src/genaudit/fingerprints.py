"""Fingerprints of findings: stable names for the same finding in different runs.

Baselines and SARIF use them. A fingerprint covers what a finding is about, not what the audit wrote about it:
expected values, details and fixes may change between runs and versions.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from hashlib import sha256
from typing import NamedTuple

import pandas as pd

from genaudit.layout import GENS
from genaudit.schemas import rows

# Hexadecimal digits of a fingerprint: 128 bits.
_LENGTH = 32


class FindingSubject(NamedTuple):
    """The subject of a finding.

    :param path: relative to the data root.
    :param value: the value found, only if there is no generation id.
    :param occurrence: 1 for the first of several findings with the same subject, in the order of the audit.
    """

    code: str
    stage: str | None = None
    gen_id: str | None = None
    field: str | None = None
    path: str | None = None
    value: str | None = None
    occurrence: int = 1

    @property
    def fingerprint(self) -> str:
        """The fingerprint: 32 hexadecimal digits.

        >>> len(FindingSubject("PARENT_MISSING", "essay", "e_1").fingerprint)
        32
        """
        return sha256(json.dumps(self).encode()).hexdigest()[:_LENGTH]

    @property
    def order(self) -> tuple[object, ...]:
        """A sort key: code, stage, id, path, field, value and occurrence."""
        texts = (self.code, self.stage, self.gen_id, self.path, self.field, self.value)
        return (*(text or "" for text in texts), self.occurrence)


def subjects(findings: pd.DataFrame) -> list[FindingSubject]:
    """Return the subject of each finding, in order.

    :param findings: columns of :data:`genaudit.schemas.FINDINGS`.
    """
    seen: Counter[FindingSubject] = Counter()
    found: list[FindingSubject] = []
    for row in rows(findings[["code", "stage", "gen_id", "field", "path", "actual"]]):
        value = row.actual if row.gen_id is None else None
        first = FindingSubject(row.code, row.stage, row.gen_id, row.field, row.path, value)
        seen[first] += 1
        found.append(first._replace(occurrence=seen[first]))
    return found


def renamed(subject: FindingSubject, current: Callable[[str, str], str]) -> FindingSubject:
    """Return a subject with the present names of its generations.

    :param current: takes a stage and an id and returns the present id, as
        :meth:`genaudit.store.ledger.Ledger.current` does.
    """
    gen_id = subject.gen_id
    if gen_id is not None and subject.stage is not None:
        gen_id = current(subject.stage, gen_id)
    return subject._replace(gen_id=gen_id, path=renamed_path(subject.path, current))


def renamed_path(path: str | None, current: Callable[[str, str], str]) -> str | None:
    """Return a path with the present name of the generation that it leads to; other paths stay the same."""
    match (path or "").split("/"):
        case [top, stage, gen_id, *rest] if top == GENS:
            return "/".join([top, stage, current(stage, gen_id), *rest])
    return path
