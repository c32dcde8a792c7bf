import pytest

from genaudit.audits.inventory import inventory, length_test
from genaudit.ids import length_probabilities
from genaudit.store.snapshot import scan
from helpers.stores import DRAFT, DRAFT_RECORD, make_stages, write_generation


@pytest.fixture
def chisquare():
    """The test of SciPy, whose import takes a second: only where it runs, and not in every process that collects."""
    from scipy import stats  # noqa: PLC0415

    return stats.chisquare


# Counts of the largest real store, and the expected counts by chance (published beside them).
REAL_STORE = {
    "draft": ({18: 239, 17: 49, 16: 1}, {18: 236.2, 17: 51.4, 16: 1.4}),
    "essay": ({18: 219, 17: 37, 16: 2}, {18: 210.8, 17: 45.9, 16: 1.3}),
    "evaluation": ({18: 3381, 17: 754, 16: 18, 15: 1}, {18: 3394.4, 17: 738.5, 16: 20.5, 15: 0.6}),
}


@pytest.mark.parametrize("stage", REAL_STORE)
def test_chance_predicts_the_published_lengths(stage):
    observed, expected = REAL_STORE[stage]
    total = sum(observed.values())
    chances = length_probabilities(len("d_"))
    for length, count in expected.items():
        assert chances[length] * total == pytest.approx(count, abs=0.06)


def test_chances_of_all_lengths_add_up_to_one():
    chances = length_probabilities(2)
    assert sum(chances.values()) == pytest.approx(1.0, abs=1e-12)
    # 36^15 / 2^80, 36^14 / 2^80 and 36^13 / 2^80 as published.
    assert 1 - chances[18] == pytest.approx(0.1829, abs=5e-5)
    assert 1 - chances[18] - chances[17] == pytest.approx(0.00508, abs=5e-6)
    assert 1 - chances[18] - chances[17] - chances[16] == pytest.approx(0.000141, abs=5e-7)


@pytest.mark.parametrize("stage", REAL_STORE)
def test_the_real_store_looks_like_chance(stage):
    observed, _ = REAL_STORE[stage]
    test = length_test(observed, length_probabilities(2))
    assert test.p_value > 0.05
    assert test.impossible == 0


def test_statistic_agrees_with_scipys_own_test(chisquare):
    observed = {18: 239, 17: 49, 16: 1}
    short = 36**15 / 2**80 * 289
    reference = chisquare([50, 239], [short, 289 - short])
    test = length_test(observed, length_probabilities(2))
    assert test.degrees_of_freedom == 1
    assert test.statistic == pytest.approx(reference.statistic, abs=5e-5)
    assert test.p_value == pytest.approx(reference.pvalue, rel=5e-3)


def test_rare_lengths_are_pooled_into_one_cell(chisquare):
    observed = {18: 160, 17: 30, 16: 5, 15: 4, 14: 1}
    short = 36**15 / 2**80 * 200
    reference = chisquare([30 + 5 + 4 + 1, 160], [short, 200 - short])
    assert length_test(observed, length_probabilities(2)).statistic == pytest.approx(reference.statistic, abs=5e-5)


def test_legacy_ids_of_sixteen_characters_are_significant():
    assert length_test({18: 200, 17: 40, 16: 60}, length_probabilities(2)).p_value < 1e-4


def test_too_few_ids_give_no_test():
    assert length_test({18: 5}, length_probabilities(2)).statistic is None
    assert length_test({}, length_probabilities(2)).statistic is None


def test_lengths_that_no_id_can_have_are_counted_apart():
    assert length_test({18: 200, 17: 45, 40: 3}, length_probabilities(2)).impossible == 3


def test_short_ids_come_with_their_class_and_suffixes_do_not_count(tmp_path):
    make_stages(tmp_path)
    write_generation(tmp_path, "draft", DRAFT, DRAFT_RECORD)
    write_generation(tmp_path, "draft", "43ftibqi56628az1", {**DRAFT_RECORD, "replicate": 2})
    write_generation(tmp_path, "draft", "d_123-1", {**DRAFT_RECORD, "replicate": 3})
    summary = inventory(scan(tmp_path)).summary.stages["draft"]
    assert summary.total == 3
    assert summary.lengths == {"18": 1, "16": 1, "5": 1}
    assert summary.classes == {"deterministic": 1, "legacy": 1, "mismatched": 1, "unverifiable": 0}
    assert summary.short_ids == [
        {"gen_id": "43ftibqi56628az1", "length": 16, "class": "legacy"},
        {"gen_id": "d_123-1", "length": 5, "class": "mismatched"},
    ]


def test_frame_counts_every_generation_once(tmp_path):
    make_stages(tmp_path)
    write_generation(tmp_path, "draft", DRAFT, DRAFT_RECORD)
    write_generation(tmp_path, "essay", "e_1", None)
    frame = inventory(scan(tmp_path)).frame
    assert frame.to_dict("records") == [
        {"stage": "draft", "length": 18, "class": "deterministic", "count": 1},
        {"stage": "essay", "length": 3, "class": "unverifiable", "count": 1},
    ]


def test_empty_store_has_sensible_answers(tmp_path):
    result = inventory(scan(make_stages(tmp_path)))
    assert result.summary.total == 0
    assert result.findings.empty
