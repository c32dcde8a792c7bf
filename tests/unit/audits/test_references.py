import gzip
import json
import os
import shutil

import pandas as pd
import pytest

from genaudit.audits.references import references
from genaudit.errors import DDError, Err
from genaudit.sample import SampleOptions, parse_faults, write_sample
from genaudit.schemas import REFERENCES, rows
from genaudit.store import source
from genaudit.store.contents import Limits
from genaudit.store.pool import Workers
from genaudit.store.snapshot import scan
from genaudit.store.tokens import MAX_RUN
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD, evaluation, write_generation
from helpers.trees import fingerprint

EVALUATION = "v_1k3w0c9qe7mzr2aa"
GONE = "d_2ayudlw84g7u69i2"
GONE_LEGACY = "77zzay77legacy79"


@pytest.fixture
def store(root):
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_generation(root, "essay", ESSAY, ESSAY_RECORD)
    write_generation(root, "evaluation", EVALUATION, evaluation(ESSAY))
    return root


def audited(store, *roots, left_out=(), **limits):
    return references(scan(store), roots, left_out, limits=Limits(**limits))


def found_references(result, *names, path=None):
    """The chosen columns of each row that is about a path."""
    return [
        tuple(getattr(row, name) for name in names)
        for row in rows(result.frame)
        if path in (None, row.path) and (path or not row.path.startswith("gens/"))
    ]


def treated(store, **limits):
    return found_references(audited(store, **limits), "gen_id", "treatment", "reason", "handler")


def test_a_record_references_itself_and_its_parent(store):
    result = audited(store)
    assert list(result.frame.columns) == list(REFERENCES)
    text = (store / f"gens/essay/{ESSAY}/metadata.json").read_text()
    own, parent = text.index(ESSAY), text.index(DRAFT)
    names = ("kind", "line", "column", "offset", "gen_id", "stages", "field", "treatment", "reason", "handler")
    assert found_references(result, *names, path=f"gens/essay/{ESSAY}/metadata.json") == [
        ("record", 1, own + 1, own, ESSAY, "essay", "/gen_id", "rewrite", "id", "record"),
        ("record", 1, parent + 1, parent, DRAFT, "draft", "/parent_gen_id", "rewrite", "id", "record"),
    ]
    assert result.summary.treatments == {"rewrite": 5, "ambiguous": 0, "historical": 0, "dangling": 0}


def test_each_handler_is_named(store, put):
    put("cohorts/c1/membership.csv", f"stage,gen_id\ndraft,{DRAFT}\n")
    put("cohorts/c1/stage_manifest.json", {"entries": {"essay": {ESSAY: {"parent_gen_id": DRAFT}}}})
    put("cohorts/c1/manifest.json", {"gen_ids": [ESSAY]})
    put("2_tasks/selected_essays.txt", f"{ESSAY}\n")
    put("7_cross_experiment/aggregated_scores.csv", f"gen_id,p\n{EVALUATION},gens/essay/{ESSAY}/parsed.txt\n")
    put("export.json", {"keep": [DRAFT], DRAFT: 1})
    names = ("path", "field", "treatment", "reason", "handler")
    assert found_references(audited(store), *names) == [
        ("2_tasks/selected_essays.txt", None, "rewrite", "id", "lines"),
        ("7_cross_experiment/aggregated_scores.csv", "gen_id", "rewrite", "id", "csv"),
        ("7_cross_experiment/aggregated_scores.csv", "p", "rewrite", "path", "csv"),
        ("cohorts/c1/manifest.json", "/gen_ids/0", "rewrite", "id", "json"),
        ("cohorts/c1/membership.csv", "gen_id", "rewrite", "id", "membership"),
        ("cohorts/c1/stage_manifest.json", "/entries/essay", "rewrite", "id", "stage_manifest"),
        (
            *("cohorts/c1/stage_manifest.json", f"/entries/essay/{ESSAY}/parent_gen_id"),
            *("rewrite", "id", "stage_manifest"),
        ),
        ("export.json", "/keep/0", "rewrite", "id", "json"),
        ("export.json", None, "rewrite", "id", "json"),
    ]


