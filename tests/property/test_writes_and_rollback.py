"""Random sequences of every command that writes, after a migration: a rollback always works, and loses nothing."""

from __future__ import annotations

import shutil

import dagster as dg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genaudit.cohorts import IdScheme, create_cohort_membership_builder
from genaudit.cohorts.backfill import backfill_manifests
from genaudit.cohorts.slimming import slim_memberships
from genaudit.generating.steps import Steps
from genaudit.migration.files import Files
from genaudit.migration.status import status
from genaudit.pipeline.sandbox import Sandbox, failures_of
from genaudit.stages import STAGE_NAMES
from helpers.migrations import applied, content, plan_of, rolled_back
from helpers.workshop import COHORT, Recorder, make_workshop, write

OTHER = "trial-2"
SPEC_FILE = "spec/config.json"


def build(root, cohort, ids="all", *, slim=True):
    create_cohort_membership_builder(root, ids=IdScheme.parse(ids), slim=slim).build(cohort)


def generate(root, *, force=False, only=None):
    for stage in STAGE_NAMES:
        for folder in sorted((root / "gens" / stage).iterdir()):
            if only is None or sum(folder.name.encode()) % only == 0:
                Steps(root, Recorder()).run_all(stage, folder.name, force=force)


def build_other(root):
    source = root / "cohorts" / COHORT / SPEC_FILE
    write(root / "cohorts" / OTHER / SPEC_FILE, source.read_text().replace("[1, 2]", "[1, 2, 3]"))
    build(root, OTHER)


def score(root):
    with dg.DagsterInstance.ephemeral() as instance:
        sandbox = Sandbox(instance, root, deterministic_gen_ids="all", slim=True)
        assert failures_of(sandbox.plan(COHORT)) == []
        assert failures_of(sandbox.score()) == []


WRITERS = {
    "build": lambda root: build(root, COHORT),
    "build, wide": lambda root: build(root, COHORT, slim=False),
    "build another": build_other,
    "generate": generate,
    "generate some anew": lambda root: generate(root, force=True, only=2),
    "generate all anew": lambda root: generate(root, force=True),
    "slim": lambda root: slim_memberships(root, apply=True),
    "backfill": lambda root: backfill_manifests(root, apply=True),
    "score": score,
}


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """A finished cohort of legacy ids, before and after its migration."""
    base = tmp_path_factory.mktemp("migrated")
    root = make_workshop(base / "before")
    build(root, COHORT, "none", slim=False)
    generate(root)
    generate(root, force=True, only=3)
    after = shutil.copytree(root, base / "after")
    made = plan_of(after)
    applied(after, made)
    assert len(made.renames) == 7
    return root, after, made


def test_replaced_answers_get_the_new_ids_and_the_old_ones_again(migrated):
    before, after, made = migrated
    old = sorted(before.glob("gens/*/*/replaced/*/*.json"))
    new = sorted(after.glob("gens/*/*/replaced/*/*.json"))
    assert len(old) == len(new) > 0
    olds = [rename.old for rename in made.renames]
    for path in new:
        assert path.parents[2].name in path.read_text()
        assert not any(each in path.read_text() for each in olds)


def renamed_back(text, made):
    for rename in made.renames:
        text = text.replace(rename.new, rename.old)
    return text


@given(names=st.lists(st.sampled_from(sorted(WRITERS)), min_size=1, max_size=4))
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_no_sequence_of_own_writes_blocks_the_way_back(migrated, tmp_path_factory, names):
    before, after, made = migrated
    root = shutil.copytree(after, tmp_path_factory.mktemp("written") / "store")
    touched = set()
    for name in names:
        present = content(root)
        WRITERS[name](root)
        now = content(root)
        touched |= {path for path in present.keys() | now.keys() if present.get(path) != now.get(path)}
    with Files(root) as files:
        found = status(files)
    assert (found.refused, list(found.added_since)) == (None, [])
    written = {path: (root / path).read_bytes() for path in touched if (root / path).is_file()}
    assert list(rolled_back(root).carried) == found.carried_over
    check_undone(root, content(before), made, touched, written)


def check_undone(root, old, made, touched, written):
    """Compare the tree with the one before the migration, and later files with themselves under the old ids."""
    undone = content(root)
    changed = {renamed_back(path, made) for path in touched}
    for path in (old.keys() | undone.keys()) - changed:
        assert undone.get(path) == old.get(path), path
    for path, data in written.items():
        present = (root / renamed_back(path, made)).read_text()
        if "/reports/" in path:
            # A report shows the store of its day; lookups find its ids by the ledger.
            assert present == data.decode(), path
        elif path.endswith("stage_manifest.json"):
            # It carries the digest of its membership.
            assert not any(rename.new in present for rename in made.renames), path
        else:
            assert present == renamed_back(data.decode(), made), path
