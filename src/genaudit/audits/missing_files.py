"""Missing files of stored generations: findings, and the paid answers that the next run would delete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from genaudit.audits.result import Findings
from genaudit.cohorts.pipeline_stages import has_pipeline_stages
from genaudit.cohorts.safe_paths import open_below
from genaudit.decisions import COPY_MODE
from genaudit.errors import DDError
from genaudit.generating.prediction import Predictor
from genaudit.generating.preflight import PlannedGeneration
from genaudit.humanize import counted
from genaudit.layout import GENS, PARSED, PARSED_METADATA, PROMPT, RAW, RAW_METADATA, is_safe_name
from genaudit.schemas import ArtifactState, RecordState, rows
from genaudit.stages import PARENT
from genaudit.store.records import UnreadableError
from genaudit.store.snapshot import Snapshot
from genaudit.store.texts import read_report

AT_RISK_NOT_APPLICABLE: Final = "paid answers at risk, not applicable: the store has stages of its own"
_USAGE: Final = ("prompt_tokens", "completion_tokens")


@dataclass(frozen=True, slots=True)
class AnswersAtRisk:
    """Paid answers that the next run would delete, because a file beside them is missing.

    :param tokens: their cost in tokens, as far as their reports give it.
    :param of_unknown_cost: answers whose report gives no tokens.
    """

    answers: int
    tokens: int
    of_unknown_cost: int


def at_risk_sentences(risk: AnswersAtRisk) -> tuple[str, ...]:
    """Warn of the paid answers that the next run would delete, if there are any."""
    if not risk.answers:
        return ()
    unknown = f"; the cost of {risk.of_unknown_cost:,} is unknown" if risk.of_unknown_cost else ""
    answers = f"{counted(risk.answers, 'paid answer')} would be deleted by the next run"
    return (f"{answers}, with the {risk.tokens:,} tokens that they cost{unknown}.",)


def report_missing_files(snapshot: Snapshot, findings: Findings) -> None:
    """Report the missing files that affect the next run of a generation."""
    table = snapshot.generations
    raw, parsed, prompt = table["has_raw"], table["has_parsed"], table["has_prompt"]
    copied = table["mode"] == COPY_MODE
    checks = (
        ("PROMPT_MISSING", PROMPT, raw & ~prompt & ~copied, RAW),
        ("COPY_PROMPT_MISSING", PROMPT, raw & ~prompt & copied, RAW),
        ("RAW_MISSING", RAW, parsed & ~raw, PARSED),
        ("RAW_METADATA_MISSING", RAW_METADATA, raw & (table["raw_metadata"] == ArtifactState.ABSENT), RAW),
        (
            "PARSED_METADATA_MISSING",
            PARSED_METADATA,
            parsed & (table["parsed_metadata"] == ArtifactState.ABSENT),
            PARSED,
        ),
    )
    for code, name, missing, beside in checks:
        for row in rows(table.loc[missing, ["stage", "gen_id"]]):
            path = f"{GENS}/{row.stage}/{row.gen_id}/{name}"
            findings.add(code, stage=row.stage, gen_id=row.gen_id, path=path, detail=f"{beside} exists")


def paid_answers_at_risk(snapshot: Snapshot) -> AnswersAtRisk:
    """Count the paid answers that a run over the whole store would delete, by its decisions.

    :returns: none for a store with stages of its own, as its runs are unknown.
    """
    if not has_pipeline_stages(snapshot.stages):
        return AnswersAtRisk(0, 0, 0)
    table = snapshot.generations
    candidates = table[table["has_raw"] & ~table["has_prompt"] & (table["state"] == RecordState.OK)]
    predictor = Predictor(snapshot)
    answers = tokens = unknown = 0
    for row in rows(candidates):
        if not is_safe_name(row.gen_id):
            continue
        names = ("mode", "template_id", "combo_id", PARENT, "llm_model_id")
        planned = PlannedGeneration(row.stage, row.gen_id, *(getattr(row, name) for name in names))
        if not predictor.outcome(planned).deletes_paid_answer:
            continue
        answers += 1
        cost = _tokens(snapshot, row.stage, row.gen_id)
        tokens += cost or 0
        unknown += cost is None
    return AnswersAtRisk(answers, tokens, unknown)


def _tokens(snapshot: Snapshot, stage: str, gen_id: str) -> int | None:
    try:
        with open_below(snapshot.root, GENS, stage, gen_id) as folder:
            usage = read_report(folder, (RAW_METADATA,)).get("usage")
    except (DDError, FileNotFoundError, UnreadableError):
        return None
    counts = [usage.get(name) for name in _USAGE] if isinstance(usage, dict) else []
    known = [count for count in counts if type(count) is int and count >= 0]
    return sum(known) if len(known) == len(_USAGE) else None
