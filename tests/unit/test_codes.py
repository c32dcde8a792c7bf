from __future__ import annotations

import re
from collections import Counter

import pytest

from genaudit.codes import CODES, SEVERITIES, Severity

INVENTORY = """STAGE_FOLDER_MISSING STAGE_UNKNOWN STRAY_FILE SYSTEM_LEFTOVER SYMLINK FOLDER_EMPTY FOLDER_UNREADABLE
    NAME_NOT_AN_ID NAME_CASE_CLASH VANISHED TEXT_EMPTY PROMPT_MISSING COPY_PROMPT_MISSING RAW_MISSING
    RAW_METADATA_MISSING RAW_METADATA_INVALID PARSED_METADATA_MISSING PARSED_METADATA_INVALID"""
METADATA = """METADATA_MISSING METADATA_UNREADABLE METADATA_TOO_LARGE METADATA_NOT_UTF8 METADATA_BOM METADATA_NOT_JSON
    METADATA_NOT_OBJECT METADATA_DUPLICATE_KEY METADATA_NAN FIELD_MISSING FIELD_BLANK FIELD_TYPE FIELD_LOOSE_TYPE
    FIELD_OUT_OF_DOMAIN FIELD_EXTRANEOUS FIELD_OLD_NAME FIELD_CONTRADICTS_FOLDER FIELD_SEPARATOR TEMPLATE_UNKNOWN
    MODEL_UNKNOWN COMBO_UNKNOWN SIGNATURE_DUPLICATE CATALOG_UNREADABLE CATALOG_EMPTY
    CATALOG_COLUMN_MISSING CATALOG_ROW_MALFORMED CATALOG_ID_BLANK CATALOG_ID_REPEATED CATALOG_ID_TWIN
    CATALOG_VALUE_INVALID REPLICATION_INVALID"""
PARENTS = "PARENT_MISSING PARENT_UNREADABLE PARENT_WRONG_STAGE PARENT_CYCLE CHAIN_BROKEN_ABOVE"
RECOMPUTE = "ID_MISMATCH ID_COLLISION"
COHORTS = """MEMBERSHIP_INVALID MEMBER_NOT_IN_STORE MEMBERSHIP_CONTRADICTS_METADATA MEMBER_PARENT_OUTSIDE_COHORT
    GENERATION_IN_NO_COHORT MANIFEST_INVALID MANIFEST_STALE MANIFEST_REWRITTEN MANIFEST_MISSING"""

CONTENT = """PROMPT_DRIFTED MODEL_DRIFTED TEXT_BLANK TEXT_POINTER TEXT_NOT_UTF8 TEXT_HAS_NUL ANSWER_TRUNCATED
    ANSWER_FILTERED PARSE_FAILED PARSED_DIFFERS COPY_SOURCE_MISSING"""


@pytest.mark.parametrize(
    ("audit", "names"),
    [
        ("inventory", INVENTORY),
        ("metadata", METADATA),
        ("parents", PARENTS),
        ("recompute", RECOMPUTE),
        ("cohorts", COHORTS),
        ("rebuild", "REPLICATE_RULES_DIFFER"),
        ("content", CONTENT),
    ],
)
def test_codes_of_each_audit(audit, names):
    assert {code.name for code in CODES.values() if code.audit == audit} == set(names.split())


def test_keys_are_the_codes_names():
    assert [code.name for code in CODES.values()] == list(CODES)
    assert all(re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+|[A-Z]+", name) for name in CODES)


def test_severities_run_from_bad_to_untidy():
    assert [str(severity) for severity in SEVERITIES] == ["error", "warning", "info"]
    assert {code.severity for code in CODES.values()} <= set(Severity)


@pytest.mark.parametrize("name", ["ID_MISMATCH", "ID_COLLISION", "PARENT_MISSING", "METADATA_MISSING", "SYMLINK"])
def test_codes_about_broken_ids_or_chains_are_errors(name):
    assert CODES[name].severity is Severity.ERROR


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
def test_titles_and_remedies_are_sentences(code):
    assert len(code.title.split()) > 2
    assert not code.title.endswith(".")
    assert len(code.fix.split()) > 2
    assert code.fix.endswith(".")


def test_no_two_codes_have_one_title():
    assert [title for title, n in Counter(code.title for code in CODES.values()).items() if n > 1] == []


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        CODES["NEW"] = CODES["SYMLINK"]
    with pytest.raises(AttributeError):
        CODES["SYMLINK"].severity = Severity.INFO
