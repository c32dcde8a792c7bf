"""The entries on disk, one by one."""

from __future__ import annotations

import re

from oracle.jsonfile import kind, read_object
from oracle.model import STAGES, Row

ARTIFACTS = ["metadata.json", "prompt.txt", "raw.txt", "parsed.txt", "raw_metadata.json", "parsed_metadata.json"]


def entries_of(folder):
    return sorted(path.name for path in folder.iterdir())


def walk_gens(root, seen):
    def found(code, stage, name, path):
        seen.findings["inventory", code, stage, name, None, path] += 1

    gens = root / "gens"
    for entry in entries_of(gens):
        if entry not in STAGES:
            what = kind(gens / entry)
            code = {"folder": "STAGE_UNKNOWN", "link": "SYMLINK"}.get(what, "STRAY_FILE")
            found(code, None, None, f"gens/{entry}")
    for stage in STAGES:
        folder = gens / stage
        if stage not in entries_of(gens):
            found("STAGE_FOLDER_MISSING", stage, None, f"gens/{stage}")
        elif kind(folder) != "folder":
            found("SYMLINK" if kind(folder) == "link" else "STRAY_FILE", stage, None, f"gens/{stage}")
        else:
            for entry in entries_of(folder):
                what = kind(folder / entry)
                if what == "folder":
                    walk_generation(folder / entry, stage, entry, seen)
                else:
                    found("SYMLINK" if what == "link" else "STRAY_FILE", stage, entry, f"gens/{stage}/{entry}")


def walk_generation(folder, stage, name, seen):
    def found(code, *entry):
        path = "/".join(["gens", stage, name, *entry])
        seen.findings["inventory", code, stage, name, None, path] += 1

    entries = entries_of(folder)
    if not entries:
        found("FOLDER_EMPTY")
        seen.rows.append(Row(stage, name, "folder_empty", {}))
    elif "metadata.json" in entries:
        seen.rows.append(Row(stage, name, *read_object(folder / "metadata.json")))
    else:
        seen.rows.append(Row(stage, name, "missing", {}))
    for entry in entries:
        if entry.startswith(("raw_", "parsed_")) and entry in ARTIFACTS:
            check_report(folder / entry, found)
        elif entry != "metadata.json":
            check_other(folder / entry, found)
    check_texts(folder, entries, found)


def check_texts(folder, entries, found):
    texts = {
        name
        for name in ("prompt", "raw", "parsed")
        if name + ".txt" in entries and kind(folder / (name + ".txt")) == "file"
    }
    for part in ("raw", "parsed"):
        if part in texts and part + "_metadata.json" not in entries:
            found(part.upper() + "_METADATA_MISSING", part + "_metadata.json")
    if "parsed" in texts and "raw" not in texts:
        found("RAW_MISSING", "raw.txt")
    if "raw" in texts and "prompt" not in texts:
        state, record = read_object(folder / "metadata.json") if "metadata.json" in entries else ("missing", None)
        is_copy = state == "ok" and isinstance(record.get("mode"), str) and record["mode"].strip() == "copy"
        found("COPY_PROMPT_MISSING" if is_copy else "PROMPT_MISSING", "prompt.txt")


def check_report(path, found):
    if read_object(path)[0] != "ok":
        found(path.stem.upper() + "_INVALID", path.name)


def check_other(path, found):
    if kind(path) == "link":
        found("SYMLINK", path.name)
    elif kind(path) != "file" or path.name not in ARTIFACTS:
        found("STRAY_FILE", path.name)
    elif path.stat().st_size == 0:
        found("TEXT_EMPTY", path.name)


def check_names(seen):
    for row in seen.rows:
        path = f"gens/{row.stage}/{row.name}"
        if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", row.name):
            seen.findings["inventory", "NAME_NOT_AN_ID", row.stage, row.name, None, path] += 1
        for other in seen.rows:
            if other.stage == row.stage and other.name != row.name and other.name.lower() == row.name.lower():
                seen.findings["inventory", "NAME_CASE_CLASH", row.stage, row.name, None, path] += 1
                break
