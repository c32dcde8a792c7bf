import os
import socket
import tempfile
from pathlib import Path

import pytest

from genaudit.errors import DDError, Err
from genaudit.store import walk as module
from genaudit.store.walk import roots_to_walk, walk


def listed(*given, left_out=()):
    found = []
    for root in roots_to_walk(given, left_out):
        found += [(root.given.name, entry.path, entry.refused) for entry in walk(root) if not entry.is_folder]
    return found


def make(folder, *files):
    for file in files:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return folder


def test_files_come_sorted_with_folders_in_their_place(tmp_path):
    root = make(tmp_path / "r", "b/2", "b/1", "a", "c")
    assert listed(root) == [("r", path, None) for path in ("a", "b/1", "b/2", "c")]
    (only,) = roots_to_walk([root])
    assert [entry.path for entry in walk(only) if entry.is_folder] == ["b"]


def test_an_entry_is_opened_from_its_folder(tmp_path):
    (root,) = roots_to_walk([make(tmp_path / "r", "deep/er/file")])
    for entry in walk(root):
        if not entry.is_folder:
            handle = os.open(entry.name, os.O_RDONLY, dir_fd=entry.parent)
            assert os.read(handle, 9) == b"x"
            os.close(handle)


def test_links_and_special_files_are_refused_and_not_followed(tmp_path):
    root = make(tmp_path / "r", "file")
    outside = make(tmp_path / "outside", "secret")
    (root / "loop").symlink_to(root)
    (root / "out").symlink_to(outside)
    (root / "link").symlink_to(root / "file")
    (root / "gone").symlink_to(root / "nothing")
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(root / "socket"))
    assert {path: refused for _, path, refused in listed(root)} == {
        "file": None,
        **dict.fromkeys(("loop", "out", "link", "gone"), "symbolic_link"),
        **dict.fromkeys(("pipe", "socket"), "special_file"),
    }


def test_folders_of_tools_are_left_out_and_listed(tmp_path):
    root = make(
        tmp_path / "r", ".git/HEAD", "a/__pycache__/x", "a/node_modules/y", ".venv/z", "out/report", ".github/w"
    )
    (only,) = roots_to_walk([root], [root / "out"])
    assert [entry.path for entry in walk(only) if not entry.is_folder] == [".github/w"]
    assert [*only.skipped.values()] == [".git", ".venv", "a/__pycache__", "a/node_modules", "out"]


def test_no_file_is_seen_twice_however_roots_overlap(tmp_path):
    outer = make(tmp_path / "o", "1", "data/2", "data/in/3")
    data = outer / "data"
    assert listed(data, outer) == [("data", "2", None), ("data", "in/3", None), ("o", "1", None)]
    assert listed(outer, data) == [("o", "1", None), ("o", "data/2", None), ("o", "data/in/3", None)]
    assert listed(data, data / "in", data, data / ".." / "data") == listed(data)
    (tmp_path / "alias").symlink_to(data)
    assert listed(data, tmp_path / "alias") == listed(data)


def test_a_folder_that_is_left_out_can_be_a_root_of_its_own(tmp_path):
    root = make(tmp_path / "r", "a", ".venv/lib/b", "out/c")
    assert listed(root, root / ".venv/lib") == [("r", "a", None), ("r", "out/c", None), ("lib", "b", None)]
    assert (
        listed(root, root / "out", left_out=[root / "out"])
        == [
            ("r", ".venv/lib/b", None),
            ("r", "a", None),
            ("out", "c", None),
        ][1:]
    )


def test_leaving_out_a_folder_above_leaves_out_nothing(tmp_path):
    root = make(tmp_path / "r", "a")
    assert listed(root, left_out=[tmp_path, root]) == [("r", "a", None)]


def test_a_folder_that_cannot_be_entered_is_refused():
    # Every user may enter this one, unlike pytest's own.
    with tempfile.TemporaryDirectory() as folder:
        root = make(Path(folder) / "r", "closed/x")
        for path, mode in ((root.parent, 0o755), (root, 0o755), (root / "closed", 0)):
            path.chmod(mode)
        (only,) = roots_to_walk([root])
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        try:
            found = [(entry.path, entry.refused, entry.is_folder) for entry in walk(only)]
        finally:
            os.seteuid(user)
            (root / "closed").chmod(0o700)
    assert found == [("closed", "unreadable", True)]


def test_a_tree_without_end_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MAX_DEPTH", 3)
    (only,) = roots_to_walk([make(tmp_path / "r", "1/2/3/4/5/x")])
    assert [(entry.path, entry.refused) for entry in walk(only)] == [
        ("1", None),
        ("1/2", None),
        ("1/2/3", None),
        ("1/2/3/4", "too_deep"),
    ]


def test_names_that_would_mislead_are_escaped(tmp_path):
    root = tmp_path / "r"
    root.mkdir()
    (root / "two\nlines").write_text("x")
    assert listed(root) == [("r", "two\\nlines", None)]


@pytest.mark.parametrize(("name", "reason"), [("nothing", "no_such_root"), ("file", "root_is_no_folder")])
def test_a_root_that_is_none_is_a_broken_call(tmp_path, name, reason):
    make(tmp_path, "file")
    with pytest.raises(DDError) as caught:
        roots_to_walk([tmp_path, Path(tmp_path / name)])
    assert caught.value.code is Err.DATA_MISSING
    assert caught.value.ctx == {"reason": reason, "path": str(tmp_path / name)}
