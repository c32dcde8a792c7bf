"""The benchmark harness, at a size at which its times mean nothing."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HARNESS = Path(__file__).parents[2] / "benchmarks" / "run.py"
SIZE = 300
COMPILER = shutil.which("cc")
WAYS = 9 if COMPILER else 7
FLOOR, LISTING = "C: open, read, close", "C: folders listed"
QUICK = tuple(f"--skip={way}" for way in ("duckdb", "scan-all", "audit", "reports", "reports-all"))


def harness(*arguments, env=None):
    command = [sys.executable, str(HARNESS), "--repeat", "1", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


def table(text):
    """The cells of the rows of the first table."""
    lines = text[text.index("| size | way |") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("benchmarks")
    options = ("--sizes", SIZE, "--full-sizes", "", "--keep", folder, "--output", folder / "out" / "results.md")
    done = harness(*options)
    assert done.returncode == 0, done.stderr
    return done.stdout, folder


def test_every_way_reads_every_record_of_a_light_store(measured):
    text, folder = measured
    counted = len([*folder.glob(f"light-{SIZE}/gens/*/*/metadata.json")])
    assert abs(counted - SIZE) < 20
    assert [row[0] for row in table(text)] == [f"{counted} light"] * WAYS
    assert {path.name for path in folder.glob("light-*/gens/*/*/*")} == {"metadata.json"}


def test_a_full_store_has_the_other_files_too(tmp_path):
    output = tmp_path / "results.md"
    done = harness("--sizes", "", "--full-sizes", SIZE, "--keep", tmp_path, "--output", output, *QUICK)
    assert done.returncode == 0, done.stderr
    counted = len([*tmp_path.glob(f"full-{SIZE}/gens/*/*/metadata.json")])
    assert {row[0] for row in table(done.stdout)} == {f"{counted} full"}
    names = {path.name for path in tmp_path.glob("full-*/gens/*/*/*")}
    assert names >= {"raw.txt", "parsed.txt", "raw_metadata.json"}


@pytest.mark.skipif(not COMPILER, reason="no C compiler to build the floor with")
def test_the_floor_is_the_measure_of_the_others(measured):
    text, _ = measured
    rows = table(text)
    floors = {row[0]: [float(cell.rstrip("*")) for cell in row[2:4]] for row in rows if row[1].startswith(FLOOR)}
    listings = {row[0]: [float(cell.rstrip("*")) for cell in row[2:4]] for row in rows if row[1].startswith(LISTING)}
    assert {row[5] for row in rows if row[1].startswith(FLOOR)} == {"1.0"}
    assert {tuple(row[6:]) for row in rows if row[1].startswith(LISTING)} == {("1.0", "1.0")}
    for size, _, wall, cpu, peak, *ratios in rows:
        seconds = [float(each.rstrip("*")) for each in (wall, wall, cpu)]
        for mine, least, ratio in zip(seconds, (floors[size][0], *listings[size]), ratios, strict=True):
            # Both times are rounded to a millisecond, and the floor takes only a few.
            low, high = (mine - 0.0005) / (least + 0.0005), (mine + 0.0005) / max(least - 0.0005, 1e-9)
            assert ratio == "-" or low - 0.05 <= float(ratio) <= high + 0.05
        assert float(cpu) >= 0
        assert float(peak) >= 1


def test_the_phases_the_machine_and_the_versions_are_printed(measured):
    text, _ = measured
    for phase in ("scan", "inventory", "metadata", "parents", "recompute", "tables", "page"):
        assert re.search(rf"^\| size \|.* {phase} \|", text, re.MULTILINE), phase
    for fact in (r"Date: \d{4}-\d\d-\d\d \d\d:\d\d UTC", r"Processor: .+, \d+ cores", r"Python 3\.\d+", r"pandas \d"):
        assert re.search(fact, text), fact


def test_the_output_file_equals_the_printed_table(measured):
    text, folder = measured
    assert (folder / "out" / "results.md").read_text() == text.removesuffix("\n")


def test_ways_that_see_different_records_make_the_harness_fail(measured, tmp_path):
    _, folder = measured
    shutil.copytree(folder / f"light-{SIZE}", tmp_path / f"light-{SIZE}")
    essays = tmp_path / f"light-{SIZE}" / "gens" / "essay"
    # A link counts as a generation for those who only look for metadata.json, not for the scan.
    (essays / "linked").symlink_to(next(essays.iterdir()), target_is_directory=True)
    output = tmp_path / "results.md"
    done = harness("--sizes", SIZE, "--full-sizes", "", "--keep", tmp_path, "--output", output, *QUICK)
    assert done.returncode == 1
    assert "the ways disagree on records" in done.stderr
    assert not output.exists()


def test_without_a_compiler_the_others_run_and_the_floor_is_marked_missing(measured, tmp_path):
    _, folder = measured
    options = ("--sizes", SIZE, "--full-sizes", "", "--keep", folder, "--output", tmp_path / "results.md")
    done = harness(*options, *QUICK, env={**os.environ, "PATH": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert "no C compiler" in done.stdout
    assert [row[5] for row in table(done.stdout)] == ["-", "-"]


def test_a_way_that_breaks_makes_the_harness_fail_with_its_message(tmp_path):
    (tmp_path / f"light-{SIZE}").mkdir()
    output = tmp_path / "results.md"
    done = harness("--sizes", SIZE, "--full-sizes", "", "--keep", tmp_path, "--output", output)
    assert done.returncode == 1
    assert "gens" in done.stderr
    assert not output.exists()


def cohorts_harness(*arguments):
    command = [sys.executable, str(HARNESS.with_name("run_cohorts.py")), "--repeat", "2", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_cohorts_of_each_size_go_through_every_step(tmp_path):
    output = tmp_path / "results.md"
    done = cohorts_harness("--sizes", "200,50", "--output", output)
    assert done.returncode == 0, done.stderr
    assert output.read_text() == done.stdout.removesuffix("\n")
    lines = done.stdout[done.stdout.index("| members | step |") :].split("\n\n")[0].splitlines()[2:]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    steps = [row[1] for row in rows[:5]]
    assert [row[:2] for row in rows] == [[size, step] for size in ("50", "200") for step in steps]
    assert {row[5] for row in rows[:5]} == {"1.00"}
    for size, _, wall, cpu, each, growth in rows:
        # CPU time is rounded to a millisecond, the time a member to a tenth of a microsecond.
        assert float(cpu) * 1e6 / int(size) == pytest.approx(float(each), abs=501 / int(size) + 0.05)
        assert float(wall) > 0
        assert float(growth) > 0


def test_a_cohort_size_that_no_number_of_combos_gives_is_refused(tmp_path):
    done = cohorts_harness("--sizes", "55", "--output", tmp_path / "results.md")
    assert done.returncode == 2
    assert not (tmp_path / "results.md").exists()


def test_the_search_for_references_is_timed_beside_grep(tmp_path):
    output = tmp_path / "references.md"
    command = [sys.executable, str(HARNESS.parent / "references.py"), "--megabytes", "1", "--ids", "10,1000"]
    command += ["--drafts", "6", "--repeat", "1", "--output", str(output)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [line.strip("|").split("|") for line in output.read_text().splitlines() if line.startswith("| 1 ")]
    assert [row[1].strip() for row in rows] == ["10", "1,000"]
    # The same references for any number of ids; the harness fails if grep counts others.
    assert rows[0][2] == rows[1][2]
    assert int(rows[0][2].replace(",", "")) > 100
