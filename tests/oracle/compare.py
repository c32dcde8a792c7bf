"""Holding the audits' results against the brute-force check."""

from __future__ import annotations

from collections import Counter

from genaudit.schemas import rows

# The members of a group that are named; the rest is a number.
SHOWN = 10
# Of the others it is not laid down whether they name a field.
NAME_A_FIELD = ("FIELD_", "TEMPLATE_UNKNOWN", "MODEL_UNKNOWN", "COMBO_UNKNOWN", "MEMBERSHIP_CONTRADICTS")


def rows_of(frame):
    """Return the rows of a frame as mappings, with ``None`` for missing values."""
    return [dict(zip(frame, row, strict=True)) for row in rows(frame)]


# Faults of catalogs have tests of their own; here it counts that a catalog without ids is not passed over.
CATALOGS = ("CATALOG_", "REPLICATION_INVALID")


def findings_of(results):
    """The findings of the audits in the oracle's terms."""
    found = Counter()
    for result in results:
        for row in rows_of(result.findings):
            assert row["audit"] == result.name
            assert row["fix"]
            field = row["field"] if row["code"].startswith(NAME_A_FIELD) else None
            if row["code"].startswith(CATALOGS):
                continue
            places = row["audit"] in ("inventory", "cohorts")
            path = row["path"] if places else None
            found[row["audit"], row["code"], row["stage"], row["gen_id"], field, path] += 1
    return found


def check_tables(seen, counted, linked, mapped):
    found = {(row["stage"], row["length"], row["class"]): row["count"] for row in rows_of(counted.frame)}
    assert found == seen.lengths

    found = {
        (row["stage"], row["gen_id"]): {
            **{name: row[name] for name in ("status", "reaches_root", "children", "descendants")},
            "break": (row["break_stage"], row["break_gen_id"]),
        }
        for row in rows_of(linked.frame)
    }
    assert found == seen.parents

    names = ("class", "form", "collision_index", "recomputed_id", "migrated_id", "cause")
    found = {(row["stage"], row["gen_id"]): {name: row[name] for name in names} for row in rows_of(mapped.frame)}
    assert found == {key: {name: row[name] for name in names} for key, row in seen.mapping.items()}
    for row in rows_of(mapped.frame):
        problem = seen.mapping[row["stage"], row["gen_id"]]["problem"]
        assert (row["problem"] is None) is (problem == [])
        assert [word for word in problem if word.replace("_", " ") not in row["problem"].replace("_", " ")] == []


def check_groups(seen, results):
    for result in results:
        for row in rows_of(result.findings):
            others = seen.groups.get((row["code"], row["stage"], row["gen_id"]), [])
            assert [name for name in others[:SHOWN] if name not in row["detail"]] == []
            assert len(others) <= SHOWN or str(len(others) - SHOWN) in row["detail"]


def check(seen, results):
    """Assert that the audits agree with the oracle.

    :param results: of all audits, by name.
    """
    assert findings_of(results.values()) == seen.findings
    reported = {row["path"] for row in rows_of(results["metadata"].findings) if row["code"].startswith(CATALOGS)}
    assert seen.unusable <= reported
    check_tables(seen, results["inventory"], results["parents"], results["recompute"])
    check_groups(seen, results.values())