def test_the_source_of_a_copy_is_a_reference(store, put):
    folder = f"gens/essay/{ESSAY}"
    put(f"{folder}/raw_metadata.json", {"copied_from": f"gens/draft/{DRAFT}/parsed.txt"})
    result = audited(store)
    assert found_references(result, "kind", "field", "treatment", "reason", path=f"{folder}/raw_metadata.json") == [
        ("raw_metadata", "/copied_from", "rewrite", "path")
    ]


@pytest.mark.parametrize(
    ("path", "text", "due"),
    [
        ("notes/a.md", f"see {DRAFT}.", ("ambiguous", "free_text")),
        ("notes/a.md", f"gens/draft/{DRAFT}/raw.txt", ("ambiguous", "free_text")),
        ("notes/a.md", f"gens/essay/{DRAFT}/raw.txt", ("ambiguous", "free_text, in_another_stage")),
        ("notes/a.md", f"{DRAFT}.txt", ("ambiguous", "free_text, part_of_a_name")),
        ("run.py", f"x = '{DRAFT}'", ("ambiguous", "code")),
        ("spec.yaml", f"- {DRAFT}", ("ambiguous", "code")),
        ("run.log", f"done {DRAFT}", ("historical", "log")),
        ("reports/old.csv", f"gen_id\n{DRAFT}\n", ("historical", "report")),
        (f"gens/draft/{DRAFT}/raw.txt", f"as {DRAFT} says", ("historical", "generated_text")),
        ("a.csv", f"url\nhttps://x.org/{DRAFT}?a\n", ("ambiguous", "more_than_an_id")),
        ("a.csv", f"x\n{DRAFT}.txt\n", ("ambiguous", "more_than_an_id, part_of_a_name")),
        ("a.csv", f"x\n{DRAFT} \n", ("rewrite", "id")),
        ("a.csv", f"x\n1,{DRAFT}\n", ("ambiguous", "no_column")),
        ("a.csv", f"x\nsee gens/draft/{DRAFT}\n", ("rewrite", "path")),
        ("a.csv", f'x\n"{DRAFT}\n', ("ambiguous", "not_csv")),
        ("a.csv", f"{DRAFT},1\n", ("ambiguous", "no_header")),
        ("a.csv", f"x-{DRAFT},y\n1,2\n", ("ambiguous", "column_name, more_than_an_id, part_of_a_name")),
        ("a.csv", f"essay_gen_id\n{DRAFT}\n", ("ambiguous", "in_another_stage")),
        ("a.csv", f"gen_id\n {DRAFT.upper()}\n", ("ambiguous", "written_differently")),
        ("a.json", f'{{"k": "{DRAFT}"', ("ambiguous", "not_json")),
        ("a.json", f'["\\u0064{DRAFT[1:]}"]', ("ambiguous", "escaped")),
        ("a.json", f'["\\n{DRAFT}"]', ("ambiguous", "more_than_an_id")),
        (
            "b.ipynb",
            f'{{"cells": [{{"source": ["x = \\"{DRAFT}\\""]}}]}}',
            ("ambiguous", "notebook_source, more_than_an_id"),
        ),
        ("b.ipynb", f'{{"cells": [{{"outputs": ["{DRAFT}"]}}]}}', ("historical", "notebook_output")),
        ("2_tasks/selected_drafts.txt", f"# not {DRAFT}\n", ("ambiguous", "comment, more_than_an_id")),
        ("2_tasks/selected_essays.txt", f"{DRAFT}\n", ("ambiguous", "in_another_stage")),
    ],
)
def test_treatment_and_every_reason(store, put, path, text, due):
    put(path, text)
    names = ("gen_id", "treatment", "reason")
    assert found_references(audited(store), *names, path=path) == [(DRAFT, *due)]


def test_names_of_files_and_folders_are_references_too(store, put):
    put(f"notes/{DRAFT}/{ESSAY}.md", "nothing")
    assert found_references(audited(store), "path", "kind", "line", "gen_id", "treatment", "reason") == [
        (f"notes/{DRAFT}", "name", None, DRAFT, "ambiguous", "file_name"),
        (f"notes/{DRAFT}/{ESSAY}.md", "name", None, ESSAY, "ambiguous", "file_name, part_of_a_name"),
    ]


