"""What a sample should be like."""

from __future__ import annotations

from dataclasses import dataclass

from genaudit.errors import DDError, Err
from genaudit.sample.faults import check_faults
from genaudit.sample.plan import REAL


@dataclass(frozen=True, slots=True)
class SampleOptions:
    """The size, the seed and the faults of a sample; the same options make the same bytes.

    :param drafts: how many; essays and evaluations follow in the proportions of the largest store known.
    :param seed: what everything random is drawn from.
    :param legacy_share: the part of the generations, from 0 to 1, whose ids are of before ids were deterministic.
    :param faults: codes of :data:`genaudit.sample.FAULTS`; their order and repetitions don't matter.
    :param active: write catalogs of the older kind, whose columns retire rows.
    :param light: write nothing but each generation's ``metadata.json``, and no table of scores.
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
        """Refuse what no sample can be made from."""
        if self.drafts < 0:
            ctx = {"reason": "negative_drafts", "field": "drafts", "value": self.drafts}
            raise DDError(Err.INVALID_CONFIG, ctx)
        if not 0 <= self.legacy_share <= 1:
            ctx = {"reason": "share_out_of_range", "field": "legacy_share", "value": self.legacy_share}
            raise DDError(Err.INVALID_CONFIG, ctx)
        check_faults(self.faults)
