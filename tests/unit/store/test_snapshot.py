from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd
import pytest

from genaudit.errors import DDError, Err
from genaudit.schemas import SNAPSHOT, STRAYS
from genaudit.store import snapshot, source
from genaudit.store.snapshot import scan

DRAFT = {"stage": "draft", "gen_id": "d_1", "template_id": "t", "combo_id": "c", "llm_model_id": "m", "replicate": 1}
ESSAY = {"stage": "essay", "gen_id": "e_1", "template_id": "t", "parent_gen_id": "d_1", "replicate": 1}
NAMES = {"evaluation": ["v_1", "v_2"], "essay": ["e_1"], "draft": ["d_1", "d_2", "d_3", "d_4"]}


@pytest.fixture
def filled(put):
    put("gens/draft/d_1/metadata.json", DRAFT)
    put("gens/draft/d_2/metadata.json", {**DRAFT, "gen_id": "d_2", "template_id": " T ", "note": [1, {"x": None}]})
    put("gens/draft/d_3/metadata.json", b"\xff")
    put("gens/draft/d_4", None)
    put("gens/essay/e_1/metadata.json", ESSAY)
    put("gens/essay/e_1/raw.txt", "x")
    put("gens/evaluation/v_1/metadata.json", {"essay_template": "old", "evaluation_template": "t", "replicate": "2"})
    put("gens/evaluation/v_2/metadata.json", {**ESSAY, "gen_id": "v_2", "llm_model_id": "m", "stage": "evaluation"})
    put("gens/draft/stray", "x")
    put("1_raw/llm_models.csv", "id\nm\n")


def refused(root):
    with pytest.raises(DDError) as caught:
        scan(root)
    assert caught.value.ctx["path"] == str(root)
    return caught.value.code, caught.value.ctx["reason"]


def stray_rows(found):
    return [tuple(row) for row in found.strays[["code", "path"]].itertuples(index=False)]


class TestNoStore:
    def test_no_such_root(self, tmp_path):
        assert refused(tmp_path / "none") == (Err.DATA_MISSING, "no_such_root")
        assert refused(tmp_path / "none" / "deeper") == (Err.DATA_MISSING, "no_such_root")

    def test_the_root_is_a_file(self, tmp_path):
        (tmp_path / "file").touch()
        assert refused(tmp_path / "file") == (Err.DATA_MISSING, "root_is_no_folder")
        assert refused(tmp_path / "file" / "deeper") == (Err.DATA_MISSING, "root_is_no_folder")

    def test_the_root_is_a_pipe(self, tmp_path):
        os.mkfifo(tmp_path / "pipe")
        assert refused(tmp_path / "pipe") == (Err.DATA_MISSING, "root_is_no_folder")

    def test_the_root_is_a_dangling_link_or_a_link_to_itself(self, tmp_path):
        (tmp_path / "dangling").symlink_to("none")
        assert refused(tmp_path / "dangling") == (Err.DATA_MISSING, "no_such_root")
        (tmp_path / "loop").symlink_to("loop")
        assert refused(tmp_path / "loop") == (Err.IO_ERROR, "not_readable")

    def test_no_gens(self, tmp_path):
        assert refused(tmp_path) == (Err.DATA_MISSING, "no_store")

    def test_gens_is_a_file_or_a_link(self, root, tmp_path):
        (tmp_path / "one").mkdir()
        (tmp_path / "one" / "gens").touch()
        assert refused(tmp_path / "one") == (Err.DATA_MISSING, "gens_is_no_folder")
        (tmp_path / "two").mkdir()
        (tmp_path / "two" / "gens").symlink_to(root / "gens")
        assert refused(tmp_path / "two") == (Err.DATA_MISSING, "gens_is_no_folder")

    def test_a_link_to_a_root_is_a_root(self, root, put, tmp_path):
        put("gens/draft/d_1/metadata.json", DRAFT)
        (tmp_path / "link").symlink_to(root)
        assert scan(tmp_path / "link").values("gen_id") == ["d_1"]


def test_an_empty_store_has_frames_with_dtypes(root):
    found = scan(root)
    assert list(found.generations.columns) == list(SNAPSHOT)
    assert list(found.strays.columns) == list(STRAYS)
    assert len(found.generations) == len(found.strays) == 0
    assert found.generations["replicate"].dtype == pd.Int32Dtype()
    assert found.spans == {"draft": range(0), "essay": range(0), "evaluation": range(0)}


