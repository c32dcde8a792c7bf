from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from genaudit.errors import DDError, Err
from genaudit.store.folders import folder
from genaudit.store.write import clear_leftovers, write_atomic


def refused(path, data=b"new"):
    with pytest.raises(DDError) as caught:
        write_atomic(path, data)
    assert caught.value.code is Err.IO_ERROR
    assert caught.value.ctx["reason"] == "not_writable"
    assert caught.value.ctx["path"] == str(path)
    assert caught.value.ctx["error"]


@pytest.mark.parametrize("data", [b"", b"new", bytes(range(256)) * 5000])
def test_writes_the_bytes_and_nothing_beside_them(tmp_path, data):
    write_atomic(tmp_path / "a" / "b" / "x", data)
    assert (tmp_path / "a" / "b" / "x").read_bytes() == data
    assert os.listdir(tmp_path / "a" / "b") == ["x"]


def test_replaces_an_existing_file(tmp_path):
    (tmp_path / "x").write_bytes(b"old and longer")
    write_atomic(tmp_path / "x", b"new")
    assert (tmp_path / "x").read_bytes() == b"new"
    assert os.listdir(tmp_path) == ["x"]


def test_others_may_read_it(tmp_path):
    write_atomic(tmp_path / "x", b"new")
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o644


def test_a_link_is_replaced_and_its_target_kept(tmp_path):
    (tmp_path / "target").write_bytes(b"old")
    (tmp_path / "x").symlink_to("target")
    write_atomic(tmp_path / "x", b"new")
    assert (tmp_path / "target").read_bytes() == b"old"
    assert not (tmp_path / "x").is_symlink()


@pytest.mark.parametrize("step", ["write", "fsync", "fchmod", "replace"])
@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_the_old_bytes_survive_a_failure_on_the_way(tmp_path, monkeypatch, step, failure):
    (tmp_path / "x").write_bytes(b"old")

    def fail(*_arguments, **_named):
        raise failure

    if step == "replace":
        monkeypatch.setattr(Path, "replace", fail)
    elif step == "write":
        monkeypatch.setattr(os, "fdopen", lambda handle, mode: _Full(handle, mode, fail))
    else:
        monkeypatch.setattr(os, step, fail)
    if isinstance(failure, OSError):
        refused(tmp_path / "x")
    else:
        with pytest.raises(KeyboardInterrupt):
            write_atomic(tmp_path / "x", b"new")
    assert (tmp_path / "x").read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["x"]


class _Full:
    """A file that takes no bytes."""

    def __init__(self, handle, mode, fail):
        self.file = open(handle, mode)  # noqa: SIM115, PTH123 - closed by __exit__; a descriptor, no path
        self.write = fail

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.close()


def test_bytes_and_folder_reach_the_disk_in_order(tmp_path, monkeypatch):
    steps = []
    fsync, replace = os.fsync, Path.replace

    def note_fsync(handle):
        steps.append("folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else f"file {os.fstat(handle).st_size}")
        fsync(handle)

    def note_replace(self, target):
        steps.append("replace")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(Path, "replace", note_replace)
    write_atomic(tmp_path / "x", b"12345")
    assert steps == ["file 5", "replace", "folder"]


def test_a_folder_or_a_file_in_the_way(tmp_path):
    (tmp_path / "folder" / "inside").mkdir(parents=True)
    (tmp_path / "file").write_bytes(b"old")
    refused(tmp_path / "folder")
    refused(tmp_path / "file" / "x")
    assert (tmp_path / "file").read_bytes() == b"old"
    assert sorted(os.listdir(tmp_path)) == ["file", "folder"]


def test_no_right_to_write(tmp_path, monkeypatch):
    # Root may write anywhere, so the refusal is the kernel's answer in words.
    (tmp_path / "x").write_bytes(b"old")

    def refuse(*_arguments, **_named):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)
    refused(tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == b"old"


def test_only_leftovers_of_these_files_are_deleted(tmp_path):
    for name in (".a.txt.x1.tmp", ".b.txt.x1.tmp", ".a.txt.tmp", "a.txt", "a.txt.x1.tmp"):
        (tmp_path / name).write_text("x")
    with folder(str(tmp_path)) as handle:
        clear_leftovers(handle, ["a.txt", "c.txt"])
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".a.txt.tmp",
        ".b.txt.x1.tmp",
        "a.txt",
        "a.txt.x1.tmp",
    ]
