"""Prompts beside today's rendering, on a hand-worked store of a draft, two essays and two evaluations."""

import json
from hashlib import sha256

import pytest

from genaudit.audits.content.audit import content
from genaudit.audits.content.tables import PromptState
from genaudit.store.snapshot import scan
from helpers.workshop import make_workshop, put, write

LINKS = "Connect: The Tide (It comes and goes.) The Clock (It ticks.)"
DRAFT_TEXT, ESSAY_TEXT = "One.\nTwo.\nThree.\n", "It goes on.\n"
TEMPLATES = "1_raw/templates"


@pytest.fixture
def root(tmp_path):
    made = make_workshop(tmp_path / "data")
    put(
        made,
        "draft",
        "d_1",
        {"prompt.txt": LINKS, "parsed.txt": DRAFT_TEXT, "raw.txt": f"<essay>{DRAFT_TEXT}</essay>"},
    )
    texts = {"prompt.txt": f"Write it out.\n\n{DRAFT_TEXT}", "parsed.txt": ESSAY_TEXT, "raw.txt": ESSAY_TEXT}
    put(made, "essay", "e_1", texts)
    put(made, "essay", "e_copy", {"prompt.txt": DRAFT_TEXT}, template_id="as-is-v1", mode="copy")
    for gen_id, replicate in (("v_1", 1), ("v_2", 2)):
        put(made, "evaluation", gen_id, {"prompt.txt": f"Judge it.\n\n{ESSAY_TEXT}"}, replicate=replicate)
    return made


def audited(root):
    return content(scan(root))


def states(result):
    table = result.frame
    return dict(zip(table["gen_id"], table["prompt"], strict=True))


def found(result):
    rows = result.findings[result.findings["code"] == "PROMPT_DRIFTED"]
    return [tuple(row) for row in rows[["stage", "gen_id", "field", "path", "detail"]].itertuples(index=False)]


def test_prompts_of_today_are_the_same(root):
    result = audited(root)
    assert {*states(result).values()} == {PromptState.SAME}
    assert result.findings.empty
    assert result.coverage.checked["prompts compared"] == 5
    assert result.coverage.unverified == {}


def test_an_edited_template_is_one_finding_with_the_same_lines(root):
    write(root / TEMPLATES / "evaluation/novelty.txt", "Judge it well.\nBe brief.\n\n{{ response }}")
    result = audited(root)
    assert [name for name, state in states(result).items() if state == "differs"] == ["v_1", "v_2"]
    path = f"{TEMPLATES}/evaluation/novelty.txt"
    detail = "novelty: 2 prompts differ, all by the same 3 lines; 0 generations below"
    assert found(result) == [("evaluation", "v_1", "template_id", path, detail)]
    (finding,) = result.findings.to_dict("records")
    assert (finding["expected"], finding["actual"]) == ("Judge it.", "Judge it well. / Be brief.")
    assert result.drifted == {("evaluation", "v_1"), ("evaluation", "v_2")}


def test_an_edited_concept_is_named_with_its_descendants(root):
    write(root / "1_raw/concepts/descriptions-sentence/tide.txt", "It comes, and it goes.")
    path = "1_raw/concepts/descriptions-sentence/tide.txt"
    detail = "tide: 1 prompt differs, by 2 lines; 4 generations below"
    assert found(audited(root)) == [("draft", "d_1", "combo_id", path, detail)]


def test_combos_in_another_order_are_named(root):
    head, first, second = (root / "combo_mappings.csv").read_text().splitlines()
    write(root / "combo_mappings.csv", "\n".join((head, second.replace("paragraph", "sentence"), first)))
    ((_, _, field, path, _),) = found(audited(root))
    assert (field, path) == ("combo_id", "combo_mappings.csv")


def test_an_edited_parent_text_reaches_its_children_and_copies(root):
    write(root / "gens/draft/d_1/parsed.txt", "One.\nTwo.\nFour.\n")
    assert found(audited(root)) == [
        (
            "essay",
            "e_1",
            "parent_gen_id",
            "gens/draft/d_1/parsed.txt",
            "d_1: 2 prompts differ, all by the same 2 lines; 2 generations below",
        )
    ]


def test_a_line_of_the_template_beside_a_value_is_the_templates(root):
    write(root / TEMPLATES / "essay/braid-v1.txt", "Write it out.\n\n{{ draft_block }}\nNow.")
    ((_, gen_id, field, _, _),) = found(audited(root))
    assert (gen_id, field) == ("e_1", "template_id")
    write(root / "gens/essay/e_1/prompt.txt", f"Write it out.\n\n{DRAFT_TEXT}\nNow.\nOr later.")
    ((_, gen_id, field, _, _),) = found(audited(root))
    assert (gen_id, field) == ("e_1", "template_id")


