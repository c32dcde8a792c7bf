"""Folders of a store as the keys of an object store spell them. Keys are untrusted: some are no paths."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple

from genaudit.layout import GENS
from genaudit.store.bucket import Stored

_MAX_NAME: Final = 255
_MAX_PATH: Final = 3000
_MAX_DEPTH: Final = 100
_NO_NAMES: Final = frozenset({"", ".", ".."})


class Unusable(NamedTuple):
    """A key that is no path, so that no folder can hold it."""

    key: str
    problem: str


@dataclass(slots=True)
class ObjectTree:
    """The files below a data root.

    :param outside: the files outside ``gens/``, by path.
    :param gens: by first folder below ``gens/`` and the name below that, the files in it by path; a blank path is the
        entry itself.
    :param loose: files directly below ``gens/``, and ``gens`` itself under a blank name.
    :param unusable: keys that are no paths.
    """

    outside: dict[str, Stored] = field(default_factory=dict)
    gens: dict[str, dict[str, dict[str, Stored]]] = field(default_factory=dict)
    loose: dict[str, Stored] = field(default_factory=dict)
    unusable: list[Unusable] = field(default_factory=list)

    def __bool__(self) -> bool:
        """Return whether there is any key."""
        return bool(self.outside or self.gens or self.loose or self.unusable)

    def every(self, but: Mapping[str, Container[str]] = MappingProxyType({})) -> Iterator[tuple[str, Stored]]:
        """Yield every file with its path, in no order.

        :param but: by stage, generations that are left out.
        """
        yield from self.outside.items()
        yield from ((f"{GENS}/{name}" if name else GENS, facts) for name, facts in self.loose.items())
        for stage, names in self.gens.items():
            left_out = but.get(stage, ())
            for name, files in names.items():
                for path, facts in files.items() if name not in left_out else ():
                    yield key_of(stage, name, path), facts


def key_of(stage: str, name: str, path: str = "") -> str:
    """Return the key of a file of a generation, or of a file in place of one."""
    return f"{GENS}/{stage}/{name}/{path}" if path else f"{GENS}/{stage}/{name}"


def build_tree(listing: Iterable[tuple[str, Stored]]) -> ObjectTree:
    """Sort the keys of a listing into folders.

    A key is unusable if one of its parts cannot be a file name, or if it is the folder of another key.
    """
    tree = ObjectTree()
    # One object for each path inside a generation: a store repeats few of them.
    paths: dict[str, str] = {}
    for key, facts in listing:
        problem = _problem(key)
        if problem:
            tree.unusable.append(Unusable(key, problem))
            continue
        top, *rest = key.split("/", 3)
        match rest:
            case _ if top != GENS:
                tree.outside[key] = facts
            case [] | [_]:
                tree.loose["".join(rest)] = facts
            case [stage, name, *inner]:
                path = "".join(inner)
                files = tree.gens.setdefault(stage, {}).setdefault(name, {})
                files[paths.setdefault(path, path)] = facts
    _drop_folders(tree)
    tree.unusable.sort()
    return tree


def _problem(key: str) -> str | None:
    parts = key.split("/")
    try:
        data = key.encode()
    except UnicodeEncodeError:
        return "is not Unicode"
    if "\0" in key:
        return "has a null character"
    if not _NO_NAMES.isdisjoint(parts):
        return "has an empty part" if "" in parts else "leads through . or .."
    if len(data) > _MAX_PATH or len(parts) > _MAX_DEPTH or any(len(part.encode()) > _MAX_NAME for part in parts):
        return "is longer or deeper than a path can be"
    return None


def _drop_folders(tree: ObjectTree) -> None:
    """Drop the files that are also folders of others."""
    if tree.gens or "" in tree.loose:
        deeper = [name for name in tree.loose if (name in tree.gens if name else tree.gens or len(tree.loose) > 1)]
        _drop(tree, tree.loose, deeper, f"{GENS}/")
    _drop(tree, tree.outside, _folders(tree.outside), "")
    for stage, names in tree.gens.items():
        for name, files in names.items():
            if len(files) > 1:
                _drop(tree, files, [*_folders(files), *([""] if "" in files else [])], f"{GENS}/{stage}/{name}/")


def _drop(tree: ObjectTree, files: dict[str, Stored], paths: Iterable[str], base: str) -> None:
    for path in paths:
        del files[path]
        tree.unusable.append(Unusable((base + path).rstrip("/"), "is a file and a folder"))


def _folders(files: Mapping[str, Stored]) -> list[str]:
    """Return the paths that are folders of other paths."""
    if not any("/" in path for path in files):
        return []
    folders = {path[:at] for path in files for at, char in enumerate(path) if char == "/"}
    return [path for path in files if path in folders]
