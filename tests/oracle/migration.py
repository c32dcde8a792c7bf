"""Which generation gets which new id, worked out row by row, every question answered by looking at all rows."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from oracle.identity import deterministic_id
from oracle.look import look
from oracle.model import PARENT_STAGE, STAGES

SAFE = re.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")


class Asked(NamedTuple):
    """The requested renames of a migration, and those that it keeps back."""

    excepted: tuple
    only: tuple | None
    held: dict


def renames(root, excepted=(), only=None):
    """The new id of each renamed generation by (stage, id), and the reason of each one that is not, by the same."""
    seen = look(root)
    asked = Asked(excepted, only, {})
    entries = {
        stage: set(os.listdir(root / "gens" / stage)) if (root / "gens" / stage).is_dir() else set()
        for stage in STAGES
    }
    kinds = {key: facts["class"] for key, facts in seen.mapping.items()}
    while True:
        new, clashes = one_round(seen.rows, kinds, entries, asked)
        more = holding_back(seen.rows, kinds, new)
        if not more:
            break
        asked.held.update(more)
    reasons = {}
    for row in seen.rows:
        key = (row.stage, row.name)
        if key not in new:
            reasons[key] = "collision" if key in clashes else why_kept(row, seen.rows, kinds, asked)
    return new, reasons


def above(row, rows):
    for other in rows:
        if other.stage == PARENT_STAGE.get(row.stage) and other.name == row.normal("parent_gen_id"):
            return other
    return None


def why_kept(row, rows, kinds, asked):
    kind = kinds[row.stage, row.name]
    legacy = kind == "legacy"
    reasons = [
        (kind, kind in ("mismatched", "unverifiable")),
        ("excepted", row.name in asked.excepted),
        ("not_chosen", legacy and asked.only is not None and row.name not in asked.only),
        ("unsafe_name", not SAFE.fullmatch(row.name)),
        ("record_disagrees", disagrees(row, "stage", row.stage) or disagrees(row, "gen_id", row.name)),
        ("parent_missing", legacy and row.stage != "draft" and above(row, rows) is None),
        ("child_kept", (row.stage, row.name) in asked.held),
    ]
    return next((reason for reason, holds in reasons if holds), None)


def disagrees(row, field, value):
    stored = row.stored.get(field)
    return stored is not None and (not isinstance(stored, str) or stored.strip() != value)


def one_round(rows, kinds, entries, asked):
    new, clashes = {}, set()
    for stage in STAGES:
        wanted = []
        for row in rows:
            if row.stage != stage or why_kept(row, rows, kinds, asked):
                continue
            parent = above(row, rows)
            moved = parent is not None and (parent.stage, parent.name) in new
            if kinds[stage, row.name] == "legacy" or moved:
                wanted.append((row, after(row, parent, new)))
        given = set()
        for row, signature in sorted(wanted, key=lambda each: each[0].name):
            alike = [other for other, theirs in wanted if theirs == signature and other is not row]
            alike += [
                other
                for other in rows
                if other.stage == stage
                and kinds[stage, other.name] == "deterministic"
                and other.signature() == signature
                and all(other is not each for each, _ in wanted)
            ]
            name = None if alike else first_free(stage, signature, entries[stage], given, rows)
            if name is None:
                clashes.add((stage, row.name))
            else:
                given.add(name)
                new[stage, row.name] = name
    return new, clashes


def after(row, parent, new):
    signature = row.signature()
    if parent is not None and (parent.stage, parent.name) in new:
        return (new[parent.stage, parent.name], *signature[1:])
    return signature


def first_free(stage, signature, entries, given, rows):
    for collision in range(5):
        name = deterministic_id(stage, signature, collision)
        if name not in entries and name not in given:
            return name
        taker = [row for row in rows if row.stage == stage and row.name == name]
        if name not in given and (not taker or taker[0].signature() is None):
            return None
    return None


def holding_back(rows, kinds, new):
    """The parents that would be renamed above a generation whose name holds and stays."""
    found = {}
    for row in rows:
        if kinds[row.stage, row.name] == "deterministic" and (row.stage, row.name) not in new:
            parent = above(row, rows)
            if parent is not None and (parent.stage, parent.name) in new:
                found[parent.stage, parent.name] = row.name
    return found
