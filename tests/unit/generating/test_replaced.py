"""A new answer waits beside the old one, and takes its place as a whole."""

import pytest

from genaudit.errors import DDError, Err
from genaudit.generating.folder import open_generation
from genaudit.generating.renewal import read_prompt, settle, write_answer, write_prompt
from genaudit.layout import Layout
from helpers.trees import contents, fingerprint
from helpers.workshop import make_workshop, put

OLD = {"prompt.txt": "old", "raw.txt": "old", "parsed.txt": "old", "parsed_metadata.json": "{}"}


@pytest.fixture
def root(tmp_path):
    return make_workshop(tmp_path / "data")


@pytest.fixture
def opened(root):
    put(root, "draft", "d_1", OLD)
    with open_generation(Layout(root), "draft", "d_1", alone=True) as folder:
        yield folder


def test_the_first_answer_and_its_prompt_get_their_own_names_at_once(root):
    path = put(root, "draft", "d_1")
    with open_generation(Layout(root), "draft", "d_1", alone=True) as folder:
        assert write_prompt(folder, "asked") == "prompt.txt"
        assert read_prompt(folder) == "asked"
        write_answer(folder, "answered", {"finish_reason": "stop"})
    assert set(contents(path)) == {"metadata.json", "prompt.txt", "raw.txt", "raw_metadata.json"}


def test_a_new_prompt_waits_for_its_answer_and_the_old_parsed_text_goes(opened):
    assert read_prompt(opened) == "old"
    assert write_prompt(opened, "new") == ".prompt.txt.new"
    assert opened.text("prompt.txt") == "old"
    assert read_prompt(opened) == "new"
    write_answer(opened, "answered", {})
    assert (opened.text("prompt.txt"), opened.text("raw.txt")) == ("new", "answered")
    assert set(contents(opened.path)) == {"metadata.json", "prompt.txt", "raw.txt", "raw_metadata.json"}


def test_a_new_answer_without_a_new_prompt_keeps_the_old_one(opened):
    write_answer(opened, "answered", {})
    assert (opened.text("prompt.txt"), opened.text("raw.txt")) == ("old", "answered")


def test_without_a_new_answer_nothing_is_settled(opened):
    opened.write(".prompt.txt.new", "new")
    opened.write(".raw_metadata.json.new", {})
    before = fingerprint(opened.path)
    settle(opened)
    assert fingerprint(opened.path) == before


def test_what_waits_must_be_a_file(opened, tmp_path):
    (opened.path / ".raw.txt.new").symlink_to(tmp_path)
    with pytest.raises(DDError) as caught:
        settle(opened)
    assert (caught.value.code, caught.value.ctx["reason"]) == (Err.INVALID_CONFIG, "unsafe_path")
    assert opened.text("raw.txt") == "old"
