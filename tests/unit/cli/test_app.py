import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from genaudit.cli.app import app
from helpers.membership import MEMBERS, write_membership_csv
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD, make_stages, write_generation
from helpers.trees import contents, fingerprint

GONE = "d_2ayudlw84g7u69i2"
AUDITS = ("inventory", "metadata", "parents", "recompute", "rebuild", "references")


@pytest.fixture
def clean(tmp_path):
    root = make_stages(tmp_path / "clean")
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_generation(root, "essay", ESSAY, ESSAY_RECORD)
    return root


@pytest.fixture
def broken(tmp_path):
    """A store with one error (the parent is missing) and no other finding."""
    root = make_stages(tmp_path / "broken")
    write_generation(root, "essay", ESSAY, ESSAY_RECORD)
    return root


@pytest.fixture
def untidy(tmp_path):
    """A store with one warning and no error."""
    root = make_stages(tmp_path / "untidy")
    (root / "gens" / "draft" / "notes.txt").write_text("x")
    return root


def test_clean_store_exits_with_0_and_writes_every_report(run, clean, tmp_path):
    code, out, _ = run("audit", "--data-root", clean, "--output", tmp_path / "out", "--date", "2026-01-02")
    assert code == 0
    assert "No findings." in out
    assert sorted(contents(tmp_path / "out")) == [
        "audit_2026-01-02.html",
        "cohort_membership_2026-01-02.csv",
        "cohort_membership_2026-01-02.json",
        "cohort_membership_2026-01-02.md",
        "cohort_rebuild_2026-01-02.csv",
        "cohort_rebuild_2026-01-02.json",
        "cohort_rebuild_2026-01-02.md",
        "findings_2026-01-02.csv",
        "gen_id_inventory_2026-01-02.json",
        "gen_id_inventory_2026-01-02.md",
        "gen_id_mapping_2026-01-02.csv",
        "gen_id_recompute_2026-01-02.json",
        "gen_id_recompute_2026-01-02.md",
        "metadata_validation_2026-01-02.csv",
        "metadata_validation_2026-01-02.json",
        "metadata_validation_2026-01-02.md",
        "parent_chains_2026-01-02.csv",
        "parent_chains_2026-01-02.json",
        "parent_chains_2026-01-02.md",
    ]


@pytest.mark.parametrize(
    ("store", "fail_on", "expected"),
    [
        ("broken", "error", 1),
        ("broken", "warning", 1),
        ("broken", "never", 0),
        ("untidy", "error", 0),
        ("untidy", "warning", 1),
        ("untidy", "never", 0),
        ("clean", "warning", 0),
    ],
)
def test_exit_code_follows_fail_on(request, tmp_path, store, fail_on, expected):
    run, root = request.getfixturevalue("run"), request.getfixturevalue(store)
    assert run("audit", "--data-root", root, "--output", tmp_path / "out", "--fail-on", fail_on)[0] == expected


@pytest.mark.parametrize("command", ["audit", *AUDITS])
def test_every_audit_has_a_command_and_prints_json(run, broken, tmp_path, command):
    _, out, _ = run(command, "--data-root", broken, "--output", tmp_path / "out", "--format", "json")
    assert set(json.loads(out)) == ({*AUDITS[:-1], "cohorts"} if command == "audit" else {command})


@pytest.mark.parametrize("command", ["audit", *AUDITS])
def test_dry_run_writes_nothing_and_still_answers(run, broken, tmp_path, command):
    before = fingerprint(tmp_path)
    code, out, err = run(command, "--data-root", broken, "--output", tmp_path / "out", "--dry-run")
    assert fingerprint(tmp_path) == before
    assert "would write" in err
    assert out
    assert code == (1 if command in {"audit", "parents"} else 0)


@pytest.mark.parametrize("command", ["audit", *AUDITS])
def test_reading_leaves_the_store_as_it_was(run, broken, tmp_path, command):
    before = fingerprint(broken)
    run(command, "--data-root", broken, "--output", tmp_path / "out")
    assert fingerprint(broken) == before


