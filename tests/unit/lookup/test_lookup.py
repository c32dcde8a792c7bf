from __future__ import annotations

import pytest

from genaudit.audits.run import run_audits
from genaudit.errors import DDError, Reason
from genaudit.lookup.finding import Match, Via
from genaudit.lookup.generation import Lookup
from genaudit.store.checksummed_log import render_line
from genaudit.store.snapshot import scan
from helpers.rebuilds import add, write_catalogs
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD, evaluation, write_generation

LEGACY = "43ftibqi56628az1"


def write_ledger(root, *renames):
    (root / ".genaudit").mkdir()
    event = {"event": "applied", "plan": "a" * 64, "renames": renames}
    (root / ".genaudit" / "ledger.jsonl").write_bytes(render_line(event))


def lookup(root):
    return Lookup(run_audits(scan(root), ["inventory", "metadata", "parents", "recompute"]))


@pytest.fixture
def family(root):
    """A draft, its essay with two evaluations, an essay whose parent is a misspelt one, and a legacy draft."""
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_generation(root, "draft", LEGACY, {**DRAFT_RECORD, "replicate": 2})
    write_generation(root, "essay", ESSAY, ESSAY_RECORD)
    write_generation(root, "essay", "e_lost", {**ESSAY_RECORD, "parent_gen_id": f"{DRAFT[:-1]}x"})
    for number in (1, 2):
        write_generation(root, "evaluation", f"v_{number}", evaluation(ESSAY, replicate=number))
    return root


def test_a_name_is_found_with_blanks_around_it(family):
    assert lookup(family).find(f" {ESSAY}\n").matches == (Match("essay", ESSAY, Via.NAME),)


def test_one_name_in_two_stages_is_found_twice(family):
    write_generation(family, "draft", "v_1", {**DRAFT_RECORD, "replicate": 7})
    assert [match.stage for match in lookup(family).find("v_1").matches] == ["draft", "evaluation"]


def test_the_id_that_a_record_gives_leads_to_a_legacy_name(family):
    # The published signature with replicate 2; the id comes from recomputing, the name is the legacy one.
    seen = lookup(family)
    given = seen.facts("draft", LEGACY).identity
    assert (given.id_class, given.form) == ("legacy", "legacy")
    assert seen.find(given.recomputed_id).matches == (Match("draft", LEGACY, Via.RECORD),)


@pytest.mark.parametrize("typed", [DRAFT[:-1], f"{DRAFT[:9]}0{DRAFT[10:]}", DRAFT[:6], f"x{DRAFT}"])
def test_a_near_miss_names_the_id(family, typed):
    found = lookup(family).find(typed)
    assert found.matches == ()
    assert found.nearest[0] == DRAFT


def test_nothing_resembles_another_word(family):
    found = lookup(family).find("zzzzzz")
    assert (found.matches, found.nearest, found.gone) == ((), (), ())


def test_earlier_names_lead_to_the_present_one(family):
    write_ledger(family, ["draft", "old", DRAFT])
    seen = lookup(family)
    assert seen.find("old").matches == (Match("draft", DRAFT, Via.LEDGER),)
    assert seen.facts("draft", DRAFT).names == ("old", DRAFT)
    assert seen.facts("draft", LEGACY).names == ()


def test_a_renamed_generation_that_is_gone_is_named(family):
    write_ledger(family, ["draft", "old", "d_new"])
    found = lookup(family).find("old")
    assert (found.matches, found.gone) == ((), (("draft", "d_new"),))


def test_the_facts_of_an_essay(family):
    facts = lookup(family).facts("essay", ESSAY)
    assert facts.path == f"gens/essay/{ESSAY}"
    assert facts.record == {"stage": "essay", "gen_id": ESSAY, **ESSAY_RECORD}
    assert (facts.identity.id_class, facts.identity.recomputed_id) == ("deterministic", ESSAY)
    assert (facts.link.status, facts.link.stage, facts.link.gen_id, facts.link.reaches_root) == (
        "ok",
        "draft",
        DRAFT,
        True,
    )
    assert [(one.stage, one.gen_id) for one in facts.above] == [("draft", DRAFT)]
    assert [(one.gen_id, one.parent_gen_id) for one in facts.below] == [("v_1", ESSAY), ("v_2", ESSAY)]
    assert facts.files == {
        "metadata.json": True,
        "prompt.txt": False,
        "raw.txt": False,
        "parsed.txt": False,
        "raw_metadata.json": False,
        "parsed_metadata.json": False,
    }
    assert facts.findings.empty


