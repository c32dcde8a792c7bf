from __future__ import annotations

import os
import socket

import pytest

from genaudit.schemas import RecordState
from genaudit.store.folders import folder, kind_of, open_folder, read_file
from genaudit.store.records import MAX_RECORD_BYTES, UnreadableError


@pytest.fixture
def handle(tmp_path):
    with folder(str(tmp_path)) as opened:
        yield opened


def refused(name, handle):
    with pytest.raises(UnreadableError) as caught:
        read_file(name, handle)
    assert caught.value.detail
    return caught.value.state


@pytest.mark.parametrize("size", [0, 1, 8191, 8192, 8193, 100_000, MAX_RECORD_BYTES - 1, MAX_RECORD_BYTES])
def test_files_are_read_whole(tmp_path, handle, size):
    data = os.urandom(size)
    (tmp_path / "x").write_bytes(data)
    assert read_file("x", handle) == data
    assert read_file(str(tmp_path / "x")) == data


@pytest.mark.parametrize("size", [MAX_RECORD_BYTES + 1, 100 * MAX_RECORD_BYTES])
def test_too_large_files_are_not_read_whole(tmp_path, handle, monkeypatch, size):
    (tmp_path / "x").touch()
    os.truncate(tmp_path / "x", size)
    taken = []
    read = os.read
    monkeypatch.setattr(os, "read", lambda fd, count: (data := read(fd, count), taken.append(len(data)))[0])
    assert refused("x", handle) is RecordState.TOO_LARGE
    assert sum(taken) < 2 * MAX_RECORD_BYTES + 10_000


def test_the_limit_can_be_another(tmp_path, handle):
    (tmp_path / "x").write_bytes(bytes(MAX_RECORD_BYTES + 1))
    assert len(read_file("x", handle, limit=MAX_RECORD_BYTES + 1)) == MAX_RECORD_BYTES + 1
    with pytest.raises(UnreadableError):
        read_file("x", handle, limit=MAX_RECORD_BYTES)


def test_a_missing_file_is_missing(handle):
    with pytest.raises(FileNotFoundError):
        read_file("x", handle)


def test_links_are_not_followed(tmp_path, handle):
    (tmp_path / "real").write_text("{}")
    (tmp_path / "x").symlink_to("real")
    (tmp_path / "dangling").symlink_to("nothing")
    (tmp_path / "loop").symlink_to("loop")
    for name in ("x", "dangling", "loop"):
        assert refused(name, handle) is RecordState.UNREADABLE
        assert kind_of(name, handle) == "symbolic link"


def test_folders_pipes_and_sockets_are_no_files_and_nobody_waits(tmp_path, handle):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server, folder(str(tmp_path)):
        server.bind(str(tmp_path / "socket"))
        for name in ("folder", "pipe", "socket"):
            assert refused(name, handle) is RecordState.UNREADABLE
    kinds = [kind_of(name, handle) for name in ("folder", "pipe", "socket", "none")]
    assert kinds == ["folder", "special file", "special file", "gone"]


def test_a_pipe_with_a_silent_writer_keeps_nobody_waiting(tmp_path, handle):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    writer = os.open(tmp_path / "pipe", os.O_WRONLY)
    try:
        assert refused("pipe", handle) is RecordState.UNREADABLE
    finally:
        os.close(writer)
        os.close(reader)


@pytest.mark.parametrize("target", ["real", "nothing"])
def test_a_link_is_no_folder(tmp_path, handle, target):
    (tmp_path / "real").mkdir()
    (tmp_path / "x").symlink_to(target)
    with pytest.raises(OSError, match="directory") as caught:
        open_folder("x", handle)
    assert isinstance(caught.value, NotADirectoryError)


def test_no_handle_is_left_open(tmp_path, handle):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "x").write_text("{}")
    os.mkfifo(tmp_path / "pipe")
    before = os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else []  # noqa: PTH112 - no path of ours
    with folder("sub", handle) as sub:
        read_file("x", sub)
        refused("../pipe", sub)
    after = os.listdir("/proc/self/fd") if before else []
    assert len(after) == len(before)
