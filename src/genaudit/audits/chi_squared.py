"""Tail of the chi-squared distribution."""

from __future__ import annotations

import math


def upper_tail(freedom: int, statistic: float) -> float:
    """Return the probability of a chi-squared value of at least ``statistic``.

    For a whole number of degrees of freedom, the regularized upper incomplete gamma function is a finite sum
    (Abramowitz and Stegun, 26.4.4 and 26.4.5). All terms are positive, so no digits cancel.

    :param freedom: degrees of freedom, at least 1.
    :param statistic: at least 0.
    """
    half = statistic / 2
    if freedom % 2:
        tail, order = math.erfc(math.sqrt(half)), 0.5
        term = math.sqrt(half) * math.exp(-half) / math.gamma(1.5)
    else:
        tail, order = math.exp(-half), 1.0
        term = half * tail
    while order < freedom / 2:
        tail += term
        order += 1
        term *= half / order
    return min(tail, 1.0)
