"""References to ids: searched for on demand, kept with the session, and listed as rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pandas as pd

from genaudit.audits.reference_report import ReferencesResult
from genaudit.audits.references import references
from genaudit.audits.references_sections import REFERENCES
from genaudit.errors import DDError
from genaudit.page_model import Section
from genaudit.schemas import Treatment
from genaudit.store.gc_pause import without_gc
from genaudit.workbench.session import Session

# References that need a person come first.
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
    """Search the data root for references, as the command does, and keep the result.

    :param left_out: the output folder of reports, which is not searched.
    :param progress: called from time to time with the number of generations searched so far and their total.
    :returns: the error, for display, if the root cannot be searched.
    """
    try:
        found = references(session.snapshot, left_out=[left_out], progress=progress)
    except DDError as error:
        return error
    session.searches[left_out.absolute()] = found
    return found


def searched(session: Session, left_out: Path) -> ReferencesResult | None:
    """Return the result of an earlier search since the store was read, or of the one that a snapshot keeps."""
    return session.searches.get(Path() if session.is_saved else left_out.absolute())


def section_of(result: ReferencesResult) -> Section:
    """Return the section of the report page about a search."""
    return REFERENCES.sections(result)[0]


def reference_rows(result: ReferencesResult) -> pd.DataFrame:
    """List the references and the files that were not searched; rows that need a person come first.

    :returns: columns of :data:`genaudit.schemas.REFERENCES`, preceded by ``stage``: the stage of the id, the first if
        several stages have it, missing if none has.
    """
    stage = result.frame["stages"].str.split(" ", n=1).str[0].astype("str")
    table = pd.DataFrame({"stage": stage}).join(result.frame)
    places = table["treatment"].astype("str").map({str(one): place for place, one in enumerate(_ORDER)})
    return table.loc[places.sort_values(kind="stable").index]


def references_to(table: pd.DataFrame, gen_id: str | None) -> pd.DataFrame:
    """Keep the references to one id; ``None`` or blanks keep all."""
    wanted = (gen_id or "").strip()
    return table[table["gen_id"] == wanted] if wanted else table


def dangling(table: pd.DataFrame) -> pd.DataFrame:
    """List the referenced ids that the store does not have, most references first.

    :returns: ``gen_id``, ``references``, ``files`` and ``path``, the first file with a reference.
    """
    gone = table[table["treatment"] == Treatment.DANGLING]
    grouped = gone.groupby("gen_id", sort=True)["path"].agg(references="size", files="nunique", path="first")
    return grouped.reset_index().sort_values("references", ascending=False, kind="stable", ignore_index=True)


def not_searched(result: ReferencesResult) -> pd.DataFrame:
    """List the files that were not searched: ``path``, ``kind`` and ``reason``; excluded folders come last."""
    table = result.frame
    files = table.loc[table["treatment"] == Treatment.UNSCANNED, ["path", "kind", "reason"]].astype("str")
    for name in ("kind", "reason"):
        files[name] = files[name].str.replace("_", " ")
    folders = pd.DataFrame(
        {"path": result.summary.left_out, "kind": "folder", "reason": "left out by rule"}, dtype="str"
    )
    return pd.concat([files, folders], ignore_index=True)
