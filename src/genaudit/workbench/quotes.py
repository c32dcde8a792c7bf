"""Quotes of ids: searched for when somebody asks, kept with the session, and put into rows that filters narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from genaudit.audits.references import references
from genaudit.audits.references_sections import REFERENCES
from genaudit.errors import DDError
from genaudit.schemas import Treatment
from genaudit.store.collector import without_gc

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from genaudit.audits.reference_report import ReferencesResult
    from genaudit.page_model import Section
    from genaudit.workbench.session import Session

# Those that need a person first.
_ORDER: Final = (
    Treatment.AMBIGUOUS,
    Treatment.DANGLING,
    Treatment.UNSCANNED,
    Treatment.HISTORICAL,
    Treatment.REWRITE,
)
COLUMNS: Final = ("treatment", "kind", "stage", "gen_id", "field", "reason", "line", "path")


@without_gc()
def search(
    session: Session, left_out: Path, progress: Callable[[int, int], None] | None = None
) -> ReferencesResult | DDError:
    """Search the data root for ids, as the command does, and keep what was found.

    :param left_out: the folder that reports are written into, which is not searched.
    :param progress: called now and then with the generations searched so far and their total.
    :returns: the error instead, for the page to say, when the root cannot be searched.
    """
    try:
        found = references(session.snapshot, left_out=[left_out], progress=progress)
    except DDError as error:
        return error
    session.searches[left_out.absolute()] = found
    return found


def searched(session: Session, left_out: Path) -> ReferencesResult | None:
    """Take what an earlier search found, if there was one since the store was read."""
    return session.searches.get(left_out.absolute())


def section_of(result: ReferencesResult) -> Section:
    """Return the section of the report page about a search."""
    return REFERENCES.sections(result)[0]


def quotes(result: ReferencesResult) -> pd.DataFrame:
    """List the quotes, and the files that were not searched; what needs a person comes first.

    :returns: columns of :data:`genaudit.schemas.REFERENCES`, and in front of them ``stage``: the id's own, the first
        where generations of several stages have it; missing where none has.
    """
    stage = result.frame["stages"].str.split(" ", n=1).str[0].astype("str")
    listed = pd.DataFrame({"stage": stage}).join(result.frame)
    places = listed["treatment"].astype("str").map({str(one): place for place, one in enumerate(_ORDER)})
    return listed.loc[places.sort_values(kind="stable").index]


def quoting(table: pd.DataFrame, gen_id: str | None) -> pd.DataFrame:
    """Keep the quotes of one id; ``None``, or nothing but blanks, keeps all."""
    wanted = (gen_id or "").strip()
    return table[table["gen_id"] == wanted] if wanted else table


def dangling(table: pd.DataFrame) -> pd.DataFrame:
    """List the ids that are quoted and nowhere in the store, those quoted most often first.

    :returns: ``gen_id``, ``quotes``, ``files`` and ``path``, the first file that quotes it.
    """
    gone = table[table["treatment"] == Treatment.DANGLING]
    grouped = gone.groupby("gen_id", sort=True)["path"].agg(quotes="size", files="nunique", path="first")
    return grouped.reset_index().sort_values("quotes", ascending=False, kind="stable", ignore_index=True)


def not_searched(result: ReferencesResult) -> pd.DataFrame:
    """List what was not searched, and why: ``path``, ``kind`` and ``reason``; folders that a rule leaves out last."""
    table = result.frame
    files = table.loc[table["treatment"] == Treatment.UNSCANNED, ["path", "kind", "reason"]].astype("str")
    for name in ("kind", "reason"):
        files[name] = files[name].str.replace("_", " ")
    folders = pd.DataFrame(
        {"path": result.summary.left_out, "kind": "folder", "reason": "left out by rule"}, dtype="str"
    )
    return pd.concat([files, folders], ignore_index=True)
