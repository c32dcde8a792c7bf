"""Command line: each command parses its options, calls the package and shows the result."""

from __future__ import annotations

from genaudit.cli.app import main

__all__ = ["main"]
