"""Positions of ids in bytes, searched one id after the other.

Imports nothing from the package: for each id every substring, and for each substring the bytes around it.
"""

from __future__ import annotations

import re

ALNUM = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
MARKS = frozenset(b"_.-")
HASH = re.compile(r"[dev]_[1-9a-z][0-9a-z]{12,15}(-[1-4])?|(?=.*[0-9])[0-9a-z]{16}")
SUFFIX = re.compile(rb"-[1-4]_*(?![A-Za-z0-9_])")


def occurrences_in(data, ids):
    """Return every occurrence of an id: offset, id, and whether it is a part of a longer word."""
    wholes, parts = {}, set()
    for gen_id in ids:
        for match in re.finditer(b"(?=%s)" % re.escape(gen_id.encode()), data):
            start = match.start()
            end = start + len(gen_id)
            left, right = reach(data, start, -1, MARKS), reach(data, end, 1, MARKS)
            if not is_alnum(data, left - 1) and not is_alnum(data, right):
                # Of several ids that leave nothing but marks, the leftmost and then the longest.
                alone = not ALNUM.isdisjoint(gen_id.encode()) or (left, right) == (start, end)
                if alone and (left not in wholes or (start, -end) < (wholes[left][0], -wholes[left][1])):
                    wholes[left] = (start, end, right, gen_id)
            elif HASH.fullmatch(gen_id) and is_separate(data, start, end, gen_id):
                parts.add((start, end, gen_id))
    found = {(start, gen_id, False) for start, _, _, gen_id in wholes.values()}
    for start, end, gen_id in parts:
        if not any(left <= start and end <= whole[2] for left, whole in wholes.items()):
            found.add((start, gen_id, True))
    return found


def reach(data, place, step, chars):
    """Go over characters of a kind to the left or right of a place."""
    while 0 <= (at := place - (step < 0)) < len(data) and data[at] in chars:
        place += step
    return place


def is_alnum(data, place):
    return 0 <= place < len(data) and data[place] in ALNUM


def is_separate(data, start, end, gen_id):
    left, right = reach(data, start, -1, b"_"), reach(data, end, 1, b"_")
    if is_alnum(data, left - 1) or is_alnum(data, right):
        return False
    has_suffix = re.search("-[1-4]$", gen_id) is not None
    return has_suffix or SUFFIX.match(data, right) is None


def line_and_column(data, offset):
    before = data[:offset].decode("utf-8", "ignore")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
