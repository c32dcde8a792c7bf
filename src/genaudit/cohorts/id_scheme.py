"""Which stages get deterministic ids: the pipeline changes over stage by stage, parents first."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from genaudit.errors import DDError, Err
from genaudit.stages import STAGE_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

FLAG: Final = "DD_DETERMINISTIC_GEN_IDS"

_OFF: Final = frozenset({"0", "false", "off", "none"})
_ALL: Final = frozenset({"", "1", "true", "on", "all"})


@dataclass(frozen=True, slots=True)
class IdScheme:
    """The stages whose new generations get deterministic ids; those of the other stages get legacy ids.

    :param deterministic: the first stages of the table, in any number: a deterministic id below a parent that still
        has a legacy one would change again once the parent's stage is cut over.
    :raises DDError: ``INVALID_CONFIG``, reason ``stages_out_of_order``.
    """

    deterministic: frozenset[str] = frozenset(STAGE_NAMES)

    def __post_init__(self) -> None:
        """Refuse a stage that is cut over before the one above it."""
        if self.deterministic != frozenset(STAGE_NAMES[: len(self.deterministic)]):
            ctx = {
                "reason": "stages_out_of_order",
                "flag": FLAG,
                "stages": sorted(self.deterministic),
                "order": list(STAGE_NAMES),
            }
            raise DDError(Err.INVALID_CONFIG, ctx)

    @classmethod
    def parse(cls, text: str) -> IdScheme:
        """Read the value of the flag ``DD_DETERMINISTIC_GEN_IDS``.

        :param text: a word for off, a word for all stages (an empty text means all), or stages with commas; case and
            blanks do not matter.
        :raises DDError: ``INVALID_CONFIG``, reason ``invalid_flag`` (a word that is no stage, or a stage twice) or
            ``stages_out_of_order``.

        >>> sorted(IdScheme.parse("draft, essay").deterministic)
        ['draft', 'essay']
        >>> IdScheme.parse("off").flag
        'none'
        """
        word = text.strip().lower()
        if word in _OFF:
            return cls(frozenset())
        if word in _ALL:
            return cls()
        stages = [stage.strip() for stage in word.split(",")]
        strange = [stage for stage in stages if stage not in STAGE_NAMES]
        if strange or len(set(stages)) < len(stages):
            ctx = {"reason": "invalid_flag", "flag": FLAG, "value": text, "stages": list(STAGE_NAMES)}
            raise DDError(Err.INVALID_CONFIG, ctx)
        if stages != list(STAGE_NAMES[: len(stages)]):
            ctx = {"reason": "stages_out_of_order", "flag": FLAG, "stages": stages, "order": list(STAGE_NAMES)}
            raise DDError(Err.INVALID_CONFIG, ctx)
        return cls(frozenset(stages))

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> IdScheme:
        """Read the flag from the environment; all stages if it is not set or empty.

        :raises DDError: as :meth:`parse`.
        """
        return cls.parse(environ.get(FLAG, ""))

    @property
    def flag(self) -> str:
        """The value of the flag that reads back as this scheme."""
        return ",".join(stage for stage in STAGE_NAMES if stage in self.deterministic) or "none"
