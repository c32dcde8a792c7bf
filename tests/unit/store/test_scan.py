from __future__ import annotations

import json
import os
import shutil

import pytest

from genaudit.schemas import SNAPSHOT, ArtifactState, RecordState
from genaudit.store import scan as scan_module
from genaudit.store.folders import folder
from genaudit.store.scan import scan_shard, shown

DRAFT = {"stage": "draft", "gen_id": "d_1", "template_id": "t", "combo_id": "c", "llm_model_id": "m", "replicate": 1}
PATH = "gens/draft/d_1"


@pytest.fixture
def shard(root):
    """Scan the drafts of the store, as one shard."""

    def scan():
        with folder(str(root / "gens" / "draft")) as drafts:
            return scan_shard(drafts, "draft", sorted(os.listdir(drafts)))

    return scan


def values(found, column):
    return found.columns[column].take().tolist()


def strays(found):
    return sorted((stray.code, stray.path) for stray in found.strays)


def test_an_empty_stage_gives_an_empty_shard(shard):
    found = shard()
    assert found.stage == "draft"
    assert set(found.columns) == set(SNAPSHOT) - {"stage"}
    assert set(map(len, found.columns.values())) == {0}
    assert (found.irregular, found.strays) == ({}, [])


def test_a_whole_generation(shard, put):
    put(f"{PATH}/metadata.json", {**DRAFT, "mode": "llm", "origin_cohort_id": "C7"})
    for name in ("prompt", "raw", "parsed"):
        put(f"{PATH}/{name}.txt", "x")
    put(f"{PATH}/raw_metadata.json", {"finish_reason": "stop"})
    put(f"{PATH}/parsed_metadata.json", {})
    found = shard()
    assert {name: values(found, name)[0] for name in found.columns} == {
        "gen_id": "d_1",
        "state": "ok",
        "state_detail": None,
        "origin_cohort_id": "C7",
        "mode": "llm",
        "template_id": "t",
        "combo_id": "c",
        "parent_gen_id": None,
        "llm_model_id": "m",
        "replicate": 1,
        "has_prompt": True,
        "has_raw": True,
        "has_parsed": True,
        "raw_metadata": "ok",
        "parsed_metadata": "ok",
        "replaced": 0,
    }
    assert (found.irregular, found.strays) == ({}, [])


def test_earlier_answers_are_counted_and_are_no_strays(shard, put):
    put(f"{PATH}/metadata.json", DRAFT)
    put(f"{PATH}/replaced/1/raw.txt", "x")
    put(f"{PATH}/replaced/12/raw.txt", "x")
    put(f"{PATH}/.replacing/raw.txt", "x")
    found = shard()
    assert (values(found, "replaced"), strays(found)) == ([3], [])


def test_a_link_in_place_of_earlier_answers_is_not_followed(shard, put, root, tmp_path):
    put(f"{PATH}/metadata.json", DRAFT)
    (root / PATH / "replaced").symlink_to(tmp_path)
    found = shard()
    assert (values(found, "replaced"), strays(found)) == ([0], [("SYMLINK", f"{PATH}/replaced")])


def test_only_a_record_is_a_generation_too(shard, put):
    put(f"{PATH}/metadata.json", DRAFT)
    found = shard()
    assert values(found, "state") == [RecordState.OK]
    assert values(found, "has_prompt") == values(found, "has_raw") == values(found, "has_parsed") == [False]
    assert values(found, "raw_metadata") == values(found, "parsed_metadata") == [ArtifactState.ABSENT]
    assert found.strays == []


@pytest.mark.parametrize(
    ("content", "state"),
    [
        (b"\xff", "not_utf8"),
        (b"{", "not_json"),
        (b"", "not_json"),
        (b"[]", "not_object"),
        (b'{"a": 1, "a": 2}', "duplicate_key"),
        (b'{"a": NaN}', "nan"),
        (None, "unreadable"),
    ],
)
def test_a_record_that_cannot_be_read_keeps_its_row(shard, put, content, state):
    put(f"{PATH}/metadata.json", content)
    put(f"{PATH}/raw.txt", "x")
    put(f"{PATH}/raw_metadata.json", {})
    put("gens/draft/d_2/metadata.json", {**DRAFT, "gen_id": "d_2"})
    found = shard()
    assert values(found, "gen_id") == ["d_1", "d_2"]
    assert values(found, "state") == [RecordState(state), RecordState.OK]
    assert values(found, "state_detail")[0]
    assert values(found, "template_id") == [None, "t"]
    assert values(found, "replicate") == [None, 1]
    assert values(found, "has_raw") == [True, False]
    assert found.irregular == {}
    assert found.strays == []


