"""A rebuild in Markdown, for docs/reports/: the same facts as on the page, in a form that a review can comment on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genaudit.charts.text import legible
from genaudit.decisions import Decision
from genaudit.schemas import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from genaudit.audits.rebuild import RebuildResult


def render_rebuild(result: RebuildResult, *, date: str) -> str:
    """Write a rebuild as a page of Markdown, the same text for the same result."""
    summary = result.summary
    lines = [f"# Rebuild of a cohort, {date}", ""]
    if problem := summary.get("problem"):
        return "\n".join([*lines, f"Nothing could be planned: {_text(problem['reason'])}.", ""])
    lines += [summary["verdict"], "", *_selection(summary), ""]
    if not len(result.comparison):
        return "\n".join(lines)
    lines += ["## What each mode would do", "", *_comparison(result), ""]
    lines += ["## Which stored ids each mode keeps", "", *_kept(result), ""]
    lines += ["## Why generations would be made again", "", *_causes(result), ""]
    lines += ["## What no mode avoids", "", *_unavoidable(result), ""]
    lines += ["## Recommendations", "", *_advice(result)]
    lines += ["## What one call takes", "", *_costs(result), ""]
    lines += [*_coverage(summary), ""]
    return "\n".join(lines)


def _selection(summary: Mapping[str, Any]) -> Iterator[str]:
    selection, settings = summary["selection"], summary["settings"]
    yield f"- Selected: {selection['selected']:,} {selection['stage']}s, from {_text(selection['source'])}."
    if selection["seed"] is not None:
        yield f"- A random sample of {selection['chosen_from']:,}; seed {selection['seed']}."
    for reason, count in selection["left_out"].items():
        yield f"- Left out: {count:,} {reason}."
    yield "- Settings: " + ", ".join(f"{name} `{_text(value)}`" for name, value in settings.items()) + "."
    for mode, error in summary["failed_modes"].items():
        yield f"- Could not be planned: {_text(mode)}, {_text(error['reason']).replace('_', ' ')}."


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
            *([_amount(row.money, 4)] if priced else []),
        ]
        for row in rows(result.comparison)
    ]
    return _table(["mode", "stage", "planned", *Decision, "tokens", *money], cells)


def _tokens(row: Any) -> str:  # noqa: ANN401 -- a frame's rows are named tuples without a type of their own
    if row.prompt_tokens is None:
        return "unknown"
    known = f"{row.prompt_tokens + row.completion_tokens:,.0f}"
    return f"{known}, and {row.calls_of_unknown_cost:,} calls unknown" if row.calls_of_unknown_cost else known


def _kept(result: RebuildResult) -> Iterator[str]:
    cells = [[row.mode, row.stage, row[2], row.kept, row.selected, row.verdict] for row in rows(result.kept)]
    return _table(["mode", "stage", "class of the id", "kept", "of", "verdict"], cells)


def _causes(result: RebuildResult) -> Iterator[str]:
    cells = [[row.mode, row.stage, row.cause.replace("_", " "), row.generations] for row in rows(result.causes)]
    return _table(["mode", "stage", "cause", "generations"], cells)


def _unavoidable(result: RebuildResult) -> Iterator[str]:
    if result.unavoidable.empty:
        yield "Every call of one mode is spared by another."
        return
    cells = [[row.stage, row.template_id, row.llm_model_id, row.generations] for row in rows(result.unavoidable)]
    yield from _table(["stage", "template", "model", "calls in every mode"], cells)


def _advice(result: RebuildResult) -> Iterator[str]:
    for one in result.advice:
        yield f"**To {one.purpose}.** {one.says}"
        yield ""
        if one.directives:
            yield "```text"
            yield from one.directives
            yield "```"
            yield ""


def _costs(result: RebuildResult) -> Iterator[str]:
    cells = [
        [
            *(row.stage, row.template_id, row.llm_model_id, row.samples),
            *(_amount(value) for value in (row.prompt_median, row.prompt_low, row.prompt_high)),
            *(_amount(value) for value in (row.completion_median, row.completion_low, row.completion_high)),
        ]
        for row in rows(result.costs)
    ]
    heads = ["prompt median", "10 %", "90 %", "answer median", "10 %", "90 %"]
    return _table(["stage", "template", "model", "reports", *heads], cells)


def _coverage(summary: Mapping[str, Any]) -> Iterator[str]:
    coverage = summary["cost_coverage"]
    yield (
        f"Tokens come from {coverage['reports_with_usage']:,} reports; {coverage['kinds_of_unknown_cost']:,} of"
        f" {coverage['kinds_of_calls']:,} kinds of calls are of unknown cost."
    )
    for reason, count in coverage["reports_without"].items():
        yield f"Not used: {count:,} {reason}."


def _table(heads: Sequence[str], cells: Iterable[Sequence[object]]) -> Iterator[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in cells:
        yield f"| {' | '.join(f'{one:,}' if isinstance(one, int) else _text(one) for one in row)} |"


def _amount(value: float | None, digits: int = 0) -> str:
    return "unknown" if value is None else f"{value:,.{digits}f}"


def _text(value: object) -> str:
    """Write a value from a store so that it stays one cell and no markup."""
    text = legible("" if value is None else str(value))
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("`", "\\`").replace("<", "&lt;")
