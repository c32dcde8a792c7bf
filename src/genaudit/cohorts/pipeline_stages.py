"""Check for functions that need the built-in stages: planning cohorts, generating, curated modes, and scores."""

from __future__ import annotations

from pathlib import Path

from genaudit.errors import DDError, Err, Reason
from genaudit.layout import SETTINGS
from genaudit.stages import STAGES, StageTable
from genaudit.store.settings import read_settings


def has_pipeline_stages(stages: StageTable) -> bool:
    """Return whether a store has the built-in stages."""
    return stages == STAGES


def check_pipeline_stages(stages: StageTable) -> None:
    """Check that a store has the built-in stages.

    :raises DDError: ``INVALID_CONFIG``, reason ``stages_not_supported``.
    """
    if not has_pipeline_stages(stages):
        ctx = {"path": SETTINGS, "key": "stages", "value": list(stages), "supported": list(STAGES)}
        raise DDError(Err.INVALID_CONFIG, {"reason": Reason.STAGES_NOT_SUPPORTED, **ctx})


def check_root(root: Path) -> None:
    """Check that a data root has the built-in stages.

    :raises DDError: as :func:`check_pipeline_stages` and :func:`genaudit.store.settings.read_settings`.
    """
    check_pipeline_stages(read_settings(root).stages)
