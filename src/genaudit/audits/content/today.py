"""Comparison of a generation with today's inputs: its prompt, its parsed text and its model."""

from __future__ import annotations

from functools import lru_cache

from genaudit.audits.content.answers import Parsed, parsed_today
from genaudit.audits.content.drift import Comparer, Drift
from genaudit.audits.content.stored import StoredGeneration, StoredTexts
from genaudit.audits.content.tables import PromptState
from genaudit.cohorts.pipeline_stages import has_pipeline_stages
from genaudit.errors import DDError, Err, Reason
from genaudit.generating.preflight import Preflight
from genaudit.generating.prompts import template_text
from genaudit.layout import PROMPT
from genaudit.store.snapshot import Snapshot


class Today:
    """Today's inputs of a store.

    Templates' variables, parsers and models are known for the pipeline's stages only. In a store with stages of its
    own nothing is compared, for the reason ``stages_not_supported``.

    :param texts: reads the texts of parents.
    """

    def __init__(self, snapshot: Snapshot, texts: StoredTexts) -> None:
        has_inputs = has_pipeline_stages(snapshot.stages)
        # One reading of the store sees one text of a template.
        preflight = Preflight(snapshot.root, read_template=lru_cache(template_text)) if has_inputs else None
        self._inputs = preflight.inputs if preflight else None
        self._comparer = Comparer(preflight, texts) if preflight else None

    def prompt(self, stored: StoredGeneration) -> Drift:
        """Compare a stored prompt with today's rendering."""
        if self._comparer:
            return self._comparer.compare(stored)
        if PROMPT in stored.texts:
            return Drift(PromptState.NOT_RENDERED, Reason.STAGES_NOT_SUPPORTED)
        there = PROMPT in stored.problems or PROMPT in stored.unread
        return Drift(PromptState.UNUSABLE, stored.unread.get(PROMPT)) if there else Drift(PromptState.NONE)

    def parsed(self, stored: StoredGeneration) -> Parsed:
        """Compare a stored parsed text with today's parsing of the answer."""
        return parsed_today(stored, self._inputs)

    def model(self, model_id: str) -> str:
        """Return a model's name at its provider.

        :raises DDError: as :meth:`genaudit.generating.inputs.Inputs.model`; ``INVALID_CONFIG``, reason
            ``stages_not_supported``.
        """
        if self._inputs is None:
            raise DDError(Err.INVALID_CONFIG, {"reason": Reason.STAGES_NOT_SUPPORTED, "value": model_id})
        return self._inputs.model(model_id)
