import gzip
import json

import pytest

from genaudit.sample import SampleOptions, parse_faults, write_sample
from helpers.findings import orphaned
from helpers.trees import contents, fingerprint

DAY = "2026-01-02"


@pytest.fixture(scope="module")
def sampled(tmp_path_factory):
    root = tmp_path_factory.mktemp("sampled") / "store"
    write_sample(root, SampleOptions(drafts=12, faults=parse_faults("all")))
    return root


def reports(folder):
    return {path: data for path, data in contents(folder).items() if not path.startswith("snapshots/")}


def test_an_audit_of_a_snapshot_gives_the_reports_of_the_store(run, sampled, tmp_path):
    before = fingerprint(sampled)
    words = ("--data-root", sampled, "--date", DAY, "--with-references")
    store = run("audit", *words, "--output", tmp_path / "one")
    assert run("snapshot", "save", "first", *words, "--output", tmp_path / "two")[0] == 0
    assert fingerprint(sampled) == before
    sampled.rename(sampled.parent / "away")
    try:
        again = run("audit", "--snapshot", "first", "--with-references", "--output", tmp_path / "two")
        shown = run("audit", "--snapshot", "last", "--output", tmp_path / "two", "--format", "github", "--dry-run")
    finally:
        (sampled.parent / "away").rename(sampled)
    assert (again[0], again[1].replace("/two/", "/one/")) == store[:2]
    assert reports(tmp_path / "two") == reports(tmp_path / "one")
    assert "::error" in shown[1]


@pytest.mark.parametrize("setting", ["draft", "off"])
def test_the_flags_of_the_day_count(run, sampled, tmp_path, monkeypatch, setting):
    monkeypatch.setenv("DD_DETERMINISTIC_GEN_IDS", setting)
    words = ("--data-root", sampled, "--date", DAY)
    run("audit", *words, "--output", tmp_path / "one")
    run("snapshot", "save", *words, "--output", tmp_path / "two")
    monkeypatch.delenv("DD_DETERMINISTIC_GEN_IDS")
    run("audit", "--snapshot", DAY, "--output", tmp_path / "two")
    assert reports(tmp_path / "two") == reports(tmp_path / "one")


def test_a_selection_that_cannot_be_planned_reads_the_same(run, tmp_path):
    root = tmp_path / "store"
    write_sample(root, SampleOptions(drafts=4))
    (root / "2_tasks" / "selected_essays.txt").write_text("# mode: nonsense\ne_1\n")
    words = ("--data-root", root, "--date", DAY)
    store = run("audit", *words, "--output", tmp_path / "one")
    assert store[0] == 2
    run("snapshot", "save", *words, "--output", tmp_path / "two")
    again = run("audit", "--snapshot", "last", "--output", tmp_path / "two")
    assert (again[0], again[1].replace("/two/", "/one/")) == store[:2]
    assert reports(tmp_path / "two") == reports(tmp_path / "one")


@pytest.fixture
def saved(run, tmp_path):
    root = orphaned(tmp_path / "store")
    words = ("--data-root", root, "--output", tmp_path / "out", "--date", DAY)
    assert run("snapshot", "save", *words)[0] == 0
    return tmp_path / "out" / "snapshots" / DAY


@pytest.mark.usefixtures("saved")
def test_the_same_store_has_the_same_fingerprint_and_the_list_is_in_order(run, tmp_path):
    words = ("--data-root", tmp_path / "store", "--output", tmp_path / "out", "--date", "2026-01-01")
    run("snapshot", "save", *words)
    (tmp_path / "store" / "gens" / "draft" / "notes.txt").unlink()
    run("snapshot", "save", "b", *words)
    listed = json.loads(run("snapshot", "list", "--output", tmp_path / "out", "--format", "json")[1])
    assert [(one["number"], one["name"]) for one in listed] == [(1, DAY), (2, "2026-01-01"), (3, "b")]
    first, second, third = (one["fingerprint"] for one in listed)
    assert first == second != third
    shown = run("snapshot", "show", "last", "--output", tmp_path / "out")[1]
    assert "b" in shown.splitlines()[0]
    # For people to compare, on one line of a narrow terminal.
    assert third[:16] in shown.split()
    assert third not in shown


def test_a_name_is_used_once(run, saved, tmp_path):
    before = fingerprint(saved)
    words = ("--data-root", tmp_path / "store", "--output", tmp_path / "out", "--date", DAY)
    code, _, err = run("snapshot", "save", *words)
    assert code == 2
    assert "snapshot exists" in err
    assert fingerprint(saved) == before
    for name in ("last", "../x", ".x"):
        assert run("snapshot", "save", name, *words)[0] == 2


@pytest.mark.usefixtures("saved")
def test_a_missing_snapshot_names_the_closest(run, tmp_path):
    code, _, err = run("audit", "--snapshot", "2026-01-03", "--output", tmp_path / "out")
    assert code == 3
    assert f"closest '{DAY}'" in err
    assert run("audit", "--snapshot", "last", "--output", tmp_path / "none")[0] == 3


@pytest.mark.usefixtures("saved")
def test_references_that_were_not_saved_are_refused(run, tmp_path):
    code, _, err = run("audit", "--snapshot", "last", "--with-references", "--output", tmp_path / "out")
    assert code == 2
    assert "not in snapshot" in err


def truncated(data):
    return data[: len(data) // 2]


def emptied(_data):
    return gzip.compress(b"")


@pytest.mark.parametrize("damage", [truncated, emptied, None])
@pytest.mark.parametrize("name", ["manifest.json", "generations.csv.gz", "kept.jsonl.gz"])
def test_damage_is_named(run, saved, tmp_path, name, damage):
    path = saved / name
    if damage:
        path.write_bytes(damage(path.read_bytes()))
    else:
        path.unlink()
    code, _, err = run("audit", "--snapshot", "last", "--output", tmp_path / "out")
    assert code == 2
    assert "snapshot damaged" in err


def test_the_content_audit_needs_the_store_itself(run, saved):
    code, _, err = run("audit", "--snapshot", "last", "--with-content", "--output", saved.parents[1])
    assert code == 2
    assert "not in snapshot" in err
    assert "keeps no texts" in err


def test_ignored_names_and_duplicates_are_those_of_the_day(run, tmp_path):
    root = tmp_path / "store"
    write_sample(root, SampleOptions(drafts=4, faults=parse_faults("SIGNATURE_DUPLICATE")))
    (root / "genaudit.toml").write_text('[ignore]\nnames = ["*.tmp"]\n')
    (root / "gens/draft/half.tmp").write_text("x")
    words = ("--data-root", root, "--date", DAY)
    run("audit", *words, "--output", tmp_path / "one")
    run("snapshot", "save", *words, "--output", tmp_path / "two")
    run("audit", "--snapshot", DAY, "--output", tmp_path / "two")
    assert reports(tmp_path / "two") == reports(tmp_path / "one")
    (inventory,) = (tmp_path / "one").glob("gen_id_inventory_*.json")
    assert "left out by genaudit.toml: half.tmp" in inventory.read_text()
