from __future__ import annotations

import pytest

from genaudit.store.bucket import Stored
from genaudit.store.object_tree import build_tree

ONE = Stored("file", 1)


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("gens/draft/../../etc/passwd", "leads through . or .."),
        ("../outside", "leads through . or .."),
        ("gens/./draft/d_1/metadata.json", "leads through . or .."),
        ("gens//draft/d_1/metadata.json", "has an empty part"),
        ("/etc/passwd", "has an empty part"),
        ("gens/draft/d_1/", "has an empty part"),
        ("gens/draft/d_\0/metadata.json", "has a null character"),
        ("gens/draft/\ud800/metadata.json", "is not Unicode"),
        ("gens/draft/" + "x" * 256 + "/metadata.json", "is longer or deeper than a path can be"),
        ("/".join("x" * 101), "is longer or deeper than a path can be"),
    ],
)
def test_a_key_that_is_no_path_is_unusable(key, problem):
    tree = build_tree([(key, ONE)])
    assert tree.unusable == [(key, problem)]
    assert not list(tree.every())


def test_backslashes_and_control_characters_are_plain_characters():
    keys = ["gens/draft/a\\..\\b/metadata.json", "gens/draft/line\nbreak/x", "1_raw/\x1b[31m.csv"]
    tree = build_tree((key, ONE) for key in keys)
    assert not tree.unusable
    assert sorted(key for key, _ in tree.every()) == sorted(keys)


def test_files_are_sorted_into_folders():
    keys = [
        "gens/draft/d_1/metadata.json",
        "gens/draft/d_1/replaced/1/raw.txt",
        "gens/draft/notes.txt",
        "gens/x",
        "a/b",
    ]
    tree = build_tree((key, ONE) for key in keys)
    assert tree.gens == {
        "draft": {"d_1": {"metadata.json": ONE, "replaced/1/raw.txt": ONE}, "notes.txt": {"": ONE}},
    }
    assert tree.loose == {"x": ONE}
    assert tree.outside == {"a/b": ONE}


def test_a_key_that_is_the_folder_of_another_is_unusable():
    keys = [
        *("gens/draft/d_1", "gens/draft/d_1/metadata.json", "gens/draft/d_2/replaced", "gens/draft/d_2/replaced/1"),
        *("gens/essay", "gens/essay/e_1/raw.txt", "gens", "1_raw", "1_raw/templates/x"),
    ]
    tree = build_tree((key, ONE) for key in keys)
    assert [key for key, _ in tree.unusable] == [
        "1_raw",
        "gens",
        "gens/draft/d_1",
        "gens/draft/d_2/replaced",
        "gens/essay",
    ]
    assert {problem for _, problem in tree.unusable} == {"is a file and a folder"}
    assert len(list(tree.every())) == 4