def test_no_record_and_nothing_at_all(shard, put):
    put(f"{PATH}/prompt.txt", "x")
    put("gens/draft/d_2", None)
    found = shard()
    assert values(found, "state") == [RecordState.MISSING, RecordState.FOLDER_EMPTY]
    assert strays(found) == [("FOLDER_EMPTY", "gens/draft/d_2")]


def test_a_record_of_exactly_one_mebibyte_is_read(shard, put):
    record = json.dumps(DRAFT)
    put(f"{PATH}/metadata.json", record + " " * ((1 << 20) - len(record)))
    assert values(shard(), "state") == [RecordState.OK]
    put(f"{PATH}/metadata.json", record + " " * ((1 << 20) - len(record) + 1))
    assert values(shard(), "state") == [RecordState.TOO_LARGE]


def test_a_huge_sparse_record_is_not_read_whole(shard, put, monkeypatch):
    os.truncate(put(f"{PATH}/metadata.json", ""), 100 << 20)
    taken = []
    read = os.read
    monkeypatch.setattr(os, "read", lambda fd, count: (data := read(fd, count), taken.append(len(data)))[0])
    found = shard()
    assert values(found, "state") == [RecordState.TOO_LARGE]
    assert str(100 << 20) in values(found, "state_detail")[0]
    assert sum(taken) < 3 << 20


def test_a_pipe_in_place_of_a_record_keeps_nobody_waiting(shard, put, root):
    put(f"{PATH}/raw.txt", "x")
    for name in ("metadata.json", "prompt.txt", "raw_metadata.json"):
        os.mkfifo(root / PATH / name)
    found = shard()
    assert values(found, "state") == [RecordState.UNREADABLE]
    assert values(found, "raw_metadata") == [ArtifactState.INVALID]
    assert strays(found) == [
        ("RAW_METADATA_INVALID", f"{PATH}/raw_metadata.json"),
        ("STRAY_FILE", f"{PATH}/prompt.txt"),
    ]


def test_links_are_never_followed(shard, put, root, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "metadata.json").write_text(json.dumps({**DRAFT, "gen_id": "d_link"}))
    (outside / "x.json").write_text("{}")
    (root / "gens/draft/d_link").symlink_to(outside)
    (root / "gens/draft/d_dangling").symlink_to(tmp_path / "nothing")
    (root / "gens/draft/d_loop").symlink_to("d_loop")
    put(f"{PATH}/raw.txt", "x")
    (root / PATH / "metadata.json").symlink_to(outside / "metadata.json")
    (root / PATH / "prompt.txt").symlink_to(outside / "x.json")
    (root / PATH / "raw_metadata.json").symlink_to(outside / "x.json")
    (root / PATH / "notes").symlink_to(outside)
    found = shard()
    assert values(found, "gen_id") == ["d_1"]
    assert values(found, "state") == [RecordState.UNREADABLE]
    assert values(found, "has_prompt") == [False]
    assert strays(found) == [
        ("RAW_METADATA_INVALID", f"{PATH}/raw_metadata.json"),
        ("SYMLINK", f"{PATH}/notes"),
        ("SYMLINK", f"{PATH}/prompt.txt"),
        ("SYMLINK", "gens/draft/d_dangling"),
        ("SYMLINK", "gens/draft/d_link"),
        ("SYMLINK", "gens/draft/d_loop"),
    ]


def test_other_files_and_folders_are_strays(shard, put, root):
    put("gens/draft/notes.txt", "x")
    os.mkfifo(root / "gens/draft/pipe")
    put(f"{PATH}/metadata.json", DRAFT)
    put(f"{PATH}/raw.txt", None)
    put(f"{PATH}/metadata.json.bak", "x")
    put(f"{PATH}/.tmp", "x")
    put(f"{PATH}/Metadata.json", "x")
    put(f"{PATH}/sub", None)
    found = shard()
    assert values(found, "gen_id") == ["d_1"]
    assert values(found, "has_raw") == [False]
    names = [".tmp", "Metadata.json", "metadata.json.bak", "raw.txt", "sub"]
    expected = [f"{PATH}/{name}" for name in names] + ["gens/draft/notes.txt", "gens/draft/pipe"]
    assert strays(found) == [("STRAY_FILE", path) for path in expected]
    assert {stray.name for stray in found.strays} == {"d_1", "notes.txt", "pipe"}