def test_references_are_searched_in_further_folders_and_not_in_the_reports(run, clean, tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "note.md").write_text(f"see {DRAFT}, and {GONE}")
    (docs / "picture").write_bytes(b"\0")
    more = ("--root", docs, "--root", tmp_path, "--output", tmp_path / "out", "--date", "2026-01-02")
    code, out, err = run("references", "--data-root", clean, *more)
    first = (tmp_path / "out/cross_references_2026-01-02.csv").read_text()
    assert code == 0
    assert f"{docs},note.md,doc,1,5,4,{DRAFT},draft,,ambiguous,free_text," in first.splitlines()
    assert "binary 1" in out
    assert "Ids that are referenced and not in the store: 1." in " ".join(out.split())
    assert "cross_references_2026-01-02.json" in err
    # The reports of the first run contain every id: they are left out.
    run("references", "--data-root", clean, *more)
    assert (tmp_path / "out/cross_references_2026-01-02.csv").read_text() == first
    summary = json.loads((tmp_path / "out/cross_references_2026-01-02.json").read_bytes())
    assert summary["left_out"] == [f"{tmp_path}/out"]
    assert summary["dangling"] == {GONE: 1}


@pytest.mark.parametrize("name", ["content", "references"])
def test_an_audit_on_demand_is_part_of_an_audit_when_asked_for(run, clean, tmp_path, name):
    arguments = ("--data-root", clean, "--output", tmp_path / "out", "--format", "json")
    assert name not in json.loads(run("audit", *arguments)[1])
    assert name in json.loads(run("audit", *arguments, f"--with-{name}")[1])
    assert [*json.loads(run("audit", *arguments, "--only", name)[1])] == [name]


def test_a_missing_further_folder_is_an_error(run, clean, tmp_path):
    code, _, err = run("references", "--data-root", clean, "--root", tmp_path / "nothing")
    assert code == 3
    assert "no such root" in err


def test_the_audit_of_cohorts_is_shown_and_written(run, clean, tmp_path):
    ghost = [*MEMBERS[:1], {"stage": "essay", "gen_id": "e_ghost"}]
    write_membership_csv(clean, "c1", ghost, form="two_column", manifest=False)
    arguments = ("--only", "cohorts", "--output", tmp_path / "out", "--date", "2026-01-02")
    code, out, _ = run("audit", "-v", "--data-root", clean, *arguments)
    assert code == 1
    cells = {cell.strip() for line in out.splitlines() for cell in re.split(" {2,}", line)}
    assert {"c1", "two column", "1 not in the store"} <= cells
    assert "In none: 1." in out
    report = json.loads((tmp_path / "out/cohort_membership_2026-01-02.json").read_text())
    assert report["cohorts"]["c1"]["not_in_store"] == 1
    assert report["findings_by_code"] == {
        "GENERATION_IN_NO_COHORT": 1,
        "MANIFEST_MISSING": 1,
        "MEMBER_NOT_IN_STORE": 1,
    }
    table = (tmp_path / "out/cohort_membership_2026-01-02.csv").read_text()
    codes = [line.split(",")[1] for line in table.splitlines()[1:]]
    assert codes == ["MEMBER_NOT_IN_STORE", "GENERATION_IN_NO_COHORT", "MANIFEST_MISSING"]


def test_a_cohorts_name_is_text_and_no_markup(run, clean, tmp_path):
    (clean / "cohorts/[bold]").mkdir(parents=True)
    (clean / "cohorts/[bold]/membership.csv").write_text("stage,gen_id\n")
    _, out, _ = run("audit", "-v", "--data-root", clean, "--only", "cohorts", "--output", tmp_path / "out")
    assert "[bold]" in out


