"""Groups of generations that drifted by the same input, with their descendants."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genaudit.audits.content.changes import Change
from genaudit.audits.content.drift import Drift, PromptInput
from genaudit.audits.result import Findings
from genaudit.humanize import counted
from genaudit.store.links import NO_ROW, follow
from genaudit.store.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Group:
    """Generations of one stage whose prompt, or model, changed by one input.

    :param rows: their rows in the snapshot.
    :param descendants: generations below them that are not of the group.
    :param change: the most frequent difference; ``None`` if none is known.
    :param alike: generations with that difference.
    """

    stage: str
    subject: PromptInput
    rows: tuple[int, ...]
    descendants: int
    change: Change | None
    alike: int

    @property
    def sentence(self) -> str:
        """The difference in words."""
        known = f"{counted(len(self.rows), 'prompt')} differ{'s' if len(self.rows) == 1 else ''}"
        if self.change is None:
            return f"{known}; the prompt that was sent is not stored"
        lines = counted(self.change.lines, "line")
        same = "the same line" if self.change.lines == 1 else f"the same {lines}"
        if len(self.rows) == 1:
            return f"{known}, by {lines}"
        return f"{known}, {'all' if self.alike == len(self.rows) else f'{self.alike:,} of them'} by {same}"

    def plain(self, snapshot: Snapshot) -> dict[str, Any]:
        """Return plain values for a report."""
        return {
            "stage": self.stage,
            "field": self.subject.field,
            "changed": self.subject.name,
            "path": self.subject.path,
            "generations": len(self.rows),
            "first": snapshot.values("gen_id")[self.rows[0]],
            "descendants": self.descendants,
            "difference": self.sentence,
            "removed": list(self.change.removed) if self.change else [],
            "added": list(self.change.added) if self.change else [],
        }


def groups_of(snapshot: Snapshot, drifts: Mapping[int, Drift]) -> list[Group]:
    """Group drifted prompts by stage and changed input, the largest groups first.

    :param drifts: by row, the prompts that differ.
    """
    rows: dict[tuple[str, PromptInput], list[int]] = defaultdict(list)
    for row, drift in sorted(drifts.items()):
        for subject in drift.changed:
            rows[snapshot.values("stage")[row], subject].append(row)
    below = Descendants(snapshot) if rows else None
    groups = []
    for (stage, subject), members in rows.items():
        changes = Counter(drifts[row].change for row in members)
        most, alike = changes.most_common(1)[0]
        groups.append(Group(stage, subject, tuple(members), below.count(members) if below else 0, most, alike))
    order = list(snapshot.spans)
    return sorted(groups, key=lambda one: (-len(one.rows), order.index(one.stage), one.subject))


class Descendants:
    """Counter of descendants."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._children: dict[int, list[int]] = defaultdict(list)
        for row, parent in enumerate(follow(snapshot).parent.tolist()):
            if parent != NO_ROW:
                self._children[parent].append(row)

    def count(self, rows: Sequence[int]) -> int:
        """Count the generations below some others that are not among them."""
        seen = set(rows)
        left = list(rows)
        while left:
            new = [child for child in self._children.get(left.pop(), ()) if child not in seen]
            seen.update(new)
            left += new
        return len(seen) - len(set(rows))


def report_groups(snapshot: Snapshot, groups: Sequence[Group], findings: Findings) -> None:
    """Report each group once, by its first generation and the file that changed."""
    for group in groups:
        removed, added = (group.change.removed, group.change.added) if group.change else ((), ())
        findings.add(
            "PROMPT_DRIFTED",
            stage=group.stage,
            gen_id=snapshot.values("gen_id")[group.rows[0]],
            field=group.subject.field,
            expected=" / ".join(removed) or None,
            actual=" / ".join(added) or None,
            path=group.subject.path,
            detail=f"{group.subject.name}: {group.sentence}; {counted(group.descendants, 'generation')} below",
        )
