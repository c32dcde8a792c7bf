"""The page of the Python API, from the docstrings of the names that ``import genaudit`` gives."""

from __future__ import annotations

import inspect
import re
from enum import Enum

import genaudit

_FIELD = re.compile(r"^:(param|ivar|returns|raises)(?: (\w+))?: (.*)$")
_ROLE = re.compile(r":\w+:`(?:~[\w.]*?)?([\w.]+)`")
_INTRODUCTION = """# Python API

`import genaudit` gives the names below and imports nothing else: each is loaded when it is first used. Functions take
a data root (a `Path` or a string) or a `Snapshot` of one. Scan once and pass the snapshot to get several answers
about one state of a store.

A test runs the examples. They use names as imported by `from genaudit import …`; their store comes from:

```sh
genaudit sample store --drafts 24 --seed 7 --faults FIELD_MISSING,ID_MISMATCH,PARENT_MISSING
```
"""


def api_page() -> str:
    """Describe every name of the API."""
    return "\n".join([_INTRODUCTION, *(line for name in genaudit.__all__ for line in _entry(name))]).rstrip() + "\n"


def _entry(name: str) -> list[str]:
    value = getattr(genaudit, name)
    is_class = inspect.isclass(value)
    lines = [f"## {name}", ""]
    if not is_class:
        # Annotations are texts, which a signature quotes.
        signature = re.sub(r"'([^']*)'", r"\1", str(inspect.signature(value)))
        lines += ["```python", f"{name}{signature}", "```", ""]
    lines += _described(inspect.getdoc(value) or "")
    if is_class and not issubclass(value, Enum):
        lines += _members(value)
    return lines


def _described(docstring: str) -> list[str]:
    """Turn a docstring into Markdown: its text, a list of its fields, its examples."""
    text, fields, examples = [], [], []
    for line in docstring.splitlines():
        field = _FIELD.match(line)
        if line.startswith(">>>") or (examples and line):
            examples.append(line)
        elif field:
            kind, name, rest = field.groups()
            head = {"param": f"`{name}`", "ivar": f"`.{name}`", "returns": "Returns", "raises": f"Raises `{name}`"}[
                kind
            ]
            fields.append(f"- {head}: {_marked(rest)}")
        elif fields and line.strip():
            fields[-1] += f" {_marked(line.strip())}"
        elif not fields:
            text.append(_marked(line))
    lines = ["\n".join(text).strip(), ""]
    lines += [*fields, ""] if fields else []
    return [*lines, "```pycon", *examples, "```", ""] if examples else lines


def _members(value: type) -> list[str]:
    """List the public properties and methods of a class with the first sentence of each."""
    found = []
    for name, member in vars(value).items():
        docstring = inspect.getdoc(member)
        is_documented = isinstance(member, property) or inspect.isfunction(member) or hasattr(member, "func")
        if name.startswith("_") or not docstring or not is_documented:
            continue
        call = "()" if inspect.isfunction(member) else ""
        found.append(f"- `.{name}{call}`: {_marked(docstring.partition(chr(10) * 2)[0].replace(chr(10), ' '))}")
    return [*sorted(found), ""] if found else []


def _marked(text: str) -> str:
    return _ROLE.sub(r"`\1`", text).replace("``", "`")
