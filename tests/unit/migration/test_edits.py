"""The edits of records, reports, cohorts and tables: exactly the ids that change, every other byte as it was."""

from __future__ import annotations

import json

import pytest

from genaudit.cohorts.manifest import StageManifest
from genaudit.cohorts.membership_csv import parse_membership
from genaudit.layout import Layout
from genaudit.migration.cohort_edits import has_edits_of_its_own, render_manifest, scan_cohorts
from genaudit.migration.edits import EditKind, EditScan
from genaudit.migration.mapping import reversed_ids
from genaudit.migration.plan import scan_edits
from genaudit.migration.record_edits import scan_generations
from genaudit.migration.reference_edits import scan_references
from genaudit.migration.spans import rewritten
from genaudit.store.snapshot import scan
from helpers.migrations import write_cohort
from helpers.stores import DRAFT_RECORD, make_stages, write_generation

IDS = {"draft": {"old": "d_new"}, "essay": {"olde": "e_new"}, "evaluation": {}}
NONE = {"draft": {}, "essay": {}, "evaluation": {}}


@pytest.fixture
def store(tmp_path):
    root = make_stages(tmp_path)
    write_generation(root, "draft", "old", {**DRAFT_RECORD, "note": "old"})
    return root


def after(root, found):
    return {edit.path: rewritten((root / edit.path).read_bytes(), edit.spans) for edit in found.edits}


def test_a_record_gets_its_own_new_id_and_its_parents_in_place(store):
    text = (
        b'{ "stage":"essay","gen_id" : "olde",\n"template_id": "old", "parent_gen_id":"\\u006fld", "replicate":1}\n'
    )
    write_generation(store, "essay", "olde", text)
    write_generation(store, "essay", "other", {"parent_gen_id": "else", "template_id": "olde", "replicate": 1})
    found = EditScan(IDS)
    scan_generations(scan(store), [found])
    made = after(store, found)
    assert set(made) == {"gens/draft/old/metadata.json", "gens/essay/olde/metadata.json"}
    assert made["gens/essay/olde/metadata.json"] == (
        b'{ "stage":"essay","gen_id" : "e_new",\n"template_id": "old", "parent_gen_id":"d_new", "replicate":1}\n'
    )
    assert json.loads(made["gens/draft/old/metadata.json"])["note"] == "old"


def test_without_ids_nothing_is_edited_and_the_fingerprint_covers_all_files_read(store):
    prints = []
    for _ in range(2):
        found = EditScan(NONE)
        scan_generations(scan(store), [found])
        assert found.edits == []
        prints.append(found.fingerprint())
        path = store / "gens" / "draft" / "old" / "metadata.json"
        path.write_bytes(path.read_bytes() + b" ")
    assert prints[0] != prints[1]


def test_a_membership_and_its_manifest_change_together(store):
    members = b'draft,"old",,old\r\nessay,olde,old,old\r\nessay,old,olde,old\r\n'
    membership = b"stage,gen_id,parent_gen_id,cohort_id\r\n" + members
    folder = write_cohort(store, "old", membership)
    found = EditScan(IDS)
    scan_cohorts(Layout(store), [found])
    by_kind = {edit.kind: edit for edit in found.edits}
    new = rewritten(membership, by_kind[EditKind.SPANS].spans)
    # An essay that is called as a draft was is another generation, and so is its parent.
    wanted = b"draft,d_new,,old\r\nessay,e_new,d_new,old\r\nessay,old,olde,old\r\n"
    assert new.replace(b'"', b"").endswith(wanted)
    rendered = render_manifest((folder / "stage_manifest.json").read_bytes(), new, "old", IDS)
    manifest = StageManifest.from_bytes(rendered, "old", "m")
    assert manifest.belongs_to(parse_membership(new, "old", "m"))
    assert manifest.frame["gen_id"].tolist() == ["d_new", "e_new", "old"]
    assert manifest.metadata["note"] == "kept as it is"


@pytest.mark.parametrize("blank", [b",\n", b" , \n\n", "\N{NO-BREAK SPACE}\n".encode(), b'"",\n'])
def test_a_membership_that_begins_with_blank_rows_is_edited(store, blank):
    membership = blank + b"stage,gen_id\ndraft,old\n"
    write_cohort(store, "c", membership, manifest=False)
    found = EditScan(IDS)
    scan_cohorts(Layout(store), [found])
    assert after(store, found) == {"cohorts/c/membership.csv": blank + b"stage,gen_id\ndraft,d_new\n"}


