from __future__ import annotations

import pytest

from genaudit.cohorts.selection import (
    CuratedMode,
    parse_selection,
    raise_selection_problems,
    read_lines,
    read_selection,
)
from genaudit.errors import DDError, Err
from genaudit.layout import Layout

ESSAYS, DRAFTS = "2_tasks/selected_essays.txt", "2_tasks/selected_drafts.txt"


def error_of(stage, text):
    with pytest.raises(DDError) as caught:
        parse_selection(stage, text, "2_tasks/x.txt")
    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx["file"] == "2_tasks/x.txt"
    return caught.value.ctx


def found(ctx):
    return [(problem["problem"], problem["line"], problem["value"]) for problem in ctx["problems"]]


def test_ids_in_order_without_blank_lines_and_comments():
    selection = parse_selection("essay", "\n# a list\ne_2\n\n  e_1  # the second one\r\n#\ne_3")
    assert selection.ids == ("e_2", "e_1", "e_3")
    assert selection.repeated == ()


def test_a_repeated_id_counts_once_and_is_named():
    selection = parse_selection("essay", "e_1\ne_2\ne_1\ne_1\n")
    assert selection.ids == ("e_1", "e_2")
    assert selection.repeated == ("e_1",)


@pytest.mark.parametrize(("stage", "mode"), [("essay", CuratedMode.REGENERATE), ("draft", CuratedMode.REUSE_DRAFTS)])
def test_default_modes(stage, mode):
    selection = parse_selection(stage, "x_1\n")
    assert selection.mode is mode
    assert selection.skip_existing is False


@pytest.mark.parametrize(
    ("word", "mode"),
    [
        ("regenerate", "regenerate"),
        ("reuse-drafts", "reuse-drafts"),
        ("reuse_drafts", "reuse-drafts"),
        ("reuse-essays", "reuse-essays"),
        ("reuse_essays", "reuse-essays"),
        ("evaluation-only", "reuse-essays"),
        ("evaluations-only", "reuse-essays"),
    ],
)
@pytest.mark.parametrize("line", ["# mode: {}", "#mode:{}", "  #  MODE :  {}  ", "# Mode: {}"])
def test_every_word_for_a_mode(word, mode, line):
    assert parse_selection("essay", f"{line.format(word)}\ne_1").mode == mode
    assert parse_selection("essay", f"e_1\n{line.format(word.upper())}").mode == mode


@pytest.mark.parametrize(
    "word", ["skip-existing-evaluations", "fill-up", "fillup", "include-existing-evaluations", "backfill-mode"]
)
def test_every_word_for_skipping(word):
    for line in (f"# {word}", f"#{word.upper()}  "):
        selection = parse_selection("essay", f"# mode: reuse-essays\n{line}\ne_1")
        assert selection.skip_existing is True
        assert selection.mode == "reuse-essays"


@pytest.mark.parametrize(
    "line", ["# modes of operation", "# the mode: reuse-essays", "# fill-up the gaps", "# mode", "# regenerate"]
)
def test_other_comments_are_no_directives(line):
    selection = parse_selection("essay", f"{line}\ne_1")
    assert (selection.mode, selection.skip_existing) == ("regenerate", False)


@pytest.mark.parametrize("line", ["# fill-up: yes", "# skip-existing-evaluations = true", "# mode = reuse-essays"])
def test_a_near_miss_of_a_directive_is_an_error(line):
    ctx = error_of("essay", f"e_1\n{line}\n")
    assert ctx["reason"] == "invalid_selection"
    assert found(ctx) == [("malformed_directive", 2, line[2:])]


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("# modes: reuse-essays", "# mode: reuse-essays"),
        ("# skip-existing-evaluation", "# skip-existing-evaluations"),
        ("# skip_existing_evaluations", "# skip-existing-evaluations"),
        ("# mode\uff1areuse-essays", "# mode: reuse-essays"),
        ("# mode reuse-essays", "# mode: reuse-essays"),
        ("# mode - Reuse-Drafts", "# mode: reuse-drafts"),
        ("# mdoe: reuse-essays", "# mode: reuse-essays"),
        ("# reuse-essays", "# mode: reuse-essays"),
        ("# evaluations only", "# mode: evaluations-only"),
        ("## mode: reuse-essays", "# mode: reuse-essays"),
        ("# fill up", "# fill-up"),
        ("# reuse existing", "# reuse: existing"),
        ("# re-use: existing", "# reuse: existing"),
        ("# reuse = existing", "# reuse: existing"),
        ("e_2 # mode: reuse-essays", "# mode: reuse-essays"),
        ("e_2 # Mode: whatever", None),
    ],
)
def test_a_comment_that_is_close_to_a_directive_is_an_error(line, meant):
    ctx = error_of("essay", f"e_1\n{line}\n")
    assert ctx["reason"] == "invalid_selection"
    [problem] = ctx["problems"]
    assert (problem["problem"], problem["line"]) == ("malformed_directive", 2)
    assert problem["value"] == line.partition("#")[2].strip()
    assert meant is None or problem["nearest"] == meant


