"""Outcomes of a stored generation in the modes of a rebuild, as pages show them."""

from __future__ import annotations

import pytest

from genaudit.audits.rebuild import RebuildRequest
from genaudit.workbench.rebuild_form import try_modes
from genaudit.workbench.session import Sessions
from helpers.rebuilds import add
from helpers.stores import DRAFT, ESSAY, ESSAY_RECORD
from unit.workbench.conftest import JUDGED, RETIRED

SKIP = "reuse-essays+skip-existing"
EXISTING = "reuse-drafts+reuse-existing"
NEW, REUSED, LEFT = "a new one like it", "reused", "left alone"


def outcomes_by_mode(table):
    """Return the outcomes of a generation by mode, in the order of the table."""
    found = {}
    for mode, outcome in zip(table["mode"], table["outcome"], strict=True):
        found.setdefault(mode, []).append(outcome)
    return found


@pytest.mark.parametrize(
    ("stage", "gen_id", "expected"),
    [
        (
            "draft",
            DRAFT,
            {
                "regenerate": [NEW],
                "reuse-drafts": [REUSED],
                "reuse-essays": [REUSED],
                SKIP: [REUSED],
                EXISTING: [REUSED],
            },
        ),
        (
            "essay",
            ESSAY,
            {
                "regenerate": [NEW],
                "reuse-drafts": [NEW],
                "reuse-essays": [REUSED],
                SKIP: [REUSED],
                EXISTING: [REUSED],
            },
        ),
        # Two replicates each; only the last two modes count the stored one among them.
        (
            "evaluation",
            JUDGED,
            {
                "regenerate": [NEW] * 2,
                "reuse-drafts": [NEW] * 2,
                "reuse-essays": [NEW] * 2,
                SKIP: [REUSED, NEW],
                EXISTING: [REUSED, NEW],
            },
        ),
        # No mode plans for a template that is retired.
        (
            "evaluation",
            RETIRED,
            {"regenerate": [LEFT], "reuse-drafts": [LEFT], "reuse-essays": [LEFT], SKIP: [LEFT], EXISTING: [LEFT]},
        ),
    ],
)
def test_every_mode_gives_the_outcome_of_the_generation(chained, stage, gen_id, expected):
    table = chained.lookup.rebuild_outcomes(chained.run.results["rebuild"], stage, gen_id)
    assert outcomes_by_mode(table) == expected


def test_paid_generations_have_causes_and_conditions_of_reuse(chained):
    table = chained.lookup.rebuild_outcomes(chained.run.results["rebuild"], "essay", ESSAY)
    rows = table.set_index("mode")
    assert (rows.loc["reuse-drafts", "decision"], rows.loc["reuse-drafts", "causes"]) == ("call", "new replicate")
    assert (
        rows.loc["reuse-drafts", "reused_by"]
        == "reuse-essays, reuse-essays with skip-existing, reuse-drafts with reuse: existing"
    )
    # One report of 1,000 and 900 tokens.
    assert (rows.loc["reuse-drafts", "tokens"], rows.loc["reuse-essays", "tokens"]) == ("1,900", "0")


def test_untried_modes_have_no_outcome(chain):
    add(chain, "essay", "e_other", {**ESSAY_RECORD, "replicate": 2})
    add(chain, "evaluation", "v_other", {**ESSAY_RECORD, "parent_gen_id": "e_other", "llm_model_id": "sonnet-4"})
    session = Sessions().open(chain)
    # Reuse by signature counts every stored replicate, so that mode concerns the other essay too.
    assert session.lookup.rebuild_outcomes(session.run.results["rebuild"], "essay", "e_other") is not None
    modes = ("regenerate", "reuse-drafts", "reuse-essays", SKIP)
    result = try_modes(session, RebuildRequest(ids=(ESSAY,), modes=modes))
    assert session.lookup.rebuild_outcomes(result, "essay", "e_other") is None
    assert session.lookup.rebuild_outcomes(result, "evaluation", "v_other") is None
    assert session.lookup.rebuild_outcomes(result, "draft", DRAFT) is not None
    alone = try_modes(session, RebuildRequest(ids=("e_other",), modes=modes))
    assert set(outcomes_by_mode(session.lookup.rebuild_outcomes(alone, "essay", "e_other"))) == set(
        outcomes_by_mode(session.lookup.rebuild_outcomes(result, "essay", ESSAY))
    )


def test_where_nothing_can_be_planned_nothing_has_a_fate(chain):
    (chain / "2_tasks" / "selected_essays.txt").write_text("e_gone\n")
    session = Sessions().open(chain)
    assert session.lookup.rebuild_outcomes(session.run.results["rebuild"], "essay", ESSAY) is None


def test_selected_drafts_concern_all_below_them(chained):
    result = try_modes(chained, RebuildRequest(ids=(DRAFT,), stage="draft"))
    assert outcomes_by_mode(chained.lookup.rebuild_outcomes(result, "draft", DRAFT)) == {
        "regenerate": [NEW],
        "reuse-drafts": [REUSED],
        EXISTING: [REUSED],
    }
    assert set(outcomes_by_mode(chained.lookup.rebuild_outcomes(result, "essay", ESSAY))) == {
        "regenerate",
        "reuse-drafts",
        EXISTING,
    }
    assert set(outcomes_by_mode(chained.lookup.rebuild_outcomes(result, "evaluation", JUDGED))) == {
        "regenerate",
        "reuse-drafts",
        EXISTING,
    }
