from __future__ import annotations

import errno
import shutil

import pytest

from genaudit.audits.run import run_audits
from genaudit.migration import simulate as module
from genaudit.migration.simulate import simulate
from genaudit.store.snapshot import scan
from helpers.migrations import NEW_DRAFT, applied, content, migratable, plan_of, rolled_back, tree


def problems(trial):
    return [check.problems for check in trial.checks]


def test_the_copy_equals_an_applied_store_and_the_store_is_unchanged(tmp_path):
    root = migratable(tmp_path / "store")
    made, before = plan_of(root), tree(root)
    trial = simulate(root, made, tmp_path / "copy")
    assert trial.holds
    assert problems(trial) == [()] * 4
    assert (trial.renamed, trial.edited, trial.linked) == (3, 8, 0)
    assert trial.copied == sum(path.is_file() for path in root.rglob("*"))
    assert tree(root) == before
    rolled_back(tmp_path / "copy")
    assert tree(tmp_path / "copy") == before
    assert tree(root) == before


def test_unchanged_files_are_shared_on_request(tmp_path):
    root = migratable(tmp_path / "store")
    trial = simulate(root, plan_of(root), tmp_path / "copy", hard_links=True)
    assert trial.holds
    assert (trial.linked, trial.copied) == (sum(path.is_file() for path in root.rglob("*")), 0)
    shared = "gens/essay/e_sq5klak2lljyyom/metadata.json"
    assert (root / shared).stat().st_ino == (tmp_path / "copy" / shared).stat().st_ino


def test_where_links_are_not_to_be_had_files_are_copied(tmp_path, monkeypatch):
    root = migratable(tmp_path / "store")
    made, before = plan_of(root), tree(root)

    def link(*_, **__):
        raise OSError(errno.EXDEV, "another file system")

    monkeypatch.setattr(module.os, "link", link)
    trial = simulate(root, made, tmp_path / "copy", hard_links=True)
    assert trial.holds
    assert trial.linked == 0
    applied(root, made)
    assert content(root) == content(tmp_path / "copy")
    rolled_back(tmp_path / "copy")
    assert tree(tmp_path / "copy") == before


def test_findings_from_before_the_plan_are_ignored(tmp_path, monkeypatch):
    root = migratable(tmp_path / "store")
    (root / "notes.md").write_text("d_1234567890123456 is no generation.\n")
    (root / "table.csv").write_text("gen_id\nd_1234567890123456\n")
    assert len(run_audits(scan(root), ["references"]).findings) > 0
    assert simulate(root, plan_of(root), tmp_path / "copy").holds
    spoil(monkeypatch, lambda copy: (copy / "more.csv").write_text("gen_id\nd_1234567890123457\n"))
    assert [bool(found) for found in problems(simulate(root, plan_of(root), tmp_path / "other"))] == [
        *(False, True, False, True)
    ]


def spoil(monkeypatch, change):
    """Change something in the copy once the plan is applied to it."""
    real = module.apply

    def apply_and_spoil(files, *arguments):
        done = real(files, *arguments)
        change(files.root)
        return done

    monkeypatch.setattr(module, "apply", apply_and_spoil)


def rewrite(path, change):
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(change(data))


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        (lambda copy: shutil.rmtree(copy / "gens" / "draft" / NEW_DRAFT), [0, 1, 3]),
        (lambda copy: (copy / "7_cross_experiment" / "more.csv").write_text("gen_id\n43ftibqi56628az1\n"), [1, 2, 3]),
        (lambda copy: rewrite(copy / "2_tasks" / "selected_essays.txt", lambda data: data + b"\n"), [3]),
        (
            lambda copy: rewrite(copy / "gens" / "essay" / "e_sq5klak2lljyyom" / "metadata.json", bytes.upper),
            [1, 3],
        ),
        (lambda copy: (copy / "cohorts" / "c1" / "membership.csv").unlink(), [3]),
    ],
    ids=["a generation less", "an old id more", "a selection", "a record", "a membership less"],
)
def test_damage_to_the_copy_is_found(tmp_path, monkeypatch, change, failing):
    root = migratable(tmp_path / "store")
    spoil(monkeypatch, change)
    trial = simulate(root, plan_of(root), tmp_path / "copy")
    assert not trial.holds
    assert [number for number, found in enumerate(problems(trial)) if found] == failing
