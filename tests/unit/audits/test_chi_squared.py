"""The tail against printed tables, against scipy, and at its ends."""

import pytest
from scipy.special import chdtrc

from genaudit.audits.chi_squared import upper_tail


@pytest.mark.parametrize(
    ("freedom", "critical", "tail"),
    # Critical values as tables print them.
    [(1, 3.841, 0.05), (1, 10.828, 0.001), (2, 5.991, 0.05), (3, 7.815, 0.05), (4, 9.488, 0.05), (10, 23.209, 0.01)],
)
def test_critical_values_of_printed_tables(freedom, critical, tail):
    assert upper_tail(freedom, critical) == pytest.approx(tail, rel=2e-3)


@pytest.mark.parametrize("freedom", range(1, 31))
def test_agrees_with_scipy(freedom):
    for step in range(1, 400):
        statistic = 0.01 * 1.027**step
        assert upper_tail(freedom, statistic) == pytest.approx(chdtrc(freedom, statistic), rel=1e-12)


@pytest.mark.parametrize("freedom", range(1, 31))
def test_ends(freedom):
    assert upper_tail(freedom, 0.0) == 1.0
    assert upper_tail(freedom, 1e6) == 0.0
