"""Check of a store's generations, part by part; another process can do it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any

from genaudit.audits.content.answers import ending_problems, served_model
from genaudit.audits.content.drift import Drift
from genaudit.audits.content.stored import StoredGeneration, StoredTexts
from genaudit.audits.content.tables import NOT_COMPARED, ParsedState, PromptState
from genaudit.audits.content.today import Today
from genaudit.audits.result import Findings
from genaudit.layout import GENS, RAW_METADATA
from genaudit.page_model import spaced
from genaudit.store.sent import SentSnapshot
from genaudit.store.snapshot import Snapshot
from genaudit.store.source import Part


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
    """The check of generations, in any order; also a companion of the search for references.

    Parsed texts of parents are kept for the prompts of their children, up to a limit. A process that has only some
    parts reads those of other parts again.

    :param sent: the snapshot, from which today's inputs can be read.
    """

    def __init__(self, sent: SentSnapshot) -> None:
        self._sent = sent
        self.snapshot = sent.snapshot
        self._texts = StoredTexts(self.snapshot)
        self._done: set[str] = set()
        self.checked = Checked(Findings(self.snapshot.stages))
        # Threads of a worker take turns.
        self._lock = Lock()

    @classmethod
    def of(cls, snapshot: Snapshot) -> ContentCheck:
        """Return the check of a snapshot."""
        return cls(SentSnapshot.of(snapshot))

    def __reduce__(self) -> tuple[Any, ...]:
        """Send the snapshot alone: each process reads texts and inputs itself."""
        return ContentCheck, (self._sent,)

    @cached_property
    def today(self) -> Today:
        """Today's inputs."""
        return Today(self.snapshot, self._texts)

    def part(self, part: Part) -> Checked:
        """Read and check the generations of a part."""
        with part.whole() as root, self._lock, self.opened(root):
            self.finish(part.stage, part.names)
            return self.taken()

    @contextmanager
    def opened(self, root: Path) -> Iterator[None]:
        """Open the folders of the stages below a data root for a ``with`` block that checks generations."""
        self._done.clear()
        with self._texts.opened(root):
            yield

    def wanted(self, stage: str, gen_id: str) -> Mapping[str, int]:
        """List the files of a generation that are read, each with its largest size."""
        return self._texts.wanted(self.snapshot.rows[stage][gen_id])

    def take(self, stage: str, gen_id: str, files: Mapping[str, bytes]) -> None:
        """Check a generation whose files were read elsewhere, if they are all there."""
        stored = self._texts.generation(self.snapshot.rows[stage][gen_id], files)
        if stored is not None:
            self._look(stored)
            self._done.add(gen_id)

    def finish(self, stage: str, gen_ids: Iterable[str]) -> None:
        """Read and check the generations that were not taken."""
        for gen_id in gen_ids:
            if gen_id not in self._done:
                self._look(self._texts.read(self.snapshot.rows[stage][gen_id]))

    def taken(self) -> Checked:
        """Return the results since the last call."""
        checked, self.checked = self.checked, Checked(Findings(self.snapshot.stages))
        return checked

    def join(self, taken: Checked) -> None:
        """Add the results of another process."""
        self.checked.extend(taken)

    def _look(self, stored: StoredGeneration) -> None:
        _look(stored, self.snapshot, self.today, self.checked)


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
