"""The one way from the command line into the pipeline, which needs Dagster: by name, when it is asked for."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from genaudit.errors import DDError, Err, Reason

if TYPE_CHECKING:
    from types import ModuleType

_EXTRA: Final = "pipeline"
_NEEDED: Final = "dagster"


def load_pipeline(module: str) -> ModuleType:
    """Load a module of the pipeline.

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
    """Say whether the pipeline can be loaded, without loading it."""
    try:
        return find_spec(_NEEDED) is not None
    except ValueError:
        # So Python answers for a module that was set to nothing.
        return False
