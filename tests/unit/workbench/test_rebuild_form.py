from __future__ import annotations

import pytest

from genaudit.audits.rebuild import RebuildRequest, rebuild
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.errors import DDError, Err
from genaudit.workbench.rebuild_form import (
    SCHEMES,
    WAYS,
    Selected,
    link_of,
    modes_of,
    request_of,
    section_of,
    selected_by,
    try_modes,
)
from genaudit.workbench.session import Sessions
from helpers.stores import DRAFT, ESSAY
from unit.workbench.conftest import JUDGED

NOBODY = (None, None)


@pytest.mark.parametrize(
    ("chosen", "selected"),
    [
        (NOBODY, Selected()),
        (("essay", ESSAY), Selected("ids", "essay", ESSAY)),
        (("draft", DRAFT), Selected("ids", "draft", DRAFT)),
        # An evaluation is tried with its essay.
        (("evaluation", JUDGED), Selected("ids", "essay", ESSAY)),
        (("essay", "e_gone"), Selected()),
        (("essay", None), Selected()),
    ],
)
def test_a_link_to_a_generation_tries_it_alone(chained, chosen, selected):
    assert selected_by({}, chained, chosen) == selected


def test_an_evaluation_without_a_parent_is_not_tried(root):
    folder = root / "gens" / "evaluation" / "v_bare"
    folder.mkdir()
    assert selected_by({}, Sessions().open(root), ("evaluation", "v_bare")) == Selected()


@pytest.mark.parametrize(
    "selected",
    [
        Selected(),
        Selected("legacy"),
        Selected("sample", size=3, seed=7),
        Selected("legacy-sample", size=1),
        Selected("ids", "draft", "d_1,d_2"),
    ],
)
@pytest.mark.parametrize("chosen", [NOBODY, ("essay", ESSAY)])
def test_a_link_restores_the_tried_modes(chained, selected, chosen):
    query = {name: value for name, value in link_of(selected, chosen).items() if value is not None}
    assert selected_by(query, chained, chosen) == selected


def test_defaults_are_in_no_link():
    assert set(link_of(Selected(), NOBODY).values()) == {None}


@pytest.mark.parametrize(
    ("query", "selected"),
    [
        ({"way": "elsewhere"}, Selected()),
        ({"way": "ids", "of": "evaluation", "ids": "a"}, Selected("ids", "essay", "a")),
        ({"way": "sample", "size": "0", "seed": "-1"}, Selected("sample", size=1)),
        ({"way": "sample", "size": "many"}, Selected("sample")),
        ({"way": ["own", "legacy"]}, Selected("legacy")),
    ],
)
def test_a_strange_link_is_read_as_far_as_it_goes(chained, query, selected):
    assert selected_by(query, chained, NOBODY) == selected


@pytest.mark.parametrize(
    ("selected", "request_made"),
    [
        (Selected(), RebuildRequest()),
        (Selected("legacy"), RebuildRequest(legacy=True)),
        (Selected("sample", size=3, seed=7), RebuildRequest(sample=3, seed=7)),
        (Selected("legacy-sample", size=3), RebuildRequest(legacy=True, sample=3)),
        (Selected("ids", "draft", "a, b\nc  d,,"), RebuildRequest(ids=("a", "b", "c", "d"), stage="draft")),
        # Hidden controls do not count.
        (Selected("own", "draft", "a", 3, 7), RebuildRequest()),
        (Selected("ids", "essay", " ,\n"), None),
    ],
)
def test_the_request_equals_the_choice(selected, request_made):
    assert request_of(selected) == request_made


def test_modes_and_scheme_are_asked_for_as_well():
    assert request_of(Selected(), ["cartesian"], "draft") == RebuildRequest(
        modes=("cartesian",), scheme=IdScheme.parse("draft")
    )


def test_every_scheme_on_offer_can_be_asked_for():
    flags = {request_of(Selected(), (), scheme).scheme.flag for scheme in SCHEMES.values() if scheme}
    assert flags == {"none", "draft", "draft,essay", "draft,essay,evaluation"}
    assert next(iter(SCHEMES.values())) is None


@pytest.mark.parametrize("way", [way for way in WAYS if "legacy" not in way])
def test_every_offered_choice_equals_the_result_of_the_package(chained, way):
    request = request_of(Selected(way, "essay", ESSAY, 1))
    outcome, expected = try_modes(chained, request), rebuild(chained.snapshot, request)
    assert outcome.choice.ids == (ESSAY,)
    assert outcome.frame.equals(expected.frame)
    assert outcome.summary == expected.summary


@pytest.mark.parametrize("way", [way for way in WAYS if "legacy" in way])
def test_without_a_legacy_essay_there_is_none_to_try(chained, way):
    outcome, expected = (attempt(chained, request_of(Selected(way))) for attempt in (try_modes, raised))
    assert (outcome.code, outcome.ctx) == (expected.code, expected.ctx)


def raised(session, request):
    with pytest.raises(DDError) as caught:
        rebuild(session.snapshot, request)
    return caught.value


def test_modes_tried_by_the_audits_are_not_tried_again(chained):
    assert try_modes(chained, RebuildRequest()) is chained.run.results["rebuild"]


def test_errors_of_the_selection_are_those_of_the_command(chain):
    (chain / "2_tasks" / "selected_essays.txt").write_text("e_gone\n../x\n# mode: sideways\n")
    session = Sessions().open(chain)
    outcome = try_modes(session, RebuildRequest())
    with pytest.raises(DDError) as caught:
        rebuild(session.snapshot)
    assert (outcome.code, outcome.ctx) == (Err.INVALID_CONFIG, caught.value.ctx)
    assert len(outcome.ctx["problems"]) == 3


def test_cohorts_with_a_spec_can_be_tried(chain):
    for name, spec in (("designed", "output: {field_order: []}"), ("listed", None)):
        folder = chain / "cohorts" / name
        (folder / "spec").mkdir(parents=True)
        (folder / "membership.csv").write_text(f"stage,gen_id\nessay,{ESSAY}\n")
        if spec:
            (folder / "spec" / "config.yaml").write_text(spec)
    assert modes_of(Sessions().open(chain))[7:] == ["cartesian", "spec:designed"]


def test_a_result_comes_with_the_words_of_the_page(chained):
    section = section_of(try_modes(chained, RebuildRequest(ids=(ESSAY,), modes=("regenerate",))))
    assert section.key == "rebuild"
    assert [figure.key for figure in section.figures] == ["rebuild-matrix", "rebuild-costs"]
