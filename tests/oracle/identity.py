"""Which ids hold, each worked out from its record."""

from __future__ import annotations

import hashlib
import re

from oracle.model import PARENT_STAGE, PREFIX, SIGNATURE, find


def deterministic_id(stage, signature, collision=0):
    text = "|".join(str(part) for part in signature)
    if collision:
        text += f"|collision:{collision}"
    number = int(hashlib.blake2b(text.encode("utf-8"), digest_size=10).hexdigest(), 16)
    digits = ""
    while number:
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36] + digits
        number //= 36
    return PREFIX[stage] + digits + (f"-{collision}" if collision else "")


def form_of(stage, name):
    """The form of a name by its looks, and its collision index."""
    if match := re.fullmatch(PREFIX[stage] + "[1-9a-z][0-9a-z]{0,15}(-[1-4])?", name):
        return "deterministic", int(match[1][1]) if match[1] else 0
    return ("legacy" if re.fullmatch("[0-9a-z]{16}", name) else "unknown"), 0


def recomputed(row):
    if row.signature() is None:
        return None
    return deterministic_id(row.stage, row.signature(), form_of(row.stage, row.name)[1])


def migrated(row, seen):
    if row.signature() is None:
        return None
    if row.stage in PARENT_STAGE:
        above = find(seen, PARENT_STAGE[row.stage], row.normal("parent_gen_id"))
        new = migrated(above, seen) if above else None
        if new is not None and new != above.name:
            return deterministic_id(row.stage, (new, *row.signature()[1:]))
    return recomputed(row)


def classify(row, seen):
    form, collision = form_of(row.stage, row.name)
    own, after = recomputed(row), migrated(row, seen)
    if own is None:
        verdict = "unverifiable"
    elif own == row.name:
        verdict = "deterministic"
    else:
        verdict = "mismatched" if form == "deterministic" else "legacy"
    if verdict == "mismatched":
        seen.findings["recompute", "ID_MISMATCH", row.stage, row.name, None, None] += 1
    missing = [name for name in SIGNATURE[row.stage] if row.normal(name) is None]
    seen.mapping[row.stage, row.name] = {
        "class": verdict,
        "form": form,
        "collision_index": collision,
        "recomputed_id": own,
        "migrated_id": after,
        "cause": "none" if after is None or after == row.name else "cascade" if own == row.name else "own",
        "problem": [] if own else ([row.state] if row.state != "ok" else missing),
    }


def find_collisions(seen):
    for row in seen.rows:
        name = migrated(row, seen) or row.name
        alike = [
            other for other in seen.rows if other.stage == row.stage and (migrated(other, seen) or other.name) == name
        ]
        one_thing = row.signature() is not None and all(other.signature() == row.signature() for other in alike)
        if len(alike) > 1 and not one_thing and row.name == min(other.name for other in alike):
            seen.findings["recompute", "ID_COLLISION", row.stage, row.name, None, None] += 1
            seen.groups["ID_COLLISION", row.stage, row.name] = sorted(other.name for other in alike)[1:]
