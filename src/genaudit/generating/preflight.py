"""Preflight: finds the reason why a step of a generation would fail, before anything runs.

The audits use it to predict, the steps to refuse. It only reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, NamedTuple

from genaudit.decisions import COPY_MODE, MISSING, Check, Obstacle, Step
from genaudit.errors import DDError, Err, Reason
from genaudit.generating import digests
from genaudit.generating.folder import GenerationFolder, open_generation
from genaudit.generating.inputs import Inputs
from genaudit.generating.parsers import parse
from genaudit.generating.prompts import CONCEPTS_VARIABLE, parent_values, render_prompt, template_text
from genaudit.layout import PARSED, PARSED_METADATA, PROMPT, RAW, RAW_METADATA, Layout
from genaudit.stages import PARENT, STAGES

# Minimum number of non-empty lines in a parsed text, by stage.
MIN_LINES: Final[Mapping[str, int]] = {"draft": 3}
# Placeholder for a parent's text that the run has yet to write.
_PLACEHOLDER: Final = "text"


class ParentText(StrEnum):
    """Source of the parent's parsed text: the store, the run itself, or none; ``checked`` is stored and readable."""

    STORED = "stored"
    CHECKED = "checked"
    PLANNED = "planned"
    MISSING = "missing"


class PlannedGeneration(NamedTuple):
    """A generation of a run, with the fields of its record."""

    stage: str
    gen_id: str
    mode: str | None
    template_id: str | None
    combo_id: str | None
    parent_gen_id: str | None
    llm_model_id: str | None

    @property
    def where(self) -> dict[str, Any]:
        """The generation, for the context of an error."""
        return {"stage": self.stage, "gen_id": self.gen_id}

    def required(self, field: str) -> str:
        """Return a field of the record.

        :raises DDError: ``DATA_MISSING``, reason ``metadata_incomplete``.
        """
        value: str | None = getattr(self, field)
        if value is None:
            raise DDError(Err.DATA_MISSING, {"reason": Reason.METADATA_INCOMPLETE, **self.where, "fields": [field]})
        return value


