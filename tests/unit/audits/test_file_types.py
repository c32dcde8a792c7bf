import pytest

from genaudit.audits.file_types import HANDLERS, generation_of, placed
from genaudit.schemas import RefKind


@pytest.mark.parametrize(
    ("path", "kind", "stage"),
    [
        ("gens/draft/d_1/metadata.json", RefKind.RECORD, "draft"),
        ("gens/essay/e_1/raw_metadata.json", RefKind.RAW_METADATA, "essay"),
        ("gens/essay/e_1/parsed_metadata.json", RefKind.DATA, "essay"),
        ("gens/evaluation/v_1/raw.txt", RefKind.TEXT, "evaluation"),
        ("gens/draft/d_1/notes.md", RefKind.OTHER, "draft"),
        ("gens/draft/d_1/deep/metadata.json", RefKind.DATA, None),
        ("gens/outline/o_1/metadata.json", RefKind.DATA, None),
        ("cohorts/c1/membership.csv", RefKind.MEMBERSHIP, None),
        ("cohorts/c1/stage_manifest.json", RefKind.STAGE_MANIFEST, None),
        ("cohorts/c1/stage_manifest.previous.json", RefKind.STAGE_MANIFEST, None),
        ("cohorts/c1/manifest.json", RefKind.MANIFEST, None),
        ("cohorts/c1/reports/scores.csv", RefKind.REPORT, None),
        ("cohorts/c1/spec/config.yaml", RefKind.CONFIG, None),
        ("2_tasks/selected_essays.txt", RefKind.SELECTION, "essay"),
        ("2_tasks/selected_drafts.txt", RefKind.SELECTION, "draft"),
        ("7_cross_experiment/aggregated_scores.csv", RefKind.SCORES, "evaluation"),
        ("7_cross_experiment/pivot.csv.gz", RefKind.SCORES, None),
        ("1_raw/llm_models.csv", RefKind.TABLE, None),
        ("notes/log.md", RefKind.DOC, None),
        ("run.log.gz", RefKind.LOG, None),
        ("logs/today.txt", RefKind.LOG, None),
        ("findings_2026-01-02.csv", RefKind.REPORT, None),
        ("book.ipynb", RefKind.NOTEBOOK, None),
        ("Makefile", RefKind.SCRIPT, None),
        ("tool.PY", RefKind.SCRIPT, None),
        ("data.jsonl", RefKind.DATA, None),
        ("COPYING", RefKind.OTHER, None),
    ],
)
def test_folder_and_name_determine_the_type(path, kind, stage):
    found = placed(path, in_store=True)
    assert (found.kind, found.stage) == (kind, stage)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("gens/draft/d_1/metadata.json", RefKind.DATA),
        ("gens/draft/d_1/raw.txt", RefKind.DOC),
        ("7_cross_experiment/pivot.csv", RefKind.TABLE),
        ("exports/aggregated_scores_may.csv", RefKind.SCORES),
        ("backup/c1/membership.csv", RefKind.MEMBERSHIP),
    ],
)
def test_outside_the_data_root_only_names_count(path, kind):
    assert placed(path, in_store=False).kind is kind


def test_only_the_folder_of_a_generation_is_one():
    assert generation_of(["gens", "draft", "d_1"]) == "draft"
    assert generation_of(["gens", "draft"]) is None
    assert generation_of(["gens", "draft", "d_1", "x"]) is None
    assert generation_of(["x", "draft", "d_1"]) is None


def test_whatever_is_structured_has_a_handler_and_no_text_has():
    assert set(RefKind) - set(HANDLERS) == {
        RefKind.TEXT,
        RefKind.REPORT,
        RefKind.LOG,
        RefKind.DOC,
        RefKind.SCRIPT,
        RefKind.NOTEBOOK,
        RefKind.CONFIG,
        RefKind.OTHER,
        RefKind.NAME,
    }
    assert (HANDLERS[RefKind.MEMBERSHIP], HANDLERS[RefKind.STAGE_MANIFEST]) == ("membership", "stage_manifest")
