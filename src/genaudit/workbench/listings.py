"""Frames for display: selected columns with plain labels, and a limited number of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import pandas as pd

from genaudit.legible import MAX_CHARACTERS, legible

# The search and the sort of a table see its rows alone, so it has all those of a large store.
MOST_ROWS: Final = 250_000
_LABELS: Final = {
    "gen_id": "id",
    "origin_cohort_id": "cohort",
    "template_id": "template",
    "combo_id": "combo",
    "parent_gen_id": "parent",
    "llm_model_id": "model",
    "recomputed_id": "id its record gives",
    "migrated_id": "id after migration",
    "new_id": "new id",
    "other": "because of",
    "status": "link to parent",
    "reaches_root": "chain holds",
    "descendants": "below",
    "state": "record",
    "near_miss": "closest id",
    "found_stage": "found in stage",
    "fix": "what to do",
    "cohort_id": "cohort",
    "not_in_store": "not in store",
    "parents_outside": "parent outside",
    "evaluation_llm_model": "judge",
    "evaluation_template": "judged by",
    "generation_template": "essay template",
    "generation_model": "written by",
    "draft_template": "draft template",
    "differs": "what differs",
    "compared_with": "compared with",
    "begins_with": "begins with",
    "reused_by": "would be reused by",
    "or_if": "or if",
    "selection_id": "for the selected",
    "selected": "selected ids",
}


class Listing(NamedTuple):
    """A table for display, with a sentence about its size.

    :param table: text and numbers under plain labels, at most :data:`MOST_ROWS` rows.
    :param caption: the total number of rows and the number listed.
    """

    table: pd.DataFrame
    caption: str


def listing(table: pd.DataFrame, columns: Sequence[str], thing: str = "generation") -> Listing:
    """Build a listing from a frame.

    :param columns: columns to show, in order.
    :param thing: the noun for one row.
    """
    shown = table[[*columns]].head(MOST_ROWS)
    texts = {column: _texts(shown[column]) for column in columns if shown[column].dtype.kind not in "iuf"}
    named = shown.assign(**texts).rename(columns=_LABELS).reset_index(drop=True)
    total = f"{len(table):,} {thing}{'' if len(table) == 1 else 's'}"
    if len(table) <= MOST_ROWS:
        return Listing(named, f"{total}.")
    return Listing(named, f"The first {MOST_ROWS:,} of {total}: narrow them down, or download all.")


def _texts(values: pd.Series[Any]) -> list[str]:
    if values.dtype.kind == "b":
        return ["yes" if value else "no" for value in values.tolist()]
    if isinstance(values.dtype, pd.CategoricalDtype):
        # The code of a missing value is -1, the place of the last text.
        words = [inert(str(name).replace("_", " ")) for name in values.cat.categories] + [""]
        return [words[code] for code in values.cat.codes.tolist()]
    texts = ["" if missing else str(value) for value, missing in zip(values.tolist(), values.isna(), strict=True)]
    return texts if _is_inert(texts) else [*map(inert, texts)]


def _is_inert(texts: Sequence[str]) -> bool:
    """Return whether :func:`inert` changes none of the texts; looks at a whole column at once."""
    joined = "".join(texts)
    risky = "://" in joined or "data:" in joined.lower() or not joined.isprintable()
    return not risky and max(map(len, texts), default=0) <= MAX_CHARACTERS


def inert(text: str) -> str:
    r"""Escape text so that a table only shows it: marimo would fetch an address that looks like a picture's.

    >>> inert("https://example.org/a.png"), inert("data:image/png;base64,AA")
    ('https:\\//example.org/a.png', '\\data:image/png;base64,AA')
    """
    shown = legible(text).replace("://", ":\\//")
    return f"\\{shown}" if shown.lower().startswith("data:") else shown
