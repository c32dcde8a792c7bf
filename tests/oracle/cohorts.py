"""Cohorts compared with the store, member by member."""

from __future__ import annotations

import csv
import hashlib
import json
import re

from oracle.model import EXTRANEOUS, PARENT_STAGE, STAGES, Row, find

HEADINGS = ["stage", "gen_id", "cohort_id", "parent_gen_id", "combo_id", "template_id", "llm_model_id", "replicate"]
SAFE = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
NOBODY_THERE = ["folder_empty", "folder_unreadable", "vanished"]


def check_cohorts(root, seen):
    cohorts = [path.parent for path in sorted(root.glob("cohorts/*/membership.csv"))]
    listed, perhaps, absent = [], [], []
    for cohort in cohorts:
        path = f"cohorts/{cohort.name}/membership.csv"
        members = read_members(cohort)
        if members is None:
            seen.findings["cohorts", "MEMBERSHIP_INVALID", None, None, None, path] += 1
            perhaps += re.findall(SAFE, (cohort / "membership.csv").read_text())
            continue
        members = check_manifest(cohort, members, seen)
        keys = [(member["stage"], member["gen_id"]) for member in members]
        listed += keys
        absent += [key for key in keys if not find(seen, *key)]
        wide = "template_id" in (cohort / "membership.csv").read_text().split("\n")[0]
        for member in members:
            check_member(member, path if wide else path.replace("membership.csv", "stage_manifest.json"), seen)
        check_parents(members, keys, path, seen)
    for stage, name in sorted(set(absent)):
        if not in_the_way(stage, name, seen):
            seen.findings["cohorts", "MEMBER_NOT_IN_STORE", stage, name, None, f"gens/{stage}/{name}"] += 1
    for row in seen.rows:
        hidden = row.name in perhaps or row.state in NOBODY_THERE or not re.fullmatch(SAFE, row.name)
        if cohorts and not hidden and (row.stage, row.name) not in listed:
            path = f"gens/{row.stage}/{row.name}/metadata.json"
            seen.findings["cohorts", "GENERATION_IN_NO_COHORT", row.stage, row.name, None, path] += 1


def read_members(cohort):
    """Return the rows of a membership as mappings without blank cells, or None if one of them is invalid."""
    with (cohort / "membership.csv").open(newline="") as file:
        lines = [line for line in csv.reader(file) if line]
    if not lines or not {"stage", "gen_id"} <= set(lines[0]):
        return None
    members = []
    for line in lines[1:]:
        member = {name: value.strip() for name, value in zip(lines[0], line, strict=False) if value.strip()}
        sound = member.get("stage") in STAGES and re.fullmatch(SAFE, member.get("gen_id", ""))
        if not sound or len(line) != len(lines[0]):
            return None
        members.append({name: value for name, value in member.items() if name in HEADINGS})
    return members


def check_manifest(cohort, members, seen):
    """Return the state of the manifest, and the fields of the members if it is good."""

    def found(code):
        path = f"cohorts/{cohort.name}/stage_manifest.json"
        seen.findings["cohorts", code, None, None, None, path] += 1

    plain = [{name: value for name, value in member.items() if name != "cohort_id"} for member in members]
    if not (cohort / "stage_manifest.json").exists():
        found("MANIFEST_MISSING")
        return plain
    try:
        manifest = json.loads((cohort / "stage_manifest.json").read_bytes())
    except ValueError:
        found("MANIFEST_INVALID")
        return plain
    rest = {name: value for name, value in manifest.items() if name != "checksum"}
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if hashlib.sha256(text.encode()).hexdigest() != manifest.get("checksum"):
        found("MANIFEST_INVALID")
        return plain
    if hashlib.sha256((cohort / "membership.csv").read_bytes()).hexdigest() != manifest["membership_sha256"]:
        header = (cohort / "membership.csv").read_text().lstrip("\ufeff").splitlines()[0].split(",")
        named = {(stage, name) for stage, entries in manifest["entries"].items() for name in entries}
        same = named == {(member["stage"], member["gen_id"]) for member in members}
        rewritten = same and sorted(name.strip() for name in header) == ["gen_id", "stage"]
        found("MANIFEST_REWRITTEN" if rewritten else "MANIFEST_STALE")
        return plain
    return [
        {"stage": stage, "gen_id": name, "origin_cohort_id": cohort.name, **entry}
        for stage, entries in manifest["entries"].items()
        for name, entry in entries.items()
    ]


def check_member(member, path, seen):
    row = find(seen, member["stage"], member["gen_id"])
    if row is None or row.state != "ok":
        return
    row_of_manifest = Row(member["stage"], member["gen_id"], "ok", member)
    for name in member:
        if name in ("stage", "gen_id", *EXTRANEOUS[member["stage"]]):
            continue
        if row.normal(name) is not None and row.normal(name) != row_of_manifest.normal(name):
            code = "MEMBERSHIP_CONTRADICTS_METADATA"
            seen.findings["cohorts", code, member["stage"], member["gen_id"], name, path] += 1


def check_parents(members, keys, path, seen):
    hanging = {}
    for member in members:
        row = find(seen, member["stage"], member["gen_id"])
        above = PARENT_STAGE.get(member["stage"])
        if row is None or above is None:
            continue
        parent = row.normal("parent_gen_id") or member.get("parent_gen_id", "").lower()
        if find(seen, above, parent) and (above, parent) not in keys:
            hanging.setdefault((member["stage"], parent), []).append(member["gen_id"])
    for (stage, _), names in hanging.items():
        code = "MEMBER_PARENT_OUTSIDE_COHORT"
        seen.findings["cohorts", code, stage, min(names), None, path] += 1


def in_the_way(stage, name, seen):
    """Whether the inventory has found something else where the generation, or its stage, should be."""
    places = (f"gens/{stage}", f"gens/{stage}/{name}")
    return any(audit == "inventory" and path in places for audit, *_, path in seen.findings)
