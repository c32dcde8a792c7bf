"""The page's section about a rebuild."""

from __future__ import annotations

import pytest

from genaudit.audits.rebuild import RebuildRequest, rebuild
from genaudit.audits.rebuild.prices import Price
from genaudit.audits.rebuild.sections import REBUILD
from genaudit.audits.run import AuditRun, run_audits
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.render.html import render_page
from genaudit.store.snapshot import scan
from helpers.rebuilds import add, write_catalogs
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD, evaluation, make_stages


@pytest.fixture
def store(tmp_path):
    root = make_stages(tmp_path / "store")
    write_catalogs(root, replication_config=["draft,1", "essay,1", "evaluation,2"])
    add(root, "draft", DRAFT, DRAFT_RECORD, usage=(10, 100))
    add(root, "essay", ESSAY, ESSAY_RECORD)
    add(root, "evaluation", "99evaluation9old", evaluation(ESSAY), usage=(50, 5))
    return root


def section_of(root, **request):
    result = rebuild(scan(root), RebuildRequest(scheme=IdScheme(), **request))
    return REBUILD.sections(result)[0]


def tables(section):
    return {table.key: table for table in section.tables}


def test_the_parts_of_a_section(store):
    section = section_of(store, ids=(ESSAY,))
    assert [figure.key for figure in section.figures] == ["rebuild-matrix", "rebuild-costs"]
    assert [*tables(section)] == [
        "rebuild-kept",
        "rebuild-causes",
        "rebuild-unavoidable",
        "rebuild-why",
        "rebuild-blast",
    ]
    assert section.actions[0].lines == ("# mode: reuse-essays", "# skip-existing-evaluations")
    assert section.sentences == (
        "Rebuilding 1 selected essay takes from 1 (reuse-essays+skip-existing) to 4 model calls (regenerate).",
        "Calls that every mode makes: 1.",
        "Of 3 kinds of calls, by stage, template and model, 1 have no known cost in the store.",
    )
    assert section.good is None


def test_a_drill_down_to_the_causes_of_one_generation(store):
    why = tables(section_of(store, ids=(ESSAY,)))["rebuild-why"]
    assert (why.expandable, why.source) == (True, "cohort_rebuild.csv")
    names = [column.name for column in why.columns]
    rows = [dict(zip(names, cells, strict=True)) for cells in why.cells]
    (essay,) = [row for row in rows if (row["mode"], row["stage"]) == ("reuse-drafts", "essay")]
    assert (essay["decision"], essay["causes"], essay["root"]) == ("call", "new replicate", "itself")
    assert essay["differs"] == f"replicate: stored 1 ({ESSAY}), planned 2"
    assert essay["instead"] == "reuse-essays, reuse-essays with skip-existing, reuse-drafts with reuse: existing"
    missing = [row for row in rows if row["mode"] == "reuse-essays+skip-existing"]
    assert [row["instead"] for row in missing] == ["no mode"]


def test_kept_generations_have_a_row_for_each_stage_and_class(store):
    kept = tables(section_of(store, ids=(ESSAY,)))["rebuild-kept"]
    assert kept.cells == [
        ["draft", "deterministic", "0 of 1", "1 of 1", "1 of 1", "1 of 1", "1 of 1"],
        ["essay", "deterministic", "0 of 1", "0 of 1", "1 of 1", "1 of 1", "1 of 1"],
        ["evaluation", "legacy", "0 of 1", "0 of 1", "0 of 1", "1 of 1", "1 of 1"],
    ]


def test_unknown_costs_are_called_so_in_the_numbers(store):
    matrix, costs = section_of(store, ids=(ESSAY,)).figures
    by_mode = {(cells[0], cells[1]): cells for cells in matrix.numbers.cells}
    assert by_mode["regenerate", "essay"][-3:] == ["unknown", "unknown", 1]
    assert [cells[-2:] for cells in costs.numbers.cells if cells[0] == "essay"] == [["unknown", "unknown"]]


def test_money_has_a_column_when_there_are_prices(store):
    prices = {"gemini_25_pro": Price(1.0, 10.0)}
    numbers = section_of(store, ids=(ESSAY,), prices=prices).figures[0].numbers
    assert numbers.columns[-1].label == "Money"
    money = {(cells[0], cells[1]): cells[-1] for cells in numbers.cells}
    assert money["regenerate", "draft"] == "0.0010"
    assert money["regenerate", "evaluation"] == "unknown"


def test_a_sample_names_its_seed(store):
    text = " ".join(section_of(store, sample=1, seed=8).sentences)
    assert "A random sample of 1 essays, drawn with seed 8." in text


def test_nothing_to_rebuild(tmp_path):
    section = section_of(make_stages(tmp_path / "none"))
    assert section.good == "There is no selection and no legacy essay: nothing to rebuild."
    assert (section.figures, section.tables) == ((), ())


def test_an_unplannable_selection_is_reported(store):
    (store / "2_tasks/selected_essays.txt").write_text("e_unheard\n<b>e</b>\n")
    run = run_audits(scan(store), ["rebuild"])
    section = REBUILD.sections(run.rebuild)[0]
    assert section.sentences == ("The selection cannot be planned: invalid selection: <b>e</b>, e_unheard.",)
    page = render_page(run, date="2026-01-02").decode()
    assert "<b>e</b>" not in page
    assert "&lt;b&gt;e&lt;/b&gt;" in page


def test_the_page_of_one_rebuild_has_its_own_title(store):
    result = rebuild(scan(store), RebuildRequest(ids=(ESSAY,), scheme=IdScheme()))
    page = render_page(AuditRun(scan(store), {"rebuild": result}), date="2026-01-02", title="Rebuilding").decode()
    assert "<h1>Rebuilding</h1>" in page
    assert (
        page
        == render_page(AuditRun(scan(store), {"rebuild": result}), date="2026-01-02", title="Rebuilding").decode()
    )
