"""Definition of a fault: the smallest damage that gives one finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from genaudit.sample.fault_context import FaultContext


@dataclass(frozen=True, slots=True)
class Fault:
    """Damage of one kind.

    :param code: the finding that it gives.
    :param what: the change to the store.
    :param plant: function that makes the change, to generations of its own, and notes the expected findings.
    :param companions: codes of unavoidable further findings.
    :param exclusive: whether it breaks other faults, so that it is planted alone.
    :param seen_by_root: whether root finds it too; denied permissions show only to other users.
    """

    code: str
    what: str
    plant: Callable[[FaultContext], None]
    companions: tuple[str, ...] = ()
    exclusive: bool = False
    seen_by_root: bool = True
