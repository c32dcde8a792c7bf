"""Rebuild audit: what each mode of a selection would reuse, parse, copy or pay for again, and the reasons."""

from __future__ import annotations

from genaudit.audits.rebuild.audit import RebuildResult, rebuild
from genaudit.audits.rebuild.request import RebuildRequest

__all__ = ["RebuildRequest", "RebuildResult", "rebuild"]
