from __future__ import annotations

import os

import pytest

from genaudit.cohorts.safe_paths import open_below
from genaudit.errors import DDError, Err


def test_opens_a_folder(root):
    with open_below(root, "gens", "draft") as handle:
        assert os.path.samestat(os.fstat(handle), (root / "gens" / "draft").stat())
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(handle)


def test_the_root_may_be_a_link(root, tmp_path):
    (tmp_path / "link").symlink_to(root)
    with open_below(tmp_path / "link", "gens") as handle:
        assert sorted(os.listdir(handle)) == ["draft", "essay", "evaluation"]


def test_a_missing_folder(root):
    with pytest.raises(FileNotFoundError), open_below(root, "cohorts", "c1"):
        pass
    assert not (root / "cohorts").exists()


def test_folders_are_made_on_demand(root):
    for _ in range(2):
        with open_below(root, "cohorts", "c1", make=True) as handle:
            assert os.listdir(handle) == []


def test_a_missing_root_is_not_created(tmp_path):
    with pytest.raises(DDError) as caught, open_below(tmp_path / "none", "cohorts", make=True):
        pass
    assert caught.value.code is Err.DATA_MISSING
    assert caught.value.ctx["reason"] == "no_such_root"
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("make", [True, False])
@pytest.mark.parametrize("level", ["cohorts", "cohorts/c1"])
def test_a_link_is_not_followed(root, tmp_path, level, make):
    (tmp_path / "elsewhere" / "c1").mkdir(parents=True)
    (root / level).parent.mkdir(exist_ok=True)
    (root / level).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DDError) as caught, open_below(root, "cohorts", "c1", "deep", make=make):
        pass
    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx == {"reason": "unsafe_path", "path": str(root / level), "kind": "symbolic link"}
    assert sorted(os.listdir(tmp_path / "elsewhere")) == ["c1"]
    assert os.listdir(tmp_path / "elsewhere" / "c1") == []


def test_a_file_in_the_way(root):
    (root / "cohorts").write_text("")
    with pytest.raises(DDError) as caught, open_below(root, "cohorts", "c1", make=True):
        pass
    assert caught.value.ctx["kind"] == "file"


def test_errors_of_the_body_reach_the_caller(root):
    failure = PermissionError(13, "x")
    with pytest.raises(PermissionError) as caught, open_below(root, "gens"):
        raise failure
    assert caught.value is failure
