"""A named fault: the smallest damage that gives one finding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from genaudit.sample.fault_context import FaultContext


@dataclass(frozen=True, slots=True)
class Fault:
    """Damage of one kind.

    :param code: the finding that it gives.
    :param what: what is done to the store.
    :param plant: does it, to generations that it makes for itself, and notes what is to be found.
    :param companions: the codes of the findings that come with it and cannot be kept away.
    :param exclusive: it takes away what other faults need, so it is planted alone.
    :param seen_by_root: root finds it too; what denies permission is found by other users only.
    """

    code: str
    what: str
    plant: Callable[[FaultContext], None]
    companions: tuple[str, ...] = ()
    exclusive: bool = False
    seen_by_root: bool = True
