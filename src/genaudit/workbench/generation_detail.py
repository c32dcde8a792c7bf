"""Detail of one generation: its record, its findings and its lineage."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import orjson
import pandas as pd

from genaudit import charts
from genaudit.audits.rebuild import RebuildResult
from genaudit.audits.result import AuditResult
from genaudit.charts.style import Chart
from genaudit.errors import DDError
from genaudit.workbench.listings import inert
from genaudit.workbench.session import Session

MOST_BELOW: Final = 40
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
    :param chart: the drawing of its lineage, with at most :data:`MOST_BELOW` descendants.
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
    drawn = [*above, row, *(one for one in below[:MOST_BELOW] if one not in above)]
    table, found = session.generations, session.findings
    tried = rebuild or session.run.rebuild
    keys = list(zip(table["stage"].iloc[drawn], table["gen_id"].iloc[drawn], strict=True))
    return GenerationDetail(
        stage=stage,
        gen_id=gen_id,
        facts=_facts(session, row),
        findings=found[(found["stage"] == stage) & (found["gen_id"] == gen_id)],
        above=table.iloc[above],
        below=table.iloc[below],
        chart=charts.lineage(
            session.lineage.links(drawn),
            dict(zip(keys, table["class"].iloc[drawn].tolist(), strict=True)),
            (stage, gen_id),
            omitted(session, row, set(drawn), below),
            session.snapshot.stages,
        ),
        caption=_caption(len(above), len(below)),
        outcomes=session.lookup.rebuild_outcomes(tried, stage, gen_id) if isinstance(tried, RebuildResult) else None,
        root=str(session.root),
    )


def omitted(session: Session, row: int, drawn: set[int], below: list[int]) -> dict[tuple[tuple[str, str], str], int]:
    """Count the children of drawn generations that are not drawn; children of ancestors do not count."""
    stages, names = session.snapshot.values("stage"), session.snapshot.values("gen_id")
    within = {row, *below}
    counted = Counter(
        ((stages[parent], names[parent]), stages[child])
        for parent in sorted(drawn & within)
        for child in session.lineage.children(parent)
        if child not in drawn
    )
    return dict(counted)


def _caption(above: int, below: int) -> str:
    drawn = f"Parents on the left, children on the right: {above:,} above it, {below:,} below."
    if below > MOST_BELOW:
        drawn += f" Of those below the first {MOST_BELOW} are drawn; the tables list all."
    return f"{drawn} Click one to look at it instead."


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
