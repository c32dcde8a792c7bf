"""Migration plan: all steps of a migration, as a value to review, keep and apply once.

The file is one JSON object, compact, with sorted keys and a newline at its end. It holds no time and no path of the
machine, so the same store and choice give the same bytes:

- ``schema`` and ``version``; ``choice``, the requested generations;
- ``fingerprint``, the digest of every scanned file that can hold ids (:mod:`genaudit.migration.edits`);
- ``renames``: stage by stage, parents before their children, with the cause of each;
- ``edits``: by path, the changes of each file, with its SHA-256 before and after;
- ``partitions``: by definition, the number of changed keys;
- ``excluded`` and ``left``: generations that keep their names and files that are not edited, with reasons;
- ``unchanged``: by stage, the generations whose names hold;
- ``digest``, the SHA-256 of all the rest.

A plan depends only on the store and the choice. So an apply checks it by making it again: a changed store or an
edited plan gives another digest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

import orjson

from genaudit.migration.cohort_edits import scan_cohorts
from genaudit.migration.edits import Edit, EditScan, Ids, Left, Rendered
from genaudit.migration.mapping import Excluded, Rename, ids_by_stage, map_ids, reversed_ids
from genaudit.migration.record_edits import scan_generations
from genaudit.migration.reference_edits import scan_references
from genaudit.migration.rename_filter import RenameFilter, check_known, members_of
from genaudit.stages import STAGES, StageTable, partitions_of
from genaudit.store.gc_pause import without_gc
from genaudit.store.snapshot import Snapshot

SCHEMA: Final = "genaudit/migration-plan"
VERSION: Final = 1
DIGEST: Final = "digest"


@dataclass(frozen=True)
class Plan:
    """The steps of a migration.

    :param fingerprint: the digest of all that the plan was made from.
    :param unchanged: by stage, how many generations have a name that holds, and keep it.
    :param stages: the store's table of stages; the file of a plan leaves it out.
    :param manifests: new contents of manifests that were rendered for the plan; the file leaves them out too.
    :param quoting: files that reference new ids before these exist; the file leaves them out too.
    """

    choice: RenameFilter
    fingerprint: str
    renames: tuple[Rename, ...]
    edits: tuple[Edit, ...]
    excluded: tuple[Excluded, ...]
    left: tuple[Left, ...]
    unchanged: Mapping[str, int]
    stages: StageTable = STAGES
    manifests: Mapping[str, Rendered] = field(default_factory=dict, repr=False, compare=False)
    quoting: tuple[str, ...] = field(default=(), repr=False, compare=False)

    @cached_property
    def document(self) -> dict[str, Any]:
        """The plan as plain values, with its digest."""
        rest = {
            "schema": SCHEMA,
            "version": VERSION,
            "choice": asdict(self.choice),
            "fingerprint": self.fingerprint,
            "renames": [rename._asdict() for rename in self.renames],
            "edits": [{**edit._asdict(), "spans": [list(span) for span in edit.spans]} for edit in self.edits],
            "partitions": {partitions_of(stage): count for stage, count in self.counts().items()},
            "excluded": [excluded._asdict() for excluded in self.excluded],
            "left": [left._asdict() for left in self.left],
            "unchanged": dict(self.unchanged),
        }
        return {**rest, DIGEST: sha256(_canonical(rest)).hexdigest()}

    @property
    def digest(self) -> str:
        """The SHA-256 of the plan, which identifies it."""
        return str(self.document[DIGEST])

    @cached_property
    def ids(self) -> Ids:
        """The new id of each renamed generation, by stage and old id."""
        return ids_by_stage(self.renames, self.stages)

    @property
    def back(self) -> Ids:
        """The old id of each renamed generation, by stage and new id."""
        return reversed_ids(self.ids)

    def counts(self) -> dict[str, int]:
        """Count the renamed generations of each stage."""
        return {stage: len(renamed) for stage, renamed in self.ids.items()}

    def to_bytes(self) -> bytes:
        """Render the plan; the same plan gives the same bytes."""
        return _canonical(self.document)


def _canonical(document: Mapping[str, Any]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


def digest_of(document: Mapping[str, Any]) -> str:
    """Compute the digest of a plan in plain values."""
    return sha256(_canonical({name: value for name, value in document.items() if name != DIGEST})).hexdigest()


@without_gc()
def make_plan(snapshot: Snapshot, choice: RenameFilter) -> Plan:
    """Plan a migration without changing anything.

    :param snapshot: a fresh scan of the store; other files of the store are read here.
    :raises DDError: ``INVALID_CONFIG``, reason ``unknown_ids``; as
        :func:`genaudit.cohorts.membership.read_membership` for the chosen cohort.
    """
    check_known(choice, snapshot)
    members = None if choice.cohort is None else members_of(snapshot.layout, choice.cohort)
    mapping = map_ids(snapshot, choice, members)
    ids = mapping.by_stage()
    found, back = EditScan(ids), EditScan(reversed_ids(ids), fingerprints=False)
    scan_edits(snapshot, [found, back])
    return Plan(
        choice=choice,
        fingerprint=found.fingerprint(),
        renames=mapping.renames,
        edits=tuple(sorted(found.edits)),
        excluded=tuple(sorted(mapping.excluded, key=lambda each: (snapshot.stages.index(each.stage), each.gen_id))),
        left=tuple(sorted(found.left)),
        unchanged=dict(mapping.unchanged),
        stages=snapshot.stages,
        manifests=found.manifests,
        quoting=tuple(edit.path for edit in back.edits),
    )


def scan_edits(snapshot: Snapshot, searches: Sequence[EditScan]) -> None:
    """Find every file with references to changing ids, and its edit, in one pass for all searches."""
    scan_generations(snapshot, searches)
    scan_cohorts(snapshot.layout, searches)
    scan_references(snapshot, searches)
