from __future__ import annotations

import pytest

from genaudit.cohorts.backfill_sources import read_cohort_files
from genaudit.errors import DDError
from genaudit.layout import Layout
from helpers.membership import MEMBERS, manifest_document, member, plain, signed, write_membership_csv

OTHERS = [member("draft", "d_other", combo_id="c")]
WITHOUT_MODE = [{name: value for name, value in each.items() if name != "mode"} for each in MEMBERS]


def manifest_of(members, membership, **changes):
    return signed({**manifest_document("c1", members, membership), **changes})


@pytest.fixture
def folder(root):
    """A wide membership without a manifest."""
    return write_membership_csv(root, "c1", form="wide", manifest=False)


@pytest.mark.parametrize(
    ("present", "previous", "expected"),
    [
        ("none", "none", ("absent", 1)),
        ("own", "none", ("ok", 2)),
        ("other", "none", ("stale", 2)),
        ("other", "own", ("ok", 3)),
        ("own", "other", ("ok", 3)),
        ("none", "own", ("ok", 2)),
        ("{", "none", ("damaged", 1)),
        ("{", "own", ("damaged", 2)),
    ],
)
def test_the_existing_manifests(root, folder, present, previous, expected):
    data = (folder / "membership.csv").read_bytes()
    contents = {"own": manifest_of(MEMBERS, data), "other": manifest_of(OTHERS, b""), "{": b"{"}
    for name, which in (("stage_manifest.json", present), ("stage_manifest.previous.json", previous)):
        if which != "none":
            (folder / name).write_bytes(contents[which])
    files = read_cohort_files(Layout(root), "c1")
    assert (files.cohort_id, files.data) == ("c1", data)
    assert plain(next(files.tables())) == WITHOUT_MODE
    assert (files.state, len(list(files.tables()))) == expected


def test_the_entries_of_a_manifest_can_be_damaged_too(root, folder):
    document = manifest_document("c1", [member("draft", "../d")], b"")
    (folder / "stage_manifest.json").write_bytes(signed(document))
    assert read_cohort_files(Layout(root), "c1").state == "damaged"


def test_a_manifest_of_another_version_is_an_error(root, folder):
    (folder / "stage_manifest.json").write_bytes(manifest_of(MEMBERS, b"", version=2))
    with pytest.raises(DDError) as caught:
        read_cohort_files(Layout(root), "c1")
    assert caught.value.ctx["reason"] == "manifest_version"