def test_the_column_decides_the_stage_of_an_id_of_two_stages(store, put):
    write_generation(store, "essay", DRAFT, ESSAY_RECORD)
    put("a.csv", f"x,draft_gen_id\n{DRAFT},{DRAFT}\n")
    put("b.csv", f"stage,gen_id\nessay,{DRAFT}\n")
    assert found_references(audited(store), "path", "stages", "treatment", "reason") == [
        ("a.csv", "draft essay", "ambiguous", "in_several_stages"),
        ("a.csv", "draft essay", "rewrite", "id"),
        ("b.csv", "draft essay", "rewrite", "id"),
    ]


def test_an_id_that_is_a_word_is_rewritten_only_where_an_id_is_due(store, put):
    write_generation(store, "draft", "draft", DRAFT_RECORD)
    put("a.csv", "gen_id,kind\ndraft,draft\n")
    put("b.md", "the draft.")
    assert treated(store) == [
        ("draft", "rewrite", "id", "csv"),
        ("draft", "ambiguous", "may_be_a_word", None),
        ("draft", "ambiguous", "free_text, may_be_a_word", None),
    ]


@pytest.mark.parametrize("form", ["gzip", "utf-16", "gzip+utf-16"])
def test_packed_or_recoded_files_are_searched_and_left_to_a_person(store, put, form):
    text = f"gen_id\r\né,x\r\n{DRAFT}\r\n"
    data = text.encode("utf-16" if "utf-16" in form else "utf-8")
    put("a.csv.gz" if "gzip" in form else "a.csv", gzip.compress(data) if "gzip" in form else data)
    offset = text.encode().index(DRAFT.encode())
    assert found_references(audited(store), "line", "column", "offset", "treatment", "reason") == [
        (3, 1, offset, "ambiguous", form)
    ]


def test_an_id_across_chunks_is_found_in_a_file_of_any_size(store, put):
    put("big.json", json.dumps(["x" * 50, DRAFT, f"gens/draft/{GONE_LEGACY}/raw.txt"]))
    for chunk in (1, 7, 20, 1000):
        assert treated(store, chunk=chunk, whole=30) == [
            (DRAFT, "ambiguous", "too_large_to_take_apart", None),
            (GONE_LEGACY, "dangling", "too_large_to_take_apart", None),
        ]


@pytest.mark.parametrize(
    ("path", "text", "due"),
    [
        ("a.csv", f"gen_id\n{GONE}\n", [(GONE, "id")]),
        ("a.csv", f"gen_id\n{GONE_LEGACY}\n", [(GONE_LEGACY, "id")]),
        ("a.csv", "gen_id\nd_7\n", [("d_7", "id")]),
        ("a.csv", f"x,y\nd_7,{GONE_LEGACY}\n", []),
        ("a.csv", f"x\n{GONE}\n", [(GONE, "id")]),
        ("a.csv", "x\ngens/draft/d_7/raw.txt\n", [("d_7", "path")]),
        ("a.csv", "gen_id\nnone\n", []),
        (
            "a.md",
            f"{GONE}, d_7 {GONE_LEGACY} gens/essay/{GONE_LEGACY}/x",
            [(GONE, "free_text"), (GONE_LEGACY, "free_text")],
        ),
    ],
)
def test_references_to_missing_generations(store, put, path, text, due):
    put(path, text)
    result = audited(store)
    assert found_references(result, "gen_id", "reason") == due
    assert all(row == ("dangling", None, None) for row in found_references(result, "treatment", "stages", "handler"))


def test_a_gone_id_is_one_finding_for_each_file_and_none_for_words(store, put):
    put("7_cross_experiment/s.csv", f"gen_id,p\n{GONE},gens/draft/{GONE}/raw.txt\n{GONE},\n")
    put("7_cross_experiment/t.csv", f"gen_id\n{GONE}\n{GONE_LEGACY}\n")
    put("notes.md", GONE)
    found = audited(store).findings
    assert found[["code", "severity", "path", "field"]].drop_duplicates().to_numpy().tolist() == [
        ["REFERENCE_DANGLING", "warning", "7_cross_experiment/t.csv", "gen_id"],
        ["REFERENCE_DANGLING", "warning", "7_cross_experiment/s.csv", "gen_id"],
    ]
    assert [(row.stage, row.gen_id) for row in rows(found)] == [(None, GONE_LEGACY), ("draft", GONE), ("draft", GONE)]
    assert found["detail"].tolist() == [
        "referenced once, first in line 3",
        "referenced 3 times, first in line 2",
        "referenced once, first in line 2",
    ]


