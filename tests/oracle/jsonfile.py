"""Reading one JSON file strictly."""

from __future__ import annotations

import json
import stat

DEEPEST = 100
LARGEST = 1024 * 1024


def kind(path):
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        return "link"
    if stat.S_ISDIR(mode):
        return "folder"
    return "file" if stat.S_ISREG(mode) else "special"


def read_object(path):
    """The state of a JSON file, and the object in it where the state is ok."""
    if kind(path) != "file":
        return "unreadable", {}
    if path.stat().st_size > LARGEST:
        return "too_large", {}
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return "not_utf8", {}
    if text.startswith("\ufeff"):
        return "bom", {}
    return read_text(text)


def read_text(text):
    constants, doubles = [], []

    def pairs(items):
        if len({key for key, _ in items}) < len(items):
            doubles.append(items)
        return dict(items)

    if not shallow(text):
        return "not_json", {}
    try:
        value = json.loads(text, parse_constant=constants.append, object_pairs_hook=pairs)
        # Refuses lone surrogates, and numbers that no double can hold.
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    except ValueError:
        return "not_json", {}
    if constants:
        return "nan", {}
    if not isinstance(value, dict):
        return "not_object", {}
    return ("duplicate_key", {}) if doubles else ("ok", value)


def shallow(text):
    deepest = level = 0
    inside = escaped = False
    for character in text:
        if inside:
            inside = escaped or character != '"'
            escaped = character == "\\" and not escaped
        elif character == '"':
            inside = True
        elif character in "[{":
            level += 1
            deepest = max(deepest, level)
        elif character in "]}":
            level -= 1
    return deepest <= DEEPEST