@pytest.mark.parametrize(
    "comment",
    [
        "essays of the pilot, first half",
        "mode of failure: timeouts",
        "modes: see docs/cohorts.md",
        "model: gemini_25_pro",
        "moderation: none needed",
        "regenerated on Monday",
        "we reuse existing drafts where we can",
        "reuse existing essays where possible",
        "reused from field-notes-2025-09",
        "skip existing evaluations in a later run",
        "fill up the gaps next week",
        "evaluations only for the best two",
        "backfill mode was used last time",
        "existing evaluations are fine",
        "todo: ask for more drafts",
        "-----",
        "",
    ],
)
def test_prose_stays_prose(comment):
    for text in (f"# {comment}\ne_1\n", f"e_1  # {comment}\n"):
        selection = parse_selection("essay", text)
        assert (selection.ids, selection.mode, selection.skip_existing) == (("e_1",), "regenerate", False)
        assert selection.reuse == ()


@pytest.mark.parametrize(
    ("words", "stages"),
    [
        ("existing", ("draft", "essay", "evaluation")),
        ("EXISTING", ("draft", "essay", "evaluation")),
        ("drafts", ("draft",)),
        (" drafts ,essays", ("draft", "essay")),
        ("Drafts, Essays, Evaluations", ("draft", "essay", "evaluation")),
    ],
)
def test_stages_to_reuse(words, stages):
    for line in (f"# reuse: {words}", f"#REUSE :{words}  "):
        selection = parse_selection("essay", f"# mode: reuse-drafts\n{line}\ne_1")
        assert (selection.mode, selection.reuse) == ("reuse-drafts", stages)
    assert parse_selection("draft", f"# reuse: {words}\nd_1").reuse == stages


@pytest.mark.parametrize(
    ("words", "problem", "value", "nearest"),
    [
        ("everything", "unknown_stage", "everything", None),
        ("drafts, essay", "unknown_stage", "essay", "essays"),
        ("exsting", "unknown_stage", "exsting", "existing"),
        ("evaluations", "stages_out_of_order", "evaluations", "# reuse: drafts, essays, evaluations"),
        ("essays, drafts", "stages_out_of_order", "essays, drafts", "# reuse: drafts, essays, evaluations"),
        ("drafts, drafts", "stages_out_of_order", "drafts, drafts", "# reuse: drafts, essays, evaluations"),
        ("", "malformed_directive", "reuse: ", "# reuse: existing"),
        ("drafts,", "malformed_directive", "reuse: drafts,", "# reuse: existing"),
        ("existing, drafts", "malformed_directive", "reuse: existing, drafts", "# reuse: existing"),
    ],
)
def test_stages_that_cannot_be_reused(words, problem, value, nearest):
    ctx = error_of("essay", f"# mode: reuse-drafts\n# reuse: {words}\ne_1")
    assert ctx["problems"] == [{"problem": problem, "line": 2, "value": value, "nearest": nearest}]
    assert ctx["reason"] == "invalid_selection"


def test_one_directive_for_reuse_at_most():
    ctx = error_of("essay", "# mode: reuse-drafts\n# reuse: drafts\n# reuse: existing\ne_1")
    assert found(ctx) == [("repeated_directive", 3, "reuse: existing")]


@pytest.mark.parametrize("mode", ["", "# mode: regenerate\n"])
def test_regenerating_reuses_nothing(mode):
    ctx = error_of("essay", f"# reuse: existing\n{mode}e_1")
    assert found(ctx) == [("contradicting_directives", 1, "# reuse: beside # mode: regenerate")]


def test_an_unknown_mode_is_named_with_its_near_miss():
    ctx = error_of("essay", "# mode: reuse-essay\ne_1")
    assert ctx["reason"] == "unsupported_curated_mode"
    assert ctx["mode"] == "reuse-essay"
    assert ctx["problems"][0]["nearest"] == "reuse-essays"
    assert error_of("essay", "# mode:\ne_1")["mode"] == ""


