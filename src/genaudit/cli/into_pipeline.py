"""Only import of the pipeline from the command line: by name and on demand, because it needs Dagster."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Final

from genaudit.errors import DDError, Err, Reason

_EXTRA: Final = "pipeline"
_NEEDED: Final = "dagster"


def load_pipeline(module: str) -> ModuleType:
    """Import a module of the pipeline.

    :raises DDError: ``INVALID_CONFIG``, reason ``extra_missing``: Dagster is not installed.
    """
    try:
        return import_module(f"genaudit.{_EXTRA}.{module}")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != _NEEDED:
            raise
        ctx = {"reason": Reason.EXTRA_MISSING, "extra": _EXTRA, "install": f"pip install 'genaudit[{_EXTRA}]'"}
        raise DDError(Err.INVALID_CONFIG, ctx) from None


def has_pipeline() -> bool:
    """Return whether the pipeline can be imported, without importing it."""
    try:
        return find_spec(_NEEDED) is not None
    except ValueError:
        # Python raises this for a module set to None.
        return False
