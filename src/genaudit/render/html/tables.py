"""The tables of the page: rows cut to a number that a browser likes, and text cut to what a reader needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from genaudit.codes import CODES, SEVERITIES
from genaudit.schemas import Cause, IdClass, Treatment, rows
from genaudit.stages import STAGE_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from genaudit.audits.run import AuditRun

MOST_ROWS: Final = 2000


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    :param name: the frame's column.
    :param label: what stands above it.
    :param kind: how a cell is shown: ``text``, ``code`` (an id or a name), ``value`` (of a field), ``path``,
        ``number``, ``severity`` or ``finding`` (the name of a finding's code).
    :param choose: whether a reader can narrow the table down to one of the column's values.
    """

    name: str
    label: str
    kind: str = "text"
    choose: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the page.

    :param key: its id on the page.
    :param caption: what it lists.
    :param cells: a row each, a value for each column.
    :param total: the rows that there are; more than ``cells`` has when the table is cut.
    :param source: the file that has all of them.
    :param expandable: whether a row unfolds into everything that is known about a finding.
    """

    key: str
    caption: str
    columns: tuple[Column, ...]
    cells: list[list[Any]]
    total: int
    source: str | None = None
    expandable: bool = False

    @property
    def cut(self) -> bool:
        """Whether rows are left out."""
        return len(self.cells) < self.total


_FINDINGS: Final = (
    Column("severity", "Severity", "severity", choose=True),
    Column("code", "Finding", "finding", choose=True),
    Column("stage", "Stage", choose=True),
    Column("gen_id", "Generation", "code"),
    Column("field", "Field", "code", choose=True),
    Column("expected", "Expected", "value"),
    Column("actual", "Found", "value"),
    Column("detail", "Detail"),
    Column("path", "Path", "path"),
)
_CODES: Final = (
    Column("severity", "Severity", "severity", choose=True),
    Column("code", "Code", "code"),
    Column("audit", "Audit", choose=True),
    Column("count", "Found", "number"),
    Column("title", "What it means"),
    Column("fix", "What to do"),
)
_REPAIRS: Final = (
    Column("stage", "Stage", choose=True),
    Column("gen_id", "Generation", "code"),
    Column("status", "Link", choose=True),
    Column("parent_gen_id", "Names as parent", "code"),
    Column("found_stage", "Stands in stage"),
    Column("near_miss", "Perhaps meant", "code"),
    Column("descendants", "Hanging below", "number"),
    Column("metadata_path", "Record", "path"),
)
_MAPPING: Final = (
    Column("stage", "Stage", choose=True),
    Column("gen_id", "Id today", "code"),
    Column("class", "Class", choose=True),
    Column("cause", "Cause", choose=True),
    Column("recomputed_id", "Id its record gives", "code"),
    Column("migrated_id", "Id after migration", "code"),
)
_SHORT: Final = (
    Column("stage", "Stage", choose=True),
    Column("gen_id", "Id", "code"),
    Column("length", "Characters", "number", choose=True),
    Column("class", "Class", choose=True),
)
_COHORTS: Final = (
    Column("cohort_id", "Cohort", "code"),
    Column("form", "Form of the membership", choose=True),
    *(Column(stage, f"{stage}s".capitalize(), "number") for stage in STAGE_NAMES),
    Column("not_in_store", "Not in the store", "number"),
    Column("contradicting", "Contradicting their records", "number"),
    Column("parents_outside", "With a parent outside", "number"),
    Column("manifest", "Manifest", choose=True),
)
_REFERENCES: Final = (
    Column("treatment", "Treatment", choose=True),
    Column("kind", "Kind of file", choose=True),
    Column("gen_id", "Id", "code"),
    Column("field", "Column or key", "code"),
    Column("reason", "Why", choose=True),
    Column("line", "Line", "number"),
    Column("path", "Path", "path"),
)
_UNSCORED: Final = (
    Column("gen_id", "Evaluation", "code"),
    Column("error", "Why", choose=True),
    Column("evaluation_template", "Template", "code", choose=True),
    Column("evaluation_llm_model", "Model", "code", choose=True),
    Column("parent_gen_id", "Of the essay", "code"),
)
_FIRST_CLASSES: Final = (IdClass.MISMATCHED, IdClass.LEGACY, IdClass.UNVERIFIABLE, IdClass.DETERMINISTIC)


def findings_table(run: AuditRun, source: str) -> Table:
    """Table every finding, the gravest first."""
    ordered = run.findings.sort_values("severity", kind="stable")
    return _table("findings", "All findings", _FINDINGS, ordered, source=source, expandable=True)


def codes_table(run: AuditRun) -> Table:
    """Table every kind of finding that the audits of the run know, those that were found first."""
    counts = run.findings["code"].value_counts()
    known = [code for code in CODES.values() if code.audit in run.results]
    known.sort(key=lambda code: (code.name not in counts, SEVERITIES.index(code.severity), -counts.get(code.name, 0)))
    cells = [
        [code.severity, code.name, code.audit, int(counts.get(code.name, 0)), code.title, code.fix] for code in known
    ]
    return Table("codes", "What each kind of finding means, and what to do", _CODES, cells, len(cells))


def repairs_table(repairs: pd.DataFrame, source: str) -> Table:
    """Table the links to repair by hand."""
    shown = repairs.assign(status=repairs["status"].astype("str").str.replace("_", " "))
    return _table("repairs", "Links to repair, those with the most below them first", _REPAIRS, shown, source=source)


def mapping_table(mapping: pd.DataFrame, source: str) -> Table:
    """Table the ids that a migration would change, the alarming ones first."""
    changing = mapping[mapping["cause"] != Cause.NONE]
    alarm = changing["class"].map(_FIRST_CLASSES.index).astype("int64")
    ordered = changing.iloc[alarm.to_numpy().argsort(kind="stable")]
    return _table("mapping", "Ids that a migration would change", _MAPPING, ordered, source=source)


def cohorts_table(cohorts: pd.DataFrame, source: str) -> Table:
    """Table the cohorts with their members, and what is wrong with these; nothing is known of an unreadable one."""
    shown = cohorts.astype(object).where(cohorts.notna(), "")
    shown["form"] = shown["form"].str.replace("_", " ").replace("", "unreadable")
    return _table("cohort-list", "Cohorts and their members", _COHORTS, shown, source=source)


def short_table(stages: Mapping[str, Any], source: str) -> Table:
    """Table the ids under 18 characters, which a rule of thumb would take for legacy.

    :param stages: ``stages`` of the inventory's summary.
    """
    short = [
        [stage, one["gen_id"], one["length"], one["class"]] for stage in stages for one in stages[stage]["short_ids"]
    ]
    caption = "Ids under 18 characters, and what recomputing says of them"
    return Table("short-ids", caption, _SHORT, short[:MOST_ROWS], len(short), source)


def references_table(references: pd.DataFrame, source: str) -> Table:
    """Table the quotes that no program can rewrite, and the files that were not searched."""
    person = references[references["treatment"].isin([Treatment.AMBIGUOUS, Treatment.DANGLING, Treatment.UNSCANNED])]
    shown = person.astype(object).where(person.notna(), "")
    for name in ("kind", "reason"):
        shown[name] = shown[name].str.replace("_", " ")
    caption = "What no program can rewrite: ambiguous and dangling quotes, and files that were not searched"
    return _table("reference-list", caption, _REFERENCES, shown, source=source)


def unscored_table(scores: pd.DataFrame, source: str) -> Table:
    """Table the evaluations without a score, or with one that no pivot can place."""
    wrong = scores[scores["error"].notna()]
    shown = wrong.astype(object).where(wrong.notna(), "")
    shown["error"] = shown["error"].str.replace("_", " ")
    return _table(
        "unscored", "Evaluations without a score, or with one that cannot be placed", _UNSCORED, shown, source=source
    )


def counts_table(key: str, caption: str, columns: tuple[Column, ...], cells: list[list[Any]]) -> Table:
    """Table the numbers behind a chart."""
    return Table(key, caption, columns, cells, len(cells))


def _table(
    key: str,
    caption: str,
    columns: tuple[Column, ...],
    data: pd.DataFrame,
    *,
    source: str,
    expandable: bool = False,
) -> Table:
    names = [column.name for column in columns]
    cells = [list(row) for row in rows(data[names].head(MOST_ROWS))]
    return Table(key, caption, columns, cells, len(data), source, expandable)