def test_only_runs_the_named_audits(run, broken, tmp_path):
    arguments = ("--only", "inventory", "--only", "metadata", "--format", "json", "--fail-on", "error")
    code, out, _ = run("audit", "--data-root", broken, "--output", tmp_path / "out", *arguments)
    assert set(json.loads(out)) == {"inventory", "metadata"}
    assert code == 0
    assert not list((tmp_path / "out").glob("parent_chains*"))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda _: None, "no such root"),
        (lambda path: path.write_text("x"), "root is no folder"),
        (lambda path: path.mkdir(), "no store"),
    ],
)
def test_no_store_exits_with_3(run, tmp_path, make, reason):
    make(tmp_path / "root")
    code, out, err = run("audit", "--data-root", tmp_path / "root", "--output", tmp_path / "out")
    assert (code, out) == (3, "")
    assert reason in err
    assert str(tmp_path / "root") in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("audit", "--date", "2026-02-30"),
        ("audit", "--date", "today"),
        ("audit", "--only", "nonsense"),
        ("audit", "--fail-on", "sometimes"),
        ("audit", "--format", "xml"),
        ("nonsense",),
        ("audit", "--nonsense"),
        ("sample",),
        ("sample", "x", "--drafts", "many"),
    ],
)
def test_wrong_usage_exits_with_2_and_writes_nothing(run, clean, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    before = fingerprint(tmp_path)
    extra = ("--data-root", clean) if arguments[0] == "audit" else ()
    code, _, err = run(*arguments, *extra)
    assert code == 2
    assert err
    assert fingerprint(tmp_path) == before


def test_reports_never_go_among_the_generations(run, clean):
    before = fingerprint(clean)
    code, _, err = run("audit", "--data-root", clean, "--output", clean / "gens" / "reports")
    assert code == 2
    assert "output inside store" in err
    assert fingerprint(clean) == before


def test_output_that_cannot_be_written_is_named(run, clean, tmp_path):
    (tmp_path / "out").write_text("a file")
    code, _, err = run("audit", "--data-root", clean, "--output", tmp_path / "out")
    assert code == 2
    assert "not writable" in err
    assert (tmp_path / "out").read_text() == "a file"


def test_data_root_comes_from_the_environment(run, clean, tmp_path, monkeypatch):
    monkeypatch.setenv("DAYDREAMING_DATA_ROOT", str(clean))
    code, out, _ = run("inventory", "--output", tmp_path / "out", "--format", "json")
    assert code == 0
    assert json.loads(out)["inventory"]["total"] == 2


def test_check_only_logs_that_it_has_no_effect(run, clean, tmp_path):
    before = fingerprint(clean)
    code, _, err = run("recompute", "--check-only", "--data-root", clean, "--output", tmp_path / "out")
    assert code == 0
    assert "--check-only is the only way" in err
    assert fingerprint(clean) == before


def test_the_audit_ends_in_the_page_to_open_and_repeats_nothing(run, broken, tmp_path):
    _, out, err = run("audit", "--data-root", broken, "--output", tmp_path, "--date", "2026-01-02")
    assert out.splitlines()[-1] == f"open {tmp_path / 'audit_2026-01-02.html'}"
    assert out.count("PARENT_MISSING") == 1
    assert err == ""
    assert len(out.splitlines()) < 40


def test_verbose_prints_every_section_and_every_file(run, broken, tmp_path):
    _, out, err = run("audit", "-v", "--data-root", broken, "--output", tmp_path / "out")
    assert "Records by state" in out
    assert err.count("INFO: wrote ") == len(list((tmp_path / "out").iterdir()))


@pytest.mark.parametrize("command", [("audit",), ("parents",), ("migrate", "status")])
def test_quiet_prints_nothing_and_keeps_the_exit_code(run, broken, tmp_path, command):
    output = () if command[0] == "migrate" else ("--output", tmp_path)
    loud = run(*command, "--data-root", broken, *output)
    assert run(*command, "--quiet", "--data-root", broken, *output) == (loud[0], "", "")


def test_a_missing_root_names_the_ways_to_another(run, tmp_path):
    code, _, err = run("audit", "--data-root", tmp_path / "no", "--output", tmp_path)
    assert code == 3
    for way in ("--data-root", "DAYDREAMING_DATA_ROOT", "genaudit sample"):
        assert way in err


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "ascii"])
def test_older_encodings_of_stdout_do_not_crash(broken, encoding):
    command = [sys.executable, "-m", "genaudit", "show", ESSAY, "--data-root", broken]
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    (broken / "gens/essay" / ESSAY / "raw.txt").write_text("Łódź → 東京\n", encoding="utf-8")
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\\u6771" in done.stdout


def test_an_id_that_is_nowhere_names_the_nearest(run, clean):
    for command in (("show",), ("migrate", "resolve")):
        code, out, err = run(*command, f"{DRAFT[:-1]}0", "--data-root", clean)
        assert (code, out) == (1, "")
        assert "not found" in err
        assert DRAFT in err
        assert "nearest" not in run(*command, "abc", "--data-root", clean)[2]


def test_a_generation_is_shown_with_all_that_is_known(run, clean):
    write_generation(clean, "essay", "orphan-essay", {**ESSAY_RECORD, "parent_gen_id": GONE})
    code, out, _ = run("show", "orphan-essay", "--data-root", clean)
    assert code == 0
    assert f"  {GONE} (not in the store)\n  └─ essay orphan-essay (legacy) <- this one" in out
    assert "PARENT_MISSING" in out
    printed = json.loads(run("show", DRAFT, "--data-root", clean, "--format", "json")[1])
    assert [one["gen_id"] for one in printed[0]["below"]] == [ESSAY]
    assert printed[0]["identity"]["id_class"] == "deterministic"