def test_a_manifest_that_belongs_to_another_membership_is_left(store):
    folder = write_cohort(store, "c", b"stage,gen_id\ndraft,old\n")
    (folder / "membership.csv").write_bytes(b"stage,gen_id\ndraft,old\ndraft,more\n")
    found = EditScan(IDS)
    scan_cohorts(Layout(store), [found])
    assert [(each.path, each.reason) for each in found.left] == [
        ("cohorts/c/stage_manifest.json", "belongs_to_another_membership")
    ]
    assert [edit.path for edit in found.edits] == ["cohorts/c/membership.csv"]


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("cohorts/c/membership.csv", True),
        ("cohorts/c/stage_manifest.json", True),
        ("cohorts/c/notes.md", False),
        ("cohorts/membership.csv", False),
        ("cohorts/c/deep/membership.csv", False),
        ("backup/c/membership.csv", False),
    ],
)
def test_which_files_are_a_cohorts_own(path, own):
    assert has_edits_of_its_own(path) is own


def test_tables_are_rewritten_by_token_and_prose_is_left_to_a_person(store):
    tables = store / "7_cross_experiment"
    tables.mkdir()
    (tables / "t.csv").write_bytes(b"gen_id,note,stage\r\nold,old2,draft\r\nold2,x,draft\r\n")
    (tables / "notes.md").write_text("Look at 43ftibqi56628az1 again.\n")
    ids = {**IDS, "draft": {"old": "d_new", "43ftibqi56628az1": "d_else"}}
    write_generation(store, "draft", "43ftibqi56628az1", DRAFT_RECORD)
    found = EditScan(ids)
    scan_references(scan(store), [found])
    made = after(store, found)
    assert made["7_cross_experiment/t.csv"].splitlines()[1:] == [b"d_new,old2,draft", b"old2,x,draft"]
    assert [each.path for each in found.left] == ["7_cross_experiment/notes.md"]


@pytest.mark.parametrize(
    ("membership", "edited"),
    [
        (b"stage,gen_id\ndraft,old\n", True),
        (b"stage,gen_id\ndraft,older\ndraft,an-old\n", False),
        (b'stage,gen_id\ndraft,"old"\n', True),
    ],
)
def test_without_fingerprints_the_same_cohorts_are_edited(store, membership, edited):
    write_cohort(store, "c", membership)
    whole, edits = EditScan(IDS), EditScan(IDS, fingerprints=False)
    scan_cohorts(Layout(store), [whole])
    scan_cohorts(Layout(store), [edits])
    assert edits.edits == whole.edits
    assert bool(edits.edits) is edited


def test_without_fingerprints_the_same_records_are_edited(store):
    whole, edits = EditScan(IDS), EditScan(IDS, fingerprints=False)
    scan_generations(scan(store), [whole])
    scan_generations(scan(store), [edits])
    assert edits.edits == whole.edits != []


def test_one_pass_for_two_searches_equals_two_passes(store):
    write_cohort(store, "c", b"stage,gen_id\ndraft,old\ndraft,d_new\n")
    (store / "2_tasks").mkdir(exist_ok=True)
    (store / "2_tasks" / "selected_drafts.txt").write_text("old\nd_new\n")
    back = reversed_ids(IDS)
    searches = [EditScan(IDS), EditScan(back, fingerprints=False)]
    scan_edits(scan(store), searches)
    alone = [EditScan(IDS), EditScan(back, fingerprints=False)]
    for search in alone:
        scan_edits(scan(store), [search])
    assert [search.edits for search in searches] == [search.edits for search in alone]
    assert searches[0].fingerprint() == alone[0].fingerprint()
    assert [edit.path for edit in searches[1].edits] == [
        "cohorts/c/membership.csv",
        "cohorts/c/stage_manifest.json",
        "2_tasks/selected_drafts.txt",
    ]
    assert [(span.old, span.new) for span in searches[1].edits[0].spans] == [("d_new", "old")]
