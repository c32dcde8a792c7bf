"""Partition keys in memory."""

from __future__ import annotations


class FakePartitions:
    """Keeps keys by definition, and every call; fails at the given one.

    :param keys: by definition.
    :param loses: keys that are never really added.
    """

    def __init__(self, keys, fails_at=None, loses=()):
        self.by_definition = {name: list(each) for name, each in keys.items()}
        self.calls = []
        self.fails_at = fails_at
        self.loses = frozenset(loses)

    def _call(self, *what):
        if len(self.calls) == self.fails_at:
            self.fails_at = None
            raise OSError(5, "the instance is away")
        self.calls.append(what)

    def keys(self, definition):
        return list(self.by_definition.get(definition, ()))

    def add(self, definition, keys):
        self._call("add", definition, tuple(keys))
        present = self.by_definition.setdefault(definition, [])
        present += [key for key in keys if key not in present and key not in self.loses]

    def delete(self, definition, keys):
        self._call("delete", definition, tuple(keys))
        self.by_definition[definition] = [key for key in self.by_definition[definition] if key not in keys]

    def link(self, definition, old, new):
        self._call("link", definition, old, new)
