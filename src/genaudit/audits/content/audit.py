"""Compare every stored prompt with today's rendering, and check every stored text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from genaudit.audits.content.answers import ending_problems, is_served_by, served_model
from genaudit.audits.content.drift import Drift
from genaudit.audits.content.groups import Group, groups_of, report_groups
from genaudit.audits.content.stored import StoredGeneration, StoredTexts
from genaudit.audits.content.tables import CONTENT, NOT_COMPARED, ParsedState, PromptState
from genaudit.audits.content.today import Today
from genaudit.audits.result import AuditResult, Coverage, Findings
from genaudit.errors import DDError
from genaudit.humanize import counted
from genaudit.layout import GENS, RAW_METADATA, Layout
from genaudit.page_model import spaced
from genaudit.schemas import frame
from genaudit.store.snapshot import Snapshot

_SHOW_EVERY: Final = 128
_COMPARED: Final = (PromptState.SAME, PromptState.LINE_ENDS, PromptState.DIFFERS)


@dataclass(frozen=True, slots=True)
class ContentSummary:
    """Numbers of the content audit.

    :param prompts: by stage, the generations in each state of their prompt.
    :param not_rendered: by reason, the prompts that today's inputs do not give.
    :param drift: the groups of prompts that differ, largest first.
    :param texts: by finding code, the texts and answers with that problem.
    :param parsed: by state, the parsed texts.
    :param models: by id, the other names under which a model served, with the number of answers.
    :param truncated: truncated answers that were not parsed.
    """

    prompts: dict[str, dict[str, int]]
    not_rendered: dict[str, int]
    drift: list[dict[str, Any]]
    texts: dict[str, int]
    parsed: dict[str, int]
    models: dict[str, dict[str, int]]
    truncated: int


@dataclass(frozen=True, slots=True)
class ContentResult(AuditResult[ContentSummary]):
    """The result of the content audit; ``frame`` has the columns of :data:`~genaudit.audits.content.tables.CONTENT`.

    :param groups: prompts that differ, by the input that changed.
    """

    groups: tuple[Group, ...] = field(default=(), kw_only=True)

    @property
    def drifted(self) -> frozenset[tuple[str, str]]:
        """The generations, as stage and id, whose prompt differs from today's rendering."""
        found = self.frame[self.frame["prompt"] == PromptState.DIFFERS]
        return frozenset(zip(found["stage"].astype("str"), found["gen_id"].astype("str"), strict=True))


@dataclass(slots=True)
class Checked:
    """Findings and counts of the generations that were checked so far; another process can send them.

    :param rows: by row, its values of the columns of :data:`~genaudit.audits.content.tables.NOT_COMPARED`.
    """

    findings: Findings
    drifts: dict[int, Drift] = field(default_factory=dict)
    rows: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    read: int = 0
    texts: Counter[str] = field(default_factory=Counter)
    unverified: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    served: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    truncated: int = 0

    def extend(self, others: Checked) -> None:
        """Add other generations."""
        self.findings.extend(others.findings)
        self.drifts |= others.drifts
        self.rows |= others.rows
        self.read += others.read
        self.texts += others.texts
        self.unverified += others.unverified
        self.skipped += others.skipped
        for names, rows in others.served.items():
            self.served.setdefault(names, []).extend(rows)
        self.truncated += others.truncated

    def columns(self, snapshot: Snapshot) -> dict[str, list[Any]]:
        """Return the columns of the audit's frame; a generation that was not checked has no files."""
        usual = tuple(NOT_COMPARED.values())
        rows = [self.rows.get(row, usual) for row in range(len(snapshot.generations))]
        columns = {name: snapshot.values(name) for name in ("stage", "gen_id", "template_id")}
        return columns | {name: [row[place] for row in rows] for place, name in enumerate(NOT_COMPARED)}


class ContentCheck:
    """The check of a store's generations, one after the other, in any order.

    :param texts: reads the files; its folders are open while generations are looked at.
    """

    def __init__(self, snapshot: Snapshot, texts: StoredTexts) -> None:
        self._snapshot = snapshot
        self._today = Today(snapshot, texts)
        self.checked = Checked(Findings(snapshot.stages))

    def look(self, stored: StoredGeneration) -> None:
        """Compare and check one generation."""
        _look(stored, self._snapshot, self._today, self.checked)

    def taken(self) -> Checked:
        """Return what was checked since the last call."""
        checked, self.checked = self.checked, Checked(Findings(self._snapshot.stages))
        return checked

    def result(self) -> ContentResult:
        """Build the audit's result."""
        snapshot, seen = self._snapshot, self.checked
        columns = seen.columns(snapshot)
        groups = groups_of(snapshot, seen.drifts)
        report_groups(snapshot, groups, seen.findings)
        models = _report_models(snapshot, self._today, seen)
        return ContentResult(
            "content",
            _summary(snapshot, groups, models, seen, columns),
            frame(CONTENT, columns, snapshot.stages),
            seen.findings.frame(),
            _coverage(seen, columns),
            groups=tuple(groups),
            stages=snapshot.stages,
        )


def content(snapshot: Snapshot, progress: Callable[[int, int], None] | None = None) -> ContentResult:
    """Compare prompts, parsed texts and models with today's inputs, and find texts that are no answers.

    :param progress: called now and then with the generations read so far and their total.
    :returns: findings ``PROMPT_DRIFTED``, ``MODEL_DRIFTED``, ``TEXT_*``, ``ANSWER_*``, ``PARSE_FAILED``,
        ``PARSED_DIFFERS`` and ``COPY_SOURCE_MISSING``.
    """
    texts = StoredTexts(snapshot)
    check = ContentCheck(snapshot, texts)
    total = len(snapshot.generations)
    with texts.opened():
        for done, stored in enumerate(texts.each(), start=1):
            check.look(stored)
            if progress and (done % _SHOW_EVERY == 0 or done == total):
                progress(done, total)
    return check.result()


