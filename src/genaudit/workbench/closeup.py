"""One generation up close: its record, what was found about it, and its relatives."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson
import pandas as pd

from genaudit import charts
from genaudit.audits.rebuild import RebuildResult
from genaudit.workbench.fates import fates
from genaudit.workbench.tables import inert

if TYPE_CHECKING:
    from genaudit.audits.result import AuditResult
    from genaudit.charts.style import Chart
    from genaudit.errors import DDError
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
class Closeup:
    """What is known of one generation.

    :param stage: its stage.
    :param gen_id: its id.
    :param facts: ``what``, ``value`` and ``from``: the record as it is stored, then what the audits say.
    :param findings: what was found about it.
    :param above: what it was made from, the nearest first; columns of the session's generations.
    :param below: what was made from it.
    :param chart: all these, drawn; :data:`MOST_BELOW` of those below at most.
    :param said: what is and what is not drawn.
    :param fates: what each mode of a rebuild does with it; ``None`` when it is not among those that were tried.
    :param root: the store.
    """

    stage: str
    gen_id: str
    facts: pd.DataFrame
    findings: pd.DataFrame
    above: pd.DataFrame
    below: pd.DataFrame
    chart: Chart
    said: str
    fates: pd.DataFrame | None
    root: str


def closeup(
    session: Session, stage: str | None, gen_id: str | None, rebuild: AuditResult[Any] | DDError | None = None
) -> Closeup | None:
    """Look at one generation.

    :param rebuild: what a rebuild came to that was asked for; by default, that of what the data root selects.
    :returns: ``None`` when the store has no such generation.
    """
    row = session.snapshot.rows.get(stage or "", {}).get(gen_id or "")
    if stage is None or gen_id is None or row is None:
        return None
    above, below = session.kin.above(row), session.kin.below(row)
    drawn = [*above, row, *(one for one in below[:MOST_BELOW] if one not in above)]
    table, found = session.generations, session.findings
    tried = rebuild or session.run.results["rebuild"]
    keys = list(zip(table["stage"].iloc[drawn], table["gen_id"].iloc[drawn], strict=True))
    return Closeup(
        stage=stage,
        gen_id=gen_id,
        facts=_facts(session, row),
        findings=found[(found["stage"] == stage) & (found["gen_id"] == gen_id)],
        above=table.iloc[above],
        below=table.iloc[below],
        chart=charts.lineage(
            session.kin.links(drawn),
            dict(zip(keys, table["class"].iloc[drawn].tolist(), strict=True)),
            (stage, gen_id),
            omitted(session, row, set(drawn), below),
        ),
        said=_said(len(above), len(below)),
        fates=fates(session, tried, stage, gen_id) if isinstance(tried, RebuildResult) else None,
        root=str(session.root),
    )


def omitted(session: Session, row: int, drawn: set[int], below: list[int]) -> dict[tuple[tuple[str, str], str], int]:
    """Count the children of what is drawn that are not drawn themselves; those of an ancestor are no descendants."""
    stages, names = session.snapshot.values("stage"), session.snapshot.values("gen_id")
    within = {row, *below}
    counted = Counter(
        ((stages[parent], names[parent]), stages[child])
        for parent in sorted(drawn & within)
        for child in session.kin.children(parent)
        if child not in drawn
    )
    return dict(counted)


def _said(above: int, below: int) -> str:
    drawn = f"Parents on the left, children on the right: {above:,} above it, {below:,} below."
    if below > MOST_BELOW:
        drawn += f" Of those below the first {MOST_BELOW} are drawn; the tables list all."
    return f"{drawn} Click one to look at it instead."


def _facts(session: Session, row: int) -> pd.DataFrame:
    stored = [(name, _shown(value), "its record") for name, value in session.snapshot.stored(row).items()]
    known = session.generations.iloc[row]
    answers = [(label, _shown(known[name]), "the audits") for name, label in _ANSWERS]
    return pd.DataFrame([*stored, *answers], columns=["what", "value", "says"]).astype("str")


def _shown(value: Any) -> str:  # noqa: ANN401 -- whatever JSON can say
    if isinstance(value, str):
        return inert(value)
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return "none"
    return inert(orjson.dumps(value, default=str, option=orjson.OPT_SERIALIZE_NUMPY).decode())
