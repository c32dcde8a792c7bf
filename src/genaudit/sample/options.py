"""Options of a sample."""

from __future__ import annotations

from dataclasses import dataclass

from genaudit.errors import DDError, Err, Reason
from genaudit.sample.faults import check_faults
from genaudit.sample.generation import REAL


@dataclass(frozen=True, slots=True)
class SampleOptions:
    """The size, the seed and the faults of a sample; the same options give the same bytes.

    :param drafts: number of drafts; essays and evaluations follow in the proportions of the largest store known.
    :param seed: seed of everything random.
    :param legacy_share: share of legacy ids, from 0 to 1.
    :param faults: codes of :data:`genaudit.sample.FAULTS`; order and repetitions do not matter.
    :param active: whether catalogs have the older columns that retire rows.
    :param light: whether to write only each generation's ``metadata.json``, and no table of scores.
    :raises DDError: ``INVALID_CONFIG`` with ``field``, ``value`` and the reason ``negative_drafts``,
        ``share_out_of_range``, ``unknown_fault``, ``unplantable_fault`` or ``exclusive_fault``.
    """

    drafts: int = REAL["draft"]
    seed: int = 0
    legacy_share: float = 0.15
    faults: tuple[str, ...] = ()
    light: bool = False
    active: bool = False

    def __post_init__(self) -> None:
        """Validate the options."""
        if self.drafts < 0:
            ctx = {"reason": Reason.NEGATIVE_DRAFTS, "field": "drafts", "value": self.drafts}
            raise DDError(Err.INVALID_CONFIG, ctx)
        if not 0 <= self.legacy_share <= 1:
            ctx = {"reason": Reason.SHARE_OUT_OF_RANGE, "field": "legacy_share", "value": self.legacy_share}
            raise DDError(Err.INVALID_CONFIG, ctx)
        check_faults(self.faults)