@pytest.mark.usefixtures("filled")
def test_rows_are_sorted_by_stage_and_id(root):
    found = scan(root)
    assert found.values("stage") == ["draft"] * 4 + ["essay"] + ["evaluation"] * 2
    assert found.values("gen_id") == [*NAMES["draft"], *NAMES["essay"], *NAMES["evaluation"]]
    assert found.spans == {"draft": range(4), "essay": range(4, 5), "evaluation": range(5, 7)}
    assert found.rows["essay"] == {"e_1": 4}
    assert found.values("state") == ["ok", "ok", "not_utf8", "folder_empty", "ok", "ok", "ok"]
    assert stray_rows(found) == [
        ("FOLDER_EMPTY", "gens/draft/d_4"),
        ("STRAY_FILE", "gens/draft/stray"),
    ]
    assert found.catalogs.models == {"m"}


@pytest.mark.usefixtures("filled")
def test_stored_returns_the_content_of_the_file(root):
    found = scan(root)
    for row, (stage, name) in enumerate(zip(found.values("stage"), found.values("gen_id"), strict=True)):
        if found.values("state")[row] == "ok":
            text = (root / "gens" / stage / name / "metadata.json").read_text()
            assert found.stored(row) == json.loads(text)
        else:
            assert found.stored(row) == {}


@pytest.mark.usefixtures("filled")
def test_stored_can_be_changed_without_harm(root):
    found = scan(root)
    for row in (0, 1):
        found.stored(row)["template_id"] = "other"
    assert found.stored(0)["template_id"] == "t"
    assert found.stored(1)["template_id"] == " T "


@pytest.mark.usefixtures("filled")
def test_signatures_are_joined_normalised_parts(root):
    found = scan(root)
    assert found.signatures == ["c|t|m|1", "c|t|m|1", None, None, "d_1|t|1", None, "d_1|t|m|1"]
    assert found.signature(0) == ("c", "t", "m", 1)
    assert found.signature(5) == (None, "t", None, 2)


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_where_shards_end_makes_no_difference(root, monkeypatch, size):
    whole = scan(root)
    monkeypatch.setattr(source, "SHARD_SIZE", size)
    found = scan(root)
    pd.testing.assert_frame_equal(found.generations, whole.generations)
    pd.testing.assert_frame_equal(found.strays, whole.strays)
    assert found.irregular == whole.irregular


@pytest.mark.usefixtures("filled")
def test_progress_ends_at_the_total_and_counts_every_entry(root, monkeypatch):
    monkeypatch.setattr(source, "SHARD_SIZE", 3)
    steps = []
    scan(root, lambda done, total: steps.append((done, total)))
    # Five entries below draft (the stray file is one), one below essay, two below evaluation.
    assert steps == [(3, 8), (5, 8), (6, 8), (8, 8)]


