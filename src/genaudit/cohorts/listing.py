"""The cohorts of a data root that have a membership, and choosing among them."""

from __future__ import annotations

import os
from difflib import get_close_matches
from typing import TYPE_CHECKING

from genaudit.cohorts.membership import MEMBERSHIP_NAME
from genaudit.cohorts.places import open_below
from genaudit.errors import DDError, Err, Reason
from genaudit.store.folders import kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from genaudit.layout import Layout


def list_cohorts(layout: Layout) -> dict[str, DDError | None]:
    """List the cohorts that have a membership, sorted.

    :returns: by cohort, why it cannot be one, if so: ``INVALID_CONFIG``, reason ``unsafe_path`` (a link in place of
        its folder) or ``unsafe_id``; ``IO_ERROR``, reason ``not_readable``.
    :raises DDError: ``DATA_MISSING``, reason ``no_such_root``; as above for the folder of all cohorts.
    """
    try:
        with open_below(layout.root, layout.cohorts.name) as handle:
            # A link is not passed over: what lies behind it may be taken for a cohort by other programs.
            kinds = {name: kind_of(name, handle) for name in sorted(os.listdir(handle))}
    except FileNotFoundError:
        return {}
    found: dict[str, DDError | None] = {}
    for name, kind in kinds.items():
        if kind in ("folder", "symbolic link"):
            try:
                if _has_membership(layout, name):
                    found[name] = None
            except FileNotFoundError:
                continue
            except DDError as error:
                found[name] = error
    return found


def _has_membership(layout: Layout, name: str) -> bool:
    with open_below(layout.root, layout.cohorts.name, name) as handle:
        found = kind_of(MEMBERSHIP_NAME, handle) != "gone"
    if found:
        layout.cohort(name)
    return found


def choose_cohorts(layout: Layout, named: Sequence[str]) -> Mapping[str, DDError | None]:
    """Choose the cohorts that were named, or all when none was.

    :returns: as :func:`list_cohorts`.
    :raises DDError: ``DATA_MISSING``, reason ``cohort_not_found``: ``problems`` has each ``cohort_id`` that is not
        there, with the ``nearest`` that are; ``INVALID_CONFIG``, reason ``unsafe_id``; as :func:`list_cohorts`.
    """
    found = list_cohorts(layout)
    absent = [name for name in dict.fromkeys(named) if name not in found]
    for name in absent:
        layout.cohort(name)
    if absent:
        problems = [{"cohort_id": name, "nearest": _nearest(name, list(found))} for name in absent]
        ctx = {"reason": Reason.COHORT_NOT_FOUND, "path": str(layout.cohorts), "problems": problems}
        raise DDError(Err.DATA_MISSING, ctx)
    return {name: found[name] for name in sorted(set(named) or found)}


def _nearest(name: str, known: Sequence[str]) -> list[str]:
    """Find those that a name is the beginning of, which many cohorts' dates follow, or else those like it."""
    return [each for each in known if each.startswith(name)] or get_close_matches(name, known)
