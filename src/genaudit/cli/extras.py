"""Only import of the pipeline and the workbench from the command line: by name, on demand, with their extra."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Final

from genaudit.errors import DDError, Err, Reason

# The extra that a package of genaudit needs, and the distribution that the extra installs.
_EXTRAS: Final[Mapping[str, tuple[str, str]]] = {
    "pipeline": ("pipeline", "dagster"),
    "workbench": ("notebooks", "marimo"),
}


def load(module: str) -> ModuleType:
    """Import a module that needs an extra.

    :param module: its name below ``genaudit``, such as ``workbench.serving``.
    :raises DDError: ``INVALID_CONFIG``, reason ``extra_missing``: the extra is not installed.
    """
    extra, needed = _EXTRAS[module.partition(".")[0]]
    try:
        return import_module(f"genaudit.{module}")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != needed:
            raise
        ctx = {"reason": Reason.EXTRA_MISSING, "extra": extra, "install": f"pip install 'genaudit[{extra}]'"}
        raise DDError(Err.INVALID_CONFIG, ctx) from None


def has_pipeline() -> bool:
    """Return whether the pipeline can be imported, without importing it."""
    try:
        return find_spec(_EXTRAS["pipeline"][1]) is not None
    except ValueError:
        # Python raises this for a module set to None.
        return False