class TestFolders:
    def test_stages_that_are_missing_unknown_or_misplaced(self, root, put, tmp_path):
        outside = tmp_path / "outside"
        (outside / "e_1").mkdir(parents=True)
        (outside / "e_1" / "metadata.json").write_text(json.dumps(ESSAY))
        (root / "gens/essay").rmdir()
        (root / "gens/essay").symlink_to(outside)
        (root / "gens/evaluation").rmdir()
        (root / "gens/draft").rmdir()
        put("gens/draft", "a file")
        put("gens/poem/p_1/metadata.json", DRAFT)
        put("gens/README", "x")
        (root / "gens/link").symlink_to(outside)
        found = scan(root)
        assert len(found.generations) == 0
        assert stray_rows(found) == [
            ("STRAY_FILE", "gens/README"),
            ("STRAY_FILE", "gens/draft"),
            ("SYMLINK", "gens/essay"),
            ("STAGE_FOLDER_MISSING", "gens/evaluation"),
            ("SYMLINK", "gens/link"),
            ("STAGE_UNKNOWN", "gens/poem"),
        ]
        assert found.strays["stage"].isna().tolist() == [True, False, False, False, True, True]

    @pytest.mark.parametrize(
        "name",
        ["a\nb", "é", "😀" * 20, "x" * 129, "x" * 255, ".hidden", "-rf", "a b", "a|b", "a\\b", "~", "\u202ea"],
    )
    def test_odd_names_keep_their_rows(self, root, put, name):
        put(f"gens/draft/{name}/metadata.json", DRAFT)
        found = scan(root)
        assert len(found.generations) == 1
        assert found.values("state") == ["ok"]
        assert found.values("gen_id")[0].isprintable()
        assert found.strays["code"].tolist() == ["NAME_NOT_AN_ID"]
        assert found.strays["path"].tolist()[0] == f"gens/draft/{found.values('gen_id')[0]}"

    def test_names_that_look_the_same_are_shown_by_their_code_points(self, root, put):
        for name in ("caf\u00e9", "cafe\u0301", "caf\u00e8", "\u00e9"):
            put(f"gens/draft/{name}/metadata.json", DRAFT)
        put("gens/essay/caf\u00e9/metadata.json", DRAFT)
        strays = scan(root).strays
        details = dict(zip(strays["path"], strays["detail"], strict=True))
        assert details == {
            "gens/draft/caf\u00e9": "4 characters; caf<U+00E9> looks the same as cafe<U+0301>",
            "gens/draft/cafe\u0301": "5 characters; cafe<U+0301> looks the same as caf<U+00E9>",
            "gens/draft/caf\u00e8": "4 characters",
            "gens/draft/\u00e9": "1 character",
            "gens/essay/caf\u00e9": "4 characters",
        }

    def test_a_stored_id_is_not_the_escaped_one(self, root, put):
        put("gens/draft/a\nb/metadata.json", {**DRAFT, "gen_id": "a\nb"})
        assert scan(root).stored(0) == {**DRAFT, "gen_id": "a\nb"}

    def test_a_name_that_is_no_utf8(self, root):
        name = os.fsencode(root / "gens/draft") + b"/d_\xff"
        os.mkdir(name)  # noqa: PTH102 - a path of bytes
        Path(os.fsdecode(name), "metadata.json").write_text(json.dumps(DRAFT))
        found = scan(root)
        assert found.values("gen_id") == ["d_\\udcff"]
        assert stray_rows(found) == [("NAME_NOT_AN_ID", "gens/draft/d_\\udcff")]
        assert found.generations.to_json(orient="records")

    @pytest.mark.parametrize("name", ["x" * 128, "_a", "0", "A.b-c"])
    def test_names_that_can_be_ids(self, root, put, name):
        put(f"gens/draft/{name}/metadata.json", DRAFT)
        assert len(scan(root).strays) == 0

    def test_each_of_the_names_that_clash_is_named_within_its_stage(self, root, put):
        for path in ("draft/d_a", "draft/D_a", "draft/D_A", "draft/d_b", "essay/d_B"):
            put(f"gens/{path}/metadata.json", DRAFT)
        if len(os.listdir(root / "gens/draft")) < 4:
            pytest.skip("the file system folds case")
        assert stray_rows(scan(root)) == [
            ("NAME_CASE_CLASH", "gens/draft/D_A"),
            ("NAME_CASE_CLASH", "gens/draft/D_a"),
            ("NAME_CASE_CLASH", "gens/draft/d_a"),
        ]


def tree(root, read):
    paths = [root, *sorted(path for path in root.rglob("*"))]
    if read:
        return {path: None if path.is_symlink() or not path.is_file() else digest(path) for path in paths}
    return paths


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def stamps(paths):
    return {
        path: (status.st_mtime_ns, status.st_atime_ns, status.st_mode, status.st_size, status.st_ino)
        for path in paths
        for status in [path.lstat()]
    }


@pytest.mark.usefixtures("filled")
def test_reading_leaves_bytes_and_times_as_they_were(root, put):
    (root / "gens/draft/link").symlink_to("d_1")
    (root / "gens/draft/d_1/notes").symlink_to("metadata.json")
    put("gens/draft/d_2/raw.txt", "x" * 10_000)
    put("gens/draft/d_2/raw_metadata.json", {"x": "y" * 10_000})
    put("gens/poem/p_1/metadata.json", DRAFT)
    os.truncate(put("gens/draft/d_5/metadata.json", ""), 2 << 20)
    put("combo_mappings.csv", "combo_id\nc\n")
    before = tree(root, read=True)
    # Older than the change, so that every plain read would be noted.
    for path in before:
        os.utime(path, (1_000_000_000, 1_100_000_000), follow_symlinks=False)
    times = stamps(before)
    scan(root)
    assert stamps(before) == times
    assert tree(root, read=True) == before
    digest(root / "combo_mappings.csv")
    if (root / "combo_mappings.csv").stat().st_atime == 1_000_000_000:
        pytest.skip("the file system keeps no access times; bytes and mtimes were held")


