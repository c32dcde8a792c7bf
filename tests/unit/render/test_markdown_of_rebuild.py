"""A rebuild in Markdown."""

from __future__ import annotations

import pytest

from genaudit.audits.rebuild import RebuildRequest, rebuild
from genaudit.audits.rebuild.audit import rebuild_by_default
from genaudit.audits.rebuild.prices import Price
from genaudit.audits.rebuild.sections import REBUILD
from genaudit.audits.recompute import recompute
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.render.markdown import render_audit
from genaudit.sample import SampleOptions, write_sample
from genaudit.store.snapshot import scan
from helpers.stores import make_stages


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    root = tmp_path_factory.mktemp("markdown") / "data"
    write_sample(root, SampleOptions(drafts=8, seed=2))
    return scan(root)


def tables(text):
    """The tables of a page, as lists of rows of cells."""
    found, rows = [], []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            found.append(rows)
            rows = []
    return found


def test_all_sections_and_whole_tables(sample):
    result = rebuild(sample, RebuildRequest(scheme=IdScheme()))
    text = render_audit(REBUILD, result, sample, date="2026-01-02")
    titles = [
        line
        for line in text.splitlines()
        if line.startswith("#") and not line.startswith(("# mode", "# skip", "# re"))
    ]
    assert titles == [
        "# Rebuild, 2026-01-02",
        "## Decisions and cost by mode",
        "## Decisions and cost by mode and stage",
        "## Cost of one call",
        "## Stored ids of the selection that each mode keeps",
        "## Causes for which generations are not reused",
        "## Calls that every mode makes",
        "## Generations that are not reused, with the cause",
        "## Descendants of the selection and of its parents",
        "## Findings",
        "## Coverage",
    ]
    assert all(len({len(row) for row in rows}) == 1 for rows in tables(text))
    modes, stages, *_ = tables(text)
    calls = result.comparison.groupby("mode", sort=False)["call"].sum()
    place = modes[0].index("call")
    assert {row[0]: row[place] for row in modes[2:]} == {mode: f"{count:,}" for mode, count in calls.items()}
    expected = [[row.mode, row.stage, f"{row.call:,}"] for row in result.comparison.itertuples()][:12]
    place = stages[0].index("Call")
    assert [[row[0], row[1], row[place]] for row in stages[2:]] == expected
    assert render_audit(REBUILD, result, sample, date="2026-01-02") == text


def test_recommended_directives_are_there_to_be_copied(sample):
    text = render_audit(REBUILD, rebuild(sample, RebuildRequest(scheme=IdScheme())), sample, date="2026-01-02")
    assert "```text\n# mode: reuse-essays\n# skip-existing-evaluations\n```" in text


def test_money_and_a_seed(sample):
    request = RebuildRequest(sample=2, seed=5, prices={"harbor_large": Price(1, 1)}, scheme=IdScheme())
    text = render_audit(REBUILD, rebuild(sample, request), sample, date="2026-01-02")
    assert "seed 5" in text
    assert "money" in tables(text)[0][0]
    assert tables(text)[1][0][-1] == "Money"


def test_nothing_to_rebuild(tmp_path):
    snapshot = scan(make_stages(tmp_path))
    result = rebuild(snapshot, RebuildRequest(scheme=IdScheme()))
    text = render_audit(REBUILD, result, snapshot, date="2026-01-02")
    assert "There is no selection and no legacy essay: nothing to rebuild. Findings: none." in text
    assert tables(text) == []


def test_unplannable_modes(tmp_path):
    root = make_stages(tmp_path)
    (root / "2_tasks").mkdir()
    (root / "2_tasks/selected_essays.txt").write_text("e_unheard\n")
    snapshot = scan(root)
    text = render_audit(REBUILD, rebuild_by_default(snapshot, recompute(snapshot).frame), snapshot, date="2026-01-02")
    assert text.splitlines()[2].endswith(" The store has no catalogs: there is nothing to plan. Findings: none.")


def test_text_of_a_store_stays_in_its_cell(sample):
    result = rebuild(sample, RebuildRequest(scheme=IdScheme()))
    costs = result.costs.assign(template_id="a|b`<script>\nx")
    hostile = type(result)(**{name: getattr(result, name) for name in result.__dataclass_fields__} | {"costs": costs})
    text = render_audit(REBUILD, hostile, sample, date="2026-01-02")
    assert "a\\|b\\`&lt;script>\\\\nx" in text
