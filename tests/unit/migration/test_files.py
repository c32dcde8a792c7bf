from __future__ import annotations

import errno
import os

import pytest

from genaudit.errors import DDError
from genaudit.migration import files as module
from genaudit.migration.files import Files


class NoCalls:
    """A C library without the calls of Linux."""


class Refusing:
    """A C library whose file system does not offer to rename without replacing."""

    @staticmethod
    def renameat2(*_):
        module.ctypes.set_errno(errno.EINVAL)
        return -1


@pytest.fixture(params=["as it is", "without the calls", "not offered"])
def library(request, monkeypatch):
    if request.param != "as it is":
        monkeypatch.setattr(module, "_LIBC", NoCalls() if request.param == "without the calls" else Refusing())


@pytest.fixture
def files(tmp_path):
    (tmp_path / "root" / "a").mkdir(parents=True)
    (tmp_path / "outside").mkdir()
    with Files(tmp_path / "root") as opened:
        yield opened


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("existing", ["file", "folder", "link"])
def test_a_rename_never_replaces(files, existing):
    root = files.root
    (root / "a" / "one").mkdir()
    if existing == "file":
        (root / "a" / "two").write_text("kept")
    elif existing == "folder":
        (root / "a" / "two").mkdir()
    else:
        (root / "a" / "two").symlink_to("nowhere")
    with pytest.raises(FileExistsError):
        files.rename("a/one", "a/two")
    assert sorted(os.listdir(root / "a")) == ["one", "two"]


@pytest.mark.usefixtures("library")
def test_a_rename_keeps_the_content(files):
    (files.root / "a" / "one").write_text("text")
    inode = (files.root / "a" / "one").stat().st_ino
    files.rename("a/one", "a/two")
    assert (files.root / "a" / "two").stat().st_ino == inode
    files.sync()
    with pytest.raises(FileNotFoundError):
        files.rename("a/one", "a/three")


@pytest.mark.parametrize("path", ["..", "../outside/x", "a/../../outside/x", "/etc/x", "a//x", "./x", "a/."])
def test_no_path_leads_out_of_the_root(files, path):
    for call, *arguments in (
        (files.make_folder, path),
        (files.write_new, path, b""),
        (files.append, path, b"", 0),
        (files.copy, "a", path),
        (files.rename, "a", path),
        (files.replace, "a", path),
        (files.remove, path),
        (files.remove_folder, path),
        (files.set_mtime, path, 0),
        (files.sync_folder, path),
        (files.read, path),
        (files.names, path),
    ):
        with pytest.raises(OSError):  # noqa: PT011 (EINVAL for each)
            call(*arguments)
    assert os.listdir(files.root.parent / "outside") == []


def test_no_link_is_followed(files):
    outside = files.root.parent / "outside"
    (outside / "file").write_text("theirs")
    (files.root / "out").symlink_to(outside)
    (files.root / "a" / "file").symlink_to(outside / "file")
    for call, *arguments in (
        (files.make_folder, "out/x"),
        (files.write_new, "out/x", b""),
        (files.write_new, "a/file", b""),
        (files.append, "a/file", b"", 0),
        (files.remove, "out/file"),
        (files.read, "a/file"),
        (files.read, "out/file"),
        (files.names, "out"),
        (files.set_mtime, "out", 0),
    ):
        with pytest.raises(OSError):  # noqa: PT011 (ELOOP, ENOTDIR or EEXIST)
            call(*arguments)
    assert (outside / "file").read_text() == "theirs"
    assert os.listdir(outside) == ["file"]


def test_a_new_file_takes_after_another_and_replaces_nothing(files):
    (files.root / "a" / "old").write_text("old")
    (files.root / "a" / "old").chmod(0o640)
    files.write_new("a/new", b"new", like="a/old")
    assert (files.root / "a" / "new").stat().st_mode & 0o777 == 0o640
    with pytest.raises(FileExistsError):
        files.write_new("a/new", b"other")
    assert files.read("a/new") == b"new"


def test_appending_cuts_off_bytes_after_the_end(files):
    files.append("a/lines", b"one\ntorn", 0)
    files.append("a/lines", b"two\n", 4)
    assert files.read("a/lines") == b"one\ntwo\n"


def test_times_are_set_to_the_nanosecond(files):
    files.set_mtime("a", 1_234_567_890_123_456_789)
    assert files.mtime("a") == 1_234_567_890_123_456_789
    files.set_mtime("", 987_654_321)
    assert files.root.stat().st_mtime_ns == files.mtime("") == 987_654_321


def test_the_lock_is_for_one_and_goes_with_it(files):
    files.lock()
    with Files(files.root) as other, pytest.raises(DDError) as caught:
        other.lock()
    assert caught.value.ctx["reason"] == "migration_busy"
    with Files(files.root.parent) as elsewhere:
        elsewhere.lock()


def test_a_root_that_is_not_there(tmp_path):
    with pytest.raises(DDError) as caught:
        Files(tmp_path / "nowhere")
    assert caught.value.ctx["reason"] == "no_such_root"


def test_calls_below_held_folders_reach_the_same_files(files):
    inner = files.root / "a" / "b"
    inner.mkdir()
    (inner / "old").write_bytes(b"1")
    with files.holding(["a", "a/b", "missing", "a/b/old"]):
        files.rename("a/b/old", "a/b/new")
        files.write_new("a/b/more", files.read("a/b/new") + b"2")
        with files.holding(["a"]):
            files.make_folder("a/c")
        files.copy("a/b/more", "a/c/more")
    assert sorted(path.name for path in inner.iterdir()) == ["more", "new"]
    assert (files.root / "a" / "c" / "more").read_bytes() == b"12"


def test_a_link_below_a_held_folder_is_not_followed(files, tmp_path):
    (tmp_path / "outside" / "secret").write_bytes(b"1")
    (files.root / "a" / "way").symlink_to(tmp_path / "outside")
    with files.holding(["a", "a/way"]), pytest.raises(OSError, match=r"way|Not a directory|Too many"):
        files.read("a/way/secret")


def test_held_folders_are_closed_after_an_error(files):
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(FileNotFoundError), files.holding(["a"]):
        files.read("a/missing")
    assert len(os.listdir("/proc/self/fd")) == before
