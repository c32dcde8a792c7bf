"""Each record by itself, its values in the catalogs, and records with equal signatures."""

from __future__ import annotations

import csv
import re

from oracle.jsonfile import kind
from oracle.model import EXTRANEOUS, LARGEST_REPLICATE, REQUIRED, SIGNATURE, TEXT_FIELDS

CATALOGS = {
    "draft": ("1_raw/draft_templates.csv", "template_id"),
    "essay": ("1_raw/essay_templates.csv", "template_id"),
    "evaluation": ("1_raw/evaluation_templates.csv", "template_id"),
    "models": ("1_raw/llm_models.csv", "id"),
    "combos": ("combo_mappings.csv", "combo_id"),
}
UNREADABLE = {
    "missing": "METADATA_MISSING",
    "unreadable": "METADATA_UNREADABLE",
    "too_large": "METADATA_TOO_LARGE",
    "not_utf8": "METADATA_NOT_UTF8",
    "bom": "METADATA_BOM",
    "not_json": "METADATA_NOT_JSON",
    "not_object": "METADATA_NOT_OBJECT",
    "duplicate_key": "METADATA_DUPLICATE_KEY",
    "nan": "METADATA_NAN",
}


def read_catalogs(root, seen):
    known = {}
    for name, (path, column) in CATALOGS.items():
        whole = root / path
        known[name] = None
        if whole.exists() or whole.is_symlink():
            known[name] = read_column(whole, column)
            if known[name] is None:
                seen.unusable.add(path)
    return known


def read_column(path, column):
    """The normalised values of a column, or None for an unusable catalog."""
    if kind(path) != "file":
        return None
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))
    except (UnicodeDecodeError, csv.Error):
        return None
    if not lines or column not in lines[0]:
        return None
    place = lines[0].index(column)
    values = {line[place].strip().lower() for line in lines[1:] if len(line) > place and line[place].strip()}
    return values or None


def check_record(row, known, seen):
    def found(code, name=None):
        seen.findings["metadata", code, row.stage, row.name, name, None] += 1

    if row.state == "ok":
        check_required(row, found)
        check_texts(row, found)
        if code := wrong_with_replicate(row.stored.get("replicate")):
            found(code, "replicate")
        check_signature(row, known, found)
    elif row.state != "folder_empty":
        found(UNREADABLE[row.state])


def check_required(row, found):
    for name in REQUIRED[row.stage]:
        if row.stored.get(name) is None and not (name == "template_id" and row.stored.get(row.old_name) is not None):
            found("FIELD_MISSING", name)
    if row.stored.get(row.old_name) is not None:
        found("FIELD_OLD_NAME", row.old_name)


def check_texts(row, found):
    for name in [*TEXT_FIELDS, row.old_name]:
        value = row.stored.get(name)
        if value is None or (name == row.old_name and row.stored.get("template_id") is not None):
            continue
        if name in EXTRANEOUS[row.stage]:
            found("FIELD_EXTRANEOUS", name)
        elif not isinstance(value, str):
            found("FIELD_TYPE", name)
        elif not value.strip():
            found("FIELD_BLANK", name)
        elif name == "mode" and value.strip() not in ("llm", "copy"):
            found("FIELD_OUT_OF_DOMAIN", name)
        elif (name == "stage" and value.strip() != row.stage) or (name == "gen_id" and value.strip() != row.name):
            found("FIELD_CONTRADICTS_FOLDER", name)


def check_signature(row, known, found):
    for name in SIGNATURE[row.stage]:
        if name != "replicate" and "|" in (row.normal(name) or ""):
            found("FIELD_SEPARATOR", name)
    looked_up = [
        ("template_id", known[row.stage], "TEMPLATE_UNKNOWN"),
        ("llm_model_id", known["models"], "MODEL_UNKNOWN"),
    ]
    if row.stage == "draft":
        looked_up.append(("combo_id", known["combos"], "COMBO_UNKNOWN"))
    for name, ids, code in looked_up:
        if ids is not None and row.normal(name) is not None and row.normal(name) not in ids:
            found(code, name)


def wrong_with_replicate(value):
    if value is None:
        return None
    if isinstance(value, str) and not value.strip():
        return "FIELD_BLANK"
    if isinstance(value, str) and re.fullmatch("[0-9]+", value.strip()):
        number, loose = int(value.strip()), True
    elif isinstance(value, float) and value == int(value):
        number, loose = int(value), True
    elif isinstance(value, int) and not isinstance(value, bool):
        number, loose = value, False
    else:
        return "FIELD_TYPE"
    if not 1 <= number <= LARGEST_REPLICATE:
        return "FIELD_OUT_OF_DOMAIN"
    return "FIELD_LOOSE_TYPE" if loose else None


def find_duplicates(seen):
    for row in seen.rows:
        alike = [
            other.name
            for other in seen.rows
            if other.stage == row.stage and row.signature() is not None and other.signature() == row.signature()
        ]
        if len(alike) > 1 and row.name == min(alike):
            seen.findings["metadata", "SIGNATURE_DUPLICATE", row.stage, row.name, None, None] += 1
            seen.groups["SIGNATURE_DUPLICATE", row.stage, row.name] = sorted(alike)[1:]
