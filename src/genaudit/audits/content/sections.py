"""Sections of the content audit, and its descriptor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from genaudit import charts
from genaudit.audits.audit import Audit, AuditContext
from genaudit.audits.content.audit import ContentResult, content, result_of
from genaudit.audits.content.check import ContentCheck
from genaudit.audits.content.tables import PromptState
from genaudit.audits.references import references
from genaudit.audits.references_sections import REFERENCES
from genaudit.cohorts.pipeline_stages import has_pipeline_stages
from genaudit.humanize import counted
from genaudit.page_model import Column, Figure, Section, Table, listing, spaced, stage_table
from genaudit.stages import STAGES

_DRIFT: Final = (
    Column("stage", "Stage", choose=True),
    Column("field", "Input", choose=True),
    Column("changed", "Id", "code"),
    Column("generations", "Generations", "number"),
    Column("descendants", "Below them", "number"),
    Column("difference", "Difference"),
    Column("lines", "Removed and added lines", "lines"),
    Column("path", "File", "path"),
    Column("first", "First generation", "id"),
)
_INPUTS: Final = {"template_id": "template", "combo_id": "concept", "parent_gen_id": "parent text"}
_OWN_STAGES: Final = (
    "The store has stages of its own: texts and reports were checked, and nothing was compared with today's inputs."
    f" Templates, parsers and models are known only for {', '.join(STAGES)}."
)
_STATES: Final = "A prompt that differs was sent with another template, concept or parent text than today's."
_COMPARED: Final = (PromptState.SAME, PromptState.LINE_ENDS, PromptState.DIFFERS)


def _sections(result: ContentResult) -> tuple[Section, ...]:
    summary = result.summary
    counts = {state: sum(one[state] for one in summary.prompts.values()) for state in PromptState}
    compared = sum(counts[state] for state in _COMPARED)
    drifted = _drift_table(result)
    return (
        Section(
            key="content",
            title=CONTENT.title,
            question=CONTENT.question,
            sentences=tuple(_sentences(result, counts, compared)),
            good=_good(compared) if result.findings.empty and compared else None,
            overview=stage_table(
                "content-by-stage",
                "Prompts beside today's rendering",
                [spaced(state).capitalize() for state in PromptState],
                summary.prompts,
                lambda one: [one[state] for state in PromptState],
            ),
            figures=(_figure(summary.prompts),) if compared else (),
            tables=(drifted,) if drifted.total else (),
        ),
    )


def _sentences(result: ContentResult, counts: dict[PromptState, int], compared: int) -> list[str]:
    summary = result.summary
    if not has_pipeline_stages(result.stages):
        sentences = [_OWN_STAGES]
    elif not compared:
        sentences = ["No stored prompt could be compared with today's inputs."]
    else:
        differing = counts[PromptState.DIFFERS]
        sentences = [f"{differing:,} of {counted(compared, 'stored prompt')} differ from today's rendering."]
    if counts[PromptState.LINE_ENDS]:
        sentences.append(f"Equal but for line endings: {counts[PromptState.LINE_ENDS]:,}; these count as the same.")
    if summary.not_rendered:
        reasons = ", ".join(f"{spaced(reason)} {count:,}" for reason, count in summary.not_rendered.items())
        sentences.append(f"Not rendered: {reasons}.")
    if summary.texts:
        found = ", ".join(f"{code} {count:,}" for code, count in summary.texts.items())
        sentences.append(f"Texts and answers with a problem: {found}.")
    for model, names in summary.models.items():
        served = ", ".join(f"{name} ({count:,})" for name, count in names.items())
        sentences.append(f"{model} was served under another name than the catalog gives: {served}.")
    if summary.truncated:
        sentences.append(f"Truncated answers that nothing has parsed: {summary.truncated:,}.")
    return sentences


def _good(compared: int) -> str:
    if not compared:
        return "There are no stored prompts to compare yet."
    return f"All {compared:,} stored prompts are what today's inputs render, and every text is readable."


def _figure(prompts: Mapping[str, Mapping[str, int]]) -> Figure:
    return Figure("content-prompts", _STATES, lambda: charts.prompt_states(prompts))


def _drift_table(result: ContentResult) -> Table:
    caption = "Inputs that changed since prompts were sent"
    return listing("drift", caption, _DRIFT, changed_inputs(result), source="content_drift.json")


def changed_inputs(result: ContentResult, between: str = "\n") -> pd.DataFrame:
    """List the inputs that changed, those with most prompts first.

    :param between: joins the lines that were removed and added.
    """
    rows = [
        {
            **group,
            "field": _INPUTS[group["field"]],
            "lines": between.join(
                [*(f"- {one}" for one in group["removed"]), *(f"+ {one}" for one in group["added"])]
            ),
        }
        for group in result.summary.drift
    ]
    return pd.DataFrame(rows, columns=[column.name for column in _DRIFT])


def _run(context: AuditContext) -> ContentResult:
    """Run the audit, in the pass of the search for references if that is to run too."""
    if REFERENCES.name not in context.left:
        return content(context.snapshot, context.progress, context.workers)
    check = ContentCheck.of(context.snapshot)
    context.results[REFERENCES.name] = references(
        context.snapshot,
        context.roots,
        context.left_out,
        progress=context.progress,
        companion=check,
        workers=context.workers,
    )
    return result_of(check)


CONTENT: Final = Audit(
    name="content",
    title="Content",
    question="Was every answer made from today's inputs, and is every stored text one?",
    run=_run,
    sections=_sections,
    report="content_drift",
    tables={"content_drift": lambda result: result.frame},
    notebook="content",
    reads="reading texts",
)
