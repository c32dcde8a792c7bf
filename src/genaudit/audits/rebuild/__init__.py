"""The rebuild audit: what each way to plan a selection anew would reuse, parse, copy or pay for again, and why."""

from __future__ import annotations

from genaudit.audits.rebuild.audit import RebuildResult, rebuild
from genaudit.audits.rebuild.request import RebuildRequest

__all__ = ["RebuildRequest", "RebuildResult", "rebuild"]
