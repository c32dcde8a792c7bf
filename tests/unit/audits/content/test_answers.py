"""Stored texts that are no answers, and answers that ended, parsed or came otherwise than they should."""

import json

import pytest

from genaudit.audits.content.answers import is_served_by, place_of_copy
from genaudit.audits.content.audit import content
from genaudit.audits.content.changes import change
from genaudit.audits.content.texts import text_problem
from genaudit.store.snapshot import scan
from helpers.workshop import make_workshop, put


@pytest.fixture
def root(tmp_path):
    return make_workshop(tmp_path / "data")


def report(stage, gen_id, **more):
    return json.dumps({"stage": stage, "gen_id": gen_id, **more})


def codes(root):
    table = content(scan(root)).findings
    return list(zip(table["code"], table["gen_id"], table["field"].fillna(""), strict=True))


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", None),
        (b"An essay.\n", None),
        ("Zoé".encode(), None),
        ("\ufeffwith a mark".encode(), None),
        (b" \r\n\t", "TEXT_BLANK"),
        ("\u00a0\u3000\n".encode(), "TEXT_BLANK"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "TEXT_POINTER"),
        (b"/annex/objects/SHA256E-s5--0.txt\n", "TEXT_POINTER"),
        (b"../../.git/annex/objects/Xx/Yy/SHA256E-s5--0.txt/SHA256E-s5--0.txt", "TEXT_POINTER"),
        (b"bplist00\xd0\x00\x00", "TEXT_POINTER"),
        (b"XSym\n0010\n", "TEXT_POINTER"),
        (b"version https://git-lfs.github.com/spec/v1 is the line that" + b" an essay quotes." * 80, None),
        ("Zoé".encode("latin-1"), "TEXT_NOT_UTF8"),
        ("essay".encode("utf-16"), "TEXT_NOT_UTF8"),
        (b"Half\0\0", "TEXT_HAS_NUL"),
    ],
)
def test_answers_that_are_no_text(data, code):
    problem = text_problem(data)
    assert (problem.code if problem else None) == code


@pytest.mark.parametrize(
    ("raw", "parsed", "expected"),
    [
        ({"finish_reason": "stop"}, True, []),
        ({"finish_reason": "length", "truncated": True}, False, []),
        ({"finish_reason": "length"}, True, ["ANSWER_TRUNCATED"]),
        ({"finish_reason": "stop", "truncated": True}, True, ["ANSWER_TRUNCATED"]),
        ({"finish_reason": "content_filter"}, False, ["ANSWER_FILTERED"]),
        ({"finish_reason": ["length"]}, True, []),
    ],
)
def test_how_an_answer_ended(root, raw, parsed, expected):
    texts = {"raw.txt": "Yes.", "raw_metadata.json": report("essay", "e_1", **raw)}
    put(root, "essay", "e_1", texts | ({"parsed.txt": "Yes."} if parsed else {}))
    assert [code for code, _, _ in codes(root)] == expected


@pytest.mark.parametrize(
    ("stage", "raw", "parsed", "differs"),
    [
        ("draft", "Notes.\n<essay>\nOne.\n</essay>\n", "One.", False),
        ("draft", "Notes.\n<essay>\r\nOne.\r\nTwo.</essay>\n", "One.\nTwo.\n", False),
        ("draft", "Notes.\n<essay>One.</essay>", "Two.", True),
        ("draft", "No block.", "No block.", True),
        ("evaluation", "Good.\nSCORE: 8\n", "8.0\n", False),
        # Older parsers kept the reasons above the score.
        ("evaluation", "Good.\nSCORE: 8\n", "Good.\n8", False),
        ("evaluation", "Good.\nSCORE: 8\n", "7.0\n", True),
        ("evaluation", "Good.\n8\n", "8.0\n", True),
        ("essay", "One.\n", "One.", False),
        ("essay", "One.\n", "one.", True),
    ],
)
def test_parsing_again(root, stage, raw, parsed, differs):
    put(root, stage, "x_1", {"raw.txt": raw, "parsed.txt": parsed})
    assert [code for code, _, _ in codes(root)] == ["PARSED_DIFFERS"] * differs
    assert content(scan(root)).coverage.checked["answers parsed again"] == 1


