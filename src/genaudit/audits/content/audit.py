"""Compare every stored prompt with today's rendering, and check every stored text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

from genaudit.audits.content.answers import is_served_by
from genaudit.audits.content.check import Checked, ContentCheck
from genaudit.audits.content.groups import Group, groups_of, report_groups
from genaudit.audits.content.tables import CONTENT, ParsedState, PromptState
from genaudit.audits.content.today import Today
from genaudit.audits.result import AuditResult, Coverage
from genaudit.errors import DDError
from genaudit.humanize import counted
from genaudit.layout import Layout
from genaudit.page_model import spaced
from genaudit.schemas import frame
from genaudit.store.pool import ALONE, Workers
from genaudit.store.snapshot import Snapshot

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


def content(
    snapshot: Snapshot, progress: Callable[[int, int], None] | None = None, workers: Workers = ALONE
) -> ContentResult:
    """Compare prompts, parsed texts and models with today's inputs, and find texts that are no answers.

    :param progress: called now and then with the generations read so far and their total.
    :param workers: the processes that read.
    :returns: findings ``PROMPT_DRIFTED``, ``MODEL_DRIFTED``, ``TEXT_*``, ``ANSWER_*``, ``PARSE_FAILED``,
        ``PARSED_DIFFERS`` and ``COPY_SOURCE_MISSING``.
    """
    check = ContentCheck.of(snapshot)
    parts = snapshot.whole_parts(with_parents=True)
    done, total = 0, len(snapshot.generations)
    taken: dict[int, Checked] = {}
    # The processes of a pool end with the iterator.
    with closing(workers.over(parts, check.part, total)) as numbered:
        for number, one in numbered:
            taken[number] = one
            done += len(parts[number].names)
            if progress:
                progress(done, total)
    for _, one in sorted(taken.items()):
        check.join(one)
    return result_of(check)


def result_of(check: ContentCheck) -> ContentResult:
    """Build the audit's result."""
    snapshot, seen = check.snapshot, check.checked
    columns = seen.columns(snapshot)
    groups = groups_of(snapshot, seen.drifts)
    report_groups(snapshot, groups, seen.findings)
    models = _report_models(snapshot, check.today, seen)
    return ContentResult(
        "content",
        _summary(snapshot, groups, models, seen, columns),
        frame(CONTENT, columns, snapshot.stages),
        seen.findings.frame(),
        _coverage(seen, columns),
        groups=tuple(groups),
        stages=snapshot.stages,
    )


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
