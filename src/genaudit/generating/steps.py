"""The three steps of a generation, prompt, answer and parsed text, each following the table of reuse.

A step decides while it holds the lock on the generation's folder, and leaves it consistent wherever it is stopped: a
report is written before its text, and only the text counts. Nothing is deleted: replaced files move to ``replaced/``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from genaudit.decisions import COPY_MODE, REUSE_FILES, RULES, Decision, Outcome, Rule, Step, decide
from genaudit.errors import DDError, Err, Reason
from genaudit.generating.digests import DIGESTS
from genaudit.generating.folder import GenerationFolder, open_generation
from genaudit.generating.generator import TRUNCATED, Answer, Generator, Request
from genaudit.generating.preflight import MIN_LINES, ParentText, PlannedGeneration, Preflight
from genaudit.generating.replaced import make_room
from genaudit.layout import GENS, PARSED, PARSED_METADATA, PROMPT, RAW, RAW_METADATA


class StepAction(StrEnum):
    """The work of a step; ``kept`` means that nothing changed."""

    KEPT = "kept"
    WRITTEN = "written"
    COPIED = "copied"
    CALLED = "called"
    PARSED = "parsed"


@dataclass(frozen=True, slots=True)
class StepResult:
    """The result of a step.

    :param decision: the decision about the generation when the step began.
    :param paths: the files written, relative to the data root.
    :param digest: SHA-256 of the step's text; ``None`` if there is none.
    :param facts: plain values: the call, its cost, the parser.
    """

    stage: str
    gen_id: str
    step: Step
    decision: Decision
    action: StepAction
    paths: tuple[str, ...] = ()
    digest: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reused(self) -> bool:
        """Whether the step kept its files."""
        return self.action is StepAction.KEPT

    @property
    def calls(self) -> int:
        """Number of calls of a model."""
        return int(self.action is StepAction.CALLED)


class Steps:
    """Runner of steps for the generations of a data root.

    :param root: the data root.
    :param generator: generator of answers.
    :param run_id: the run id in reports.
    :param min_lines: minimum number of non-empty lines in a parsed text, by stage.
    """

    def __init__(
        self,
        root: Path,
        generator: Generator,
        run_id: str | None = None,
        min_lines: Mapping[str, int] = MIN_LINES,
    ) -> None:
        self._preflight = Preflight(root, min_lines)
        self._generator = generator
        self._run_id = run_id

    def run(self, step: Step, stage: str, gen_id: str, *, force: bool = False) -> StepResult:
        """Run one step of a generation.

        :param force: act whatever is stored.
        :raises DDError: as :func:`~genaudit.generating.folder.open_generation`,
            :meth:`~genaudit.generating.folder.GenerationFolder.record` and the methods of
            :class:`~genaudit.generating.preflight.Preflight`; ``DATA_MISSING``, reason
            ``raw_metadata_missing_for_existing_raw``, ``prompt_missing`` or ``raw_missing`` (the previous step has
            not run); ``IO_ERROR``, reason ``generator_failed``; ``PARSER_FAILURE``, reason ``answer_blank`` or
            ``answer_truncated`` (the answer is kept).
        """
        with open_generation(self._preflight.layout, stage, gen_id, alone=True) as folder:
            return _Work(self._preflight, self._generator, folder, self._run_id, force=force).do(step)

    def run_all(self, stage: str, gen_id: str, *, force: bool = False) -> tuple[StepResult, ...]:
        """Run every step of a generation, in order.

        :raises DDError: as :meth:`run`.
        """
        return tuple(self.run(step, stage, gen_id, force=force) for step in Step)


_RULES: Final[Mapping[Step, Rule]] = {rule.step: rule for rule in RULES}


class _Work:
    """The work on one generation with a locked folder."""

    def __init__(
        self, preflight: Preflight, generator: Generator, folder: GenerationFolder, run_id: str | None, *, force: bool
    ) -> None:
        self._preflight = preflight
        self._generator = generator
        self._folder = folder
        self._run_id = run_id
        self._force = force
        self._files = frozenset(name for name in REUSE_FILES if folder.has(name))

    def do(self, step: Step) -> StepResult:
        """Run a step, or refuse it before anything changes."""
        rule = _RULES[step]
        acts = self._force or not self._files.issuperset(rule.keeps)
        outcome = self._outcome
        if outcome.decision is Decision.BLOCKED and (acts or outcome.step is step):
            raise self._error(outcome)
        self._check_order(step)
        if not acts:
            make_room(self._folder, ())
            return self._result(step, StepAction.KEPT, rule.keeps[0])
        return {Step.PROMPT: self._prompt, Step.RAW: self._raw, Step.PARSED: self._parsed}[step]()

    @cached_property
    def _planned(self) -> PlannedGeneration:
        record = self._folder.record()
        names = ("mode", "template_id", "combo_id", "parent_gen_id", "llm_model_id")
        return PlannedGeneration(self._folder.stage, self._folder.gen_id, *(record[name] for name in names))

    @cached_property
    def _outcome(self) -> Outcome:
        # The parent's text, if there is one, is read from the folder that the record names.
        check = self._preflight.check(self._planned, ParentText.STORED)
        return decide(self._planned.mode, self._files, force=self._force, check=check)

    def _error(self, outcome: Outcome) -> DDError:
        """Build the error of a blocked generation."""
        step = outcome.step or Step.PROMPT
        acts = self._force or not self._files.issuperset(_RULES[step].keeps)
        error = self._preflight.problem(self._planned, ParentText.STORED, step, acts=acts)
        ctx = {"reason": outcome.cause, **self._folder.where, "path": str(self._folder.path / (outcome.file or ""))}
        return error or DDError(Err.DATA_MISSING, ctx)

    def _check_order(self, step: Step) -> None:
        """Refuse a step if the previous step has not written its input yet."""
        needed = {Step.RAW: (PROMPT, Reason.PROMPT_MISSING), Step.PARSED: (RAW, Reason.RAW_MISSING)}.get(step)
        if needed and needed[0] not in self._files:
            raise DDError(Err.DATA_MISSING, {"reason": needed[1], **self._folder.where})

    @property
    def _is_copy(self) -> bool:
        return self._planned.mode == COPY_MODE

    def _make_room(self, step: Step) -> None:
        """Move away the files that the step deletes or overwrites, once its own text exists."""
        make_room(self._folder, (*_RULES[step].deletes, *_RULES[step].writes))

    def _prompt(self) -> StepResult:
        text = self._preflight.prompt(self._planned, self._preflight.parent_text(self._planned))
        self._make_room(Step.PROMPT)
        self._folder.write(PROMPT, text)
        return self._result(Step.PROMPT, StepAction.WRITTEN, PROMPT, template_id=self._planned.template_id)

    def _raw(self) -> StepResult:
        prompt = self._folder.text(PROMPT)
        if self._is_copy:
            usage = dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), 0)
            return self._save_raw(Answer(prompt, "copy", 0.0, usage), StepAction.COPIED, None, prompt)
        model_id = self._preflight.model_id(self._planned)
        parser = self._preflight.inputs.parser(self._folder.stage, self._planned.required("template_id"))
        request = Request(prompt, model_id, self._preflight.inputs.model(model_id), parser)
        answer = self._answer(request)
        if not answer.text.strip():
            ctx = {"reason": Reason.ANSWER_BLANK, **self._folder.where, "finish_reason": answer.finish_reason}
            raise DDError(Err.PARSER_FAILURE, ctx)
        result = self._save_raw(answer, StepAction.CALLED, request, prompt)
        if answer.finish_reason == TRUNCATED:
            raise DDError(Err.PARSER_FAILURE, {"reason": Reason.ANSWER_TRUNCATED, **self._folder.where})
        return result

    def _answer(self, request: Request) -> Answer:
        try:
            return self._generator.generate(request)
        except DDError as error:
            raise DDError(error.code, {**error.ctx, **self._folder.where}) from error
        except Exception as error:  # noqa: BLE001 (a generator may fail in any way)
            # The message is not shown, because it may quote the request.
            ctx = {"generator": self._generator.name, "error": type(error).__name__}
            raise DDError(Err.IO_ERROR, {"reason": Reason.GENERATOR_FAILED, **self._folder.where, **ctx}) from None

    def _save_raw(self, answer: Answer, action: StepAction, request: Request | None, prompt: str) -> StepResult:
        report = {
            **self._head(Step.RAW),
            "mode": self._planned.mode or "llm",
            "llm_model_id": request.model_id if request else None,
            "duration_s": answer.duration_s,
            "finish_reason": answer.finish_reason,
            "truncated": answer.finish_reason == TRUNCATED,
            "usage": dict(answer.usage),
            "input_mode": self._input_mode,
            "raw_length": len(answer.text),
            "raw_lines": len(answer.text.splitlines()),
            "raw_path": self._path(RAW),
            "raw_metadata_path": self._path(RAW_METADATA),
            "run_id": self._run_id,
            "model": request.model if request else None,
            "served_model": answer.served_model,
            DIGESTS: self._preflight.digests(self._planned, prompt),
        }
        self._make_room(Step.RAW)
        self._folder.write(RAW_METADATA, report)
        self._folder.write(RAW, answer.text)
        facts = {name: report[name] for name in ("finish_reason", "duration_s", "usage", "input_mode")}
        return self._result(Step.RAW, action, RAW_METADATA, RAW, generator=self._generator.name, **facts)

    def _parsed(self) -> StepResult:
        text = self._preflight.parsed(self._planned, self._folder.text(RAW))
        parser = str(self._preflight.inputs.parser(self._folder.stage, self._planned.required("template_id")))
        report = {
            **self._head(Step.PARSED),
            "parser_name": parser,
            "success": True,
            "error": None,
            "input_mode": self._input_mode,
            "parsed_path": self._path(PARSED),
            "parsed_metadata_path": self._path(PARSED_METADATA),
            "run_id": self._run_id,
        }
        self._make_room(Step.PARSED)
        self._folder.write(PARSED_METADATA, report)
        self._folder.write(PARSED, text)
        return self._result(Step.PARSED, StepAction.PARSED, PARSED_METADATA, PARSED, parser_name=parser)

    def _head(self, step: Step) -> dict[str, Any]:
        return {**self._folder.where, "function": f"{self._folder.stage}_{step}"}

    @property
    def _input_mode(self) -> str:
        return COPY_MODE if self._is_copy else "prompt"

    def _path(self, name: str) -> str:
        """Return the path of a file relative to the data root, without any path of this machine."""
        return f"{GENS}/{self._folder.stage}/{self._folder.gen_id}/{name}"

    def _result(self, step: Step, action: StepAction, *names: str, **facts: object) -> StepResult:
        """Build the result.

        :param names: the files written, the step's text last.
        """
        folder, digest = self._folder, self._folder.digest(names[-1])
        paths = () if action is StepAction.KEPT else tuple(map(self._path, names))
        return StepResult(folder.stage, folder.gen_id, step, self._outcome.decision, action, paths, digest, facts)
