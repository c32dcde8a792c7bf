"""Options of a rebuild audit: generations, modes, id scheme and prices."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from genaudit.audits.rebuild.choice import (
    CHOSEN_FROM,
    Choice,
    choice_of_file,
    choice_of_ids,
    choice_of_store,
    default_choice,
)
from genaudit.audits.rebuild.prices import Price
from genaudit.cohorts.generations import StoredStage
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import Layout
from genaudit.limits import MAX_MEMBERS

COHORT: Final = "rebuild-audit"


@dataclass(frozen=True, slots=True)
class RebuildRequest:
    """The request for a rebuild; by default every curated mode, for the store's own selection.

    :param select: a selection file.
    :param ids: ids, instead of a file.
    :param legacy: all legacy essays instead.
    :param sample: number of essays to choose at random instead; with ``legacy``, among the legacy ones.
    :param stage: stage of ``select`` and ``ids``, if the file's name does not give it.
    :param modes: as for :func:`genaudit.audits.rebuild.modes.choose_modes`; empty for all. Findings are then about
        the mode of the selection file, if one is read.
    :param cohort_id: the run id of legacy ids.
    :param remake_drifted: whether a generation whose prompt differs from today's rendering is asked for again; its
        descendants are kept, as a run keeps them.
    :param max_members: the largest number of members of a stage; the store may lower it.
    :param scheme: stages with deterministic ids; ``None`` leaves it to ``DD_DETERMINISTIC_GEN_IDS``.
    """

    select: Path | None = None
    ids: tuple[str, ...] = ()
    legacy: bool = False
    sample: int | None = None
    seed: int = 0
    stage: str | None = None
    modes: tuple[str, ...] = ()
    cohort_id: str = COHORT
    scheme: IdScheme | None = None
    prices: Mapping[str, Price] | None = None
    force: bool = False
    remake_drifted: bool = False
    max_members: int = MAX_MEMBERS

    @property
    def chooses(self) -> bool:
        """Whether the generations come from somewhere other than a selection file, and so without a mode."""
        return bool(self.ids) or self.legacy or self.sample is not None

    def ids_scheme(self, environ: Mapping[str, str] = os.environ) -> IdScheme:
        """Return the id scheme of the request.

        :raises DDError: ``INVALID_CONFIG``, reason ``invalid_flag`` or ``stages_out_of_order``.
        """
        return IdScheme.from_environ(environ) if self.scheme is None else self.scheme

    def choose(self, layout: Layout, stored: Mapping[str, StoredStage], identities: pd.DataFrame) -> Choice:
        """Choose the generations.

        :raises DDError: ``INVALID_CONFIG``, reason ``contradicting_options``, or as the functions of
            :mod:`genaudit.audits.rebuild.choice`.
        """
        ways = {
            "--select": self.select is not None,
            "--ids": bool(self.ids),
            "--legacy or --sample": self.legacy or self.sample is not None,
        }
        given = [way for way, is_given in ways.items() if is_given]
        if len(given) > 1:
            raise DDError(Err.INVALID_CONFIG, {"reason": Reason.CONTRADICTING_OPTIONS, "options": given})
        if self.select is not None:
            return choice_of_file(self.select, self.stage)
        if self.ids:
            return choice_of_ids(self.stage or CHOSEN_FROM, self.ids)
        if given:
            return choice_of_store(stored, identities, legacy=self.legacy, size=self.sample, seed=self.seed)
        return default_choice(layout, stored, identities)
