from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from genaudit.errors import DDError, Err
from genaudit.sample import SampleOptions, parse_faults, write_sample

# A folder that may not be listed cannot be hashed either, unless by root.
FAULTS = tuple(code for code in parse_faults("all") if code != "FOLDER_UNREADABLE")
TINY = SampleOptions(drafts=2)
REQUIRED = {
    "draft": {"combo_id", "template_id", "llm_model_id", "replicate"},
    "essay": {"parent_gen_id", "template_id", "replicate"},
    "evaluation": {"parent_gen_id", "template_id", "llm_model_id", "replicate"},
}
EXTRANEOUS = {"draft": {"parent_gen_id"}, "essay": {"combo_id"}, "evaluation": {"combo_id"}}


def tree(root):
    """Return a digest over every path of a folder and its content."""
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*")):
        content = bytes(path.readlink()) if path.is_symlink() else path.read_bytes() if path.is_file() else b"/"
        digest.update(str(path.relative_to(root)).encode() + b"\0" + content + b"\0")
    return digest.hexdigest()


def refused(path, options=TINY):
    with pytest.raises(DDError) as caught:
        write_sample(path, options)
    return caught.value.code, caught.value.ctx["reason"]


def test_the_published_shape(sample):
    top = {path.name for path in sample.root.iterdir()}
    assert top == {"gens", "cohorts", "1_raw", "2_tasks", "7_cross_experiment", "combo_mappings.csv", "notes"}
    for name, record in sample.records.items():
        assert record["gen_id"] == name
        assert REQUIRED[record["stage"]] <= record.keys()
        assert not EXTRANEOUS[record["stage"]] & record.keys()
        assert record["mode"] in {"llm", "copy"}


def test_the_summary_counts_the_written_files(sample):
    there = {stage: [folder.name for folder in sample.folders(stage)] for stage in REQUIRED}
    assert sample.summary.path == sample.root
    assert sample.summary.generations == {stage: len(names) for stage, names in there.items()}
    assert sample.summary.legacy == {stage: sum("_" not in name for name in names) for stage, names in there.items()}
    assert sample.summary.planted == ()


def test_a_parent_is_a_generation_of_the_stage_above(sample):
    above = {"essay": "draft", "evaluation": "essay"}
    for record in sample.records.values():
        if "parent_gen_id" in record:
            assert sample.records[record["parent_gen_id"]]["stage"] == above[record["stage"]]


def test_the_same_options_make_the_same_bytes_in_any_process(tmp_path):
    options = f"SampleOptions(drafts=8, seed=3, faults={FAULTS!r})"
    code = f"""
import sys
from pathlib import Path
from genaudit.sample import SampleOptions, write_sample
write_sample(Path(sys.argv[1]), {options})
"""
    roots = [tmp_path / name for name in ("first", "second")]
    for root, hash_seed, locale in zip(roots, ("1", "77"), ("C", "C.UTF-8"), strict=True):
        env = {
            **os.environ,
            "PYTHONHASHSEED": hash_seed,
            "LC_ALL": locale,
            "PYTHONUTF8": "0",
            "TZ": f"UTC{hash_seed[0]}",
        }
        subprocess.run([sys.executable, "-c", code, str(root)], check=True, env=env)
    write_sample(tmp_path / "here", SampleOptions(drafts=8, seed=3, faults=tuple(reversed(FAULTS))))
    assert tree(roots[0]) == tree(roots[1]) == tree(tmp_path / "here")


@pytest.mark.parametrize("other", [{"seed": 1}, {"legacy_share": 0.5}, {"drafts": 3}, {"faults": ("SYMLINK",)}])
def test_other_options_make_other_bytes(tmp_path, other):
    write_sample(tmp_path / "this", SampleOptions(**{"drafts": 2, **other}))
    write_sample(tmp_path / "that", TINY)
    assert tree(tmp_path / "this") != tree(tmp_path / "that")


