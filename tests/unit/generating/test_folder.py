"""A generation's folder while somebody works on it."""

import pytest

from genaudit.errors import DDError, Err
from genaudit.generating.folder import open_generation
from genaudit.layout import Layout
from helpers.workshop import make_workshop, put


@pytest.fixture
def layout(tmp_path):
    put(make_workshop(tmp_path), "draft", "d_1")
    return Layout(tmp_path)


def test_only_one_works_on_a_generation_and_everyone_can_read(layout):
    with open_generation(layout, "draft", "d_1", alone=True) as folder:
        with pytest.raises(DDError) as caught, open_generation(layout, "draft", "d_1", alone=True):
            pass
        assert (caught.value.code, caught.value.ctx["reason"]) == (Err.IO_ERROR, "generation_busy")
        with open_generation(layout, "draft", "d_1") as reader:
            assert reader.record() == folder.record()
    with open_generation(layout, "draft", "d_1", alone=True):
        pass


def test_nothing_is_written_where_the_folder_was_moved_away(layout, tmp_path):
    with open_generation(layout, "draft", "d_1", alone=True) as folder:
        folder.path.rename(tmp_path / "elsewhere")
        with pytest.raises(DDError) as caught:
            folder.write("raw.txt", "x")
        assert caught.value.ctx["reason"] == "generation_vanished"
        (tmp_path / "other").mkdir()
        folder.path.symlink_to(tmp_path / "other")
        with pytest.raises(DDError):
            folder.write("raw.txt", "x")
    assert list((tmp_path / "other").iterdir()) == []


def test_half_a_surrogate_pair_does_not_stop_a_paid_answer_from_being_kept(layout):
    with open_generation(layout, "draft", "d_1", alone=True) as folder:
        folder.write("raw.txt", "a\ud800b")
        assert folder.text("raw.txt") == "a?b"


@pytest.mark.parametrize(
    ("stage", "gen_id", "reason"), [("draft", "../x", "unsafe_id"), ("poem", "x", "unknown_stage")]
)
def test_names_that_cannot_be_generations(layout, stage, gen_id, reason):
    with pytest.raises(DDError) as caught, open_generation(layout, stage, gen_id):
        pass
    assert (caught.value.code, caught.value.ctx["reason"]) == (Err.INVALID_CONFIG, reason)
