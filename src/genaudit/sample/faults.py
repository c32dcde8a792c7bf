"""Table of all faults by finding code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

from genaudit.codes import CODES
from genaudit.errors import DDError, Err, Reason
from genaudit.sample.catalog_faults import CATALOG_FAULTS
from genaudit.sample.chain_faults import CHAIN_FAULTS
from genaudit.sample.cohort_faults import COHORT_FAULTS
from genaudit.sample.content_faults import CONTENT_FAULTS
from genaudit.sample.fault import Fault
from genaudit.sample.inventory_faults import INVENTORY_FAULTS
from genaudit.sample.rebuild_faults import REBUILD_FAULTS
from genaudit.sample.record_faults import RECORD_FAULTS
from genaudit.sample.reference_faults import REFERENCE_FAULTS

FAULTS: Final[Mapping[str, Fault]] = MappingProxyType(
    {
        fault.code: fault
        for fault in (
            *INVENTORY_FAULTS,
            *RECORD_FAULTS,
            *CATALOG_FAULTS,
            *CHAIN_FAULTS,
            *COHORT_FAULTS,
            *REBUILD_FAULTS,
            *CONTENT_FAULTS,
            *REFERENCE_FAULTS,
        )
    }
)

# Codes that no file can cause, with the reason.
UNPLANTABLE: Final[Mapping[str, str]] = MappingProxyType(
    {"VANISHED": "a generation vanishes while the store is read; no store at rest has this fault"}
)


def parse_faults(text: str) -> tuple[str, ...]:
    """Parse a choice of faults: ``none``, ``all``, or codes separated by commas; case does not matter.

    ``all`` means every fault that can be combined; exclusive ones are left out.

    :raises DDError: ``INVALID_CONFIG``, as :func:`check_faults`.
    """
    match text.strip().lower():
        case "none" | "":
            return ()
        case "all":
            return tuple(fault.code for fault in FAULTS.values() if not fault.exclusive)
    faults = tuple(code.strip().upper() for code in text.split(",") if code.strip())
    check_faults(faults)
    return faults


def check_faults(faults: Sequence[str]) -> None:
    """Check that faults can be planted together.

    :raises DDError: ``INVALID_CONFIG`` with ``field``, ``value`` and the reason: ``unknown_fault`` (with
        ``near_misses``), ``unplantable_fault`` (with ``why``), or ``exclusive_fault`` for one that must be alone.
    """
    for code in faults:
        if code in UNPLANTABLE:
            raise _refused(Reason.UNPLANTABLE_FAULT, code, why=UNPLANTABLE[code])
        if code not in FAULTS:
            raise _refused(Reason.UNKNOWN_FAULT, code, near_misses=get_close_matches(code.upper(), CODES))
        if FAULTS[code].exclusive and set(faults) != {code}:
            raise _refused(Reason.EXCLUSIVE_FAULT, code, others=sorted(set(faults) - {code}))


def _refused(reason: Reason, code: str, **why: object) -> DDError:
    return DDError(Err.INVALID_CONFIG, {"reason": reason, "field": "faults", "value": code, **why})