def test_a_page_about_a_generation_is_written_when_asked_for(run, clean, tmp_path):
    (clean / "gens/draft" / DRAFT / "parsed.txt").write_text("1 < 2 & <script>alert(1)</script>", encoding="utf-8")
    ask = ("show", ESSAY, "--data-root", clean, "--date", "2025-10-14", "--output", tmp_path / "pages")
    assert run(*ask)[0] == 0
    page = tmp_path / "pages" / f"generation_essay_{ESSAY}_2025-10-14.html"
    first = page.read_bytes()
    run(*ask)
    assert page.read_bytes() == first
    text = first.decode()
    assert "1 &lt; 2 &amp; &lt;script&gt;alert(1)" in text
    spec = re.search(r'id="spec-lineage">(.*?)</script>', text)[1]
    assert DRAFT in spec


def test_a_page_about_a_generation_is_not_written_into_the_store(run, clean):
    before = sorted(clean.rglob("*"))
    code, _, err = run("show", ESSAY, "--data-root", clean, "--output", clean / "gens")
    assert code == 2
    assert "--output" in err
    assert sorted(clean.rglob("*")) == before


@pytest.mark.parametrize("command", ["audit", *AUDITS, "sample"])
def test_help_of_every_command_lists_its_exit_codes(run, command):
    code, out, _ = run(command, "--help")
    assert code == 0
    assert "Exit codes" in out


def test_every_command_is_documented_in_the_command_page():
    page = (Path(__file__).parents[3] / "docs" / "cli.md").read_text()
    names = app.commands
    assert {"audit", *AUDITS, "sample"} <= set(names)
    for name in names:
        assert f"## `genaudit {name}`" in page


def test_version(run):
    code, out, _ = run("--version")
    assert code == 0
    assert out.startswith("genaudit ")


def test_sample_then_audit(run, tmp_path):
    code, out, _ = run("sample", tmp_path / "store", "--drafts", 12, "--seed", 3, "--faults", "PARENT_MISSING")
    assert code == 0
    assert "1 planted finding" in out
    code, out, _ = run("audit", "--data-root", tmp_path / "store", "--output", tmp_path / "out", "--format", "json")
    assert code == 1
    assert json.loads(out)["parents"]["findings_by_code"] == {"PARENT_MISSING": 1}


def test_sample_refuses_a_folder_with_something_in_it(run, clean):
    before = fingerprint(clean)
    assert run("sample", clean)[0] == 2
    assert fingerprint(clean) == before


def test_sample_names_the_nearest_fault(run, tmp_path):
    code, _, err = run("sample", tmp_path / "store", "--faults", "PARENT_MISING")
    assert code == 2
    assert "PARENT_MISSING" in err
    assert not (tmp_path / "store").exists()


def test_sample_dry_run_writes_nothing(run, tmp_path):
    assert run("sample", tmp_path / "store", "--dry-run")[0] == 0
    assert not (tmp_path / "store").exists()


def test_same_store_and_options_give_the_same_bytes(tmp_path):
    """In processes of their own, with differently seeded hashes."""
    store = tmp_path / "store"
    command = [sys.executable, "-m", "genaudit"]
    subprocess.run([*command, "sample", store, "--drafts", "12", "--faults", "all"], check=True, capture_output=True)
    written = []
    for seed in ("1", "2"):
        output = tmp_path / f"out{seed}"
        arguments = ["audit", "--data-root", store, "--output", output, "--date", "2026-01-02", "--fail-on", "never"]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([*command, *arguments], check=True, capture_output=True, env=environment)
        written.append(contents(output))
    assert len(written[0]) == 20
    assert written[0] == written[1]


def test_store_that_may_only_be_read():
    """As a user who owns nothing of the store and may not write to it."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    with tempfile.TemporaryDirectory() as folder:
        root, out = Path(folder) / "store", Path(folder) / "out"
        write_generation(make_stages(root), "draft", DRAFT, DRAFT_RECORD)
        out.mkdir()
        out.chmod(0o777)
        Path(folder).chmod(0o755)
        for path in [*root.rglob("*"), root]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        before = fingerprint(root)
        script = (
            "import contextlib, os, sys\n"
            "from genaudit.cli import main\n"
            f"sys.argv = ['genaudit', 'inventory', '--data-root', {str(root)!r}, '--output', {str(out)!r}]\n"
            # The other user may not read the interpreter's files, so a dry run imports everything first.
            "usual = sys.argv\n"
            "sys.argv = [*usual, '--dry-run']\n"
            "with contextlib.suppress(SystemExit):\n"
            "    main()\n"
            "os.setuid(65534)\n"
            "sys.argv = usual\n"
            "main()\n"
        )
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert fingerprint(root) == before
        assert {path.suffix for path in out.iterdir()} == {".json", ".md"}