@pytest.mark.usefixtures("filled")
def test_a_store_that_may_not_be_written_is_read(root):
    whole = scan(root)
    paths = tree(root, read=False)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in paths}
    for path in reversed(paths):
        path.chmod(modes[path] & ~0o222)
    before = stamps(paths)
    try:
        found = scan(root)
        assert stamps(paths) == before
        assert tree(root, read=False) == paths
    finally:
        for path in paths:
            path.chmod(modes[path])
    pd.testing.assert_frame_equal(found.generations, whole.generations)


UNPRIVILEGED = """
import json, os, sys
from pathlib import Path
from genaudit.errors import DDError
from genaudit.store.snapshot import scan
scan(Path(sys.argv[1]))
if os.getuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
try:
    found = scan(Path(sys.argv[2]))
except DDError as error:
    print(json.dumps({"code": error.code, "reason": error.ctx["reason"], "error": error.ctx.get("error")}))
else:
    rows = zip(found.values("gen_id"), found.values("state"), strict=True)
    strays = found.strays[["code", "path"]].to_numpy().tolist()
    print(json.dumps({"rows": list(rows), "strays": strays}))
"""


class TestNotPermitted:
    """In a process of its own without root's rights: root may read everything."""

    @pytest.fixture
    def open_root(self):
        # Not below tmp_path, whose parents only their owner may enter.
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            data = Path(folder, "data")
            for stage in ("draft", "essay", "evaluation"):
                (data / "gens" / stage).mkdir(parents=True)
            for name in ("d_1", "d_2"):
                (data / "gens/draft" / name).mkdir()
                (data / "gens/draft" / name / "metadata.json").write_text(json.dumps({**DRAFT, "gen_id": name}))
            yield data
            for path in [data, data / "gens", *data.rglob("*")]:
                path.chmod(0o755)

    def seen(self, data, warm):
        command = [sys.executable, "-W", "error", "-c", UNPRIVILEGED, str(warm), str(data)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout)

    @pytest.mark.parametrize(
        ("path", "mode", "expected"),
        [
            ("gens/draft/d_1/metadata.json", 0o000, ([["d_1", "unreadable"], ["d_2", "ok"]], [])),
            (
                "gens/draft/d_1",
                0o000,
                ([["d_1", "folder_unreadable"], ["d_2", "ok"]], [["FOLDER_UNREADABLE", "gens/draft/d_1"]]),
            ),
            ("gens/draft", 0o000, ([], [["FOLDER_UNREADABLE", "gens/draft"]])),
            (
                "gens/draft",
                0o444,
                (
                    [["d_1", "folder_unreadable"], ["d_2", "folder_unreadable"]],
                    [["FOLDER_UNREADABLE", "gens/draft/d_1"], ["FOLDER_UNREADABLE", "gens/draft/d_2"]],
                ),
            ),
            ("gens/draft/d_1", 0o444, ([["d_1", "unreadable"], ["d_2", "ok"]], [])),
        ],
    )
    def test_unreadable_folders_are_named_and_the_rest_is_read(self, open_root, root, path, mode, expected):
        (open_root / path).chmod(mode)
        rows, strays = expected
        assert self.seen(open_root, root) == {"rows": rows, "strays": strays}

    @pytest.mark.parametrize("path", ["", "gens"])
    def test_a_root_that_may_not_be_read(self, open_root, root, path):
        (open_root / path).chmod(0o000)
        expected = {"code": "io_error", "reason": "not_readable", "error": "Permission denied"}
        assert self.seen(open_root, root) == expected


def test_a_stage_folder_that_goes_away_after_it_was_listed_is_a_finding(root, put, monkeypatch):
    put("gens/essay/e_1/metadata.json", {"stage": "essay", "gen_id": "e_1"})
    listed = snapshot.stage_names

    def list_then_delete(*arguments):
        names = listed(*arguments)
        shutil.rmtree(root / "gens" / "essay")
        return names

    monkeypatch.setattr(snapshot, "stage_names", list_then_delete)
    assert scan(root).strays[["code", "stage", "path"]].to_dict("records") == [
        {"code": "VANISHED", "stage": "essay", "path": "gens/essay"}
    ]


def test_errors_of_the_progress_callback_are_raised(root, put):
    put("gens/essay/e_1/metadata.json", {"stage": "essay", "gen_id": "e_1"})

    def fail(_done, _total):
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        scan(root, fail)