def test_an_answer_without_a_parser_is_in_the_coverage(root):
    put(root, "evaluation", "v_1", {"raw.txt": "SCORE: 1", "parsed.txt": "2"}, template_id="gone")
    result = content(scan(root))
    assert result.findings.empty
    assert result.coverage.unverified == {"parsed texts that cannot be compared: template not in catalog": 1}


def test_a_failed_parse_beside_a_text(root):
    texts = {"parsed.txt": "Yes.", "parsed_metadata.json": report("essay", "e_1", success=False, error="no block")}
    put(root, "essay", "e_1", texts)
    (root / "gens/essay/e_2").mkdir()
    put(root, "essay", "e_2", {"parsed_metadata.json": report("essay", "e_2", success=False)})
    assert codes(root) == [("PARSE_FAILED", "e_1", "success")]


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("/home/ada/data/gens/draft/d_1/parsed.txt", False),
        ("gens/draft/d_1/parsed.txt", False),
        (r"C:\store\gens\draft\d_1\parsed.txt", False),
        ("/mnt/gens/old/gens/draft/d_1/parsed.txt", False),
        ("/home/ada/data/gens/draft/d_1", False),
        ("/home/ada/data/gens/draft/d_1/raw.txt", True),
        ("/home/ada/data/gens/draft/d_2/parsed.txt", True),
        ("/home/ada/data/gens/essay/d_1/parsed.txt", True),
        ("gens/../../etc/passwd", True),
        ("gens/", True),
        # Text of the store: it must not be shown.
        ("/home/ada/notes.txt", False),
        ("/home/agens/notes.txt", False),
    ],
)
def test_the_source_of_a_copy(root, source, missing):
    put(root, "draft", "d_1", {"parsed.txt": "One.\nTwo.\nThree."})
    put(root, "essay", "e_1", {"raw_metadata.json": report("essay", "e_1", copied_from=source)}, mode="copy")
    assert codes(root) == [("COPY_SOURCE_MISSING", "e_1", "copied_from")] * missing


def test_only_the_part_from_gens_on_is_compared():
    assert place_of_copy("/a/gens/draft/d/x.txt") == ("gens", "draft", "d", "x.txt")
    assert place_of_copy("elsewhere/x.txt") is None


def test_a_model_that_the_catalog_names_otherwise(root):
    for number, served in enumerate(("house/writer-1", "writer-1-2026-01", "house/writer-0", "house/writer-0"), 1):
        raw = report("draft", f"d_{number}", llm_model_id="writer", served_model=served)
        put(root, "draft", f"d_{number}", {"raw_metadata.json": raw}, replicate=number)
    unknown = report("draft", "d_9", llm_model_id="nobody", served_model="nobody")
    put(root, "draft", "d_9", {"raw_metadata.json": unknown}, llm_model_id="nobody")
    result = content(scan(root))
    (finding,) = result.findings.to_dict("records")
    assert (finding["code"], finding["gen_id"], finding["expected"], finding["actual"], finding["detail"]) == (
        "MODEL_DRIFTED",
        "d_3",
        "house/writer-1",
        "house/writer-0",
        "writer: 2 answers",
    )
    assert result.coverage.unverified == {"served models: model not in catalog": 1}


def test_served_names():
    assert is_served_by("gpt-4o-2024-08-06", "openai/gpt-4o")
    assert not is_served_by("gpt-4", "openai/gpt-4o")


def test_a_change_shows_a_few_lines_of_a_readable_length():
    before = "\n".join(["head", *map(str, range(1000)), "tail"])
    after = "\n".join(["head", *(f"{number}!" for number in range(1000)), "x" * 500, "tail"])
    found = change(before, after)
    assert (found.lines, found.removed) == (2001, ("0", "1", "2"))
    assert change("a", "x" * 500).added == ("x" * 160 + "…",)
    assert change("a\n", "a\r\n").lines == 0


def test_a_file_that_cannot_be_read_and_a_hostile_name_are_no_crash(root):
    put(root, "draft", "d_1", {"parsed.txt": "x"})
    (root / "gens/draft/d_1/raw.txt").symlink_to("parsed.txt")
    put(root, "draft", "d 2 (copy)", {"prompt.txt": "x"})
    result = content(scan(root))
    assert result.findings.empty
    assert len(result.frame) == 2