@pytest.mark.parametrize(
    ("stored", "state"),
    [
        (f"Judge it.\r\n\r\n{ESSAY_TEXT}", "line_ends"),
        (f"Judge it.\n\n{ESSAY_TEXT}\n\n", "line_ends"),
        ("Judge it.\n\nIt goes on.", "line_ends"),
        (f"Judge it. \n\n{ESSAY_TEXT}", "differs"),
        (f"\nJudge it.\n\n{ESSAY_TEXT}", "differs"),
    ],
)
def test_line_ends_and_newlines_at_the_end_count_as_the_same(root, stored, state):
    (root / "gens/evaluation/v_1/prompt.txt").write_bytes(stored.encode())
    result = audited(root)
    assert states(result)["v_1"] == state
    assert result.findings.empty == (state == "line_ends")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "template_missing"),
        ("{{ response ", "template_invalid"),
        ("{{ draft_block }}", "template_undefined"),
        ("{{ response.__class__.__mro__ }}", "template_forbidden"),
        ("{{ 'x' * 10 ** 10 }}", "template_exceeds_limit"),
        ("  ", "prompt_blank"),
    ],
)
def test_a_template_that_gives_no_prompt_is_in_the_coverage(root, text, reason):
    path = root / TEMPLATES / "evaluation/novelty.txt"
    path.unlink()
    if text is not None:
        write(path, text)
    result = audited(root)
    assert states(result)["v_1"] == "not_rendered"
    assert result.findings.empty
    assert result.summary.not_rendered == {reason: 2}
    assert result.coverage.unverified == {f"prompts that cannot be rendered: {reason.replace('_', ' ')}": 2}


def test_missing_inputs_of_a_prompt_are_unverified(root):
    (root / "gens/draft/d_1/parsed.txt").unlink()
    (root / "gens/essay/e_1/parsed.txt").write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n")
    put(root, "evaluation", "v_3", {"prompt.txt": "Judge."}, parent_gen_id="e_gone")
    put(root, "draft", "d_copy", {"prompt.txt": "Judge."}, mode="copy")
    write(root / "gens/draft/d_bad/metadata.json", "{")
    write(root / "gens/draft/d_bad/prompt.txt", "Judge.")
    put(root, "draft", "d_planned")
    result = audited(root)
    table = result.frame.set_index("gen_id")["reason"]
    assert table.dropna().to_dict() == {
        "e_1": "parent_not_parsed",
        "e_copy": "parent_not_parsed",
        "v_1": "parent_text_unusable",
        "v_2": "parent_text_unusable",
        "v_3": "parent_not_parsed",
        "d_copy": "copy_without_parent",
        "d_bad": "record_unreadable",
    }
    assert states(result)["d_planned"] == "none"
    assert set(result.findings["code"]) == {"TEXT_POINTER"}


def test_pointers_in_place_of_every_text_are_not_drift(root):
    texts = [*root.glob("gens/*/*/*.txt")]
    for path in texts:
        path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    result = audited(root)
    assert result.findings["code"].tolist() == ["TEXT_POINTER"] * len(texts)
    assert {*states(result).values()} == {PromptState.UNUSABLE}
    assert result.coverage.unverified["stored prompts that are no text"] == 5


def sha(text):
    return sha256(text.encode()).hexdigest()


def record_digests(root, **digests):
    report = {"stage": "evaluation", "gen_id": "v_1", "digests": digests}
    write(root / "gens/evaluation/v_1/raw_metadata.json", json.dumps(report))


def test_a_recorded_digest_counts_for_more_than_the_stored_prompt(root):
    sent = f"Judge it.\n\n{ESSAY_TEXT}"
    record_digests(root, prompt=sha(sent))
    write(root / "gens/evaluation/v_1/prompt.txt", "Edited since.")
    assert states(audited(root))["v_1"] == "same"
    (root / "gens/evaluation/v_1/prompt.txt").unlink()
    assert states(audited(root))["v_1"] == "same"
    record_digests(root, prompt=sha("Another one."), template=sha("Old."))
    write(root / "gens/evaluation/v_1/prompt.txt", sent)
    result = audited(root)
    assert states(result)["v_1"] == "differs"
    ((_, _, field, _, detail),) = [row for row in found(result) if row[2] == "template_id"]
    assert "the prompt that was sent is not stored" in detail
    assert field == "template_id"


def test_a_recorded_template_digest_distinguishes_template_and_parent(root):
    sent = "Judge it.\n\nAn older essay.\n"
    write(root / "gens/evaluation/v_1/prompt.txt", sent)
    template = (root / TEMPLATES / "evaluation/novelty.txt").read_text()
    record_digests(root, prompt=sha(sent), template=sha(template))
    ((_, gen_id, field, path, _),) = found(audited(root))
    assert (gen_id, field, path) == ("v_1", "parent_gen_id", "gens/essay/e_1/parsed.txt")


def test_reading_changes_nothing_and_reports_are_the_same_twice(root):
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in root.rglob("*") if path.is_file()}
    first, second = audited(root), audited(root)
    assert first.frame.equals(second.frame)
    assert first.findings.equals(second.findings)
    assert before == {
        path: (path.stat().st_mtime_ns, path.read_bytes()) for path in root.rglob("*") if path.is_file()
    }
