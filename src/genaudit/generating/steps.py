"""The three steps of a generation: prompt, answer, parsed text; each does no more than the rule of reuse says.

A step decides by what lies in the folder, which it holds alone meanwhile, and leaves it whole wherever it is stopped:
what goes with a text is written before the text, and the text is what counts. An answer that is made anew, and its
prompt, wait beside the old ones until all is there (:mod:`genaudit.generating.renewal`).
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from genaudit.decisions import COPY_MODE, Decision, decide
from genaudit.errors import DDError, Err
from genaudit.generating.folder import open_generation
from genaudit.generating.generator import TRUNCATED, Answer, Request
from genaudit.generating.material import Material
from genaudit.generating.parsers import Parser, parse, parser_named
from genaudit.generating.prompts import render_prompt
from genaudit.generating.renewal import read_prompt, settle, write_answer, write_prompt
from genaudit.layout import GENS, PARSED, PARSED_METADATA, PROMPT, RAW, RAW_METADATA, Layout
from genaudit.stages import PARENT, STAGES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from genaudit.generating.folder import GenerationFolder
    from genaudit.generating.generator import Generator
    from genaudit.generating.material import Template


class Step(StrEnum):
    """A step of a generation, in order; each fills one text."""

    PROMPT = "prompt"
    RAW = "raw"
    PARSED = "parsed"


class Action(StrEnum):
    """What a step did: ``kept`` what is there, or ``needless``: a copy needs no prompt."""

    KEPT = "kept"
    NEEDLESS = "needless"
    WRITTEN = "written"
    COPIED = "copied"
    CALLED = "called"
    PARSED = "parsed"


@dataclass(frozen=True, slots=True)
class StepResult:
    """What a step did with a generation.

    :param decision: what the rule of reuse says of the generation when the step began.
    :param paths: the files that it wrote, relative to the data root.
    :param digest: SHA-256 of the step's text; ``None`` where there is none.
    :param facts: plain values: what was called, what it cost, how it was parsed.
    """

    stage: str
    gen_id: str
    step: Step
    decision: Decision
    action: Action
    paths: tuple[str, ...] = ()
    digest: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def reused(self) -> bool:
        """Whether what was there already is kept."""
        return self.action is Action.KEPT

    @property
    def calls(self) -> int:
        """How many times a model was called."""
        return int(self.action is Action.CALLED)


class Steps:
    """Works on the generations of a data root.

    :param root: the data root.
    :param generator: what answers prompts.
    """

    def __init__(self, root: Path, generator: Generator) -> None:
        self._layout = Layout(root)
        self._generator = generator
        self._material = Material(root)

    def run(self, step: Step, stage: str, gen_id: str, *, force: bool = False) -> StepResult:
        """Do one step of a generation.

        :param force: make the step's text anew whatever is there.
        :raises DDError: as :func:`~genaudit.generating.folder.open_generation`,
            :meth:`~genaudit.generating.folder.GenerationFolder.record`, the methods of
            :class:`~genaudit.generating.material.Material`, :func:`~genaudit.generating.prompts.render_prompt` and
            the generator; ``DATA_MISSING``, reason ``parent_missing``, ``parent_not_parsed``, ``prompt_missing``,
            ``raw_missing`` or ``model_missing``; ``INVALID_CONFIG``, reason ``copy_without_parent``; ``IO_ERROR``,
            reason ``generator_failed``; ``PARSER_FAILURE``, reason ``answer_truncated`` (what was answered is kept),
            and as :func:`~genaudit.generating.parsers.parse`.
        """
        with open_generation(self._layout, stage, gen_id, alone=True) as folder:
            settle(folder)
            work = _Work(self._layout, self._material, self._generator, folder, force=force)
            return {Step.PROMPT: work.prompt, Step.RAW: work.raw, Step.PARSED: work.parsed}[step]()

    def run_all(self, stage: str, gen_id: str, *, force: bool = False) -> tuple[StepResult, ...]:
        """Do every step of a generation, in order.

        :raises DDError: as :meth:`run`.
        """
        return tuple(self.run(step, stage, gen_id, force=force) for step in Step)


class _Work:
    """The work on one generation, whose folder is held."""

    def __init__(
        self, layout: Layout, material: Material, generator: Generator, folder: GenerationFolder, *, force: bool
    ) -> None:
        self._layout = layout
        self._material = material
        self._generator = generator
        self._folder = folder
        self._force = force
        self._decision = self._decide(None)
        if self._decision is Decision.CALL:
            # Only now does the record matter: what is parsed already is reused whatever became of it.
            self._decision = self._decide(self._record["mode"])

    def _decide(self, mode: str | None) -> Decision:
        return decide(mode, parsed=self._folder.has(PARSED), raw=self._folder.has(RAW), force=self._force)

    @cached_property
    def _record(self) -> Mapping[str, Any]:
        record = self._folder.record()
        if record["mode"] == COPY_MODE and STAGES[self._folder.stage].parent is None:
            raise DDError(Err.INVALID_CONFIG, {"reason": "copy_without_parent", **self._folder.where})
        return record

    def prompt(self) -> StepResult:
        """Write the prompt of a generation whose model is to be called."""
        if self._decision is not Decision.CALL:
            action = Action.NEEDLESS if self._decision is Decision.COPY else Action.KEPT
            return self._result(Step.PROMPT, action, PROMPT)
        stage, template = self._folder.stage, self._template()
        parser_named(template.parser)
        if parent := STAGES[stage].parent:
            values: dict[str, Any] = {parent: self._parent_text()}
        else:
            values = {"concepts": self._material.concepts(self._record["combo_id"])}
        text = render_prompt(self._layout, stage, template.template_id, values)
        name = write_prompt(self._folder, text)
        return self._result(Step.PROMPT, Action.WRITTEN, name, template_id=template.template_id)

    def raw(self) -> StepResult:
        """Get the answer, by a call or as a copy."""
        if self._decision is Decision.COPY:
            return self._copy()
        if self._decision is Decision.CALL:
            return self._call()
        return self._result(Step.RAW, Action.KEPT, RAW)

    def _copy(self) -> StepResult:
        text = self._parent_text()
        usage = dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), 0)
        source = {"input_mode": COPY_MODE, "copied_from": self._record[PARENT]}
        return self._save_raw(
            text, Action.COPIED, {"finish_reason": "copy", "duration_s": 0.0, "usage": usage, **source}
        )

    def _call(self) -> StepResult:
        model_id = self._model_id()
        parser = parser_named(self._template().parser)
        request = Request(self._prompt_text(), model_id, self._material.model(model_id), parser)
        answer = self._answer(request)
        report = {
            "finish_reason": answer.finish_reason,
            "duration_s": answer.duration_s,
            "usage": dict(answer.usage),
            "input_mode": "prompt",
            "copied_from": None,
            "generator": self._generator.name,
            "model": request.model,
        }
        if not answer.text.strip():
            ctx = {"reason": "answer_blank", **self._folder.where, "finish_reason": answer.finish_reason}
            raise DDError(Err.PARSER_FAILURE, ctx)
        result = self._save_raw(answer.text, Action.CALLED, report)
        self._refuse_truncated(report)
        return result

    def _answer(self, request: Request) -> Answer:
        try:
            return self._generator.generate(request)
        except DDError as error:
            raise DDError(error.code, {**error.ctx, **self._folder.where}) from error
        except Exception as error:  # noqa: BLE001 (a generator may fail in any way)
            # Its message is not shown: it may quote what it was sent with.
            ctx = {"generator": self._generator.name, "error": type(error).__name__}
            raise DDError(Err.IO_ERROR, {"reason": "generator_failed", **self._folder.where, **ctx}) from None

    def _save_raw(self, text: str, action: Action, report: Mapping[str, Any]) -> StepResult:
        write_answer(self._folder, text, report)
        return self._result(Step.RAW, action, RAW_METADATA, RAW, **report)

    def parsed(self) -> StepResult:
        """Parse the answer; a copy is its own parsed text."""
        if self._decision is Decision.REUSE:
            return self._result(Step.PARSED, Action.KEPT, PARSED)
        parser = Parser.IDENTITY
        try:
            answer = self._folder.text(RAW)
        except FileNotFoundError:
            raise DDError(Err.DATA_MISSING, {"reason": "raw_missing", **self._folder.where}) from None
        try:
            self._refuse_truncated(self._folder.report(RAW_METADATA))
            if self._record["mode"] != COPY_MODE:
                parser = parser_named(self._template().parser)
            text = parse(parser, answer)
        except DDError as error:
            failure = DDError(error.code, {**error.ctx, **self._folder.where})
            # Beside a parsed text, a report of failure would speak of another attempt.
            if error.code is Err.PARSER_FAILURE and not self._folder.has(PARSED):
                name = error.ctx.get("parser", str(parser))
                report = {"parser_name": name, "success": False, "error": str(failure)}
                self._folder.write(PARSED_METADATA, report)
            raise failure from error
        self._folder.write(PARSED_METADATA, {"parser_name": str(parser), "success": True})
        self._folder.write(PARSED, text)
        return self._result(Step.PARSED, Action.PARSED, PARSED_METADATA, PARSED, parser_name=str(parser))

    def _refuse_truncated(self, report: Mapping[str, Any]) -> None:
        if report.get("finish_reason") == TRUNCATED:
            raise DDError(Err.PARSER_FAILURE, {"reason": "answer_truncated", **self._folder.where})

    def _template(self) -> Template:
        return self._material.template(self._folder.stage, self._record["template_id"])

    def _prompt_text(self) -> str:
        try:
            return read_prompt(self._folder)
        except FileNotFoundError:
            raise DDError(Err.DATA_MISSING, {"reason": "prompt_missing", **self._folder.where}) from None

    def _model_id(self) -> str:
        """The record's model; an essay whose record names none has its draft's."""
        model: str | None = self._record["llm_model_id"]
        if model is None and STAGES[self._folder.stage].parent:
            with self._parent() as parent:
                model = parent.record()["llm_model_id"]
        if model is None:
            raise DDError(Err.DATA_MISSING, {"reason": "model_missing", **self._folder.where})
        return model

    def _parent_text(self) -> str:
        """What later stages read of the parent."""
        with self._parent() as parent:
            try:
                return parent.text(PARSED)
            except FileNotFoundError:
                above = {"parent_stage": parent.stage, PARENT: parent.gen_id}
                raise DDError(
                    Err.DATA_MISSING, {"reason": "parent_not_parsed", **self._folder.where, **above}
                ) from None

    @contextmanager
    def _parent(self) -> Iterator[GenerationFolder]:
        stage, gen_id = str(STAGES[self._folder.stage].parent), self._record[PARENT]
        with ExitStack() as stack:
            try:
                parent = stack.enter_context(open_generation(self._layout, stage, gen_id))
            except DDError as error:
                if error.ctx["reason"] != "generation_missing":
                    raise
                ctx = {"reason": "parent_missing", **self._folder.where, "parent_stage": stage, PARENT: gen_id}
                raise DDError(Err.DATA_MISSING, ctx) from error
            yield parent

    def _result(self, step: Step, action: Action, *names: str, **facts: object) -> StepResult:
        """Say what was done.

        :param names: what was written, last the step's text.
        """
        folder, digest = self._folder, self._folder.digest(names[-1])
        is_new = action not in (Action.KEPT, Action.NEEDLESS)
        paths = tuple(f"{GENS}/{folder.stage}/{folder.gen_id}/{name}" for name in names) if is_new else ()
        return StepResult(folder.stage, folder.gen_id, step, self._decision, action, paths, digest, facts)
