"""The expected findings of the audits, computed by brute force.

Reads a store with plain loops and follows every parent step by step, and imports nothing from the package. Where the
audits differ, one of the two is wrong, and this one is short enough to be read.
"""

from __future__ import annotations

from oracle.chains import check_chains
from oracle.cohorts import check_cohorts
from oracle.disk import check_names, walk_gens
from oracle.identity import classify, find_collisions
from oracle.model import Seen
from oracle.records import check_record, find_duplicates, read_catalogs


def look(root):
    seen = Seen()
    walk_gens(root, seen)
    check_names(seen)
    known = read_catalogs(root, seen)
    for row in seen.rows:
        check_record(row, known, seen)
    find_duplicates(seen)
    check_chains(seen)
    for row in seen.rows:
        classify(row, seen)
        found = seen.mapping[row.stage, row.name]
        # A collision suffix is no part of the number that an id is written from.
        length = len(row.name) - 2 if found["collision_index"] else len(row.name)
        seen.lengths[row.stage, length, found["class"]] += 1
    find_collisions(seen)
    check_cohorts(root, seen)
    return seen