class Preflight:
    """Checks of generations of a data root; catalogs are read once.

    :param root: the data root.
    :param min_lines: minimum number of non-empty lines in a parsed text, by stage.
    :param read_template: as :func:`~genaudit.generating.prompts.render_prompt` takes it.
    """

    def __init__(
        self,
        root: Path,
        min_lines: Mapping[str, int] = MIN_LINES,
        read_template: Callable[[Layout, str, str], str] | None = None,
    ) -> None:
        self.layout = Layout(root)
        self.inputs = Inputs(root)
        self._min_lines = min_lines
        self._read_template = read_template
        self._renders: dict[tuple[str, str, str | None], DDError | None] = {}

    def check(self, generation: PlannedGeneration, parent: ParentText) -> Check:
        """Return the check of a generation, as :func:`genaudit.decisions.decide` takes it."""
        acting: set[Step] = set()

        def check(step: Step, acts: bool) -> Obstacle | None:  # noqa: FBT001 (the form of a Check)
            acting.update([step] if acts else [])
            if step is Step.PARSED and Step.RAW in acting:
                # An answer that the run has yet to get cannot be checked.
                return None
            error = self.problem(generation, parent, step, acts=acts)
            return None if error is None else Obstacle(str(error.reason), _file(error))

        return check

    def problem(self, generation: PlannedGeneration, parent: ParentText, step: Step, *, acts: bool) -> DDError | None:
        """Return the error that a step would raise, or ``None``.

        :param acts: whether the step writes its files, or keeps them.
        """
        checks: Mapping[tuple[Step, bool], Callable[[PlannedGeneration, ParentText], object]] = {
            (Step.PROMPT, False): self._keep_prompt,
            (Step.PROMPT, True): self._make_prompt,
            (Step.RAW, False): self._keep_raw,
            (Step.RAW, True): self._make_raw,
            (Step.PARSED, False): self._keep_parsed,
            (Step.PARSED, True): self._make_parsed,
        }
        try:
            checks[step, acts](generation, parent)
        except DDError as error:
            return DDError(error.code, {**generation.where, **error.ctx})
        return None

    def prompt(self, generation: PlannedGeneration, parent_text: str | None) -> str:
        """Render the prompt of a generation; the prompt of a copy is its parent's parsed text.

        :raises DDError: as :func:`~genaudit.generating.prompts.render_prompt` and
            :meth:`~genaudit.generating.inputs.Inputs.concepts`.
        """
        stage = generation.stage
        if parent_text is not None and generation.mode == COPY_MODE:
            return parent_text
        if parent_text is not None:
            values = parent_values(stage, parent_text)
        else:
            values = {CONCEPTS_VARIABLE: self.inputs.concepts(generation.required("combo_id"))}
        template_id = self.inputs.template_name(stage, generation.required("template_id"))
        return render_prompt(self.layout, stage, template_id, values, self._read_template)

    def parent_text(self, generation: PlannedGeneration) -> str | None:
        """Read the parsed text of the parent; ``None`` on the first stage.

        :raises DDError: ``DATA_MISSING``, reason ``parent_missing`` or ``parent_not_parsed``; ``IO_ERROR``, reason
            ``not_readable``.
        """
        if STAGES[generation.stage].parent is None:
            return None
        with self._parent(generation) as parent:
            try:
                return parent.text(PARSED)
            except FileNotFoundError:
                raise _not_parsed(generation) from None

    def digests(self, generation: PlannedGeneration, prompt: str) -> dict[str, str]:
        """Digest a prompt, and its template and concepts as long as they still render it.

        :param prompt: the prompt that is sent; it may have been rendered by an earlier run.
        """
        found = {digests.PROMPT: digests.digest_of_text(prompt)}
        try:
            if generation.mode == COPY_MODE or self.prompt(generation, self.parent_text(generation)) != prompt:
                return found
            name = self.inputs.template_name(generation.stage, generation.required("template_id"))
            found[digests.TEMPLATE] = digests.digest_of_text(template_text(self.layout, generation.stage, name))
            if STAGES[generation.stage].parent is None:
                concepts = self.inputs.concepts(generation.required("combo_id"))
                found[digests.CONCEPTS] = digests.digest_of_concepts(concepts)
        except DDError:
            # The inputs are gone since the prompt was rendered; the prompt itself is all that is known.
            pass
        return found

    def model_id(self, generation: PlannedGeneration) -> str:
        """Return the model to call: the record's, or for an essay without one its draft's.

        :raises DDError: ``DATA_MISSING``, reason ``model_missing``; as :meth:`parent_text`.
        """
        model = generation.llm_model_id
        if model is None and STAGES[generation.stage].parent:
            with self._parent(generation) as parent:
                model = parent.record()["llm_model_id"]
        if model is None:
            raise DDError(Err.DATA_MISSING, {"reason": Reason.MODEL_MISSING, **generation.where})
        return model

    def parsed(self, generation: PlannedGeneration, answer: str) -> str:
        """Parse an answer.

        :raises DDError: as :meth:`~genaudit.generating.inputs.Inputs.parser` and
            :func:`~genaudit.generating.parsers.parse`; ``PARSER_FAILURE``, reason ``too_few_lines``.
        """
        stage = generation.stage
        parser = self.inputs.parser(stage, generation.required("template_id"))
        text = parse(parser, answer)
        lines, least = sum(bool(line.strip()) for line in text.splitlines()), self._min_lines.get(stage, 0)
        if lines < least:
            ctx = {"reason": Reason.TOO_FEW_LINES, **generation.where, "parser": str(parser)}
            raise DDError(Err.PARSER_FAILURE, {**ctx, "lines": lines, "least": least})
        return text

    def _keep_prompt(self, generation: PlannedGeneration, parent: ParentText) -> None:
        self._check_parent(generation, parent)
        self._keep(generation, PROMPT)

    def _make_prompt(self, generation: PlannedGeneration, parent: ParentText) -> None:
        stage = STAGES[generation.stage]
        if generation.mode == COPY_MODE and stage.parent is None:
            raise DDError(Err.INVALID_CONFIG, {"reason": Reason.COPY_WITHOUT_PARENT, **generation.where})
        self._check_parent(generation, parent)
        self.inputs.parser(stage.name, generation.required("template_id"))
        if generation.mode != COPY_MODE:
            self._check_template(generation)

    def _check_template(self, generation: PlannedGeneration) -> None:
        """Render a template once with a text in place of the parent's, or once per combo."""
        key = (generation.stage, generation.required("template_id"), generation.combo_id)
        if key not in self._renders:
            text = _PLACEHOLDER if STAGES[generation.stage].parent else None
            try:
                self.prompt(generation, text)
                self._renders[key] = None
            except DDError as error:
                self._renders[key] = error
        problem = self._renders[key]
        if problem is not None:
            raise problem

    def _keep_raw(self, generation: PlannedGeneration, _parent: ParentText) -> None:
        self._keep(generation, RAW, RAW_METADATA)

    def _make_raw(self, generation: PlannedGeneration, _parent: ParentText) -> None:
        if generation.mode != COPY_MODE:
            self.inputs.model(self.model_id(generation))

    def _keep_parsed(self, generation: PlannedGeneration, _parent: ParentText) -> None:
        self._keep(generation, PARSED, PARSED_METADATA)

    def _make_parsed(self, generation: PlannedGeneration, _parent: ParentText) -> None:
        """Parse the stored answer."""
        with self._opened(generation.stage, generation.gen_id) as folder:
            if folder is None:
                return
            if folder.report(RAW_METADATA).get("truncated") is True:
                raise DDError(
                    Err.PARSER_FAILURE, {"reason": Reason.ANSWER_TRUNCATED, **generation.where, "file": RAW}
                )
            try:
                self.parsed(generation, folder.text(RAW))
            except DDError as error:
                raise DDError(error.code, {**error.ctx, "file": RAW}) from error

    def _check_parent(self, generation: PlannedGeneration, parent: ParentText) -> None:
        if STAGES[generation.stage].parent is None:
            return
        if parent is ParentText.MISSING:
            raise _not_parsed(generation)
        if parent is ParentText.STORED:
            self.parent_text(generation)

    def _keep(self, generation: PlannedGeneration, text: str, report: str | None = None) -> None:
        """Read the files that a step keeps, if the generation is in the store."""
        with self._opened(generation.stage, generation.gen_id) as folder:
            if folder is None:
                return
            with _required(folder, text):
                folder.text(text)
            if report:
                with _required(folder, report):
                    folder.report(report)

    @contextmanager
    def _opened(self, stage: str, gen_id: str) -> Iterator[GenerationFolder | None]:
        """Open the folder of a generation; ``None`` if it is not in the store."""
        with ExitStack() as stack:
            try:
                folder = stack.enter_context(open_generation(self.layout, stage, gen_id))
            except DDError as error:
                if error.reason is not Reason.GENERATION_MISSING:
                    raise
                folder = None
            yield folder

    @contextmanager
    def _parent(self, generation: PlannedGeneration) -> Iterator[GenerationFolder]:
        stage, gen_id = str(STAGES[generation.stage].parent), generation.required(PARENT)
        with self._opened(stage, gen_id) as parent:
            if parent is None:
                ctx = {"reason": Reason.PARENT_MISSING, **generation.where, "parent_stage": stage, PARENT: gen_id}
                raise DDError(Err.DATA_MISSING, ctx)
            yield parent


@contextmanager
def _required(folder: GenerationFolder, name: str) -> Iterator[None]:
    """Raise an error if a file that a step keeps is missing."""
    try:
        yield
    except FileNotFoundError:
        ctx = {"reason": MISSING[name], **folder.where, "path": str(folder.path / name)}
        raise DDError(Err.DATA_MISSING, ctx) from None


def _not_parsed(generation: PlannedGeneration) -> DDError:
    above = {"parent_stage": STAGES[generation.stage].parent, PARENT: generation.parent_gen_id}
    return DDError(Err.DATA_MISSING, {"reason": Reason.PARENT_NOT_PARSED, **generation.where, **above})


def _file(error: DDError) -> str | None:
    return error.ctx.get("file") or error.ctx.get("path")
