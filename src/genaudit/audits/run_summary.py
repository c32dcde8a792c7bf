"""Summary of a run: the verdict, the key figures and the first steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from genaudit.audits.inventory_sections import INVENTORY
from genaudit.audits.missing_files import at_risk_sentences
from genaudit.audits.parents_sections import PARENTS
from genaudit.audits.rebuild.sections import REBUILD
from genaudit.audits.recompute import RecomputeResult
from genaudit.audits.recompute_sections import RECOMPUTE
from genaudit.audits.references_sections import REFERENCES
from genaudit.audits.registry import AUDITS
from genaudit.audits.run import AuditRun
from genaudit.codes import CODES, SEVERITIES, Code, Severity
from genaudit.humanize import counted, share
from genaudit.schemas import IdClass, RenameCause

_FIRST: Final = 5
_SEVERITY_WORDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


@dataclass(frozen=True, slots=True)
class NextStep:
    """A kind of finding to fix, with its number."""

    code: Code
    count: int


@dataclass(frozen=True, slots=True)
class RunSummary:
    """Key figures of a run.

    :param audits: the audits that ran.
    :param stages: generations by stage.
    :param severities: findings by severity.
    :param classes: ids by class over all stages; ``None`` if no audit classified ids.
    :param changing: ids that a migration would change; ``None`` if not audited.
    :param broken: broken links to parents; ``None`` if not audited.
    :param hanging: generations with an intact link below a broken chain.
    :param unverified: the largest number of unverified generations of any audit.
    :param unsearched: files that may hold references and could not be searched.
    :param first: the first steps, in order.
    :param not_run: titles of the audits that could not run.
    :param at_risk: a warning about paid answers that the next run would delete.
    :param accepted: findings that the baseline accepts; ``severities`` and ``first`` leave them out.
    :param expired: findings whose acceptance has expired.
    """

    audits: tuple[str, ...]
    stages: Mapping[str, int]
    severities: Mapping[Severity, int]
    classes: Mapping[IdClass, int] | None
    changing: int | None
    broken: int | None
    hanging: int
    unverified: int
    unsearched: int
    first: tuple[NextStep, ...]
    not_run: tuple[str, ...] = ()
    at_risk: tuple[str, ...] = ()
    accepted: int = 0
    expired: int = 0

    @property
    def total(self) -> int:
        """The number of all generations."""
        return sum(self.stages.values())

    @property
    def tone(self) -> str:
        """The tone of the verdict: ``alarm``, ``attention``, ``good`` or ``empty``."""
        if self.severities[Severity.ERROR]:
            return "alarm"
        if self.not_run:
            return "alarm"
        if any(self.severities.values()) or self.unverified or self.unsearched:
            return "attention"
        return "good" if self.total else "empty"

    @property
    def headline(self) -> str:
        """The verdict in a few words."""
        if self.at_risk:
            return "The next run would delete paid answers"
        if self.not_run:
            return "Not every audit could run"
        if self.tone == "alarm":
            return "Repair before anything is renamed"
        if self.tone == "empty":
            return "Nothing generated yet"
        if self.tone == "good":
            return "All in order"
        return "Nothing broken, and something to look at" if self.first else "Not everything could be verified"

    @property
    def verdict(self) -> str:
        """The verdict in a sentence, about the audits that ran."""
        audited = f"the {self.audits[0]} audit" if len(self.audits) == 1 else f"{len(self.audits)} audits"
        if not self.total:
            return f"The store holds no generations: no id, no chain to verify; {audited} found {self._found()}."
        parts = [f"In {counted(self.total, 'generation')} {audited} found {self._found()}"]
        if self.broken is not None:
            are = "is" if self.broken == 1 else "are"
            broken = f"{counted(self.broken, 'link')} to a parent {are} broken"
            parts.append(broken if self.broken else "every link that can be followed holds")
        if self.classes is not None:
            holding = share(self.classes[IdClass.DETERMINISTIC], self.total)
            parts.append(f"{holding} of the ids match their records")
        if self.changing:
            parts.append(f"a migration would change {counted(self.changing, 'id')}")
        if self.unverified:
            parts.append(f"{counted(self.unverified, 'generation')} could not be verified")
        if self.not_run:
            parts.append(f"could not run: {', '.join(self.not_run)}")
        if self.unsearched:
            parts.append(f"{counted(self.unsearched, 'file')} could not be searched")
        if self.accepted:
            parts.append(f"{counted(self.accepted, 'further finding')} in the baseline")
        if self.expired:
            parts.append(f"the acceptance of {counted(self.expired, 'finding')} has EXPIRED")
        return " ".join((*self.at_risk, "; ".join(parts) + "."))

    def _found(self) -> str:
        parts = [counted(self.severities[one], word) for one, word in _SEVERITY_WORDS.items() if self.severities[one]]
        listed = ", ".join(parts[:-1])
        return f"{listed} and {parts[-1]}" if listed else "".join(parts) or "nothing wrong"


def summarise_run(run: AuditRun) -> RunSummary:
    """Summarise a run; an audit that did not run counts neither as good nor as bad."""
    by_severity = run.active["severity"].value_counts()
    parents, recomputed = run.result(PARENTS), run.result(RECOMPUTE)
    # The search for references counts files, the other audits count generations.
    unverified = {name: sum(result.coverage.unverified.values()) for name, result in run.results.items()}
    unsearched = unverified.pop(REFERENCES.name, 0)
    return RunSummary(
        audits=tuple(run.results),
        stages={stage: len(span) for stage, span in run.snapshot.spans.items()},
        severities={severity: int(by_severity.get(severity, 0)) for severity in SEVERITIES},
        classes=_classes(run),
        changing=_changing(recomputed) if recomputed else None,
        broken=parents.summary.broken_references if parents else None,
        hanging=parents.summary.hanging_on_breaks if parents else 0,
        # The content audit counts each text of a generation.
        unverified=min(max(unverified.values(), default=0), len(run.snapshot.generations)),
        unsearched=unsearched,
        first=_first(run),
        not_run=tuple(AUDITS[name].title for name, result in run.results.items() if result.not_run),
        at_risk=_at_risk(run),
        accepted=sum(run.baseline.accepted) if run.baseline else 0,
        expired=sum(run.baseline.expired) if run.baseline else 0,
    )


def _classes(run: AuditRun) -> dict[IdClass, int] | None:
    found = run.result(RECOMPUTE) or run.result(INVENTORY)
    if found is None:
        return None
    stages = found.summary.stages.values()
    return {kind: sum(one.classes[kind] for one in stages) for kind in IdClass}


def _changing(recomputed: RecomputeResult) -> int:
    """Count the ids that a migration would change."""
    return sum(one.total - one.causes[RenameCause.NONE] for one in recomputed.summary.stages.values())


def _at_risk(run: AuditRun) -> tuple[str, ...]:
    inventory, rebuild = run.result(INVENTORY), run.result(REBUILD)
    if inventory:
        return at_risk_sentences(inventory.summary.paid_answers_at_risk)
    return at_risk_sentences(rebuild.at_risk) if rebuild else ()


def _first(run: AuditRun) -> tuple[NextStep, ...]:
    """Order the findings by severity, then by the table of codes: store, records, links, ids.

    In this order a repair removes later findings, never earlier ones.
    """
    counts = run.active["code"].value_counts()
    found = [NextStep(code, int(counts[code.name])) for code in CODES.values() if code.name in counts]
    return tuple(sorted(found, key=lambda step: SEVERITIES.index(step.code.severity))[:_FIRST])
