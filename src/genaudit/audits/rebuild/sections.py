"""Sections of the rebuild audit, and its descriptor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final

import orjson

from genaudit import charts
from genaudit.audits.audit import Audit, AuditContext, ExtraFile
from genaudit.audits.missing_files import at_risk_sentences
from genaudit.audits.rebuild.advice import BACKFILL, Advice, selection_text
from genaudit.audits.rebuild.audit import RebuildResult, rebuild_by_default
from genaudit.audits.rebuild.comparison import taken_ids
from genaudit.audits.rebuild.modes import CURATED
from genaudit.audits.rebuild.summary import RebuildProblem, RebuildSummary
from genaudit.audits.recompute_sections import RECOMPUTE
from genaudit.cohorts.pipeline_stages import check_pipeline_stages
from genaudit.decisions import Decision
from genaudit.errors import Reason
from genaudit.humanize import counted
from genaudit.layout import RAW
from genaudit.page_model import (
    Action,
    Column,
    Figure,
    Section,
    Table,
    first_of_each,
    listing,
    number_table,
    spaced,
)
from genaudit.schemas import rows
from genaudit.stages import STAGE_NAMES

_MATRIX: Final = (
    "Each cell gives a mode's decisions for the generations that it plans at a stage, and the cost of its calls."
    " The stronger the colour, the larger the share of calls."
)
_COSTS: Final = (
    "Medians of the store's own reports for the same stage, template and model. The line spans the tenth to the"
    " ninetieth percentile of every call. Calls without any report are unknown, and not in the bar."
)
_NO_CATALOGS: Final = "The store has no catalogs: there is nothing to plan."
_NOTHING: Final = "There is no selection and no legacy essay: nothing to rebuild."
_PLANNED: Final = (
    Column("mode", "Mode", choose=True),
    Column("stage", "Stage", choose=True),
    Column("decision", "Decision", choose=True),
    Column("causes", "Causes", choose=True),
    Column("gen_id", "Planned generation", "code"),
    Column("selection_id", "For the selected", "id"),
    Column("root", "Root cause", "code"),
    Column("differs", "Difference", "value"),
    Column("instead", "Modes that would reuse it"),
)
_BLAST: Final = (
    Column("stage", "Stage", choose=True),
    Column("gen_id", "Generation", "id"),
    Column("class", "Class of the id", choose=True),
    *(Column(f"{stage}s_below", f"{stage}s below".capitalize(), "number") for stage in STAGE_NAMES[1:]),
    Column("below", "Lost to reuse once it is new", "number"),
)
_SOURCE: Final = "cohort_rebuild.csv"


def _run(context: AuditContext) -> RebuildResult:
    return rebuild_by_default(context.snapshot, context.result(RECOMPUTE).frame, context.max_members)


def _sections(result: RebuildResult) -> tuple[Section, ...]:
    summary = result.summary
    if isinstance(summary, RebuildProblem):
        sentence = result.not_run.sentence if result.not_run else _nothing_to_plan(summary)
        return (Section("rebuild", REBUILD.title, REBUILD.question, (sentence,)),)
    planned = len(result.comparison) > 0
    priced = summary.cost_coverage["priced"]
    return (
        Section(
            key="rebuild",
            title=REBUILD.title,
            question=REBUILD.question,
            sentences=(*at_risk_sentences(result.at_risk), *(_sentences(result, summary) if planned else ())),
            good=None if planned else _NOTHING,
            overview=_modes(result, priced=priced) if planned else None,
            figures=tuple(_figures(result, priced=priced)) if planned else (),
            tables=tuple(table for table in _tables(result) if table.total),
            actions=tuple(Action(one.purpose, one.directives, one.reason) for one in result.advice),
        ),
    )


def _nothing_to_plan(summary: RebuildProblem) -> str:
    if summary.problem["reason"] == Reason.STAGES_NOT_SUPPORTED:
        supported = ", ".join(summary.problem["supported"])
        return f"Not applicable: the store has stages of its own, and rebuilds are planned for {supported} alone."
    return "The store has no catalogs: there is nothing to plan."


def _sentences(result: RebuildResult, summary: RebuildSummary) -> Iterator[str]:
    choice = result.choice
    yield summary.verdict
    if choice.how == "sample":
        yield f"A random sample of {choice.population:,} {choice.source}, drawn with seed {choice.seed}."
    elif choice.how == "file":
        yield f"The selection file is {choice.source}."
    elif choice.how == "legacy":
        yield "The selection is all legacy essays."
    for mode, error in summary.failed_modes.items():
        yield f"Mode {mode} cannot be planned: {spaced(error['reason'])}."
    calls = int(result.unavoidable["generations"].sum())
    yield f"Calls that every mode makes: {calls:,}." if calls else "No call is made by every mode."
    for mode, ids, calls in taken_ids(result.frame):
        taken = counted(ids, "id")
        yield f"Mode {mode} needs {taken} that another record has: {counted(calls, 'call')} at and below them."
    coverage = summary.cost_coverage
    if unknown := coverage["kinds_of_unknown_cost"]:
        kinds = counted(coverage["kinds_of_calls"], "kind")
        yield f"Of {kinds} of calls, by stage, template and model, {unknown:,} have no known cost in the store."


def _figures(result: RebuildResult, *, priced: bool) -> Iterator[Figure]:
    yield Figure(
        "rebuild-matrix", _MATRIX, lambda: charts.rebuild_matrix(result.comparison), _numbers(result, priced=priced)
    )
    yield Figure("rebuild-costs", _COSTS, lambda: charts.rebuild_costs(result.comparison), _kinds(result))


def _modes(result: RebuildResult, *, priced: bool) -> Table:
    """Compare the modes, one row each, all stages together."""
    heads = ["Mode", *(decision.value for decision in Decision), "tokens", *(["money"] if priced else [])]
    cells = []
    for mode, own in result.comparison.groupby("mode", sort=False):
        lines = list(rows(own))
        kept = result.kept[result.kept["mode"] == mode]
        money = [_total(lines, ["money"], "calls_without_price", 4)] if priced else []
        cells.append(
            [
                mode,
                *(sum(getattr(line, decision) for line in lines) for decision in Decision),
                _total(lines, ["prompt_tokens", "completion_tokens"], "calls_of_unknown_cost"),
                *money,
                _deleted(result, str(mode)),
                f"{kept['kept'].sum():,} of {kept['selected'].sum():,}" if len(kept) else "",
            ]
        )
    return number_table(
        "rebuild-modes", "Decisions and cost by mode", [*heads, "paid answers deleted", "stored ids kept"], cells
    )


def _deleted(result: RebuildResult, mode: str) -> int:
    """Count the paid answers that a run in this mode would delete."""
    own = result.frame[(result.frame["mode"] == mode) & (result.frame["decision"] == Decision.CALL)]
    lost = own[[RAW in str(names).split() for names in own["destroys"]]]
    return len(lost[["stage", "gen_id"]].drop_duplicates())


def _total(lines: list[Any], names: Iterable[str], unknown: str, digits: int = 0) -> str:
    """Add up the known amounts; mark the sum if some are unknown."""
    calling = [line for line in lines if line.call]
    calls, missing = sum(line.call for line in calling), sum(getattr(line, unknown) for line in calling)
    if calls and calls == missing:
        return "unknown"
    known = sum(getattr(line, name) or 0 for line in calling for name in names)
    return f"{'at least ' if missing else ''}{known:,.{digits}f}"


def _numbers(result: RebuildResult, *, priced: bool) -> Table:
    heads = (
        *("Mode", "Stage", "Planned", *(decision.value.capitalize() for decision in Decision)),
        *("Prompt tokens", "Answer tokens", "Calls of unknown cost", *(["Money"] if priced else [])),
    )
    cells = [
        [
            *(row.mode, row.stage, row.planned, *(getattr(row, decision) for decision in Decision)),
            *(_amount(row.prompt_tokens), _amount(row.completion_tokens), row.calls_of_unknown_cost),
            *([_amount(row.money, 4)] if priced else []),
        ]
        for row in rows(result.comparison)
    ]
    return number_table("numbers-rebuild", "Decisions and cost by mode and stage", heads, cells, texts=2)


def _kinds(result: RebuildResult) -> Table:
    heads = (
        *("Stage", Column("template_id", "Template", "code"), Column("llm_model_id", "Model", "code"), "Reports"),
        *("Prompt tokens, median (10 % to 90 %)", "Answer tokens, median (10 % to 90 %)"),
    )
    cells = [
        [
            *(row.stage, row.template_id, row.llm_model_id, row.samples),
            *(_spread(row, kind) for kind in ("prompt", "completion")),
        ]
        for row in rows(result.costs)
    ]
    return number_table("numbers-kinds", "Cost of one call", heads, cells)


def _spread(row: Any, kind: str) -> str:  # noqa: ANN401 (a frame's rows are named tuples without a type)
    median, low, high = (getattr(row, f"{kind}_{name}") for name in ("median", "low", "high"))
    return "unknown" if median is None else f"{median:,.0f} ({low:,.0f} to {high:,.0f})"


def _amount(value: float | None, digits: int = 0) -> str:
    return "unknown" if value is None else f"{value:,.{digits}f}"


def _tables(result: RebuildResult) -> Iterator[Table]:
    yield _kept(result)
    yield _causes(result)
    yield _unavoidable(result)
    yield _planned(result)
    yield _blast(result)


def _kept(result: RebuildResult) -> Table:
    """List the stored generations that each mode uses again, by stage and class."""
    values = [((row.stage, row[2]), row.mode, f"{row.kept:,} of {row.selected:,}") for row in rows(result.kept)]
    caption = "Stored ids of the selection that each mode keeps"
    return _by_mode("rebuild-kept", caption, ("Stage", "Class of the id"), values)


def _causes(result: RebuildResult) -> Table:
    """Count the causes for which generations are not reused, by stage."""
    values = [((row.stage, spaced(row.cause)), row.mode, row.generations) for row in rows(result.causes)]
    return _by_mode("rebuild-causes", "Causes for which generations are not reused", ("Stage", "Cause"), values)


def _by_mode(
    key: str, caption: str, heads: tuple[str, str], values: Sequence[tuple[tuple[str, str], str, str | int]]
) -> Table:
    """Build a table with a column for each mode, its rows in order of stage."""
    modes = [*dict.fromkeys(mode for _, mode, _ in values)]
    lines: dict[tuple[str, str], dict[str, str | int]] = {}
    for line, mode, value in values:
        lines.setdefault(line, {})[mode] = value
    ordered = sorted(lines, key=lambda line: STAGE_NAMES.index(line[0]))
    cells = [[*line, *(lines[line].get(mode, "") for mode in modes)] for line in ordered]
    return number_table(key, caption, (*heads, *modes), cells, texts=2)


def _unavoidable(result: RebuildResult) -> Table:
    heads = ("Stage", Column("template_id", "Template", "code"), Column("llm_model_id", "Model", "code"), "Calls")
    cells = [[row.stage, row.template_id, row.llm_model_id, row.generations] for row in rows(result.unavoidable)]
    return number_table("rebuild-unavoidable", "Calls that every mode makes", heads, cells)


def _planned(result: RebuildResult) -> Table:
    """List the generations that are not reused, equally many of each mode and decision."""
    table = result.frame[result.frame["decision"] != Decision.REUSE]
    kinds = [*zip(table["mode"].tolist(), table["decision"].tolist(), strict=True)]
    chosen = table.iloc[first_of_each(kinds)]
    cells = []
    for row in rows(chosen):
        causes = orjson.loads(row.causes)
        cells.append(
            [
                *(row.mode, row.stage, row.decision, cause_names(causes), row.gen_id, row.selection_id),
                "itself" if row.root == "own" else row.root,
                "; ".join(filter(None, map(difference, causes))),
                reusing_modes(orjson.loads(row.would_reuse_if)),
            ]
        )
    caption = "Generations that are not reused, with the cause"
    return Table(
        "rebuild-why", caption, _PLANNED, cells, len(table), _SOURCE, expandable=True, each=("mode", "decision")
    )


def cause_names(causes: list[dict[str, str]]) -> str:
    """Name the causes of a decision, each once."""
    return ", ".join(dict.fromkeys(spaced(cause["cause"]) for cause in causes))


def difference(cause: dict[str, str]) -> str:
    """Describe the field in which the stored and the planned generation differ."""
    if "field" not in cause:
        return ""
    stored, planned = cause.get("stored", "nothing"), cause.get("planned")
    of = f" ({cause['of']})" if cause.get("of") not in (None, stored) else ""
    return f"{cause['field']}: stored {stored}{of}" + (f", planned {planned}" if planned else "")


def reusing_modes(conditions: list[dict[str, Any]]) -> str:
    """Name the modes that would reuse a generation."""
    modes = [
        one["mode"]
        + (" with skip-existing" if one.get("skip_existing") else "")
        + (f" with reuse: {one['reuse']}" if one.get("reuse") else "")
        for one in conditions
        if "mode" in one
    ]
    return ", ".join(modes) or "no mode"


def _blast(result: RebuildResult) -> Table:
    return listing("rebuild-blast", "Descendants of the selection and of its parents", _BLAST, result.blast)


def _files(result: RebuildResult, date: str) -> Iterator[ExtraFile]:
    """Yield the selection file that carries out the backfill."""
    for advice in result.advice:
        if advice.purpose == BACKFILL and advice.mode:
            yield ExtraFile(f"selected_{result.choice.stage}s", "txt", partial(_selection, result, advice, date))


def _selection(result: RebuildResult, advice: Advice, date: str) -> bytes:
    return selection_text(result.choice, advice, date).encode()


REBUILD: Final = Audit(
    name="rebuild",
    title="Rebuild",
    question="What would a rebuild of the selection reuse, what would it pay for again, and why?",
    run=_run,
    sections=_sections,
    report="cohort_rebuild",
    tables={"cohort_rebuild": lambda result: result.frame},
    files=_files,
    more_reports=tuple(f"selected_{stage}s" for stage in CURATED),
    own_page=True,
    notebook="rebuild",
    check=lambda snapshot: check_pipeline_stages(snapshot.stages),
)
