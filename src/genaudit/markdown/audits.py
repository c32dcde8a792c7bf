"""An audit in Markdown: what was asked, the verdict, the numbers, what was found, what could not be verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from genaudit.audits.parents import repairs
from genaudit.audits.rebuild import RebuildResult
from genaudit.markdown.findings import coverage_section, findings_section, found
from genaudit.markdown.rebuild import rebuild_verdict, render_rebuild
from genaudit.markdown.text import capped, count, table, text, words
from genaudit.schemas import Cause, IdClass, ParentStatus, RecordState, Treatment, rows
from genaudit.stages import STAGE_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from genaudit.audits.result import AuditResult

_MOST_ROWS: Final = 12


def render(result: AuditResult, *, date: str) -> str:
    """Write an audit's result as a page of Markdown, the same text for the same result.

    :raises KeyError: an audit that has no page.
    """
    if isinstance(result, RebuildResult):
        return render_rebuild(result, date=date)
    title, question, numbers = _PAGES[result.name]
    lines = [f"# {title}, {date}", "", f"**{question}** {verdict(result)}", "", *numbers(result), ""]
    return "\n".join([*lines, *findings_section(result.findings), *coverage_section(result.coverage), ""])


def verdict(result: AuditResult) -> str:
    """Say in a sentence what an audit found."""
    if isinstance(result, RebuildResult):
        return rebuild_verdict(result)
    return f"{_VERDICTS[result.name](result)} Findings: {found(result.findings)}."


def _inventory_verdict(result: AuditResult) -> str:
    stages = result.summary["stages"]
    by_stage = ", ".join(count(stages[stage]["total"], stage) for stage in STAGE_NAMES)
    legacy = sum(stages[stage]["classes"][IdClass.LEGACY] for stage in STAGE_NAMES)
    short = sum(len(stages[stage]["short_ids"]) for stage in STAGE_NAMES)
    return (
        f"{count(result.summary['total'], 'generation')} ({by_stage}); {short:,} ids have under 18 characters,"
        f" {legacy:,} are legacy."
    )


def _inventory(result: AuditResult) -> Iterator[str]:
    stages, artifacts = result.summary["stages"], result.summary["artifacts"]
    yield "## Ids by class"
    yield ""
    cells = [
        [stage, facts["total"], *(facts["classes"][kind] for kind in IdClass), len(facts["short_ids"])]
        for stage, facts in stages.items()
    ]
    yield from table(["stage", "total", *IdClass, "under 18 characters"], cells)
    yield ""
    yield "## Lengths of ids, and what chance gives"
    yield ""
    yield "Stored / expected if every id were deterministic."
    yield ""
    lengths = sorted({one for facts in stages.values() for one in facts["lengths"]}, key=int, reverse=True)
    expected = [
        [
            stage,
            *(f"{facts['lengths'].get(one, 0):,} / {facts['expected_lengths'].get(one, 0):,.1f}" for one in lengths),
        ]
        for stage, facts in stages.items()
    ]
    yield from table(["stage", *lengths], expected)
    yield ""
    for stage, facts in stages.items():
        yield f"- {stage}: {facts['verdict']}"
    yield ""
    yield "## Generations that have each artifact"
    yield ""
    kinds = [*artifacts[STAGE_NAMES[0]]]
    cells = [[stage, *(artifacts[stage][kind] for kind in kinds)] for stage in STAGE_NAMES]
    yield from table(["stage", *(words(kind) for kind in kinds)], cells)


def _metadata_verdict(result: AuditResult) -> str:
    summary = result.summary
    readable = sum(states.get(RecordState.OK, 0) for states in summary["states"].values())
    concerned = count(summary["generations_with_findings"], "generation")
    return f"{readable:,} of {count(summary['records'], 'record')} can be read; findings concern {concerned}."


def _metadata(result: AuditResult) -> Iterator[str]:
    yield "## Fields of the records that can be read"
    yield ""
    cells = [
        [row.stage, row.field, "yes" if row.required else "no", row.present, row.absent, row.flagged]
        for row in rows(result.frame)
    ]
    yield from table(["stage", "field", "required", "there", "not there", "findings"], cells)


def _parents_verdict(result: AuditResult) -> str:
    stages, summary = result.summary["stages"], result.summary
    reaching = sum(facts["reaching_the_first_stage"] for facts in stages.values())
    return (
        f"{reaching:,} of {count(len(result.frame), 'generation')} reach a readable {STAGE_NAMES[0]};"
        f" {count(summary['broken_references'], 'broken link')}, and below them"
        f" {count(summary['hanging_on_breaks'], 'generation')} with a sound link of their own."
    )


def _parents(result: AuditResult) -> Iterator[str]:
    stages = result.summary["stages"]
    yield "## Links to the parent"
    yield ""
    keys = ("total", "reaching_the_first_stage", "orphans", "without_children")
    present = [status for status in ParentStatus if any(facts["statuses"].get(status) for facts in stages.values())]
    cells = [
        [stage, *(facts[key] for key in keys), *(facts["statuses"].get(status, 0) for status in present)]
        for stage, facts in stages.items()
    ]
    yield from table(["stage", *map(words, (*keys, *present))], cells)
    broken = repairs(result.frame)
    if len(broken):
        yield ""
        yield "## Links to repair by hand"
        yield ""
        cells = [
            [row.stage, row.gen_id, words(row.status), row.parent_gen_id, row.near_miss, row.descendants]
            for row in rows(broken)
        ]
        yield from capped(
            ["stage", "generation", "link", "names as parent", "perhaps meant", "below it"], cells, _MOST_ROWS
        )


def _recompute_verdict(result: AuditResult) -> str:
    return str(result.summary["regenerate"]["verdict"])


def _recompute(result: AuditResult) -> Iterator[str]:
    stages = result.summary["stages"]
    yield "## Ids by class, and what a migration would rename"
    yield ""
    cells = [
        [stage, *(facts["classes"][kind] for kind in IdClass), *(facts["causes"][cause] for cause in Cause)]
        for stage, facts in stages.items()
    ]
    heads = ["unchanged", "renamed for its own record", "renamed for its parent's new id"]
    yield from table(["stage", *IdClass, *heads], cells)
    yield ""
    yield "## Examples"
    yield ""
    changing = result.frame[result.frame["cause"] != Cause.NONE]
    shown = changing.groupby(["stage", "class", "cause"], observed=True).head(1)
    cells = [[row.stage, row[2], row.cause, row.gen_id, row.migrated_id] for row in rows(shown)]
    yield from capped(["stage", "class", "cause", "id today", "id after migration"], cells, _MOST_ROWS)


def _references_verdict(result: AuditResult) -> str:
    summary = result.summary
    treatments = summary["treatments"]
    return (
        f"{count(summary['occurrences'], 'quote')} of {count(summary['ids_quoted'], 'id')} in"
        f" {count(summary['files']['scanned'], 'file')}: a program can rewrite {treatments[Treatment.REWRITE]:,},"
        f" {treatments[Treatment.AMBIGUOUS]:,} need a person, {treatments[Treatment.HISTORICAL]:,} stay as they were"
        f" written; {count(len(summary['dangling']), 'quoted id')} exist nowhere in the store."
    )


def _references(result: AuditResult) -> Iterator[str]:
    summary = result.summary
    said = [*summary["treatments"]]
    yield "## Quotes by kind of file"
    yield ""
    cells = [[words(kind), facts["files"], *(facts[one] for one in said)] for kind, facts in summary["kinds"].items()]
    yield from table(["kind of file", "files", *said], cells)
    yield ""
    yield "## What no program can rewrite"
    yield ""
    person = result.frame[~result.frame["treatment"].isin([Treatment.REWRITE, Treatment.HISTORICAL])]
    cells = [
        [
            row.treatment,
            row.path if row.line is None else f"{row.path}, line {row.line}",
            row.gen_id,
            words(row.reason),
        ]
        for row in rows(person)
    ]
    if cells:
        yield from capped(["treatment", "where", "id", "why"], cells, _MOST_ROWS)
    else:
        yield "Nothing."
    unscanned = ", ".join(f"{text(words(why))} {number:,}" for why, number in summary["files"]["unscanned"].items())
    yield ""
    yield f"Files that were not searched: {unscanned or 'none'}."


_VERDICTS: Final[Mapping[str, Callable[[AuditResult], str]]] = {
    "inventory": _inventory_verdict,
    "metadata": _metadata_verdict,
    "parents": _parents_verdict,
    "recompute": _recompute_verdict,
    "references": _references_verdict,
}
_PAGES: Final[Mapping[str, tuple[str, str, Callable[[AuditResult], Iterator[str]]]]] = {
    "inventory": ("Inventory", "What is there, and do the lengths of ids say anything?", _inventory),
    "metadata": ("Metadata", "Does every record say what its stage needs?", _metadata),
    "parents": ("Parent chains", "Does every generation lead back to a draft?", _parents),
    "recompute": ("Recomputed ids", "Which ids hold, and what would asking again miss?", _recompute),
    "references": ("References", "Who quotes ids, and what would a rename do about it?", _references),
}
