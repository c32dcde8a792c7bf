"""Stores to migrate, and a file layer that fails at a chosen effect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from genaudit.cohorts.manifest import StageManifest
from genaudit.cohorts.membership_csv import parse_membership
from genaudit.migration.apply import apply
from genaudit.migration.files import Files
from genaudit.migration.plan import make_plan
from genaudit.migration.rename_filter import choose
from genaudit.migration.rollback import rollback
from genaudit.store.snapshot import scan
from helpers.stores import DRAFT_RECORD, ESSAY, ESSAY_RECORD, evaluation, make_stages, write_generation
from helpers.trees import fingerprint
from oracle.identity import deterministic_id

LEGACY_DRAFT, LEGACY_EVALUATION = "43ftibqi56628az1", "99evaluation9old"
LEGACY_RECORD = {**DRAFT_RECORD, "replicate": 2}
# An essay whose name holds below the legacy draft, and will not once that has its new name.
CASCADED = deterministic_id("essay", (LEGACY_DRAFT, "plain", 1))
NEW_DRAFT = deterministic_id(
    "draft", (*(LEGACY_RECORD[key] for key in ("combo_id", "template_id", "llm_model_id")), 2)
)
NEW_ESSAY = deterministic_id("essay", (NEW_DRAFT, "plain", 1))
NEW_EVALUATION = deterministic_id("evaluation", (NEW_ESSAY, "novelty", "sonnet-4", 1))
RENAMES = {
    "draft": {LEGACY_DRAFT: NEW_DRAFT},
    "essay": {CASCADED: NEW_ESSAY},
    "evaluation": {LEGACY_EVALUATION: NEW_EVALUATION},
}

# Calls of Files that change nothing; all others do, or bring changes to the disk.
_READING = {"lock", "read", "names", "kind", "mtime", "holding"}
EFFECTS = tuple(name for name in vars(Files) if not name.startswith("_") and name not in _READING)


class CrashError(BaseException):
    """The process ends here."""


class FailingFiles(Files):
    """A file layer that counts its effects and fails at one of them.

    :param at: the number of the effect, from 0.
    :param how: ``before`` or ``after`` the effect, or after ``half`` of its bytes.
    :param error: the exception to raise.
    """

    def __init__(self, root: Path, at: int | None = None, how: str = "before", error: Any = CrashError) -> None:
        super().__init__(root)
        self.at, self.how, self.error = at, how, error
        self.done: list[tuple[str, ...]] = []

    def _effect(self, name, *arguments, **named):
        number = len(self.done)
        self.done.append((name, *(each for each in arguments if isinstance(each, str))))
        call = getattr(super(), name)
        if number != self.at:
            return call(*arguments, **named)
        if self.how == "after":
            call(*arguments, **named)
        elif self.how == "half" and name in ("write_new", "append"):
            path, data, *rest = arguments
            call(path, data[: len(data) // 2], *rest, **named)
        raise self.error


def _effect_named(name):
    def effect(self, *arguments, **named):
        return FailingFiles._effect(self, name, *arguments, **named)

    return effect


for _name in EFFECTS:
    setattr(FailingFiles, _name, _effect_named(_name))


def tree(root):
    """Return mode, time and content of everything below a data root, without the state of migrations."""
    return {path: what for path, what in fingerprint(root).items() if path.split("/")[0] != ".genaudit"}


def content(root):
    """The same without times."""
    return {path: (mode, what) for path, (mode, _, what) in tree(root).items()}


def plan_of(root, **chosen):
    return make_plan(scan(root), choose(**chosen))


def applied(root, plan, partitions=None):
    with Files(root) as files:
        return apply(files, plan, partitions)


def rolled_back(root, partitions=None, **options):
    with Files(root) as files:
        return rollback(files, partitions, **options)


def write_cohort(root, cohort, membership, *, manifest=True):
    folder = root / "cohorts" / cohort
    folder.mkdir(parents=True)
    (folder / "membership.csv").write_bytes(membership)
    if manifest:
        parsed = parse_membership(membership, cohort, "membership.csv")
        made = StageManifest.from_membership(parsed.frame, cohort).bound_to(
            parsed.canonical(), {"note": "kept as it is"}
        )
        (folder / "stage_manifest.json").write_bytes(made.to_bytes())
    return folder


def migratable(root):
    """Write a store in which each stage has a rename, referenced in every kind of file."""
    make_stages(root)
    write_generation(root, "draft", LEGACY_DRAFT, LEGACY_RECORD)
    copied = write_generation(
        root, "essay", CASCADED, {**ESSAY_RECORD, "parent_gen_id": LEGACY_DRAFT, "template_id": "plain"}
    )
    copied_from = {"input_mode": "copy", "copied_from": f"gens/draft/{LEGACY_DRAFT}/parsed.txt"}
    (copied / "raw_metadata.json").write_text(json.dumps(copied_from, indent=2))
    (copied / "raw.txt").write_text(f"An essay that speaks of {LEGACY_DRAFT}.\n")
    write_generation(root, "evaluation", LEGACY_EVALUATION, evaluation(CASCADED))
    write_generation(root, "essay", ESSAY, ESSAY_RECORD)
    membership = (
        "stage,gen_id,cohort_id,parent_gen_id\r\n"
        f'draft,{LEGACY_DRAFT},c1,\r\nessay,"{CASCADED}",c1, {LEGACY_DRAFT}\r\n'
        f"essay,{ESSAY},c1,\r\nevaluation,{LEGACY_EVALUATION},c1,{CASCADED}\r\n"
    )
    write_cohort(root, "c1", membership.encode())
    (root / "2_tasks").mkdir()
    (root / "2_tasks" / "selected_essays.txt").write_text(
        f"# mode: reuse-essays\n  {CASCADED}  # {CASCADED}\n{ESSAY}\n"
    )
    tables = root / "7_cross_experiment"
    tables.mkdir()
    (tables / "scores.csv").write_text(
        f'gen_id,path,note\n{LEGACY_EVALUATION},gens/essay/{CASCADED}/parsed.txt,"see {CASCADED}, please"\n'
    )
    (tables / "scores.csv").chmod(0o600)
    return root
