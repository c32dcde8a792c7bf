"""Functions of the Python API; ``import genaudit`` gives them by name.

Each takes a data root or a :class:`~genaudit.store.snapshot.Snapshot` of one. Scan once, and hand the snapshot on,
to have several answers about one state of a store.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from genaudit.audits.audit import AuditContext
from genaudit.audits.rebuild import RebuildRequest, RebuildResult
from genaudit.audits.rebuild import rebuild as rebuild_snapshot
from genaudit.audits.reference_report import ReferencesResult
from genaudit.audits.references_sections import REFERENCES
from genaudit.audits.run import AuditRun, run_audits
from genaudit.cohorts.factory import create_cohort_membership_builder
from genaudit.cohorts.result import CohortMembershipResult
from genaudit.migration.plan import Plan, make_plan
from genaudit.migration.rename_filter import choose
from genaudit.store.snapshot import Snapshot, scan

Store = Snapshot | Path | str


def _snapshot(store: Store) -> Snapshot:
    return store if isinstance(store, Snapshot) else scan(store)


def audit(store: Store, only: Iterable[str] | None = None) -> AuditRun:
    """Run audits.

    :param only: names of audits; by default all but ``content`` and ``references``.
    :returns: the results, each an attribute: ``run.recompute.frame`` has a row for each generation.
    :raises DDError: as :func:`scan`.

    >>> run = audit("store")
    >>> int((run.recompute.frame["class"] == "legacy").sum())
    55
    >>> sorted(run.findings["code"])
    ['FIELD_MISSING', 'ID_MISMATCH', 'PARENT_MISSING']
    """
    return run_audits(_snapshot(store), only)


def rebuild(store: Store, request: RebuildRequest | None = None) -> RebuildResult:
    """Predict what a rebuild would reuse, parse, copy, pay for or fail at; nothing is written, no model is called.

    :param request: the generations to rebuild and the modes to compare; by default what the store's selection names.
    :returns: ``frame`` has a row for each mode and planned generation, with its ``decision``.
    :raises DDError: as :func:`scan`; ``INVALID_CONFIG`` or ``INVALID_MEMBERSHIP`` with the errors of the selection
        and the modes under ``problems``.

    >>> result = rebuild("store", RebuildRequest(legacy=True, modes=("reuse-essays",)))
    >>> result.frame.loc[result.frame["decision"] == "reuse", "stage"].unique().tolist()
    ['draft', 'essay']
    """
    return rebuild_snapshot(_snapshot(store), request)


def references(store: Store, roots: Sequence[Path] = (), left_out: Sequence[Path] = ()) -> ReferencesResult:
    """Find the files that reference ids of the store; reads every byte.

    :param roots: further folders to search.
    :param left_out: folders that are not searched.
    :returns: ``frame`` has a row for each reference, with its ``treatment`` by a rename.
    :raises DDError: as :func:`scan`; ``DATA_MISSING``, reason ``no_such_root`` or ``root_is_no_folder``.

    >>> found = references("store")
    >>> found.frame["treatment"].value_counts().idxmax()
    'rewrite'
    """
    return AuditContext(_snapshot(store), roots, left_out).result(REFERENCES)


def plan_migration(
    store: Store,
    *,
    only: Iterable[str] | None = None,
    excepted: Iterable[str] = (),
    stages: Iterable[str] | None = None,
    cohort: str | None = None,
) -> Plan:
    """Plan the migration of legacy ids to deterministic ones; nothing is written.

    :param only: rename only these ids and their descendants.
    :param excepted: ids that keep their names.
    :param stages: rename generations of these stages alone.
    :param cohort: rename members of this cohort alone.
    :raises DDError: as :func:`scan`; ``INVALID_CONFIG``, reason ``unknown_stage``, ``unknown_ids`` or ``unsafe_id``;
        as :func:`genaudit.cohorts.membership.read_membership` for the cohort.

    >>> plan_migration("store", stages=["draft"]).counts()
    {'draft': 3, 'essay': 4, 'evaluation': 54}
    """
    choice = choose(only=only, excepted=excepted, stages=stages, cohort=cohort)
    return make_plan(_snapshot(store), choice)


def build_cohort(root: Path | str, cohort_id: str, *, dry_run: bool = True) -> CohortMembershipResult:
    """Plan a cohort from its spec, or from the store's selection, and write its membership unless this is a dry run.

    :param root: the data root.
    :raises DDError: as :meth:`genaudit.cohorts.builder.CohortMembershipBuilder.build`.

    >>> result = build_cohort("store", "from-selection")
    >>> result.row_count >= len(result.membership_preview), result.artifacts
    (True, {})
    """
    return create_cohort_membership_builder(Path(root)).build(cohort_id, dry_run=dry_run)
