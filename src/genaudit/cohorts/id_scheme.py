"""Id scheme: the stages with deterministic ids. The pipeline changes over stage by stage, parents first."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from genaudit.errors import DDError, Err, Reason
from genaudit.stages import STAGE_NAMES

FLAG: Final = "DD_DETERMINISTIC_GEN_IDS"

_OFF: Final = frozenset({"0", "false", "off", "none"})
_ALL: Final = frozenset({"", "1", "true", "on", "all"})


@dataclass(frozen=True, slots=True)
class IdScheme:
    """The stages whose new generations get deterministic ids; the other stages get legacy ids.

    :param deterministic: the first stages of the table, in any number. A deterministic id under a parent with a
        legacy id would change again with the parent's stage.
    :raises DDError: ``INVALID_CONFIG``, reason ``stages_out_of_order``.
    """

    deterministic: frozenset[str] = frozenset(STAGE_NAMES)

    def __post_init__(self) -> None:
        """Reject a deterministic stage whose parent stage is not deterministic."""
        if self.deterministic != frozenset(STAGE_NAMES[: len(self.deterministic)]):
            ctx = {
                "reason": Reason.STAGES_OUT_OF_ORDER,
                "flag": FLAG,
                "stages": sorted(self.deterministic),
                "order": list(STAGE_NAMES),
            }
            raise DDError(Err.INVALID_CONFIG, ctx)

    @classmethod
    def parse(cls, text: str) -> IdScheme:
        """Parse the value of the flag ``DD_DETERMINISTIC_GEN_IDS``.

        :param text: a word for off, a word for all stages (empty text means all), or stages separated by commas; case
            and blanks do not matter.
        :raises DDError: ``INVALID_CONFIG``, reason ``invalid_flag`` (an unknown or repeated stage) or
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
            ctx = {"reason": Reason.INVALID_FLAG, "flag": FLAG, "value": text, "stages": list(STAGE_NAMES)}
            raise DDError(Err.INVALID_CONFIG, ctx)
        if stages != list(STAGE_NAMES[: len(stages)]):
            ctx = {"reason": Reason.STAGES_OUT_OF_ORDER, "flag": FLAG, "stages": stages, "order": list(STAGE_NAMES)}
            raise DDError(Err.INVALID_CONFIG, ctx)
        return cls(frozenset(stages))

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> IdScheme:
        """Read the flag from the environment; all stages if it is unset or empty.

        :raises DDError: as :meth:`parse`.
        """
        return cls.parse(environ.get(FLAG, ""))

    @property
    def flag(self) -> str:
        """The value of the flag that parses to this scheme."""
        return ",".join(stage for stage in STAGE_NAMES if stage in self.deterministic) or "none"
