"""Cohorts of a data root with a membership, and the choice among them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar

from genaudit.cohorts.membership import MEMBERSHIP_NAME
from genaudit.cohorts.safe_paths import open_below
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import Layout
from genaudit.store.folders import kind_of

_Given = TypeVar("_Given")
_Result = TypeVar("_Result")


def list_cohorts(layout: Layout) -> dict[str, DDError | None]:
    """List the cohorts that have a membership, sorted.

    :returns: the error of each unusable cohort, or ``None``, by id: ``INVALID_CONFIG``, reason ``unsafe_path`` (its
        folder is a link) or ``unsafe_id``; ``IO_ERROR``, reason ``not_readable``.
    :raises DDError: ``DATA_MISSING``, reason ``no_such_root``; as above for the folder of all cohorts.
    """
    try:
        with open_below(layout.root, layout.cohorts.name) as handle:
            # Report links instead of skipping them: other programs may read a cohort behind them.
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
    """Choose the named cohorts, or all if none is named.

    :returns: as :func:`list_cohorts`.
    :raises DDError: ``DATA_MISSING``, reason ``cohort_not_found``: ``problems`` has each missing ``cohort_id`` with
        its ``nearest`` existing ones; ``INVALID_CONFIG``, reason ``unsafe_id``; as :func:`list_cohorts`.
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


def for_each_cohort(
    cohorts: Mapping[str, _Given | DDError],
    work: Callable[[str, _Given], _Result],
    failed: Callable[[str, dict[str, Any]], _Result],
) -> list[_Result]:
    """Do a work for each cohort; an error ends the work of its own cohort only.

    :param cohorts: the input of the work by cohort, or the error that takes its place.
    :param failed: makes the result of an error from the cohort and the error's code and context.
    """
    results = []
    for cohort_id, given in cohorts.items():
        try:
            if isinstance(given, DDError):
                raise given
            results.append(work(cohort_id, given))
        except DDError as error:
            results.append(failed(cohort_id, {"code": str(error.code), **error.ctx}))
    return results


def _nearest(name: str, known: Sequence[str]) -> list[str]:
    """Find the ids that begin with a name, since a date often follows, or else similar ids."""
    return [each for each in known if each.startswith(name)] or get_close_matches(name, known)