def _look(stored: StoredGeneration, snapshot: Snapshot, today: Today, seen: Checked) -> None:
    """Compare and check one generation."""
    row = stored.row
    where = {"stage": stored.generation.stage, "gen_id": stored.generation.gen_id}
    folder = f"{GENS}/{where['stage']}/{where['gen_id']}"
    codes = []
    seen.read += len(stored.texts) + len(stored.problems)
    seen.unverified["files that cannot be read"] += sum(reason != "empty" for reason in stored.unread.values())
    for name, problem in stored.problems.items():
        seen.findings.add(problem.code, **where, path=f"{folder}/{name}", detail=problem.detail)
        codes.append(problem.code)
    drift = today.prompt(stored)
    if drift.state is PromptState.DIFFERS:
        seen.drifts[row] = drift
    parsed = today.parsed(stored)
    problems = list(ending_problems(stored, snapshot))
    for one in (*problems, *filter(None, [parsed.problem])):
        seen.findings.add(
            one.code,
            **where,
            field=one.field,
            expected=one.expected,
            actual=one.actual,
            path=f"{folder}/{one.file}",
            detail=one.detail,
        )
        codes.append(one.code)
    raw = stored.reports.get(RAW_METADATA, {})
    seen.truncated += raw.get("truncated") is True and "ANSWER_TRUNCATED" not in codes
    seen.texts.update(codes)
    _note_model(stored, seen)
    _note_coverage(drift, parsed.state, parsed.reason, seen)
    reason = raw.get("finish_reason")
    change = drift.change
    values = {
        "prompt": drift.state,
        "reason": drift.reason,
        "changed": " ".join(subject.name for subject in drift.changed) or None,
        "removed": "\n".join(change.removed) if change else None,
        "added": "\n".join(change.added) if change else None,
        "texts": " ".join(dict.fromkeys(codes)) or None,
        "finish_reason": reason if isinstance(reason, str) else None,
        "parsed": parsed.state,
        "served_model": served_model(stored),
    }
    seen.rows[row] = tuple(values[name] for name in NOT_COMPARED)


def _note_model(stored: StoredGeneration, seen: Checked) -> None:
    served, model = served_model(stored), stored.reports.get(RAW_METADATA, {}).get("llm_model_id")
    if served is None:
        seen.skipped["answers whose report names no served model"] += RAW_METADATA in stored.reports
    elif isinstance(model, str):
        seen.served.setdefault((model, served), []).append(stored.row)


def _note_coverage(drift: Drift, parsed: ParsedState, reason: str | None, seen: Checked) -> None:
    if drift.state is PromptState.NOT_RENDERED:
        seen.unverified[f"prompts that cannot be rendered: {spaced(drift.reason)}"] += 1
    elif drift.state is PromptState.UNUSABLE:
        seen.unverified["stored prompts that are no text"] += 1
    elif drift.state is PromptState.NONE:
        seen.skipped["generations without a prompt"] += 1
    if parsed is ParsedState.NOT_COMPARED:
        seen.unverified[f"parsed texts that cannot be compared: {spaced(reason)}"] += 1


def _report_models(snapshot: Snapshot, today: Today, seen: Checked) -> dict[str, dict[str, int]]:
    """Report each model whose answers were served under another name than the catalog gives today."""
    drifted: dict[str, dict[str, int]] = {}
    layout = Layout(snapshot.root)
    for (model, served), rows in sorted(seen.served.items()):
        try:
            wanted = today.model(model)
        except DDError as error:
            seen.unverified[f"served models: {spaced(error.reason)}"] += len(rows)
            continue
        if not is_served_by(served, wanted):
            drifted.setdefault(model, {})[served] = len(rows)
            first = min(rows)
            seen.findings.add(
                "MODEL_DRIFTED",
                stage=snapshot.values("stage")[first],
                gen_id=snapshot.values("gen_id")[first],
                field="llm_model_id",
                expected=wanted,
                actual=served,
                path=layout.llm_models.relative_to(layout.root).as_posix(),
                detail=f"{model}: {counted(len(rows), 'answer')}",
            )
    return drifted


def _summary(
    snapshot: Snapshot,
    groups: list[Group],
    models: dict[str, dict[str, int]],
    seen: Checked,
    columns: Mapping[str, Sequence[Any]],
) -> ContentSummary:
    states = Counter(zip(snapshot.values("stage"), columns["prompt"], strict=True))
    reasons = Counter(
        reason
        for state, reason in zip(columns["prompt"], columns["reason"], strict=True)
        if state is PromptState.NOT_RENDERED
    )
    parsed = Counter(columns["parsed"])
    return ContentSummary(
        prompts={stage: {state: states[stage, state] for state in PromptState} for stage in snapshot.spans},
        not_rendered=dict(sorted(reasons.items())),
        drift=[group.plain(snapshot) for group in groups],
        texts=dict(sorted(seen.texts.items())),
        parsed={state: parsed[state] for state in ParsedState},
        models=models,
        truncated=seen.truncated,
    )


def _coverage(seen: Checked, columns: Mapping[str, Sequence[Any]]) -> Coverage:
    prompts = sum(state in _COMPARED for state in columns["prompt"])
    parsed = sum(state in (ParsedState.SAME, ParsedState.DIFFERS) for state in columns["parsed"])
    return Coverage(
        checked={"texts": seen.read, "prompts compared": prompts, "answers parsed again": parsed},
        skipped=_sorted(seen.skipped),
        unverified=_sorted(seen.unverified),
    )


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return {reason: count for reason, count in sorted(counts.items()) if count}