def test_drafts_cannot_reuse_essays_nor_skip():
    ctx = error_of("draft", "d_1\n# mode: evaluation-only\n# fill-up\n")
    assert ctx["reason"] == "unsupported_curated_mode"
    assert ctx["mode"] == "reuse-essays"
    assert found(ctx) == [
        ("unsupported_curated_mode", 2, "reuse-essays"),
        ("skip_existing_needs_essays", 3, "skip-existing-evaluations"),
    ]
    assert error_of("draft", "d_1\n# fill-up\n")["reason"] == "invalid_selection"


def test_one_mode_at_most():
    ctx = error_of("essay", "# mode: regenerate\n# mode: reuse-drafts\ne_1")
    assert ctx["reason"] == "invalid_selection"
    assert found(ctx) == [("contradicting_modes", 2, "regenerate, reuse-drafts")]
    assert parse_selection("essay", "# mode: reuse-essays\n# mode: evaluation-only\ne_1").mode == "reuse-essays"


@pytest.mark.parametrize("text", ["", "\n\n", "# mode: regenerate\n", "  # e_1"])
def test_an_empty_selection(text):
    ctx = error_of("essay", text)
    assert ctx["reason"] == "empty_selection"
    assert found(ctx) == [("empty_selection", None, None)]


def test_all_problems_at_once():
    ctx = error_of("essay", "../e_1\n# mode: again\ne_2\ne 3\n# fill-up:\n")
    assert ctx["reason"] == "unsupported_curated_mode"
    assert found(ctx) == [
        ("not_an_id", 1, "../e_1"),
        ("unsupported_curated_mode", 2, "again"),
        ("not_an_id", 4, "e 3"),
        ("malformed_directive", 5, "fill-up:"),
    ]


def test_no_selection(root):
    assert read_selection(Layout(root)) is None


@pytest.mark.parametrize(("path", "stage"), [(ESSAYS, "essay"), (DRAFTS, "draft")])
def test_each_file_selects_its_stage(root, put, path, stage):
    put(path, "\ufeffx_1\r\nx_2\r\n")
    selection = read_selection(Layout(root))
    assert (selection.stage, selection.ids, selection.source) == (stage, ("x_1", "x_2"), path)


@pytest.mark.parametrize("drafts", ["d_1\n", "", "# nothing\n"])
def test_both_files_at_once_are_an_error(root, put, drafts):
    put(ESSAYS, "e_1\n")
    put(DRAFTS, drafts)
    with pytest.raises(DDError) as caught:
        read_selection(Layout(root))
    assert caught.value.code is Err.INVALID_CONFIG
    assert caught.value.ctx == {"reason": "multiple_curated_inputs", "paths": [ESSAYS, DRAFTS]}


def test_files_that_cannot_be_read(root, put, tmp_path):
    put(ESSAYS, b"e_1\n\xff\n")
    with pytest.raises(DDError) as caught:
        read_selection(Layout(root))
    assert caught.value.code is Err.IO_ERROR
    assert caught.value.ctx["reason"] == "selection_unreadable"
    assert caught.value.ctx["path"] == ESSAYS
    (root / ESSAYS).unlink()
    (tmp_path / "outside.txt").write_text("e_1\n")
    (root / ESSAYS).symlink_to(tmp_path / "outside.txt")
    with pytest.raises(DDError) as caught:
        read_selection(Layout(root))
    assert caught.value.ctx["error"] == "is a symbolic link"


def test_a_selection_is_read_as_far_as_it_goes():
    selection, problems = read_lines("essay", "# mode: everything\ne_1\n../e_2\ne_1\n", "mine.txt")
    assert (selection.ids, selection.mode) == (("e_1",), CuratedMode.REGENERATE)
    assert (selection.repeated, selection.source) == (("e_1",), "mine.txt")
    assert [problem["problem"] for problem in problems] == ["unsupported_curated_mode", "not_an_id"]


def test_problems_are_raised_under_the_gravest_reason():
    raise_selection_problems("mine.txt", [])
    problems = [
        {"problem": "unknown_id", "value": "e_1"},
        {"problem": "unsupported_curated_mode", "value": "everything"},
    ]
    with pytest.raises(DDError) as caught:
        raise_selection_problems("mine.txt", problems)
    assert caught.value.ctx == {
        "reason": "unsupported_curated_mode",
        "file": "mine.txt",
        "problems": problems,
        "mode": "everything",
    }


def test_a_selection_of_many_ids_is_read_whole(root, put):
    put(ESSAYS, "".join(f"essay_of_some_length_{number}\n" for number in range(100_000)))
    assert len(read_selection(Layout(root)).ids) == 100_000