def test_a_broken_link_names_the_closest_parent(family):
    facts = lookup(family).facts("essay", "e_lost")
    assert (facts.link.status, facts.link.near_miss, facts.link.reaches_root) == ("missing", DRAFT, False)
    assert facts.above == ()
    assert "PARENT_MISSING" in facts.findings["code"].tolist()


def test_an_unreadable_record_has_facts_too(family):
    write_generation(family, "draft", "d_broken", b"{")
    facts = lookup(family).facts("draft", "d_broken")
    assert (facts.state, facts.record, facts.identity.id_class) == ("not_json", {}, "unverifiable")
    assert facts.files["metadata.json"] is False


def test_cohorts_that_list_it(family):
    for name, rows in {"two": f"draft,{DRAFT}\nessay,{ESSAY}\n", "one": f"draft,{DRAFT}\n"}.items():
        (family / "cohorts" / name).mkdir(parents=True)
        (family / "cohorts" / name / "membership.csv").write_text(f"stage,gen_id\n{rows}")
    (family / "cohorts" / "odd").mkdir()
    (family / "cohorts" / "odd" / "membership.csv").write_text("colour\nred\n")
    seen = lookup(family)
    assert seen.facts("draft", DRAFT).cohorts == ("one", "two")
    assert seen.facts("essay", ESSAY).cohorts == ("two",)
    assert seen.facts("essay", ESSAY).unread_cohorts == ("odd",)


def test_texts_with_the_parents(family):
    (family / "gens/draft" / DRAFT / "parsed.txt").write_text("from the draft\n")
    (family / "gens/essay" / ESSAY / "prompt.txt").write_text("Write.\n")
    (family / "gens/essay" / ESSAY / "raw.txt").write_bytes(b"\xff\xfe\x00")
    seen = lookup(family)
    prompt, raw, parsed = seen.texts("essay", ESSAY)
    assert (prompt.file, prompt.content, prompt.problem) == ("prompt.txt", "Write.\n", None)
    assert (raw.content, raw.problem) == (None, "byte 0xff at offset 0")
    assert (parsed.content, parsed.problem) == (None, None)
    assert seen.parent_text("essay", ESSAY).content == "from the draft\n"
    assert seen.parent_text("draft", DRAFT) is None


def test_a_link_in_place_of_a_text_is_not_followed(family, tmp_path):
    (tmp_path / "secret").write_text("secret")
    (family / "gens/draft" / DRAFT / "raw.txt").symlink_to(tmp_path / "secret")
    raw = lookup(family).texts("draft", DRAFT)[1]
    assert (raw.content, raw.problem) == (None, "is a symbolic link")


@pytest.mark.parametrize("key", [("draft", "d_gone"), ("poem", DRAFT), ("essay", "../../x")])
def test_an_unknown_generation_has_no_facts(family, key):
    seen = lookup(family)
    assert seen.facts(*key) is None
    with pytest.raises(DDError) as caught:
        seen.outcomes(*key)
    assert caught.value.reason is Reason.GENERATION_NOT_FOUND


def test_outcomes_of_an_evaluation_are_those_of_its_essay_alone(root):
    write_catalogs(root, replication_config=["draft,1", "essay,1", "evaluation,1"])
    add(root, "draft", DRAFT, DRAFT_RECORD)
    add(root, "essay", ESSAY, ESSAY_RECORD)
    add(root, "essay", "e_other", {**ESSAY_RECORD, "replicate": 2})
    add(root, "evaluation", "v_1", evaluation(ESSAY))
    found = lookup(root).outcomes("evaluation", "v_1")
    assert found.selected == ("essay", ESSAY)
    outcomes = found.outcomes.groupby("mode")["outcome"].agg(list)
    assert outcomes["reuse-essays+skip-existing"] == ["reused"]
    assert outcomes["regenerate"] == ["a new one like it"]
