from __future__ import annotations

from genaudit.audits.kinds import kinds_of
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


def test_a_code_that_hits_all_of_a_stage_says_so(tmp_path):
    assert found(drafts(tmp_path, 0, 3))["FIELD_MISSING"] == (3, "3 of 3: all drafts")


def test_a_code_that_hits_most_of_a_stage_names_its_share(tmp_path):
    assert found(drafts(tmp_path, 1, 2))["FIELD_MISSING"] == (2, "2 of 3 drafts")


def test_half_of_a_stage_is_a_list_of_cases(tmp_path):
    assert found(drafts(tmp_path, 2, 2))["FIELD_MISSING"] == (2, "")


def test_no_findings_no_kinds(tmp_path):
    write_generation(make_stages(tmp_path), "draft", DRAFT, DRAFT_RECORD)
    assert found(tmp_path) == {}
