"""The command line: every command reads its options, calls the package and shows what came back."""

from __future__ import annotations

from genaudit.cli.app import main

__all__ = ["main"]
