"""The examples on the page about cohorts beside commands: a spec, a selection, a program, environment variables."""

import doctest
import re
from pathlib import Path

import pytest
import yaml

from genaudit.cohorts import FileSpecRepository, create_cohort_membership_builder
from genaudit.cohorts.definition import define
from genaudit.cohorts.flags import SLIM_FLAG
from genaudit.cohorts.id_scheme import FLAG
from genaudit.cohorts.selection import CuratedMode, Selection, parse_selection
from genaudit.cohorts.spec import load_spec
from genaudit.cohorts.spec_checks import AXES, OTHER_NAMES
from genaudit.limits import MAX_MEMBERS
from genaudit.sample import SampleOptions, write_sample

PAGE = (Path(__file__).parents[2] / "docs" / "cohorts.md").read_text(encoding="utf-8")


def blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """The store that the page's first command makes."""
    root = tmp_path_factory.mktemp("docs") / "store"
    assert "$ genaudit sample store --drafts 12 --seed 1\n" in PAGE
    write_sample(root, SampleOptions(drafts=12, seed=1))
    return root


def test_the_spec_has_every_kind_of_rule_and_the_rows_that_the_page_counts(store):
    [text] = blocks("yaml")
    assert list(yaml.safe_load(text)["rules"]) == ["subsets", "ties", "pairs", "tuples"]
    folder = store / "cohorts/every-rule/spec"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(text)
    assert load_spec(folder / "config.yaml").row_count == 2 * 2 * 2 * 2 * 2
    definition = define(load_spec(folder / "config.yaml"))
    assert (len(definition.drafts), len(definition.essays), len(definition.evaluations)) == (8, 8, 32)
    assert "= 32 rows: 8 drafts, 8 essays, 32 evaluations" in PAGE
    specs = FileSpecRepository(store)
    result = create_cohort_membership_builder(store, spec_repository=specs).build("every-rule", dry_run=True)
    assert result.metadata["rows_by_stage"] == {"draft": 8, "essay": 8, "evaluation": 32}


def test_the_page_names_every_axis_its_other_names_and_the_limit():
    table = PAGE.partition("| axes |")[2].partition("\n")[0]
    named = set(re.findall(r"`([a-z_]+)`", table))
    pattern = named | {name.replace("draft", stage) for name in named for stage in ("essay", "evaluation")}
    assert {*AXES, *OTHER_NAMES} <= pattern
    assert f"more than {MAX_MEMBERS:,} members" in PAGE


def test_the_selection_is_read_as_documented():
    [text] = blocks("text")
    ids = ("e_ttwg5u4xbwgn585", "2f354wgkly0xrdh0")
    assert parse_selection("essay", text) == Selection("essay", ids, CuratedMode.REUSE_ESSAYS, skip_existing=True)


def test_the_program_runs_and_prints_the_documented_output(store, monkeypatch):
    monkeypatch.chdir(store.parent)
    [text] = blocks("python")
    examples = doctest.DocTestParser().get_doctest(text, {}, "cohorts.md", None, 0)
    assert len(examples.examples) > 10
    assert doctest.DocTestRunner(verbose=False).run(examples).failed == 0


def test_every_flag_of_the_cohorts_is_named():
    assert {SLIM_FLAG, FLAG} <= set(re.findall(r"^\| `(DD_[A-Z_]+)`", PAGE, re.MULTILINE))
