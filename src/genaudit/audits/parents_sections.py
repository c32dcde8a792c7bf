"""Sections of the parents audit, and its descriptor."""

from __future__ import annotations

from typing import Final

from genaudit import charts
from genaudit.audits.audit import Audit
from genaudit.audits.parents import ParentsResult, parents, repairs
from genaudit.humanize import counted
from genaudit.page_model import Column, Figure, Section, Table, listing, spaced, stage_table
from genaudit.schemas import BREAKS, ParentStatus

_REPAIRS: Final = (
    Column("stage", "Stage", choose=True),
    Column("gen_id", "Generation", "id"),
    Column("status", "Link", choose=True),
    Column("parent_gen_id", "Named parent", "id"),
    Column("found_stage", "Found in stage"),
    Column("near_miss", "Closest id", "id"),
    Column("descendants", "Descendants", "number"),
    Column("metadata_path", "Record", "path"),
)


def _sections(result: ParentsResult) -> tuple[Section, ...]:
    summary, table = result.summary, result.frame
    first = next(iter(summary.stages), "first stage")
    reaching = sum(one.reaching_the_first_stage for one in summary.stages.values())
    breaks = int(table["status"].isin(BREAKS).sum())
    hanging = counted(summary.hanging_on_breaks, "generation")
    figures = []
    if reaching < len(table):
        figures.append(
            Figure("links", _links(result), lambda: charts.link_states(table, result.stages), _numbers(result))
        )
    if breaks:
        figures.append(Figure("chains", _drawn(breaks), lambda: charts.broken_chains(table, stages=result.stages)))
    listed = repairs(table, result.stages)
    listed = listed.assign(status=listed["status"].astype("str").map(spaced))
    caption = "Links to repair, those with the most descendants first"
    repaired = listing("repairs", caption, _REPAIRS, listed, source="parent_chains.csv", each=("status",))
    return (
        Section(
            key="parents",
            title=PARENTS.title,
            question=PARENTS.question,
            sentences=(
                f"{reaching:,} of {len(table):,} generations reach a readable {first}.",
                f"Broken links: {summary.broken_references:,}. Below them, without a fault of their own: {hanging}.",
            )
            if len(table)
            else (),
            good=_good(len(table)) if reaching == len(table) else None,
            overview=stage_table(
                "chains-by-stage",
                "Parent chains by stage",
                ("total", f"reach a {first}", "orphans", "without children"),
                summary.stages,
                lambda one: [one.total, one.reaching_the_first_stage, one.orphans, one.without_children],
            ),
            figures=tuple(figures),
            tables=(repaired,) if repaired.total else (),
        ),
    )


def _good(total: int) -> str:
    return f"All {total:,} chains reach the first stage." if total else "There are no chains to follow yet."


def _links(result: ParentsResult) -> str:
    sound = sum(one.statuses.get(ParentStatus.OK, 0) for one in result.summary.stages.values())
    return (
        f"Only links that are not sound are drawn; {sound:,} links are sound. The state of a link is unknown if the"
        " record that names it cannot be read."
    )


def _drawn(breaks: int) -> str:
    shape = "A line leads from a parent to its child. Shape and colour give the state of a generation's own link."
    if breaks <= charts.MOST_DRAWN:
        return f"{shape} Every break is drawn."
    return f"{shape} {breaks - charts.MOST_DRAWN:,} further breaks are not drawn; the repair table lists them."


def _numbers(result: ParentsResult) -> Table:
    return stage_table(
        "numbers-links",
        "Links by state",
        [*map(spaced, ParentStatus), "reach the first stage"],
        result.summary.stages,
        lambda one: [*(one.statuses.get(status, 0) for status in ParentStatus), one.reaching_the_first_stage],
    )


PARENTS: Final = Audit(
    name="parents",
    title="Parent chains",
    question="Does every generation lead back to the first stage?",
    run=lambda context: parents(context.snapshot),
    sections=_sections,
    report="parent_chains",
    tables={"parent_chains": lambda result: repairs(result.frame, result.stages)},
    notebook="parents",
)
