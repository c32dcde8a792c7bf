"""The lineage of records, a step at a time."""

from __future__ import annotations

from oracle.model import PARENT_STAGE, STAGES, find

CODES = {
    "missing": "PARENT_MISSING",
    "unreadable": "PARENT_UNREADABLE",
    "wrong_stage": "PARENT_WRONG_STAGE",
    "cycle": "PARENT_CYCLE",
}


def check_chains(seen):
    for row in seen.rows:
        row.status = status(row, seen)
    for row in seen.rows:
        rooted = reaches_root(row, seen)
        code = CODES.get(row.status)
        if row.status == "ok" and not rooted:
            code = "CHAIN_BROKEN_ABOVE"
        if code:
            seen.findings["parents", code, row.stage, row.name, None, None] += 1
        seen.parents[row.stage, row.name] = {
            "status": row.status,
            "reaches_root": rooted,
            "children": len(children(row, seen)),
            "descendants": len(descendants(row, seen)),
            "break": (None, None) if rooted else breaks_at(row, seen),
        }


def target(row, seen):
    """The row that a row's parent reference leads to: in the stage above, else in whichever stage holds it."""
    reference = row.normal("parent_gen_id")
    if row.stage not in PARENT_STAGE or reference is None:
        return None
    for stage in [PARENT_STAGE[row.stage], *STAGES]:
        if found := find(seen, stage, reference):
            return found
    return None


def status(row, seen):
    parent = target(row, seen)
    if row.state != "ok":
        return "unknown"
    if row.stage not in PARENT_STAGE:
        return "root"
    if row.normal("parent_gen_id") is None:
        return "unnamed"
    if parent is None:
        return "missing"
    if parent.stage != PARENT_STAGE[row.stage]:
        return "cycle" if leads_back(row, seen) else "wrong_stage"
    return "ok" if parent.state == "ok" else "unreadable"


def leads_back(row, seen):
    passed = target(row, seen)
    for _ in seen.rows:
        if passed is None or passed is row:
            break
        passed = target(passed, seen)
    return passed is row


def reaches_root(row, seen):
    if row.stage == "draft":
        return row.state == "ok"
    return row.status == "ok" and reaches_root(target(row, seen), seen)


def breaks_at(row, seen):
    while row.status == "ok":
        row = target(row, seen)
    return row.stage, row.name


def children(row, seen):
    linked = ("ok", "unreadable", "wrong_stage", "cycle")
    return [other for other in seen.rows if other.status in linked and target(other, seen) is row]


def descendants(row, seen):
    below, todo = [], children(row, seen)
    while todo:
        other = todo.pop()
        if other is not row and other not in below:
            below.append(other)
            todo.extend(children(other, seen))
    return below
