from __future__ import annotations

import json

import pytest

from genaudit.report_pages import report_pages
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD, make_stages, write_generation
from helpers.trees import contents, fingerprint

PAGES = {f"{key}.html" for key in report_pages()} | {"index.html", "vega.js", "datatables.js"}
DATE = ("--date", "2026-01-02")


def pages_of(folder):
    return {name for name in contents(folder) if not name.startswith("files")}


@pytest.fixture
def broken(tmp_path):
    """A store with an error: the parent is missing."""
    root = make_stages(tmp_path / "store")
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_generation(root, "essay", ESSAY, {**ESSAY_RECORD, "parent_gen_id": "d_gone"})
    return root


def test_it_writes_every_page_and_prints_its_verdict(run, broken, tmp_path):
    before = fingerprint(broken)
    code, out, err = run("report", "--data-root", broken, "--output", tmp_path / "pages", *DATE)
    assert code == 0
    assert pages_of(tmp_path / "pages") == PAGES
    files = tmp_path / "pages" / "files"
    assert (files / "findings.csv").read_text().splitlines()[1].startswith("parents,PARENT_MISSING,error,essay,")
    assert json.loads((files / "migration_plan.json").read_text())
    assert [line.partition(":")[0] for line in out.splitlines()] == [one.title for one in report_pages().values()]
    assert err.splitlines()[-1] == f"INFO: wrote {tmp_path / 'pages' / 'index.html'}"
    assert fingerprint(broken) == before


def test_the_same_store_and_date_give_the_same_bytes(run, broken, tmp_path):
    for name in ("one", "other"):
        run("report", "--data-root", broken, "--output", tmp_path / name, *DATE)
    assert contents(tmp_path / "one") == contents(tmp_path / "other")


def test_one_subject_and_data_for_programs(run, broken, tmp_path):
    options = ("--only", "parents", "--format", "json", *DATE)
    code, out, _ = run("report", "--data-root", broken, "--output", tmp_path / "pages", *options)
    assert code == 0
    assert pages_of(tmp_path / "pages") == {"parents.html", "index.html", "vega.js", "datatables.js"}
    printed = json.loads(out)
    assert (printed["date"], printed["index"]) == ("2026-01-02", "index.html")
    (page,) = printed["pages"]
    assert (page["subject"], page["file"]) == ("parents", "parents.html")
    assert page["findings"] == {"error": 1, "warning": 0, "info": 0}


def test_a_dry_run_writes_nothing(run, broken, tmp_path):
    code, _, err = run("report", "--data-root", broken, "--output", tmp_path / "pages", "--dry-run")
    assert code == 0
    listed = [line.rpartition("/pages/")[2] for line in err.splitlines() if "would write" in line]
    assert {name for name in listed if not name.startswith("files/")} == PAGES
    assert "files/findings.csv" in listed
    assert not (tmp_path / "pages").exists()


@pytest.mark.parametrize(
    ("options", "expected"),
    [(["--only", "nothing"], 2), (["--date", "today"], 2), (["--data-root", "/nowhere/at/all"], 3)],
)
def test_exit_codes(run, broken, tmp_path, options, expected):
    assert run("report", "--data-root", broken, "--output", tmp_path / "pages", *options)[0] == expected
    assert not (tmp_path / "pages").exists()


def test_pages_do_not_land_among_the_generations(run, broken):
    code, _, err = run("report", "--data-root", broken, "--output", broken / "gens" / "pages")
    assert code == 2
    assert "output inside store" in err


def test_a_snapshot_is_shown_like_the_store_without_pages_on_other_data(run, broken, tmp_path):
    output = tmp_path / "pages"
    run("snapshot", "save", "before", "--data-root", broken, "--output", output, *DATE)
    only = ("--only", "inventory", "--only", "parents", "--only", "identity")
    run("report", "--data-root", broken, "--output", tmp_path / "direct", *only, *DATE)
    code, _, _ = run("report", "--snapshot", "before", "--output", output, *only)
    assert code == 0
    shown = contents(tmp_path / "direct")
    assert {name: content for name, content in contents(output).items() if name in shown} == shown


def test_pages_that_a_snapshot_cannot_have_are_left_out_or_refused(run, broken, tmp_path):
    output = tmp_path / "pages"
    run("snapshot", "save", "before", "--data-root", broken, "--output", output, *DATE)
    code, _, err = run("report", "--snapshot", "last", "--output", output)
    assert code == 0
    assert "left out: content, references, migration" in err
    assert not {"content.html", "references.html", "migration.html"} & pages_of(output)
    for name in ("content", "references", "migration"):
        code, _, err = run("report", "--snapshot", "last", "--output", output, "--only", name)
        assert code == 2
        assert name in err
