"""Lineage of a generation as a text tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from genaudit.lookup.facts import GenerationFacts, Relative
from genaudit.schemas import ParentStatus

MOST_CHILDREN: Final = 12
HERE: Final = "<- this one"
# Before a child and the last child, and below each of them.
_CHILD: Final = "├─ "
_LAST: Final = "└─ "
_BELOW_CHILD: Final = "│  "
_BELOW_LAST: Final = "   "


def tree(facts: GenerationFacts, most: int = MOST_CHILDREN) -> Iterator[str]:
    """Draw the ancestors of a generation, itself and its descendants, one generation a line.

    :param most: maximum number of drawn children of one generation.
    """
    path = [f"{one.stage} {one.gen_id} ({one.id_class})" for one in reversed(facts.above)]
    top = facts.above[-1] if facts.above else None
    if (top.status if top else facts.link.status) is ParentStatus.MISSING:
        missing = top.parent_gen_id if top else facts.link.gen_id
        path.insert(0, f"{missing} (not in the store)")
    path.append(f"{facts.stage} {facts.gen_id} ({facts.identity.id_class}) {HERE}")
    for depth, line in enumerate(path):
        yield f"{_BELOW_LAST * (depth - 1)}{_LAST}{line}" if depth else line
    children: dict[str, list[Relative]] = defaultdict(list)
    for one in facts.below:
        children[one.parent_gen_id or ""].append(one)
    yield from _branches(facts.gen_id, children, _BELOW_LAST * (len(path) - 1), most)


def _branches(gen_id: str, children: dict[str, list[Relative]], margin: str, most: int) -> Iterator[str]:
    # Taken out, because generations of two stages may share an id.
    own = children.pop(gen_id, [])
    for place, one in enumerate(own[:most]):
        last = place == len(own) - 1
        yield f"{margin}{_LAST if last else _CHILD}{one.stage} {one.gen_id} ({one.id_class})"
        below = _BELOW_LAST if last else _BELOW_CHILD
        yield from _branches(one.gen_id, children, margin + below, most)
    if len(own) > most:
        yield f"{margin}{_LAST}{len(own) - most:,} more"