def test_a_gone_parent_or_member_is_another_audits_finding(store, put):
    write_generation(store, "essay", "e_orphan", {**ESSAY_RECORD, "parent_gen_id": GONE})
    put("cohorts/c1/membership.csv", f"stage,gen_id\ndraft,{GONE_LEGACY}\n")
    put("7_cross_experiment/s.csv", f"gen_id\n{GONE}\n{GONE_LEGACY}\n")
    result = audited(store)
    assert result.findings.empty
    assert result.summary.dangling == {GONE: 2, GONE_LEGACY: 2}


def test_unsearched_files_are_rows_with_the_reason(store, put, tmp_path):
    put("a.bin", b"\0" + DRAFT.encode())
    put("b.txt", f"{DRAFT}\n".encode() * 100 + b"\0")
    put("c.gz", gzip.compress(DRAFT.encode() * 100))
    put("d.gz", b"\x1f\x8b\x08 broken")
    os.mkfifo(store / "e")
    (store / "f").symlink_to(tmp_path)
    put("g.md", DRAFT)
    result = audited(store, unpacked=100, chunk=50)
    assert [
        (path, reason.split(":")[0])
        for path, treatment, reason in found_references(result, "path", "treatment", "reason")
        if treatment == "unscanned"
    ] == [
        ("a.bin", "binary"),
        ("b.txt", "binary"),
        ("c.gz", "gzip_too_large"),
        ("d.gz", "gzip_damaged"),
        ("e", "special_file"),
        ("f", "symbolic_link"),
    ]
    assert result.summary.files == {
        "seen": 10,
        "scanned": 4,
        "unscanned": {"binary": 2, "gzip_damaged": 1, "gzip_too_large": 1, "special_file": 1, "symbolic_link": 1},
    }
    assert {reason: count for reason, count in result.coverage.skipped.items() if count} == {
        "binary": 2,
        "symbolic_link": 1,
    }
    assert result.coverage.unverified == {"gzip_damaged": 1, "gzip_too_large": 1, "special_file": 1}
    assert found_references(result, "treatment", path="g.md") == [("ambiguous",)]


def test_a_vanished_or_unreadable_file_is_reported(store, put, monkeypatch):
    put("a.md", DRAFT)
    put("b.md", DRAFT)
    really = os.open

    def refuse(name, flags, **options):
        if name in ("a.md", "b.md"):
            raise FileNotFoundError if name == "a.md" else PermissionError(13, "no")
        return really(name, flags, **options)

    snapshot = scan(store)
    monkeypatch.setattr(os, "open", refuse)
    assert references(snapshot).summary.files["unscanned"] == {"unreadable": 1, "vanished": 1}


def test_further_roots_are_searched_once(store, tmp_path, put):
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.md").write_text(DRAFT)
    (docs / ".git").mkdir()
    (docs / ".git" / "HEAD").write_text(DRAFT)
    put("b.md", ESSAY)
    result = audited(store, docs, store / "gens", docs, tmp_path, left_out=[docs])
    assert result.summary.roots == [str(store), str(docs), str(tmp_path)]
    assert found_references(result, "root", "path", "gen_id") == [
        (str(store), "b.md", ESSAY),
        (str(docs), "a.md", DRAFT),
    ]
    assert result.summary.left_out[0] == f"{docs}/.git"