@pytest.mark.parametrize(("text", "report"), [("raw.txt", "raw_metadata"), ("parsed.txt", "parsed_metadata")])
class TestReports:
    def test_an_absent_report_is_no_stray(self, shard, put, text, report):
        put(f"{PATH}/metadata.json", DRAFT)
        put(f"{PATH}/{text}", "x")
        found = shard()
        assert strays(found) == []
        assert values(found, report) == [ArtifactState.ABSENT]

    def test_not_missed_where_there_is_no_regular_text(self, shard, put, root, text, report):
        put(f"{PATH}/metadata.json", DRAFT)
        (root / PATH / text).symlink_to("metadata.json")
        found = shard()
        assert strays(found) == [("SYMLINK", f"{PATH}/{text}")]
        assert values(found, report) == [ArtifactState.ABSENT]

    @pytest.mark.parametrize("content", [b"", b"[]", b'{"a":1,"a":2}', b'{"a":NaN}', b"\xff", None])
    def test_invalid_whether_the_text_is_there_or_not(self, shard, put, text, report, content):
        put(f"{PATH}/metadata.json", DRAFT)
        put(f"{PATH}/{report}.json", content)
        assert strays(shard()) == [(f"{report.upper()}_INVALID", f"{PATH}/{report}.json")]
        put(f"{PATH}/{text}", "")
        found = shard()
        assert strays(found) == [
            (f"{report.upper()}_INVALID", f"{PATH}/{report}.json"),
            ("TEXT_EMPTY", f"{PATH}/{text}"),
        ]
        assert values(found, report) == [ArtifactState.INVALID]


class TestVanishing:
    """Real files, removed by the scan's own calls at the moment in question."""

    @pytest.fixture
    def generation(self, put, root):
        put(f"{PATH}/metadata.json", DRAFT)
        put(f"{PATH}/raw.txt", "x")
        put(f"{PATH}/raw_metadata.json", {})
        put("gens/draft/d_2/metadata.json", {**DRAFT, "gen_id": "d_2"})
        return root / PATH

    def check_gone(self, found):
        assert values(found, "gen_id") == ["d_1", "d_2"]
        assert values(found, "state") == [RecordState.VANISHED, RecordState.OK]
        assert values(found, "has_raw") == [False, False]
        assert values(found, "template_id") == [None, "t"]
        assert strays(found) == [("VANISHED", PATH)]

    @pytest.mark.parametrize("opens_first", [False, True])
    def test_a_folder_before_it_is_read(self, shard, generation, monkeypatch, opens_first):
        opened = scan_module.open_folder

        def remove(name, parent):
            handle = opened(name, parent) if opens_first else None
            if name == "d_1":
                shutil.rmtree(generation)
            return opened(name, parent) if handle is None else handle

        monkeypatch.setattr(scan_module, "open_folder", remove)
        self.check_gone(shard())

    def remove_after_listing(self, monkeypatch, generation, names):
        listed = os.listdir
        inode = generation.stat().st_ino

        def remove(handle):
            entries = listed(handle)
            if os.fstat(handle).st_ino == inode:
                for name in names:
                    (generation / name).unlink()
            return entries

        monkeypatch.setattr(os, "listdir", remove)

    def test_the_record_after_its_folder_was_listed(self, shard, generation, monkeypatch):
        self.remove_after_listing(monkeypatch, generation, ["metadata.json"])
        self.check_gone(shard())

    @pytest.mark.parametrize("name", ["raw.txt", "raw_metadata.json", "notes"])
    def test_an_artifact_after_its_folder_was_listed(self, shard, put, generation, monkeypatch, name):
        put(f"{PATH}/notes", "x")
        self.remove_after_listing(monkeypatch, generation, [name])
        found = shard()
        assert values(found, "state") == [RecordState.OK, RecordState.OK]
        others = [] if name == "notes" else [("STRAY_FILE", f"{PATH}/notes")]
        assert strays(found) == [*others, ("VANISHED", f"{PATH}/{name}")]
        assert values(found, "has_raw") == [name != "raw.txt", False]

    def test_no_handle_is_left_open(self, shard, generation, monkeypatch):
        before = len(os.listdir("/proc/self/fd"))
        self.remove_after_listing(monkeypatch, generation, ["metadata.json"])
        self.check_gone(shard())
        monkeypatch.undo()
        assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("d_1", "d_1"),
        ("a b", "a b"),
        ("é😀", "é😀"),
        ("a\nb", "a\\nb"),
        ("a\x1b[31m", "a\\x1b[31m"),
        ("a\u202eb", "a\\u202eb"),
        (os.fsdecode(b"a\xff"), "a\\udcff"),
    ],
)
def test_names_are_written_so_that_they_can_be_printed(name, written):
    assert shown(name) == written
    assert shown(name).isprintable()
