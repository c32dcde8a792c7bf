"""Size of a design, computed before the design is expanded."""

from __future__ import annotations

import math
from collections.abc import Mapping

from genaudit.errors import DDError, Err, Reason


def judge_sizes(templates: int, models: int, replicates: Mapping[str, int]) -> dict[str, int]:
    """Number of levels of the axes of evaluations; none if nothing judges."""
    if not templates * models:
        return {}
    return {
        "evaluation templates": templates,
        "evaluation models": models,
        "evaluation replicates": replicates["evaluation"],
    }


def check_size(source: str, axes: Mapping[str, int], limit: int) -> None:
    """Refuse a design that has too many combinations.

    :param source: the file or the kind of the plan.
    :param axes: number of levels by axis.
    :raises DDError: ``INVALID_CONFIG``, reason ``design_too_large``, with ``size``, ``limit`` and ``axes``.
    """
    size = math.prod(axes.values())
    if size > limit:
        product = " x ".join(f"{count:,} {axis}" for axis, count in axes.items())
        ctx = {"reason": Reason.DESIGN_TOO_LARGE, "file": source, "size": size, "limit": limit, "axes": dict(axes)}
        advice = "give an axis fewer levels, or raise the limit: --max-members, and max_members in genaudit.toml"
        raise DDError(Err.INVALID_CONFIG, {**ctx, "product": product, "next": advice})