def test_a_gone_id_in_a_further_root_is_found_below_it(store, tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.csv").write_text(f"gen_id\n{GONE}\n")
    (found,) = rows(audited(store, tmp_path / "x").findings)
    assert found.path == "a.csv"
    assert str(tmp_path / "x") in found.detail


def test_a_root_that_is_not_there_is_a_broken_call(store, tmp_path):
    with pytest.raises(DDError) as caught:
        audited(store, tmp_path / "nothing")
    assert (caught.value.code, caught.value.ctx["reason"]) == (Err.DATA_MISSING, "no_such_root")


def test_folder_names_that_cannot_be_ids_are_not_searched_for_but_counted(store):
    write_generation(store, "draft", "d copy", DRAFT_RECORD)
    coverage = audited(store).coverage
    assert (coverage.skipped["folder names that cannot be ids"], coverage.unverified) == (1, {})


def test_searching_changes_nothing(store, put):
    put("a.md", DRAFT)
    put("a.csv.gz", gzip.compress(b"x"))
    long_ago = 946_684_800_000_000_000
    for path in [store, *store.rglob("*")]:
        os.utime(path, ns=(long_ago, long_ago))
    audited(store)
    assert {path.stat().st_atime_ns for path in [store, *store.rglob("*")] if path.is_file()} == {long_ago}
    before = fingerprint(store)
    audited(store)
    assert fingerprint(store) == before


def test_progress_is_reported_while_generations_are_searched(root, monkeypatch):
    for number in range(600):
        write_generation(root, "draft", f"d_{number + 1}", DRAFT_RECORD)
    monkeypatch.setattr(source, "SHARD_SIZE", 256)
    reported = []
    references(scan(root), progress=lambda done, total: reported.append((done, total)))
    assert reported == [(256, 600), (512, 600), (600, 600)]


def test_a_selection_is_rewritten_up_to_the_comment_of_a_line(store, put):
    put("2_tasks/selected_essays.txt", f"# not {ESSAY}\n  {ESSAY}  # once {ESSAY}\r\n{ESSAY}#\n")
    assert found_references(audited(store), "line", "column", "treatment", "reason") == [
        (1, 7, "ambiguous", "comment, more_than_an_id"),
        (2, 3, "rewrite", "id"),
        (2, 29, "ambiguous", "comment, more_than_an_id"),
        (3, 1, "rewrite", "id"),
    ]


def test_further_ids_are_searched_for_as_if_they_were_in_the_store(store, put):
    put("t.csv", f"gen_id\n{GONE}\n{DRAFT}\n")
    assert found_references(audited(store), "gen_id", "treatment") == [(GONE, "dangling"), (DRAFT, "rewrite")]
    found = references(scan(store), more={GONE: ("draft",), DRAFT: ("essay",)})
    assert found_references(found, "gen_id", "stages", "treatment") == [
        (GONE, "draft", "rewrite"),
        (DRAFT, "draft essay", "ambiguous"),
    ]


def test_files_that_somebody_else_looks_into_are_passed_over(store, put):
    put("t.csv", f"gen_id\n{DRAFT}\n")
    put("u.csv", f"gen_id\n{ESSAY}\n")
    found = references(scan(store), passed_over=lambda path: path == "t.csv")
    assert found_references(found, "path") == [("u.csv",)]
    assert found.summary.files["seen"] == audited(store).summary.files["seen"] - 1


def test_the_state_of_migrations_is_not_searched(store, put):
    put(".genaudit/ledger.jsonl", f'{{"renames": [["draft", "x", "{DRAFT}"]]}}\n')
    result = audited(store)
    assert found_references(result, "path") == []
    assert result.summary.left_out == [f"{store}/.genaudit"]


@pytest.mark.parametrize("jobs", [2, 3, 7])
def test_any_number_of_processes_gives_the_same_result(tmp_path, jobs):
    root = tmp_path / "store"
    write_sample(root, SampleOptions(drafts=6, faults=("REFERENCE_DANGLING", "STAGE_UNKNOWN", "SYMLINK")))
    # Names that a page escapes, files between and around the stages, and folders that no search enters.
    for name in ("gens/a.txt", "gens/zz.txt", "a.txt", "z\x01.csv", "z!.csv", "gens/essay/notes.txt"):
        (root / name).write_text(f"{next(path.name for path in (root / 'gens/draft').iterdir())} d_0gone\n")
    first, *_ = sorted((root / "gens/evaluation").iterdir())
    for name in (".git", "1_raw/node_modules", f"gens/evaluation/{first.name}/__pycache__", "gens/draft/.venv"):
        (root / name).mkdir()
    further = tmp_path / "further"
    further.mkdir()
    (further / "notes.md").write_text(f"{first.name}\n")
    one, many = (references(scan(root), [further], workers=Workers(number)) for number in (1, jobs))
    pd.testing.assert_frame_equal(one.frame, many.frame)
    pd.testing.assert_frame_equal(one.findings, many.findings)
    assert (one.summary, one.coverage) == (many.summary, many.coverage)
    assert len(one.summary.left_out) == 4
    assert one.frame["path"].nunique() > 100


def test_several_processes_report_their_progress_and_errors(store, monkeypatch):
    reported = []
    references(scan(store), progress=lambda *done: reported.append(done), workers=Workers(2))
    assert reported == sorted(reported)
    assert reported[-1][0] == reported[-1][1]

    def refuse(*_):
        raise DDError(Err.IO_ERROR, {"reason": "not_readable", "path": "gens"})

    monkeypatch.setattr("genaudit.audits.references.walk", refuse)
    with pytest.raises(DDError, match="not readable"):
        references(scan(store), workers=Workers(2))


def test_generations_changed_since_the_scan_are_searched_in_their_current_state(store, put):
    gone, linked, file = (f"d_{number}000000000000000" for number in (1, 2, 3))
    for name in (gone, linked, file):
        put(f"gens/draft/{name}/metadata.json", {**DRAFT_RECORD, "gen_id": name})
    snapshot = scan(store)
    for name in (gone, linked, file):
        shutil.rmtree(store / "gens/draft" / name)
    (store / "gens/draft" / linked).symlink_to(store / "gens/essay")
    (store / "gens/draft" / file).write_text(f"{gone}\n")
    found = references(snapshot)
    assert [(row.path, row.gen_id, row.reason) for row in rows(found.frame) if "000" in row.path] == [
        (f"gens/draft/{linked}", linked, "file_name"),
        (f"gens/draft/{linked}", None, "symbolic_link"),
        (f"gens/draft/{file}", file, "file_name"),
        (f"gens/draft/{file}", gone, "free_text"),
    ]
    assert found.summary.files == {"seen": 5, "scanned": 4, "unscanned": {"symbolic_link": 1}}


def test_files_searched_together_give_the_same_as_each_alone(tmp_path):
    root = tmp_path / "store"
    write_sample(root, SampleOptions(drafts=6, faults=parse_faults("all")))
    first, second, *_ = sorted(path.name for path in (root / "gens/draft").iterdir() if path.name.startswith("d_"))
    odd = {
        "prompt.txt": f"{first}\n\nsee gens/draft/{second}",
        "raw.txt": f"x {second}.txt\0",
        "parsed.txt": gzip.compress(first.encode()),
        "raw_metadata.json": f'{{\n "gen_id": "{GONE}",\n "raw_path": "gens/draft/{GONE}/x", "é": "{first}"}}',
        "parsed_metadata.json": f'{{"gen_id": "{first.upper()}", "parsed_path": "gens/essay/{first}/parsed.txt"}}',
    }
    for name, content in odd.items():
        (root / "gens/draft" / first / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    snapshot = scan(root)
    together, alone = references(snapshot), references(snapshot, limits=Limits(chunk=MAX_RUN - 1))
    pd.testing.assert_frame_equal(together.frame, alone.frame)
    assert (together.summary, together.coverage) == (alone.summary, alone.coverage)
    assert [
        (row.path.rpartition("/")[2], row.line, row.column, row.treatment, row.reason)
        for row in rows(together.frame)
        if row.path.startswith(f"gens/draft/{first}/") and not row.path.endswith("/metadata.json")
    ] == [
        ("parsed.txt", 1, 1, "historical", "generated_text"),
        ("parsed_metadata.json", 1, 13, "ambiguous", "written_differently"),
        ("parsed_metadata.json", 1, 61, "ambiguous", "in_another_stage"),
        ("prompt.txt", 1, 1, "historical", "generated_text"),
        ("prompt.txt", 3, 16, "historical", "generated_text"),
        ("raw.txt", None, None, "unscanned", "binary"),
        ("raw_metadata.json", 2, 13, "dangling", "id"),
        ("raw_metadata.json", 3, 26, "dangling", "path"),
        ("raw_metadata.json", 3, 55, "rewrite", "id"),
    ]
