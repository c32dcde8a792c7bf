"""Names of a store's generations and cohorts, listed without opening a record."""

from __future__ import annotations

import os
from pathlib import Path

from genaudit.layout import GENS, is_safe_name
from genaudit.store.folders import folder
from genaudit.store.settings import read_settings


def generation_names(root: Path) -> dict[str, list[str]]:
    """List the names in each stage's folder that can be ids, sorted; a folder that cannot be listed is empty.

    :raises DDError: as :func:`genaudit.store.settings.read_settings`.
    """
    return {stage: _names(root, GENS, stage) for stage in read_settings(root).stages}


def cohort_names(root: Path) -> list[str]:
    """List the folders of cohorts, built or not, sorted."""
    return _names(root, "cohorts")


def _names(root: Path, *parts: str) -> list[str]:
    try:
        with folder(os.path.realpath(root, strict=True)) as top:
            return _listed(top, parts)
    except OSError:
        return []


def _listed(handle: int, parts: tuple[str, ...]) -> list[str]:
    if not parts:
        return sorted(filter(is_safe_name, os.listdir(handle)))
    with folder(parts[0], handle) as inner:
        return _listed(inner, parts[1:])
