"""The table of reuse: the rule by which a run keeps, parses, copies or pays for a generation.

The audits predict with it and the steps of a generation act on it. It is the pipeline's own rule, observed on every
set of files that a generation can have.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from genaudit.errors import Reason
from genaudit.layout import PARSED, PARSED_METADATA, PROMPT, RAW, RAW_METADATA

COPY_MODE: Final = "copy"


class Decision(StrEnum):
    """The outcome of a run for one generation.

    ``reuse``: all files are kept. ``parse``: the stored answer is parsed again. ``copy``: the prompt becomes the
    answer, without a call. ``call``: a model is called. ``blocked``: a step would fail, and nothing is changed.
    """

    REUSE = "reuse"
    PARSE = "parse"
    COPY = "copy"
    CALL = "call"
    BLOCKED = "blocked"


class Step(StrEnum):
    """A step of a generation, in running order."""

    PROMPT = "prompt"
    RAW = "raw"
    PARSED = "parsed"


@dataclass(frozen=True, slots=True)
class Rule:
    """The condition under which a step keeps its files, and its effect otherwise.

    :param keeps: the step keeps its files if all of these exist.
    :param checks: JSON reports that a keeping step reads; a missing or invalid one makes it fail.
    :param deletes: files that an acting step deletes.
    :param writes: files that an acting step writes.
    """

    step: Step
    keeps: tuple[str, ...]
    checks: tuple[str, ...]
    deletes: tuple[str, ...]
    writes: tuple[str, ...]


RULES: Final = (
    Rule(
        Step.PROMPT,
        keeps=(PROMPT,),
        checks=(),
        deletes=(RAW, RAW_METADATA, PARSED, PARSED_METADATA),
        writes=(PROMPT,),
    ),
    Rule(
        Step.RAW,
        keeps=(RAW,),
        checks=(RAW_METADATA,),
        deletes=(PARSED, PARSED_METADATA),
        writes=(RAW, RAW_METADATA),
    ),
    Rule(
        Step.PARSED,
        keeps=(PARSED, PARSED_METADATA),
        checks=(PARSED_METADATA,),
        deletes=(),
        writes=(PARSED, PARSED_METADATA),
    ),
)
# Every file that the rule covers.
REUSE_FILES: Final = (PROMPT, RAW, RAW_METADATA, PARSED, PARSED_METADATA)

FORCED: Final = "forced"
# The stored prompt differs from today's rendering, and the caller counts it as missing.
CONTENT_CHANGED: Final = "content_changed"
# The cause for each missing file.
MISSING: Final = {
    PROMPT: Reason.PROMPT_MISSING,
    RAW: Reason.RAW_MISSING,
    RAW_METADATA: Reason.RAW_METADATA_MISSING,
    PARSED: Reason.PARSED_MISSING,
    PARSED_METADATA: Reason.PARSED_METADATA_MISSING,
}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """The reason why a step would fail.

    :param cause: a snake_case word, as in the ``reason`` of the error that the step raises.
    :param file: the file to look at; relative to the generation's folder, or to the data root if it has a slash.
    """

    cause: str
    file: str | None = None


# Called with a step and whether it acts or keeps its files; returns the obstacle, or None.
Check = Callable[[Step, bool], Obstacle | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A decision with its reason and its cost.

    :param step: the first step that acts, or the one that fails; ``None`` for ``reuse``.
    :param cause: a missing file, ``forced``, or the cause of the obstacle; ``None`` for ``reuse``.
    :param file: the decisive file.
    :param acts: the steps that write, in order; none if blocked.
    :param destroys: stored files that the run deletes or overwrites, in the order of :data:`REUSE_FILES`.
    :param mode: the record's mode; ``None`` counts as ``llm``.
    """

    decision: Decision
    step: Step | None = None
    cause: str | None = None
    file: str | None = None
    acts: tuple[Step, ...] = ()
    destroys: tuple[str, ...] = ()
    mode: str | None = None

    @property
    def deletes_paid_answer(self) -> bool:
        """Whether an answer that a model was paid for is deleted."""
        return RAW in self.destroys and self.mode != COPY_MODE


def _nothing_in_the_way(step: Step, acts: bool) -> Obstacle | None:  # noqa: ARG001, FBT001 (a Check)
    return None


def decide(
    mode: str | None, files: Collection[str], *, force: bool = False, check: Check = _nothing_in_the_way
) -> Outcome:
    """Decide what a run does with a generation.

    :param mode: the mode of its record: ``llm`` or ``copy``; missing counts as ``llm``.
    :param files: the names of its stored files.
    :param force: whether every step acts, whatever is stored; a copy stays a copy.
    :param check: finds obstacles that depend on more than the presence of files. Every step is checked before
        anything counts as destroyed, so a blocked generation destroys nothing.

    >>> decide("llm", [PROMPT, RAW, RAW_METADATA]).decision
    <Decision.PARSE: 'parse'>
    >>> outcome = decide("llm", [RAW, RAW_METADATA, PARSED, PARSED_METADATA])
    >>> outcome.decision, outcome.cause, outcome.deletes_paid_answer
    (<Decision.CALL: 'call'>, 'prompt_missing', True)
    """
    left, gone, acts = set(files), set[str](), list[Step]()
    first: Obstacle | None = None
    for rule in RULES:
        missing = next((name for name in rule.keeps if name not in left), None)
        acting = force or missing is not None
        obstacle = None if acting else next((_absent(name) for name in rule.checks if name not in left), None)
        obstacle = obstacle or check(rule.step, acting)
        if obstacle:
            return Outcome(Decision.BLOCKED, rule.step, obstacle.cause, obstacle.file, mode=mode)
        if acting:
            gone |= left & {*rule.deletes, *rule.writes}
            left = (left - {*rule.deletes}) | {*rule.writes}
            acts.append(rule.step)
            first = first or (_absent(missing) if missing else Obstacle(FORCED))
    if first is None:
        return Outcome(Decision.REUSE, mode=mode)
    destroys = tuple(name for name in REUSE_FILES if name in gone)
    return Outcome(_decision(mode, acts), acts[0], first.cause, first.file, tuple(acts), destroys, mode)


def _absent(name: str) -> Obstacle:
    return Obstacle(str(MISSING[name]), name)


def _decision(mode: str | None, acts: Collection[Step]) -> Decision:
    if Step.RAW not in acts:
        return Decision.PARSE
    return Decision.COPY if mode == COPY_MODE else Decision.CALL
