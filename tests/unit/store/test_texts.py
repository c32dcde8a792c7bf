from __future__ import annotations

import os

import pytest

from genaudit.store.folders import folder
from genaudit.store.records import UnreadableError
from genaudit.store.texts import read_report, read_text
from helpers.trees import fingerprint

PARTS = ("evaluation", "v_1", "parsed.txt")


@pytest.fixture
def gens(root):
    with folder(str(root / "gens")) as handle:
        yield handle


def refused(gens, parts=PARTS, **more):
    with pytest.raises(UnreadableError) as caught:
        read_text(gens, parts, **more)
    return caught.value.state, caught.value.detail


def test_a_text_is_read_as_it_is(gens, put):
    put("gens/evaluation/v_1/parsed.txt", "Größe\r\n7.5\n")
    assert read_text(gens, PARTS) == "Größe\r\n7.5\n"


def test_an_empty_text_is_a_text(gens, put):
    put("gens/evaluation/v_1/parsed.txt", "")
    assert read_text(gens, PARTS) == ""


def test_a_file_right_in_the_folder_needs_no_way(gens, put):
    put("gens/note.txt", "7")
    assert read_text(gens, ("note.txt",)) == "7"


@pytest.mark.parametrize("made", ["gens/evaluation", "gens/evaluation/v_1"])
def test_a_missing_text_is_not_unreadable(gens, put, made):
    put(made + "/other.txt", "7")
    with pytest.raises(FileNotFoundError):
        read_text(gens, PARTS)


def test_a_link_is_not_followed_at_any_level(gens, put, root):
    put("elsewhere/v_1/parsed.txt", "9.0\n")
    evaluations = root / "gens/evaluation"
    (evaluations / "v_1").symlink_to(root / "elsewhere/v_1")
    assert refused(gens)[0] == "unreadable"
    (evaluations / "v_1").unlink()
    put("gens/evaluation/v_1/other.txt", "7")
    (evaluations / "v_1/parsed.txt").symlink_to(root / "elsewhere/v_1/parsed.txt")
    assert refused(gens) == ("unreadable", "is a symbolic link")
    (evaluations / "v_1/parsed.txt").unlink()
    (evaluations / "v_1/other.txt").unlink()
    (evaluations / "v_1").rmdir()
    evaluations.rmdir()
    evaluations.symlink_to(root / "elsewhere")
    assert refused(gens)[0] == "unreadable"


def test_anything_but_a_file_is_refused_at_once(gens, put, root):
    put("gens/evaluation/v_1/parsed.txt", None)
    assert refused(gens)[0] == "unreadable"
    os.mkfifo(root / "gens/evaluation/v_1/pipe")
    assert refused(gens, ("evaluation", "v_1", "pipe")) == ("unreadable", "is a special file")


def test_a_large_text_is_not_read(gens, put):
    put("gens/evaluation/v_1/parsed.txt", "x" * 20_000)
    assert refused(gens, limit=19_999)[0] == "too_large"
    assert len(read_text(gens, PARTS, limit=20_000)) == 20_000


def test_invalid_utf8_is_refused_with_its_position(gens, put):
    put("gens/evaluation/v_1/parsed.txt", b"na\xefve\n7\n")
    assert refused(gens) == ("not_utf8", "byte 0xef at offset 2")


def test_a_report_is_an_object(gens, put):
    put("gens/essay/e_1/raw_metadata.json", {"input_mode": "copy"})
    put("gens/essay/e_2/raw_metadata.json", b'{"a": 1, "a": 2}')
    assert read_report(gens, ("essay", "e_1", "raw_metadata.json")) == {"input_mode": "copy"}
    with pytest.raises(UnreadableError) as caught:
        read_report(gens, ("essay", "e_2", "raw_metadata.json"))
    assert caught.value.state == "duplicate_key"


def test_reading_changes_nothing(gens, put, root):
    path = put("gens/evaluation/v_1/parsed.txt", "7\n")
    os.utime(path, ns=(0, 2_000_000_000))
    before = fingerprint(root)
    os.utime(path, ns=(1_000_000_000, 2_000_000_000))
    read_text(gens, PARTS)
    assert path.stat().st_atime_ns == 1_000_000_000
    assert fingerprint(root) == before
