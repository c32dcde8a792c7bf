from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from genaudit.errors import DDError
from genaudit.workbench.session import Sessions
from helpers.stores import DRAFT_RECORD, make_stages, write_generation


@pytest.fixture
def sessions():
    """Sessions whose clock advances by a minute with each reading."""
    minutes = count()
    return Sessions(lambda: datetime(2026, 1, 2, tzinfo=UTC) + timedelta(minutes=next(minutes)), most=2)


def test_a_store_is_read_once(sessions, family):
    first = sessions.open(family)
    assert sessions.open(family) is first
    assert sessions.open(family, again=True) is not first


def test_added_and_deleted_files_are_noticed(sessions, family):
    first = sessions.open(family)
    folder = write_generation(family, "draft", "d_new", DRAFT_RECORD)
    second = sessions.open(family)
    assert (len(first.generations), len(second.generations)) == (6, 7)
    (folder / "metadata.json").unlink()
    folder.rmdir()
    assert len(sessions.open(family).generations) == 6


def test_a_new_cohort_is_noticed(sessions, family):
    (family / "cohorts").mkdir()
    first = sessions.open(family)
    (family / "cohorts" / "one").mkdir()
    assert sessions.open(family) is not first


def test_only_the_last_stores_are_kept(sessions, tmp_path):
    roots = [make_stages(tmp_path / name) for name in ("a", "b", "c")]
    opened = [sessions.open(root) for root in roots]
    assert sessions.open(roots[2]) is opened[2]
    assert sessions.open(roots[1]) is opened[1]
    assert sessions.open(roots[0]) is not opened[0]


def test_the_one_used_last_is_kept_longest(sessions, tmp_path):
    roots = [make_stages(tmp_path / name) for name in ("a", "b", "c")]
    first = sessions.open(roots[0])
    sessions.open(roots[1])
    sessions.open(roots[0])
    sessions.open(roots[2])
    assert sessions.open(roots[0]) is first


def test_a_store_that_is_gone_is_not_shown_from_memory(sessions, family):
    sessions.open(family)
    family.rename(family.with_name("elsewhere"))
    with pytest.raises(DDError) as caught:
        sessions.open(family)
    assert caught.value.ctx["reason"] == "no_such_root"


@pytest.mark.parametrize("stages", [True, False])
def test_progress_adds_up_to_the_whole(sessions, family, tmp_path, stages):
    root = family if stages else make_stages(tmp_path / "nothing")
    steps = []
    sessions.open(root, lambda percent, step: steps.append((percent, step)))
    assert sum(percent for percent, _ in steps) == 100
    assert all(percent > 0 for percent, _ in steps)
    sessions.open(root, lambda *_: steps.clear())
    assert steps


def test_a_session_has_its_date_sections_and_scores(session):
    assert session.day == "2026-01-02"
    assert list(session.sections) == list(session.run.results)
    assert session.facts.total == 6
    assert len(session.scores) == 3
