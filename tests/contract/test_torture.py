"""A short form of the campaign: nothing fails."""

import pytest

from torture.campaign import Size, run


@pytest.mark.parametrize("seed", [1])
def test_the_short_campaign_has_no_failure(tmp_path, seed):
    parts = list(run(tmp_path, seed, Size(every=60, losses=8, states=12, records=600)))
    assert [part.failures for part in parts] == [[]] * 5
    assert [part.cases for part in parts][2:] == [8, 12, 600]
    assert all(part.cases for part in parts)
