"""Files that have to make room move to numbered folders, and are never lost."""

import pytest

from genaudit.errors import DDError, Err
from genaudit.generating.folder import open_generation
from genaudit.generating.replaced import make_room
from genaudit.layout import Layout
from helpers.trees import contents, fingerprint
from helpers.workshop import make_workshop, put

OLD = {"prompt.txt": "old prompt", "raw.txt": "old", "parsed.txt": "old parsed"}


@pytest.fixture
def opened(tmp_path):
    root = make_workshop(tmp_path / "data")
    put(root, "draft", "d_1", OLD)
    with open_generation(Layout(root), "draft", "d_1", alone=True) as folder:
        yield folder


def test_files_move_to_the_next_number(opened):
    make_room(opened, ["raw.txt", "raw_metadata.json", "parsed.txt"])
    opened.write("raw.txt", "second")
    make_room(opened, ["raw.txt"])
    assert contents(opened.path / "replaced/1") == {"raw.txt": b"old", "parsed.txt": b"old parsed"}
    assert contents(opened.path / "replaced/2") == {"raw.txt": b"second"}
    assert set(contents(opened.path)) >= {"metadata.json", "prompt.txt"}
    assert not (opened.path / "raw.txt").exists()


def test_without_such_files_nothing_is_made(opened):
    before = fingerprint(opened.path)
    make_room(opened, ["raw_metadata.json"])
    make_room(opened, ())
    assert fingerprint(opened.path) == before


def test_a_move_that_was_interrupted_is_completed(opened):
    (opened.path / ".replacing").mkdir()
    (opened.path / "parsed.txt").rename(opened.path / ".replacing/parsed.txt")
    make_room(opened, ["raw.txt", "parsed.txt"])
    assert contents(opened.path / "replaced/1") == {"raw.txt": b"old", "parsed.txt": b"old parsed"}
    assert not (opened.path / ".replacing").exists()


def test_a_folder_in_between_numbers_is_never_overwritten(opened):
    (opened.path / "replaced/7").mkdir(parents=True)
    (opened.path / "replaced/notes").mkdir()
    make_room(opened, ["raw.txt"])
    assert (opened.path / "replaced/8/raw.txt").read_text() == "old"


@pytest.mark.parametrize("name", ["replaced", ".replacing"])
def test_a_link_in_the_way_is_not_followed(opened, tmp_path, name):
    outside = tmp_path / "outside"
    outside.mkdir()
    (opened.path / name).symlink_to(outside)
    with pytest.raises(DDError) as caught:
        make_room(opened, ["raw.txt"])
    assert caught.value.code is Err.IO_ERROR
    assert list(outside.iterdir()) == []
    assert any(path.read_text() == "old" for path in opened.path.rglob("raw.txt"))