def test_a_light_store_has_the_records_of_the_full_one_and_no_more(tmp_path):
    write_sample(tmp_path / "light", SampleOptions(drafts=3, light=True))
    write_sample(tmp_path / "full", SampleOptions(drafts=3))
    light = {path.relative_to(tmp_path / "light") for path in (tmp_path / "light" / "gens").glob("*/*/*")}
    full = {path.relative_to(tmp_path / "full") for path in (tmp_path / "full" / "gens").glob("*/*/metadata.json")}
    assert light == full
    assert len(light) == 3 + 3 + 43
    for path in full:
        assert (tmp_path / "light" / path).read_bytes() == (tmp_path / "full" / path).read_bytes()


def test_an_empty_store_has_its_stages_and_catalogs(tmp_path):
    summary = write_sample(tmp_path / "data", SampleOptions(drafts=0))
    assert summary.generations == {"draft": 0, "essay": 0, "evaluation": 0}
    assert sorted(path.name for path in (tmp_path / "data" / "gens").iterdir()) == ["draft", "essay", "evaluation"]
    assert len(list((tmp_path / "data" / "1_raw").glob("*.csv"))) == 6


def test_a_removed_stage_is_not_counted(tmp_path):
    summary = write_sample(tmp_path / "data", SampleOptions(drafts=2, faults=("STAGE_FOLDER_MISSING",)))
    assert summary.generations == {"draft": 2, "essay": 2}


def test_planted_generations_are_members_of_a_cohort(tmp_path):
    options = SampleOptions(drafts=0, faults=("FIELD_TYPE", "NAME_NOT_AN_ID"))
    summary = write_sample(tmp_path / "data", options)
    lines = (tmp_path / "data" / "cohorts" / "repairs-2025-11" / "membership.csv").read_text().splitlines()
    victim = next(planted.gen_id for planted in summary.planted if planted.code == "FIELD_TYPE")
    assert f"evaluation,{victim},repairs-2025-11" in lines
    assert [line.partition(",")[0] for line in lines] == ["stage", "draft", "essay", "evaluation"]


def test_an_empty_folder_is_filled_and_missing_parents_are_made(tmp_path):
    (tmp_path / "empty").mkdir()
    write_sample(tmp_path / "empty", TINY)
    write_sample(tmp_path / "deep" / "down" / "data", TINY)
    assert tree(tmp_path / "empty") == tree(tmp_path / "deep" / "down" / "data")


def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    assert refused(tmp_path) == (Err.INVALID_CONFIG, "target_not_empty")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_path_that_is_no_folder_is_left_alone(tmp_path):
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("mine")
    link.symlink_to(tmp_path / "nowhere")
    assert refused(file) == refused(link) == (Err.INVALID_CONFIG, "target_is_no_folder")
    assert file.read_text() == "mine"
    assert not (tmp_path / "nowhere").exists()


def test_a_place_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    assert refused(tmp_path / "file" / "data") == (Err.IO_ERROR, "not_writable")


def test_nothing_is_left_of_an_interrupted_run(tmp_path):
    def interrupt(done, total):
        assert 0 < done < total
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sample(tmp_path / "data", SampleOptions(drafts=70, light=True), interrupt)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("faults", [(), ("FOLDER_UNREADABLE",)])
def test_nothing_is_left_when_the_last_step_fails(tmp_path, monkeypatch, faults):
    def interrupt(self, _target):
        assert (self / "gens").is_dir()
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_sample(tmp_path / "data", SampleOptions(drafts=2, faults=faults))
    assert list(tmp_path.iterdir()) == []


def test_the_path_is_missing_until_the_store_is_complete(tmp_path):
    seen = []
    write_sample(tmp_path / "data", TINY, lambda *_: seen.append((tmp_path / "data").exists()))
    assert seen
    assert not any(seen)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_progress_goes_up_to_the_total(tmp_path):
    seen = []
    write_sample(tmp_path / "data", SampleOptions(drafts=70, light=True), lambda *step: seen.append(step))
    assert seen == [(512, 1138), (1024, 1138), (1138, 1138)]


def test_the_folder_has_the_rights_of_any_new_folder(tmp_path):
    (tmp_path / "other").mkdir()
    write_sample(tmp_path / "data", TINY)
    assert (tmp_path / "data").stat().st_mode == (tmp_path / "other").stat().st_mode
