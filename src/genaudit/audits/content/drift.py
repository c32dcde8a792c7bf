"""Comparison of stored prompts with today's rendering, and the inputs that changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from genaudit.audits.content.changes import Change, change, normal_lines
from genaudit.audits.content.stored import StoredGeneration, StoredTexts
from genaudit.audits.content.tables import PromptState
from genaudit.audits.content.texts import TextProblem
from genaudit.decisions import COPY_MODE
from genaudit.errors import DDError
from genaudit.generating.digests import CONCEPTS, DIGESTS, TEMPLATE, digest_of_concepts, digest_of_text
from genaudit.generating.digests import PROMPT as PROMPT_DIGEST
from genaudit.generating.inputs import Concept
from genaudit.generating.preflight import PlannedGeneration, Preflight
from genaudit.generating.prompts import CONCEPTS_VARIABLE, parent_values, render_prompt, template_text
from genaudit.layout import GENS, PARSED, PROMPT, RAW_METADATA
from genaudit.stages import PARENT, STAGES

# Replaces every value of a template, so that the rest of a rendering is the template's own text.
_SENTINEL: Final = "\ue000"


class PromptInput(NamedTuple):
    """An input of a prompt.

    :param field: the field of the record that names it: ``template_id``, ``combo_id`` or ``parent_gen_id``.
    :param name: its id.
    :param path: its file, relative to the data root.
    """

    field: str
    name: str
    path: str


class Drift(NamedTuple):
    """The comparison of one prompt.

    :param reason: why there is nothing to compare.
    :param changed: the inputs that changed.
    """

    state: PromptState
    reason: str | None = None
    change: Change | None = None
    changed: tuple[PromptInput, ...] = ()


class Comparer:
    """Comparison of a store's prompts with today's renderings.

    :param texts: reads the texts of parents.
    """

    def __init__(self, preflight: Preflight, texts: StoredTexts) -> None:
        self._preflight = preflight
        self._texts = texts
        self._literals = lru_cache(maxsize=1024)(self._literal_parts)

    def compare(self, stored: StoredGeneration) -> Drift:
        """Compare the prompt of a generation.

        A digest that the steps recorded counts for more than ``prompt.txt``: it is of the prompt that was answered.
        """
        recorded = _recorded(stored)
        prompt = stored.texts.get(PROMPT)
        if prompt is None and recorded.get(PROMPT_DIGEST) is None:
            there = PROMPT in stored.problems or PROMPT in stored.unread
            return Drift(PromptState.UNUSABLE, stored.unread.get(PROMPT)) if there else Drift(PromptState.NONE)
        if not stored.has_record:
            return Drift(PromptState.NOT_RENDERED, "record_unreadable")
        try:
            parent = self._parent_text(stored.generation)
            today = self._preflight.prompt(stored.generation, parent)
        except DDError as error:
            return Drift(PromptState.NOT_RENDERED, str(error.ctx["reason"]))
        except _NoParentTextError as error:
            return Drift(PromptState.NOT_RENDERED, error.reason)
        return self._compared(stored.generation, parent, prompt, today, recorded)

    def _compared(
        self,
        generation: PlannedGeneration,
        parent: str | None,
        prompt: str | None,
        today: str,
        recorded: Mapping[str, str],
    ) -> Drift:
        sent = recorded.get(PROMPT_DIGEST)
        if sent is not None:
            if sent == digest_of_text(today):
                return Drift(PromptState.SAME)
            if prompt is not None and digest_of_text(prompt) != sent:
                # The stored file is another one than was sent: it shows no difference worth reading.
                prompt = None
        if prompt is None:
            changed = tuple(self._bydigest_of_text(generation, recorded)) or (self._template(generation),)
            return Drift(PromptState.DIFFERS, None, None, changed)
        if prompt == today:
            return Drift(PromptState.SAME)
        if normal_lines(prompt) == normal_lines(today):
            return Drift(PromptState.LINE_ENDS)
        changed = tuple(self._changed(generation, parent, normal_lines(prompt), recorded))
        return Drift(PromptState.DIFFERS, None, change(prompt, today), changed)

    def _parent_text(self, generation: PlannedGeneration) -> str | None:
        if STAGES[generation.stage].parent is None:
            if generation.mode == COPY_MODE:
                raise _NoParentTextError("copy_without_parent")
            return None
        text = self._texts.parent_text(generation)
        if text is None:
            raise _NoParentTextError("parent_not_parsed")
        if isinstance(text, TextProblem):
            raise _NoParentTextError("parent_text_unusable")
        return text

    def _changed(
        self, generation: PlannedGeneration, parent: str | None, prompt: str, recorded: Mapping[str, str]
    ) -> Sequence[PromptInput]:
        """Name the inputs whose text of today is not in the stored prompt."""
        if generation.mode == COPY_MODE:
            return [_parent(generation)]
        changed = list(self._changed_values(generation, parent, prompt))
        template = recorded.get(TEMPLATE)
        if template is None:
            is_same = _is_filled(
                self._literals(generation.stage, self._name(generation), self._count(generation)), prompt
            )
        else:
            is_same = template == self._template_digest(generation)
        if not is_same:
            changed.append(self._template(generation))
        if changed:
            return changed
        if parent is None and not _in_order(self._contents(generation), prompt):
            return [self._combo(generation)]
        # A line of the template beside a value could be the value's, were the value not there without it.
        return [self._template(generation)]

    def _contents(self, generation: PlannedGeneration) -> list[str]:
        concepts = self._preflight.inputs.concepts(generation.required("combo_id"))
        return [normal_lines(each.content) for each in concepts]

    def _changed_values(
        self, generation: PlannedGeneration, parent: str | None, prompt: str
    ) -> Iterator[PromptInput]:
        if parent is not None:
            if normal_lines(parent).strip() not in prompt:
                yield _parent(generation)
            return
        for source in self._preflight.inputs.concept_sources(generation.required("combo_id")):
            texts = (normal_lines(source.concept.name), normal_lines(source.concept.content))
            if any(text not in prompt for text in texts):
                yield PromptInput("combo_id", source.concept_id, source.path)

    def _bydigest_of_text(self, generation: PlannedGeneration, recorded: Mapping[str, str]) -> Iterator[PromptInput]:
        if recorded.get(TEMPLATE) not in (None, self._template_digest(generation)):
            yield self._template(generation)
        if recorded.get(CONCEPTS) is not None:
            concepts = self._preflight.inputs.concepts(generation.required("combo_id"))
            if recorded[CONCEPTS] != digest_of_concepts(concepts):
                yield self._combo(generation)
        elif generation.parent_gen_id is not None and TEMPLATE in recorded:
            yield _parent(generation)

    def _template_digest(self, generation: PlannedGeneration) -> str:
        return digest_of_text(template_text(self._preflight.layout, generation.stage, self._name(generation)))

    def _name(self, generation: PlannedGeneration) -> str:
        return self._preflight.inputs.template_name(generation.stage, generation.required("template_id"))

    def _template(self, generation: PlannedGeneration) -> PromptInput:
        layout, name = self._preflight.layout, self._name(generation)
        path = layout.template(generation.stage, name).relative_to(layout.root).as_posix()
        return PromptInput("template_id", name, path)

    def _combo(self, generation: PlannedGeneration) -> PromptInput:
        layout = self._preflight.layout
        path = layout.combo_mappings.relative_to(layout.root).as_posix()
        return PromptInput("combo_id", generation.combo_id or "", path)

    def _count(self, generation: PlannedGeneration) -> int:
        if STAGES[generation.stage].parent is not None:
            return 0
        return len(self._preflight.inputs.concepts(generation.required("combo_id")))

    def _literal_parts(self, stage: str, template: str, concepts: int) -> tuple[str, ...] | None:
        """Split a rendering of sentinels into the template's own texts; ``None`` if it cannot be rendered."""
        values: dict[str, Any] = {CONCEPTS_VARIABLE: [Concept(_SENTINEL, _SENTINEL)] * concepts}
        if STAGES[stage].parent is not None:
            values = parent_values(stage, _SENTINEL)
        try:
            rendered = render_prompt(self._preflight.layout, stage, template, values)
        except DDError:
            return None
        return tuple(normal_lines(part) for part in rendered.split(_SENTINEL))


class _NoParentTextError(Exception):
    """A parent without a text to render."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def _recorded(stored: StoredGeneration) -> dict[str, str]:
    digests = stored.reports.get(RAW_METADATA, {}).get(DIGESTS)
    if not isinstance(digests, dict):
        return {}
    return {name: value for name, value in digests.items() if isinstance(value, str)}


def _parent(generation: PlannedGeneration) -> PromptInput:
    stage, gen_id = STAGES[generation.stage].parent, generation.parent_gen_id or ""
    return PromptInput(PARENT, gen_id, f"{GENS}/{stage}/{gen_id}/{PARSED}")


def _is_filled(literals: Sequence[str] | None, text: str) -> bool:
    """Return whether a text can be a template's own texts with something between them."""
    if literals is None:
        return False
    return text.startswith(literals[0]) and text.endswith(literals[-1]) and _in_order(literals, text)


def _in_order(parts: Sequence[str], text: str) -> bool:
    """Return whether texts occur in a text one after the other."""
    place = 0
    for part in parts:
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return True
