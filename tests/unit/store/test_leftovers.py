"""Leftovers of operating systems, and names that a store's settings ignore."""

import pytest

from genaudit.audits.inventory import inventory
from genaudit.audits.metadata import metadata
from genaudit.audits.run import run_audits
from genaudit.errors import DDError, Reason
from genaudit.reports import reports_of
from genaudit.store.leftovers import leftover_kind
from genaudit.store.snapshot import scan
from helpers.stores import DRAFT, DRAFT_RECORD, write_generation


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (".DS_Store", ".DS_Store"),
        ("thumbs.db", "Thumbs.db"),
        ("Desktop.ini", "desktop.ini"),
        ("@eaDir", "@eaDir"),
        ("__pycache__", "__pycache__"),
        ("._parsed.txt", "._*"),
        (".nfs000000000123", ".nfs*"),
        ("raw.txt~", "*~"),
        (".raw.txt.swp", "*.swp"),
        ("~", None),
        ("raw.txt", None),
        (".raw.txt.k3v9.tmp", None),
        ("metadata.json", None),
        ("d_DS_Store", None),
    ],
)
def test_kinds(name, kind):
    assert leftover_kind(name) == kind


def found(root):
    table = inventory(scan(root)).findings
    return list(zip(table["code"], table["stage"].fillna(""), table["path"], table["detail"], strict=True))


def test_leftovers_are_one_finding_per_kind_and_stage(root, put):
    for number in range(40):
        write_generation(root, "draft", f"d_{number:02}", {**DRAFT_RECORD, "replicate": number + 1})
        put(f"gens/draft/d_{number:02}/.DS_Store", "x")
    put("gens/draft/.DS_Store", "x")
    put("gens/essay/.ipynb_checkpoints/e_1-checkpoint.txt", "x")
    put("gens/@eaDir/x", "x")
    put("gens/draft/d_00/notes.txt", "x")
    (root / "gens/draft/__pycache__").symlink_to(".")
    snapshot = scan(root)
    assert len(snapshot.generations) == 40
    assert metadata(snapshot).findings.empty
    assert sorted(found(root)) == [
        ("STRAY_FILE", "draft", "gens/draft/d_00/notes.txt", "a file"),
        ("SYMLINK", "draft", "gens/draft/__pycache__", "a symbolic link"),
        ("SYSTEM_LEFTOVER", "", "gens/@eaDir", "@eaDir: 1 time"),
        ("SYSTEM_LEFTOVER", "draft", "gens/draft/.DS_Store", ".DS_Store: 41 times"),
        ("SYSTEM_LEFTOVER", "essay", "gens/essay/.ipynb_checkpoints", ".ipynb_checkpoints: 1 time"),
    ]


def test_any_number_of_leftovers_is_one_row_of_every_report(root, put):
    sizes = []
    for numbers in (range(10), range(10, 1000)):
        for number in numbers:
            put(f"gens/draft/d_{number:03}/metadata.json", {**DRAFT_RECORD, "replicate": number + 1})
            put(f"gens/draft/d_{number:03}/.DS_Store", "x")
        run = run_audits(scan(root), ["inventory"])
        reports = {f"{one.name}.{one.suffix}": one.content() for one in reports_of(run, "2026-01-01", page=True)}
        rows = reports["findings.csv"].splitlines()
        assert [row.count(b"SYSTEM_LEFTOVER") for row in rows] == [0, 1]
        assert f".DS_Store: {numbers.stop:,} times".encode() in rows[1]
        assert reports["audit.html"].count(b"d_000/.DS_Store") == reports["audit.html"].count(b"/.DS_Store")
        sizes.append(len(rows[1]))
    # Only the count grows; its comma puts the cell in quotes.
    assert sizes[1] - sizes[0] == len('"1,000"') - len("10")


def test_ignored_names_are_left_out_and_counted(root, put):
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    for path in (
        f"gens/draft/{DRAFT}/.DS_Store",
        f"gens/draft/{DRAFT}/notes.txt",
        "gens/draft/.DS_Store",
        "gens/x.tmp",
    ):
        put(path, "x")
    put("genaudit.toml", '[ignore]\nnames = [".DS_Store", "*.tmp", "metadata.json"]\n')
    assert found(root) == [("STRAY_FILE", "draft", f"gens/draft/{DRAFT}/notes.txt", "a file")]
    snapshot = scan(root)
    assert snapshot.left_out == {".DS_Store": 2, "x.tmp": 1}
    assert snapshot.stored(0)["template_id"] == DRAFT_RECORD["template_id"]
    skipped = inventory(snapshot).coverage.skipped
    assert skipped["left out by genaudit.toml: .DS_Store"] == 2


@pytest.mark.parametrize("text", ["[ignore", b"\xff"])
def test_settings_that_are_no_toml_are_refused(root, put, text):
    put("genaudit.toml", text)
    with pytest.raises(DDError) as caught:
        scan(root)
    assert (caught.value.reason, caught.value.ctx["path"]) == (Reason.SETTINGS_NOT_TOML, "genaudit.toml")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("ignore = 3", "ignore"),
        ('[ignore]\nnames = "x"', "ignore.names"),
        ("[ignore]\nnames = [3]", "ignore.names"),
        ('[ignore]\nnames = [""]', "ignore.names"),
        ('[ignore]\nnames = ["a/b"]', "ignore.names"),
        ("[ignore]\nnmaes = []", "ignore.nmaes"),
        (f"[ignore]\nnames = {['x'] * 201}", "ignore.names"),
    ],
)
def test_settings_that_are_wrong_are_refused_with_their_key(root, put, text, key):
    put("genaudit.toml", text)
    with pytest.raises(DDError) as caught:
        scan(root)
    assert caught.value.reason is Reason.SETTINGS_INVALID
    assert [problem["key"] for problem in caught.value.ctx["problems"]] == [key]


@pytest.mark.parametrize("text", ["", "[ignore]", "[ignore]\nnames = []"])
def test_settings_without_names_leave_nothing_out(root, put, text):
    put("genaudit.toml", text)
    put("gens/draft/x.tmp", "x")
    assert [code for code, *_ in found(root)] == ["STRAY_FILE"]


def test_settings_are_not_read_through_a_link(root, tmp_path):
    (tmp_path / "elsewhere.toml").write_text('[ignore]\nnames = ["*"]')
    (root / "genaudit.toml").symlink_to(tmp_path / "elsewhere.toml")
    with pytest.raises(DDError):
        scan(root)
