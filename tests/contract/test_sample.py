"""The promise between the sample and the readers of what lies around the generations."""

from __future__ import annotations

import pytest

from genaudit.cohorts.definition import define
from genaudit.cohorts.membership_csv import parse_membership
from genaudit.cohorts.selection import read_selection
from genaudit.cohorts.spec import load_spec
from genaudit.layout import Layout
from genaudit.sample import SampleOptions, write_sample


@pytest.fixture(scope="module")
def layout(tmp_path_factory):
    root = tmp_path_factory.mktemp("sample") / "data"
    write_sample(root, SampleOptions(drafts=30))
    return Layout(root)


def test_the_spec_is_one(layout):
    (spec,) = layout.cohorts.glob("*/spec/config.yaml")
    definition = define(load_spec(spec))
    assert [len(definition.drafts), len(definition.essays), len(definition.evaluations)] == [6, 9, 72]


def test_the_selection_is_one(layout):
    selection = read_selection(layout)
    assert (selection.stage, len(selection.ids), selection.repeated) == ("essay", 8, ())


def test_the_memberships_are_some(layout):
    paths = sorted(layout.cohorts.glob("*/membership.csv"))
    members = [parse_membership(path.read_bytes(), path.parent.name, str(path)) for path in paths]
    assert sum(len(member.frame) for member in members) == 30 + 27 + 431
