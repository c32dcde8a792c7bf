"""Detail of one generation: its record, its findings and its lineage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import orjson
import pandas as pd

from genaudit.audits.rebuild import RebuildResult
from genaudit.audits.result import AuditResult
from genaudit.charts.style import Chart
from genaudit.errors import DDError
from genaudit.lookup.picture import lineage_picture
from genaudit.workbench.listings import inert
from genaudit.workbench.session import Session

_ANSWERS: Final = (
    ("class", "class of the id"),
    ("recomputed_id", "id that the record gives"),
    ("migrated_id", "id after a migration"),
    ("cause", "cause of the change"),
    ("status", "link to the parent"),
    ("children", "children"),
    ("descendants", "descendants"),
)


@dataclass(frozen=True, slots=True)
class GenerationDetail:
    """The detail of one generation.

    :param stage: its stage.
    :param gen_id: its id.
    :param facts: ``what``, ``value`` and ``source``: the stored record, then the audit results.
    :param findings: its findings.
    :param above: its ancestors, nearest first; columns of the session's generations.
    :param below: its descendants.
    :param chart: the drawing of its lineage, with the first of its descendants.
    :param caption: the sentence about drawn and omitted relatives.
    :param outcomes: its outcome in each rebuild mode; ``None`` if the rebuild does not cover it.
    :param root: the data root.
    """

    stage: str
    gen_id: str
    facts: pd.DataFrame
    findings: pd.DataFrame
    above: pd.DataFrame
    below: pd.DataFrame
    chart: Chart
    caption: str
    outcomes: pd.DataFrame | None
    root: str


def generation_detail(
    session: Session, stage: str | None, gen_id: str | None, rebuild: AuditResult[Any] | DDError | None = None
) -> GenerationDetail | None:
    """Collect the detail of one generation.

    :param rebuild: a rebuild that was planned on demand; by default, the rebuild of the store's own selection.
    :returns: ``None`` if the store has no such generation.
    """
    row = session.snapshot.rows.get(stage or "", {}).get(gen_id or "")
    if stage is None or gen_id is None or row is None:
        return None
    above, below = session.lineage.above(row), session.lineage.below(row)
    table, found = session.generations, session.findings
    one = rebuild or session.run.rebuild
    picture = lineage_picture(session.lookup, stage, gen_id)
    return GenerationDetail(
        stage=stage,
        gen_id=gen_id,
        facts=_facts(session, row),
        findings=found[(found["stage"] == stage) & (found["gen_id"] == gen_id)],
        above=table.iloc[above],
        below=table.iloc[below],
        chart=picture.chart,
        caption=f"{picture.caption} Click one to look at it instead.",
        outcomes=session.lookup.rebuild_outcomes(one, stage, gen_id) if isinstance(one, RebuildResult) else None,
        root=str(session.root),
    )


def _facts(session: Session, row: int) -> pd.DataFrame:
    stored = [(name, _shown(value), "its record") for name, value in session.snapshot.stored(row).items()]
    known = session.generations.iloc[row]
    answers = [(label, _shown(known[name]), "the audits") for name, label in _ANSWERS]
    return pd.DataFrame([*stored, *answers], columns=["what", "value", "source"]).astype("str")


def _shown(value: Any) -> str:  # noqa: ANN401 -- any JSON value
    if isinstance(value, str):
        return inert(value)
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return "none"
    return inert(orjson.dumps(value, default=str, option=orjson.OPT_SERIALIZE_NUMPY).decode())
