"""A rebuild in Markdown: what each mode would reuse, what it would pay for again, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from genaudit.decisions import Decision
from genaudit.markdown.findings import coverage_section, findings_section, found
from genaudit.markdown.text import amount, capped, table, text
from genaudit.schemas import rows
from genaudit.stages import STAGE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from genaudit.audits.rebuild import RebuildResult

_QUESTION: Final = "What would each way to build the selection again reuse, what would it pay for again, and why?"
_MOST_ROWS: Final = 20


def render_rebuild(result: RebuildResult, *, date: str) -> str:
    """Write a rebuild as a page of Markdown, the same text for the same result."""
    lines = [f"# Rebuild of a cohort, {date}", "", f"**{_QUESTION}** {rebuild_verdict(result)}", ""]
    if len(result.comparison) or "problem" not in result.summary:
        lines += [*_selection(result.summary), ""]
    if len(result.comparison):
        lines += _plans(result)
    return "\n".join([*lines, *findings_section(result.findings), *coverage_section(result.coverage), ""])


def rebuild_verdict(result: RebuildResult) -> str:
    """Say in a sentence what the rebuild takes, or why nothing could be planned."""
    if problem := result.summary.get("problem"):
        return f"Nothing could be planned: {text(problem['reason'])}."
    return f"{result.summary['verdict']} Findings: {found(result.findings)}."


def _plans(result: RebuildResult) -> Iterator[str]:
    sections = {
        "What each mode would do": _comparison,
        "Which stored ids each mode keeps": _kept,
        "Why generations would be made again": _causes,
        "What no mode avoids": _unavoidable,
        "Recommendations": _advice,
        "What one call takes": _costs,
    }
    for title, section in sections.items():
        yield from (f"## {title}", "", *section(result), "")
    yield from (*_coverage(result.summary), "")


def _selection(summary: Mapping[str, Any]) -> Iterator[str]:
    selection, settings = summary["selection"], summary["settings"]
    yield f"- Selected: {selection['selected']:,} {selection['stage']}s, from {text(selection['source'])}."
    if selection["seed"] is not None:
        yield f"- A random sample of {selection['chosen_from']:,}; seed {selection['seed']}."
    for reason, count in selection["left_out"].items():
        yield f"- Left out: {count:,} {reason}."
    yield "- Settings: " + ", ".join(f"{name} `{text(value)}`" for name, value in settings.items()) + "."
    for mode, error in summary["failed_modes"].items():
        yield f"- Could not be planned: {text(mode)}, {text(error['reason']).replace('_', ' ')}."


def _comparison(result: RebuildResult) -> Iterator[str]:
    priced = result.summary["cost_coverage"]["priced"]
    money = ["money"] if priced else []
    cells = [
        [
            row.mode,
            row.stage,
            row.planned,
            *(getattr(row, decision) for decision in Decision),
            _tokens(row),
            *([amount(row.money, 4)] if priced else []),
        ]
        for row in rows(result.comparison)
    ]
    return table(["mode", "stage", "planned", *Decision, "tokens", *money], cells)


def _tokens(row: Any) -> str:  # noqa: ANN401 -- a frame's rows are named tuples without a type of their own
    if row.prompt_tokens is None:
        return "unknown"
    known = f"{row.prompt_tokens + row.completion_tokens:,.0f}"
    return f"{known}, and {row.calls_of_unknown_cost:,} calls unknown" if row.calls_of_unknown_cost else known


def _kept(result: RebuildResult) -> Iterator[str]:
    return _by_mode(
        result.kept.assign(said=result.kept["kept"].astype(str) + " of " + result.kept["selected"].astype(str)),
        ["stage", "class"],
        ["stage", "class of the id"],
    )


def _causes(result: RebuildResult) -> Iterator[str]:
    causes = result.causes.assign(
        said=result.causes["generations"].map("{:,}".format), cause=result.causes["cause"].str.replace("_", " ")
    )
    return _by_mode(causes, ["stage", "cause"], ["stage", "cause"])


def _by_mode(long: pd.DataFrame, keys: list[str], heads: list[str]) -> Iterator[str]:
    """Table ``said`` with a column for each mode, rows and columns in the order in which they first stand."""
    modes = [*dict.fromkeys(long["mode"])]
    said = {
        (row[0], *row[1]): row[2]
        for row in zip(long["mode"], long[keys].itertuples(index=False), long["said"], strict=True)
    }
    order = sorted(dict.fromkeys(key[1:] for key in said), key=lambda key: STAGE_NAMES.index(key[0]))
    return table([*heads, *modes], ([*key, *(said.get((mode, *key), "") for mode in modes)] for key in order))


def _unavoidable(result: RebuildResult) -> Iterator[str]:
    if result.unavoidable.empty:
        yield "Every call of one mode is spared by another."
        return
    cells = [[row.stage, row.template_id, row.llm_model_id, row.generations] for row in rows(result.unavoidable)]
    yield from capped(["stage", "template", "model", "calls in every mode"], cells, _MOST_ROWS)


def _advice(result: RebuildResult) -> Iterator[str]:
    for place, one in enumerate(result.advice):
        if place:
            yield ""
        yield f"**To {one.purpose}.** {one.says}"
        if one.directives:
            yield from ("", "```text", *one.directives, "```")


def _costs(result: RebuildResult) -> Iterator[str]:
    cells = [
        [
            *(row.stage, row.template_id, row.llm_model_id, row.samples),
            *(amount(value) for value in (row.prompt_median, row.prompt_low, row.prompt_high)),
            *(amount(value) for value in (row.completion_median, row.completion_low, row.completion_high)),
        ]
        for row in rows(result.costs)
    ]
    heads = ["prompt median", "10 %", "90 %", "answer median", "10 %", "90 %"]
    return capped(["stage", "template", "model", "reports", *heads], cells, _MOST_ROWS)


def _coverage(summary: Mapping[str, Any]) -> Iterator[str]:
    coverage = summary["cost_coverage"]
    yield (
        f"Tokens come from {coverage['reports_with_usage']:,} reports; {coverage['kinds_of_unknown_cost']:,} of"
        f" {coverage['kinds_of_calls']:,} kinds of calls are of unknown cost."
    )
    for reason, count in coverage["reports_without"].items():
        yield f"Not used: {count:,} {reason}."
