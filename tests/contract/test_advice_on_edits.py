"""The advice of finding codes about records, parents and cohorts, carried out on edits of a sound store."""

import csv
import io
import json
import shutil

import pytest

from genaudit.audits.parents import repairs
from genaudit.audits.run import run_audits
from genaudit.audits.table import default_audits
from genaudit.codes import CODES
from genaudit.cohorts.backfill import backfill_manifests
from genaudit.generating.offline import OfflineGenerator
from genaudit.generating.steps import Steps
from genaudit.layout import METADATA, PROMPT, RAW
from genaudit.sample import SampleOptions, write_sample
from genaudit.store.snapshot import scan

COHORT = "paired-models-2025-08"
SPELT_OUT = "field-notes-2025-09"


class Store:
    """A sample, a backup of it, and one chain of generations that a slim cohort lists.

    :param entries: the fields of the cohort's members by stage and id, from its manifest.
    """

    def __init__(self, root, backup):
        self.root, self.backup = root, backup
        self.entries = json.loads((root / "cohorts" / COHORT / "stage_manifest.json").read_bytes())["entries"]
        ((self.draft, _),) = self.entries["draft"].items()
        ((self.essay, _),) = self.entries["essay"].items()
        self.evaluation = next(iter(self.entries["evaluation"]))

    def folder(self, stage, gen_id=None):
        return self.root / "gens" / stage / (gen_id or getattr(self, stage))

    def change(self, stage, **fields):
        """Change fields of a record, as an editor does; ``None`` removes one."""
        path = self.folder(stage) / METADATA
        record = {**json.loads(path.read_bytes()), **fields}
        path.write_text(json.dumps({name: value for name, value in record.items() if value is not None}))

    def value(self, stage, field):
        """Look a field up in the manifest."""
        return self.entries[stage][getattr(self, stage)][field]

    def write_record(self, stage):
        """Write a record from the cohort's membership and manifest."""
        path = self.folder(stage) / METADATA
        if path.is_dir():
            path.rmdir()
        gen_id = getattr(self, stage)
        known = {"origin_cohort_id": COHORT, **self.entries[stage][gen_id]}
        path.write_text(json.dumps({"stage": stage, "gen_id": gen_id, **known}))

    def other_essay(self):
        return min(path for path in (self.root / "gens" / "essay").iterdir() if path.name != self.essay)

    def edit_membership(self, change, cohort=COHORT):
        """Change the rows of a membership, and bind its manifest again."""
        path = self.root / "cohorts" / cohort / "membership.csv"
        rows = list(csv.reader(io.StringIO(path.read_text())))
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(change(rows))
        path.write_text(text.getvalue())
        backfill_manifests(self.root, apply=True)


@pytest.fixture(scope="module")
def backup(tmp_path_factory):
    root = tmp_path_factory.mktemp("backup") / "data"
    write_sample(root, SampleOptions(drafts=4))
    return root


@pytest.fixture
def store(backup, tmp_path):
    return Store(shutil.copytree(backup, tmp_path / "data"), backup)


def broken_off(store):
    path = store.folder("essay") / METADATA
    path.write_bytes(path.read_bytes()[:-40])


def in_the_way(store):
    path = store.folder("essay") / METADATA
    path.unlink()
    path.mkdir()


def exchange_parents(store):
    """Let two essays be each other's parents."""
    other = store.other_essay()
    store.change("essay", parent_gen_id=other.name)
    record = json.loads((other / METADATA).read_bytes())
    (other / METADATA).write_text(json.dumps({**record, "parent_gen_id": store.essay}))


def correct_both_parents(store):
    store.change("essay", parent_gen_id=store.value("essay", "parent_gen_id"))
    shutil.copy2(store.backup / "gens" / "essay" / store.other_essay().name / METADATA, store.other_essay())


def take_the_near_miss(store):
    """Correct the parent by the repair table."""
    (row,) = repairs(run_audits(scan(store.root), ("parents",)).results["parents"].frame).to_dict("records")
    assert row["gen_id"] == store.essay
    store.change("essay", parent_gen_id=row["near_miss"])


def lengthen_the_name(store):
    store.folder("essay").rename(store.folder("essay", f"{store.essay} (copy)"))


def rename_to_the_id(store):
    store.folder("essay", f"{store.essay} (copy)").rename(store.folder("essay"))


def lost(stage, name):
    return lambda store: (store.folder(stage) / name).unlink()


def restored(stage, name):
    return lambda store: shutil.copy2(
        store.backup / "gens" / stage / getattr(store, stage) / name, store.folder(stage) / name
    )


def without(stage):
    return lambda rows: [row for row in rows if row[0] != stage]


def list_the_draft(store):
    store.edit_membership(lambda rows: [rows[0], ["draft", store.draft, COHORT], *rows[1:]])


def write_another_replicate(store):
    """Edit a wide membership, and bind its manifest, as a careless repair would."""
    store.edit_membership(lambda rows: [*rows[:-1], [*rows[-1][:-1], "7"]], SPELT_OUT)


