from __future__ import annotations

import json

import pandas as pd

from genaudit.audits.finding_kinds import condensed, kinds_of
from genaudit.audits.run import run_audits
from genaudit.store.snapshot import scan
from helpers.stores import DRAFT, DRAFT_RECORD, make_stages, write_generation


def found(root):
    run = run_audits(scan(root), ["metadata"])
    return {kind.code.name: (kind.count, kind.extent) for kind in kinds_of(run.findings, run.snapshot)}


def drafts(root, good, bad):
    make_stages(root)
    for number in range(good):
        write_generation(root, "draft", f"d_g{number}", {**DRAFT_RECORD, "replicate": number + 1})
    for number in range(bad):
        record = {**DRAFT_RECORD, "replicate": good + number + 1}
        del record["llm_model_id"]
        write_generation(root, "draft", f"d_b{number}", record)
    return root


def test_a_code_that_hits_a_whole_stage_is_summarised(tmp_path):
    assert found(drafts(tmp_path, 0, 3))["FIELD_MISSING"] == (3, "3 of 3: all drafts")


def test_a_code_that_hits_most_of_a_stage_names_its_share(tmp_path):
    assert found(drafts(tmp_path, 1, 2))["FIELD_MISSING"] == (2, "2 of 3 drafts")


def test_half_of_a_stage_is_a_list_of_cases(tmp_path):
    assert found(drafts(tmp_path, 2, 2))["FIELD_MISSING"] == (2, "")


def test_no_findings_no_kinds(tmp_path):
    write_generation(make_stages(tmp_path), "draft", DRAFT, DRAFT_RECORD)
    assert found(tmp_path) == {}


def lines(root, findings=None):
    run = run_audits(scan(root), ["metadata"])
    table = condensed(run.findings if findings is None else findings(run.findings), run.snapshot.rows)
    return [
        tuple(None if value != value else value for value in row)  # noqa: PLR0124 (not a number)
        for row in table[["code", "stage", "gen_id", "field", "detail"]].itertuples(index=False)
    ]


def test_findings_of_most_of_a_stage_become_one_row_with_their_shared_values(tmp_path):
    assert lines(drafts(tmp_path, 1, 3)) == [
        ("FIELD_MISSING", "draft", None, "llm_model_id", "3 of 4 drafts, the first d_b0")
    ]


def test_two_findings_of_a_generation_count_it_once(tmp_path):
    drafts(tmp_path, 0, 2)
    for path in tmp_path.glob("gens/draft/*/metadata.json"):
        record = json.loads(path.read_text())
        del record["template_id"]
        path.write_text(json.dumps(record))
    assert lines(tmp_path) == [
        ("FIELD_MISSING", "draft", None, None, "2 of 2: all drafts (4 findings), the first d_b0")
    ]


def test_cases_and_single_findings_keep_their_rows(tmp_path):
    assert [row[2] for row in lines(drafts(tmp_path / "half", 2, 2))] == ["d_b0", "d_b1"]
    assert [row[2] for row in lines(drafts(tmp_path / "one", 0, 1))] == ["d_b0"]


def test_findings_about_generations_of_no_store_keep_their_rows(tmp_path):
    drafts(tmp_path, 0, 2)

    def named(findings):
        return pd.concat([findings, findings.assign(gen_id="d_gone")], ignore_index=True)

    assert [row[2] for row in lines(tmp_path, named)] == [None, "d_gone", "d_gone"]


def test_accepted_findings_are_a_row_of_their_own(tmp_path):
    drafts(tmp_path, 0, 5)

    def judged(findings):
        return findings.assign(accepted=["no", "yes", "no", "yes", "no"])

    assert [row[4] for row in lines(tmp_path, judged)] == [
        "5 of 5: all drafts, the first d_b0",
        "5 of 5: all drafts, the first d_b1",
    ]
