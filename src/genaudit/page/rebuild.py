"""The rebuild audit on the page: modes beside each other, what they keep, and why anything would be made again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

import orjson

from genaudit import charts
from genaudit.decisions import Decision
from genaudit.page.parts import Section, figure
from genaudit.page.tables import MOST_ROWS, Column, Table, counts_table
from genaudit.page.words import counted
from genaudit.schemas import rows
from genaudit.stages import STAGE_NAMES

if TYPE_CHECKING:
    import pandas as pd

    from genaudit.audits.rebuild import RebuildResult
    from genaudit.audits.result import AuditResult

_QUESTION: Final = "What would building the selection again reuse, what would it pay for again, and why?"
_MATRIX_SAID: Final = (
    "A cell says what a mode does with the generations that it plans at a stage, and what the model calls take;"
    " the more colour a cell has, the larger the share that is called for."
)
_COSTS_SAID: Final = (
    "Medians of the store's own reports, for the same stage, template and model; the line reaches from the tenth to"
    " the ninetieth percentile of every call. What the store has no report of is unknown, and not in the bar."
)
_NOTHING: Final = "There is no selection and no legacy essay: nothing to build again."
_ADVICE: Final = (
    Column("purpose", "To"),
    Column("directives", "Write into the selection", "code"),
    Column("calls", "Model calls", "number"),
    Column("tokens", "Tokens", "number"),
    Column("says", "Because"),
)
_WHY: Final = (
    Column("mode", "Mode", choose=True),
    Column("stage", "Stage", choose=True),
    Column("decision", "Decision", choose=True),
    Column("causes", "Causes", choose=True),
    Column("gen_id", "Planned generation", "code"),
    Column("selection_id", "For the selected", "code"),
    Column("root", "Begins with", "code"),
    Column("differs", "What differs", "value"),
    Column("instead", "Would be reused by"),
)
_BLAST: Final = (
    Column("stage", "Stage", choose=True),
    Column("gen_id", "Generation", "code"),
    Column("class", "Class of the id", choose=True),
    *(Column(f"{stage}s_below", f"{stage}s below".capitalize(), "number") for stage in STAGE_NAMES[1:]),
    Column("below", "Lost to reuse once it is new", "number"),
)


def rebuild_section(result: AuditResult, source: str) -> Section:
    """Write the section of a rebuild."""
    # The audit of this name has no other class.
    found = cast("RebuildResult", result)
    problem = found.summary.get("problem")
    good = None if len(found.comparison) or problem else _NOTHING
    return Section(
        key="rebuild",
        title="Rebuild",
        question=_QUESTION,
        sentences=(_problem_said(problem),) if problem else tuple(_sentences(found)),
        good=good,
        figures=tuple(_figures(found)),
        tables=tuple(table for table in _tables(found, source) if table.total),
    )


def _problem_said(problem: dict[str, Any]) -> str:
    wrong = [str(each.get("value") or each.get("catalog") or "") for each in problem.get("problems", [])]
    named = ", ".join(filter(None, wrong[:5]))
    more = f": {named}" if named else ""
    return f"The data root's selection cannot be planned: {str(problem['reason']).replace('_', ' ')}{more}."


def _sentences(result: RebuildResult) -> list[str]:
    if not len(result.comparison):
        return []
    summary, choice = result.summary, result.choice
    sentences = [summary["verdict"]]
    where = {"file": f"They stand in {choice.source}.", "legacy": "They are all the legacy essays."}
    if choice.how == "sample":
        sentences.append(f"A random sample of {choice.population:,} {choice.source}, drawn with seed {choice.seed}.")
    elif choice.how in where:
        sentences.append(where[choice.how])
    calls = int(result.unavoidable["generations"].sum())
    sentences.append(
        f"In every mode {counted(calls, 'call')} {'is' if calls == 1 else 'are'} made for the same."
        if calls
        else "Every call of one mode is spared by another."
    )
    coverage = summary["cost_coverage"]
    if unknown := coverage["kinds_of_unknown_cost"]:
        sentences.append(
            f"Of {counted(coverage['kinds_of_calls'], 'kind')} of calls, by stage, template and model, the store"
            f" knows no cost for {unknown:,}."
        )
    return sentences


def _figures(result: RebuildResult) -> list[Any]:
    if not len(result.comparison):
        return []
    return [
        figure("rebuild-matrix", charts.rebuild_matrix(result.comparison), _MATRIX_SAID, _numbers(result)),
        figure("rebuild-costs", charts.rebuild_costs(result.comparison), _COSTS_SAID, _kinds(result)),
    ]


def _numbers(result: RebuildResult) -> Table:
    columns = (
        Column("mode", "Mode"),
        Column("stage", "Stage"),
        Column("planned", "Planned", "number"),
        *(Column(decision, decision.value.capitalize(), "number") for decision in Decision),
        Column("prompt", "Prompt tokens", "number"),
        Column("completion", "Answer tokens", "number"),
        Column("unknown", "Calls of unknown cost", "number"),
        *([Column("money", "Money", "number")] if result.summary["cost_coverage"]["priced"] else []),
    )
    cells = [
        [
            row.mode,
            row.stage,
            row.planned,
            *(getattr(row, decision) for decision in Decision),
            _amount(row.prompt_tokens),
            _amount(row.completion_tokens),
            row.calls_of_unknown_cost,
            *([_amount(row.money, 4)] if result.summary["cost_coverage"]["priced"] else []),
        ]
        for row in rows(result.comparison)
    ]
    return counts_table("numbers-rebuild", "Decisions and cost by mode and stage", columns, cells)


def _kinds(result: RebuildResult) -> Table:
    columns = (
        Column("stage", "Stage"),
        Column("template_id", "Template", "code"),
        Column("llm_model_id", "Model", "code"),
        Column("samples", "Reports", "number"),
        Column("prompt", "Prompt tokens, median (10 % to 90 %)", "number"),
        Column("completion", "Answer tokens, median (10 % to 90 %)", "number"),
    )
    cells = [
        [
            row.stage,
            row.template_id,
            row.llm_model_id,
            row.samples,
            _spread(row, "prompt"),
            _spread(row, "completion"),
        ]
        for row in rows(result.costs)
    ]
    return counts_table("numbers-kinds", "What one call takes", columns, cells)


def _spread(row: Any, kind: str) -> str:  # noqa: ANN401 -- a frame's rows are named tuples without a type
    median, low, high = (getattr(row, f"{kind}_{what}") for what in ("median", "low", "high"))
    return "unknown" if median is None else f"{median:,.0f} ({low:,.0f} to {high:,.0f})"


def _amount(value: float | None, digits: int = 0) -> str:
    return "unknown" if value is None else f"{value:,.{digits}f}"


def _tables(result: RebuildResult, source: str) -> list[Table]:
    return [_advice(result), _kept(result), _why(result, source), _blast(result)]


def _advice(result: RebuildResult) -> Table:
    cells = [
        [
            one.purpose,
            " / ".join(one.directives) or "no directive does this",
            "" if one.calls is None else one.calls,
            "" if one.calls is None else _amount(one.tokens),
            one.says,
        ]
        for one in result.advice
    ]
    return Table("rebuild-advice", "What to write, for what", _ADVICE, cells, len(cells))


def _kept(result: RebuildResult) -> Table:
    """Table which of the selected generations and their kin each mode uses again: a row for each stage and class."""
    modes = result.kept["mode"].drop_duplicates().tolist()
    columns = (
        Column("stage", "Stage"),
        Column("class", "Class of the id"),
        *(Column(mode, f"Kept with {mode}", "number") for mode in modes),
    )
    lines: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows(result.kept):
        lines.setdefault((row.stage, row[2]), {})[row.mode] = f"{row.kept:,} of {row.selected:,}"
    cells = [[*key, *(line.get(mode, "") for mode in modes)] for key, line in lines.items()]
    return Table(
        "rebuild-kept", "Which stored ids each mode keeps, those of the selection", columns, cells, len(cells)
    )


def _why(result: RebuildResult, source: str) -> Table:
    """Table what is not reused; as many rows of each mode."""
    table = result.frame[(result.frame["decision"] != Decision.REUSE)]
    modes = table["mode"].nunique()
    chosen = table.groupby("mode", sort=False).head(MOST_ROWS // max(modes, 1))
    cells = []
    for row in rows(chosen):
        causes = orjson.loads(row.causes)
        cells.append(
            [
                row.mode,
                row.stage,
                row.decision,
                causes_said(causes),
                row.gen_id,
                row.selection_id,
                "itself" if row.root == "own" else row.root,
                "; ".join(filter(None, map(difference, causes))),
                reusing_modes(orjson.loads(row.would_reuse_if)),
            ]
        )
    caption = "Why each generation would be made again"
    return Table("rebuild-why", caption, _WHY, cells, len(table), source, expandable=True)


def causes_said(causes: list[dict[str, str]]) -> str:
    """Name the causes of a decision, each once."""
    return ", ".join(dict.fromkeys(why["cause"].replace("_", " ") for why in causes))


def difference(why: dict[str, str]) -> str:
    """Say what a cause found to differ."""
    if "field" not in why:
        return ""
    stored, planned = why.get("stored", "nothing"), why.get("planned")
    of = f" ({why['of']})" if why.get("of") not in (None, stored) else ""
    return f"{why['field']}: stored {stored}{of}" + (f", planned {planned}" if planned else "")


def reusing_modes(conditions: list[dict[str, Any]]) -> str:
    """Name the modes that would have reused a generation."""
    modes = [
        one["mode"]
        + (" with skip-existing" if one.get("skip_existing") else "")
        + (f" with reuse: {one['reuse']}" if one.get("reuse") else "")
        for one in conditions
        if "mode" in one
    ]
    return ", ".join(modes) or "no mode"


def _blast(result: RebuildResult) -> Table:
    names = [column.name for column in _BLAST]
    shown: pd.DataFrame = result.blast[names]
    cells = [list(row) for row in rows(shown.head(MOST_ROWS))]
    caption = "What hangs below the selected generations and those they are made from"
    return Table("rebuild-blast", caption, _BLAST, cells, len(shown))
