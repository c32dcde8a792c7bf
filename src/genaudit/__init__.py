"""Audit a store of LLM generations: what is there, what is broken, and which ids hold.

>>> import genaudit
>>> run = genaudit.audit("store")
>>> int((run.parents.frame["status"] == "missing").sum())
1
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from genaudit.api import audit, build_cohort, plan_migration, rebuild, references
    from genaudit.audits.rebuild import RebuildRequest, RebuildResult
    from genaudit.audits.result import AuditResult
    from genaudit.audits.run import AuditRun
    from genaudit.cohorts.result import CohortMembershipResult
    from genaudit.errors import DDError, Err, Reason
    from genaudit.migration.plan import Plan
    from genaudit.store.snapshot import Snapshot, scan

__version__ = "0.2.0"

# In the order of docs/api.md.
__all__ = [  # noqa: RUF022
    "scan",
    "Snapshot",
    "audit",
    "AuditRun",
    "AuditResult",
    "rebuild",
    "RebuildRequest",
    "RebuildResult",
    "references",
    "plan_migration",
    "Plan",
    "build_cohort",
    "CohortMembershipResult",
    "DDError",
    "Err",
    "Reason",
]
_MODULES: Final = {
    "AuditResult": "audits.result",
    "AuditRun": "audits.run",
    "CohortMembershipResult": "cohorts.result",
    "DDError": "errors",
    "Err": "errors",
    "Plan": "migration.plan",
    "Reason": "errors",
    "RebuildRequest": "audits.rebuild",
    "RebuildResult": "audits.rebuild",
    "Snapshot": "store.snapshot",
    "audit": "api",
    "build_cohort": "api",
    "plan_migration": "api",
    "rebuild": "api",
    "references": "api",
    "scan": "store.snapshot",
}

# A type checker would take any name for one of the package's.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Import a name of the API when it is first used.

        :raises AttributeError: the API has no such name.
        """
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        """List the names of the API."""
        return sorted({*globals(), *_MODULES})
