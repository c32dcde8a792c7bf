"""A small store with texts, reports, faults and partition keys, and the migrated store."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genaudit.migration.apply import apply
from genaudit.migration.files import Files
from genaudit.migration.plan import Plan
from genaudit.migration.rollback import rollback
from genaudit.stages import partitions_of
from helpers.migrations import LEGACY_EVALUATION, content, migratable, plan_of, tree
from helpers.stores import DRAFT_RECORD, ESSAY_RECORD, write_generation
from torture.stops import Effect, Keys, Watch, WatchedFiles

_TEXTS = ("prompt.txt", "raw.txt", "parsed.txt")
_OTHERS = {"draft_gens": ["d_of_nobody"], "essay_gens": [], "evaluation_gens": ["v_of_nobody"]}


@dataclass(frozen=True)
class World:
    """A store, its plan, the migrated content, and the effects of an apply and of the rollback after it.

    :param keys: the partition keys before and after, by definition.
    """

    source: Path
    plan: Plan
    new: dict[str, Any]
    keys: tuple[dict[str, list[str]], dict[str, list[str]]]
    forward: list[Effect]
    back: list[Effect]

    def copy(self, target: Path) -> Path:
        """Copy the store."""
        return shutil.copytree(self.source, target, symlinks=True)

    def settled(self, root: Path, keys: Keys, then: str, *, times: bool = True) -> bool:
        """Finish a stopped migration in either direction, and return whether each tree is the expected one.

        :param times: whether the old tree's times count.
        """
        if then == "resume":
            with Files(root) as files:
                apply(files, self.plan, keys)
            if content(root) != self.new or keys.state() != self.keys[1]:
                return False
        with Files(root) as files:
            rollback(files, keys)
        is_old = tree(root) == tree(self.source) if times else content(root) == content(self.source)
        return is_old and keys.state() == self.keys[0]


def make_world(base: Path) -> World:
    """Write the store, and apply and undo its migration once to learn their effects."""
    source = _store(base / "source")
    plan = plan_of(source)
    held = {partitions_of(stage): [*_OTHERS[partitions_of(stage)], *ids] for stage, ids in plan.ids.items()}
    keys = Keys(held)
    before = keys.state()
    done = shutil.copytree(source, base / "done", symlinks=True)
    forward: list[Effect] = []
    back: list[Effect] = []
    with WatchedFiles(done, Watch(forward.append)) as files:
        apply(files, plan, keys.watched(files.watch))
    new, after = content(done), keys.state()
    with WatchedFiles(done, Watch(back.append)) as files:
        rollback(files, keys.watched(files.watch))
    if tree(done) != tree(source) or keys.state() != before or new == content(source):
        raise AssertionError("the migration of the store cannot be undone even without a crash")
    return World(source, plan, new, (before, after), forward, back)


def _store(root: Path) -> Path:
    """Write a store with renamed generations that have texts and reports, beside one of each kind of fault."""
    migratable(root)
    answer = root / "gens/evaluation" / LEGACY_EVALUATION
    about = {"stage": "evaluation", "gen_id": LEGACY_EVALUATION}
    for name in ("raw_metadata.json", "parsed_metadata.json"):
        (answer / name).write_text(json.dumps({**about, "raw_path": f"gens/evaluation/{LEGACY_EVALUATION}/raw.txt"}))
    for folder in sorted((root / "gens").glob("*/*")):
        for name in _TEXTS:
            if not (folder / name).exists():
                (folder / name).write_text(f"{name} of {folder.name}\nSCORE: 8\n")
    earlier = answer / "replaced" / "1"
    earlier.mkdir(parents=True)
    (earlier / "raw_metadata.json").write_text(json.dumps(about))
    _faults(root)
    return root


def _faults(root: Path) -> None:
    write_generation(root, "draft", "d_cut", DRAFT_RECORD)
    (root / "gens/draft/d_cut/metadata.json").write_bytes(b'{"combo_id": "com')
    write_generation(root, "draft", "d_marked", DRAFT_RECORD)
    (root / "gens/draft/d_marked/metadata.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(DRAFT_RECORD).encode())
    write_generation(root, "draft", "d_changed", {**DRAFT_RECORD, "template_id": "another"})
    write_generation(root, "essay", "e_orphan", {**ESSAY_RECORD, "parent_gen_id": "d_nobody"})
    write_generation(root, "essay", "no.parent", {"template_id": "plain"})
    (root / "gens/essay/e_empty").mkdir()
    (root / "gens/essay/stray.txt").write_text("stray\n")
    (root / "gens/evaluation/v_link").symlink_to("../draft/d_cut")
    (root / "gens/judgement").mkdir()
    (root / "cohorts/c2").mkdir()
    (root / "cohorts/c2/membership.csv").write_bytes(b"stage;gen_id\nessay;" + b"\xff\n")
    (root / "7_cross_experiment/notes.json").write_bytes(b'{"gen_id": "' + LEGACY_EVALUATION.encode() + b'", ')
