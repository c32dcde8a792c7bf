"""The sections of the page: for each audit what it found, drawn and said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from genaudit import charts
from genaudit.audits.parents import repairs
from genaudit.charts.layout import BREAKS
from genaudit.charts.text import legible
from genaudit.page.parts import Section, figure
from genaudit.page.quotes import references
from genaudit.page.rebuild import rebuild_section
from genaudit.page.tables import (
    Column,
    Table,
    cohorts_table,
    counts_table,
    mapping_table,
    repairs_table,
    short_table,
)
from genaudit.page.words import counted
from genaudit.schemas import Cause, IdClass, ParentStatus, RecordState, rows
from genaudit.stages import STAGE_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from genaudit.audits.result import AuditResult

_MOST_NAMED: Final = 12
_LONGEST_NAME: Final = 60
_LENGTHS_SAID: Final = (
    "A deterministic id is a random-looking number of 80 bits: about one in five is shorter than 18 characters. So"
    " lengths are compared with chance, and an id's class comes from recomputing it, never from its length."
)
_FIELDS_SAID: Final = (
    "Each cell says how many of the stage's readable records have the field. A frame marks a required field that"
    " records lack, or one that does not belong there; a template under its older name does not count as there."
)
_NO_COHORTS: Final = "There is no membership to hold against the store yet."


def sections(results: Mapping[str, AuditResult], sources: Mapping[str, str]) -> list[Section]:
    """Write a section for each audit that ran.

    :param sources: by audit, the name of the file that has every row of its table.
    """
    return [_WRITERS[name](result, sources[name]) for name, result in results.items()]


def _inventory(result: AuditResult, source: str) -> Section:
    stages = result.summary["stages"]
    figures = []
    for stage, facts in stages.items():
        if facts["total"]:
            numbers = _length_numbers(stage, facts)
            figures.append(figure(f"lengths-{stage}", charts.lengths(result.frame, stage), facts["verdict"], numbers))
    by_stage = ", ".join(counted(stages[stage]["total"], stage) for stage in STAGE_NAMES)
    short = short_table(stages, source)
    return Section(
        key="inventory",
        title="Inventory",
        question="What is there, and do the lengths of ids say anything?",
        sentences=(
            f"The store holds {counted(result.summary['total'], 'generation')}: {by_stage}.",
            _LENGTHS_SAID,
        ),
        good=None if figures else "There are no ids to measure yet.",
        figures=tuple(figures),
        tables=(_artifact_table(result.summary["artifacts"]), *([short] if short.total else [])),
    )


def _length_numbers(stage: str, facts: Mapping[str, Any]) -> Table:
    stored, expected = facts["lengths"], facts["expected_lengths"]
    lengths = sorted({*stored, *expected}, key=int, reverse=True)
    cells = [[int(length), stored.get(length, 0), f"{expected.get(length, 0.0):,.1f}"] for length in lengths]
    columns = (
        Column("length", "Characters", "number"),
        Column("stored", "Stored", "number"),
        Column("expected", "By chance", "number"),
    )
    return counts_table(f"numbers-lengths-{stage}", f"Lengths of {stage} ids", columns, cells)


def _artifact_table(artifacts: Mapping[str, Mapping[str, int]]) -> Table:
    kinds = [*artifacts[STAGE_NAMES[0]]]
    columns = (Column("stage", "Stage"), *(Column(kind, kind.replace("_", " "), "number") for kind in kinds))
    cells = [[stage, *(artifacts[stage][kind] for kind in kinds)] for stage in STAGE_NAMES]
    return counts_table("artifacts", "Generations that have each artifact", columns, cells)


def _metadata(result: AuditResult, _source: str) -> Section:
    summary = result.summary
    readable = sum(states.get(RecordState.OK, 0) for states in summary["states"].values())
    concerned = counted(summary["generations_with_findings"], "generation")
    sentences = [f"{readable:,} of {summary['records']:,} records can be read; findings concern {concerned}."]
    if unknown := [*summary["unknown_fields"]]:
        more = f" and {len(unknown) - _MOST_NAMED:,} more" if len(unknown) > _MOST_NAMED else ""
        named = [legible(name, _LONGEST_NAME) for name in unknown[:_MOST_NAMED]]
        sentences.append(f"Fields that nobody asks for, and that do no harm: {', '.join(named)}{more}.")
    figures = []
    if len(result.findings):
        figures.append(figure("metadata-codes", charts.findings_by_code(result.findings), _by_code(result)))
    if readable:
        figures.append(figure("fields", charts.completeness(result.frame), _FIELDS_SAID, _field_numbers(result)))
    return Section(
        key="metadata",
        title="Metadata",
        question="Does every record say what its stage needs?",
        sentences=tuple(sentences),
        good=_records_good(summary["records"]) if readable == summary["records"] and result.findings.empty else None,
        figures=tuple(figures),
        tables=(),
    )


def _records_good(records: int) -> str:
    if not records:
        return "There are no records to validate yet."
    return "No record lacks a field, contradicts its folder or repeats another."


def _by_code(result: AuditResult) -> str:
    worst = result.findings["code"].value_counts()
    return f"The most frequent is {worst.index[0]}; what each means, and what to do, stands under Findings."


def _field_numbers(result: AuditResult) -> Table:
    columns = (
        Column("stage", "Stage"),
        Column("field", "Field", "code"),
        Column("required", "Required"),
        Column("present", "Records with it", "number"),
        Column("absent", "Records without", "number"),
        Column("flagged", "Findings", "number"),
    )
    cells = [
        [row.stage, row.field, "yes" if row.required else "no", row.present, row.absent, row.flagged]
        for row in rows(result.frame)
    ]
    return counts_table("numbers-fields", "Fields of the records", columns, cells)


def _parents(result: AuditResult, source: str) -> Section:
    stages, table = result.summary["stages"], result.frame
    reaching = sum(facts["reaching_the_first_stage"] for facts in stages.values())
    breaks = int(table["status"].isin(BREAKS).sum())
    broken = result.summary["broken_references"]
    hanging = counted(result.summary["hanging_on_breaks"], "generation")
    figures = []
    if reaching < len(table):
        figures.append(figure("links", charts.link_states(table), _links_said(stages), _status_numbers(stages)))
    if breaks:
        figures.append(figure("chains", charts.broken_chains(table), _drawn(breaks)))
    listed = repairs_table(repairs(table), source)
    return Section(
        key="parents",
        title="Parent chains",
        question=f"Does every generation lead back to its {STAGE_NAMES[0]}?",
        sentences=(
            f"{reaching:,} of {len(table):,} generations reach a readable {STAGE_NAMES[0]}.",
            f"Broken links: {broken:,}. Below them, without a fault of its own: {hanging}.",
        ),
        good=_all_reach(len(table)) if reaching == len(table) else None,
        figures=tuple(figures),
        tables=(listed,) if listed.total else (),
    )


def _all_reach(total: int) -> str:
    return f"All {total:,} chains reach the first stage." if total else "There are no chains to follow yet."


def _links_said(stages: Mapping[str, Any]) -> str:
    holding = sum(facts["statuses"].get(ParentStatus.OK, 0) for facts in stages.values())
    return (
        f"Only what does not hold is drawn; {holding:,} links hold. A link is unknown when its own record"
        " cannot be read."
    )


def _drawn(breaks: int) -> str:
    shape = (
        "A line leads from a parent to its child; shape and colour say what is wrong with a generation's own link."
    )
    if breaks <= charts.MOST_DRAWN:
        return f"{shape} Every break is drawn."
    return f"{shape} {breaks - charts.MOST_DRAWN:,} further breaks are not drawn; the repair table lists them."


def _status_numbers(stages: Mapping[str, Any]) -> Table:
    columns = (
        Column("stage", "Stage"),
        *(Column(status, status.replace("_", " "), "number") for status in ParentStatus),
        Column("reaches", "reach the first stage", "number"),
    )
    cells = [
        [stage, *(facts["statuses"].get(status, 0) for status in ParentStatus), facts["reaching_the_first_stage"]]
        for stage, facts in stages.items()
    ]
    return counts_table("numbers-links", "Links by state", columns, cells)


def _recompute(result: AuditResult, source: str) -> Section:
    stages, regenerate = result.summary["stages"], result.summary["regenerate"]
    listed = mapping_table(result.frame, source)
    figures = []
    if len(result.frame):
        figures.append(
            figure(
                "classes", charts.classes(result.frame), _classes_said(stages), _numbers("classes", stages, IdClass)
            )
        )
    if listed.total:
        said = "A parent's new id changes the ids of everything below it, even of those that are right today."
        figures.append(figure("causes", charts.causes(result.frame), said, _numbers("causes", stages, Cause)))
    return Section(
        key="recompute",
        title="Recomputed ids",
        question="Which ids are what their records give, and what would asking again cost?",
        sentences=(regenerate["verdict"],),
        good=None if listed.total else _ids_good(len(result.frame)),
        figures=tuple(figures),
        tables=(listed,) if listed.total else (),
    )


def _ids_good(total: int) -> str:
    return (
        "No id that can be recomputed would change in a migration." if total else "There are no ids to recompute yet."
    )


def _classes_said(stages: Mapping[str, Any]) -> str:
    mismatched = sum(facts["classes"][IdClass.MISMATCHED] for facts in stages.values())
    suffixed = sum(facts["deterministic_with_collision_suffix"] for facts in stages.values())
    alarm = (
        f"Mismatched, and alarming: {counted(mismatched, 'id')} with the deterministic form"
        if mismatched
        else "No id is mismatched"
    )
    return f"{alarm}; of the deterministic ones {suffixed:,} carry a collision suffix."


def _numbers(what: str, stages: Mapping[str, Any], kinds: type[IdClass | Cause]) -> Table:
    columns = (Column("stage", "Stage"), *(Column(kind, kind, "number") for kind in kinds))
    cells = [[stage, *(facts[what][kind] for kind in kinds)] for stage, facts in stages.items()]
    return counts_table(f"numbers-{what}", f"Generations by {what}", columns, cells)


def _cohorts(result: AuditResult, source: str) -> Section:
    summary, found = result.summary, len(result.frame)
    listed, unlisted = sum(summary["listed"].values()), sum(summary["in_no_cohort"].values())
    sentences = [f"In {counted(found, 'membership')}: {counted(listed, 'generation')}. In none: {unlisted:,}."]
    if summary["unreadable"]:
        sentences.append(f"Memberships that cannot be read: {summary['unreadable']:,}.")
    good = "Every member is there and is what its record says." if result.findings.empty else None
    return Section(
        key="cohorts",
        title="Cohorts",
        question="Who belongs to which cohort, and do memberships tell the truth?",
        sentences=tuple(sentences) if found else (),
        good=good if found else _NO_COHORTS,
        figures=(),
        tables=(cohorts_table(result.frame, source),) if found else (),
    )


_WRITERS: Final[Mapping[str, Callable[[AuditResult, str], Section]]] = {
    "inventory": _inventory,
    "metadata": _metadata,
    "parents": _parents,
    "recompute": _recompute,
    "cohorts": _cohorts,
    "rebuild": rebuild_section,
    "references": references,
}