def rewrite_from_the_record(store):
    def corrected(rows):
        record = json.loads((store.folder("evaluation", rows[-1][1]) / METADATA).read_bytes())
        return [*rows[:-1], [*rows[-1][:-1], str(record["replicate"])]]

    store.edit_membership(corrected, SPELT_OUT)


def name_a_lost_id(store):
    (store.root / "scores.csv").write_text(f"gen_id,score\n{store.evaluation},7\nv_3ojli7rlt542kejf,8\n")


def write_it_without_the_id(store):
    (store.root / "scores.csv").write_text(f"gen_id,score\n{store.evaluation},7\n")


def lost_whole(store):
    shutil.rmtree(store.folder("evaluation"))


def restored_whole(store):
    shutil.copytree(store.backup / "gens" / "evaluation" / store.evaluation, store.folder("evaluation"))


def unlisted(store):
    store.edit_membership(lambda rows: [row for row in rows if row[1] != store.evaluation])


def listed_again(store):
    store.edit_membership(lambda rows: [*rows, ["evaluation", store.evaluation, COHORT]])


# By code: an edit that causes the finding, and its advice carried out.
CASES = {
    "NAME_NOT_AN_ID": (lengthen_the_name, rename_to_the_id),
    "PARENT_MISSING": (lambda store: store.change("essay", parent_gen_id=store.draft[:-1]), take_the_near_miss),
    "PARENT_WRONG_STAGE": (
        lambda store: store.change("evaluation", parent_gen_id=store.draft),
        lambda store: store.change("evaluation", parent_gen_id=store.value("evaluation", "parent_gen_id")),
    ),
    "PARENT_CYCLE": (exchange_parents, correct_both_parents),
    "METADATA_MISSING": (lost("essay", METADATA), lambda store: store.write_record("essay")),
    "METADATA_UNREADABLE": (in_the_way, lambda store: store.write_record("essay")),
    "METADATA_TOO_LARGE": (
        lambda store: store.change("essay", log="." * 2**20),
        lambda store: store.change("essay", log=None),
    ),
    "METADATA_NOT_JSON": (broken_off, lambda store: store.write_record("essay")),
    "PARENT_UNREADABLE": (
        lambda store: (store.folder("draft") / METADATA).unlink(),
        lambda store: store.write_record("draft"),
    ),
    "CHAIN_BROKEN_ABOVE": (
        lambda store: store.change("essay", parent_gen_id="d_gone"),
        lambda store: store.change("essay", parent_gen_id=store.value("essay", "parent_gen_id")),
    ),
    "FIELD_MISSING": (
        lambda store: store.change("evaluation", llm_model_id=None),
        lambda store: store.change("evaluation", llm_model_id=store.value("evaluation", "llm_model_id")),
    ),
    "FIELD_BLANK": (
        lambda store: store.change("essay", template_id=" "),
        lambda store: store.change("essay", template_id=store.value("essay", "template_id")),
    ),
    "ID_MISMATCH": (
        lambda store: store.change("draft", replicate=5),
        lambda store: store.change("draft", replicate=store.value("draft", "replicate")),
    ),
    "PROMPT_MISSING": (lost("evaluation", PROMPT), restored("evaluation", PROMPT)),
    "RAW_MISSING": (lost("essay", RAW), restored("essay", RAW)),
    "MEMBER_NOT_IN_STORE": (lost_whole, restored_whole),
    "MEMBERSHIP_CONTRADICTS_METADATA": (write_another_replicate, rewrite_from_the_record),
    "MEMBER_PARENT_OUTSIDE_COHORT": (lambda store: store.edit_membership(without("draft")), list_the_draft),
    "GENERATION_IN_NO_COHORT": (unlisted, listed_again),
    "REFERENCE_DANGLING": (name_a_lost_id, write_it_without_the_id),
}


@pytest.mark.parametrize("code", CASES)
def test_following_the_advice_on_an_edit_leaves_a_sound_store(store, code):
    edit, follow = CASES[code]
    names = (*default_audits(), "references") if CODES[code].audit == "references" else default_audits()
    edit(store)
    assert code in set(run_audits(scan(store.root), names).findings["code"])
    follow(store)
    assert run_audits(scan(store.root), names).findings["code"].tolist() == []
    for stage in ("draft", "essay", "evaluation"):
        steps = Steps(store.root, OfflineGenerator()).run_all(stage, getattr(store, stage))
        assert [one.action for one in steps] == ["kept"] * 3


def test_of_a_cycle_through_two_stages_one_parent_is_corrected(store):
    store.change("essay", parent_gen_id=store.evaluation)
    assert "PARENT_CYCLE" in set(run_audits(scan(store.root)).findings["code"])
    store.change("essay", parent_gen_id=store.value("essay", "parent_gen_id"))
    assert run_audits(scan(store.root)).findings.empty
