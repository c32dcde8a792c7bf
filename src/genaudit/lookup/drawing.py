"""Lineage of a generation as a text tree."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from genaudit.lookup.generation import GenerationFacts, Relative
from genaudit.schemas import ParentStatus

MOST_CHILDREN: Final = 12
HERE: Final = "<- this one"


class Strokes(NamedTuple):
    """The characters of a tree, all of one width: before a child and the last child, and below each of them."""

    child: str
    last: str
    below_child: str
    below_last: str


LINES: Final = Strokes("├─ ", "└─ ", "│  ", "   ")
ASCII: Final = Strokes("|- ", "`- ", "|  ", "   ")


def tree(facts: GenerationFacts, strokes: Strokes = LINES, most: int = MOST_CHILDREN) -> Iterator[str]:
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
        yield f"{strokes.below_last * (depth - 1)}{strokes.last}{line}" if depth else line
    children: dict[str, list[Relative]] = defaultdict(list)
    for one in facts.below:
        children[one.parent_gen_id or ""].append(one)
    yield from _branches(facts.gen_id, children, strokes.below_last * (len(path) - 1), strokes, most)


def _branches(
    gen_id: str, children: dict[str, list[Relative]], margin: str, strokes: Strokes, most: int
) -> Iterator[str]:
    # Taken out, because generations of two stages may share an id.
    own = children.pop(gen_id, [])
    for place, one in enumerate(own[:most]):
        last = place == len(own) - 1
        yield f"{margin}{strokes.last if last else strokes.child}{one.stage} {one.gen_id} ({one.id_class})"
        below = strokes.below_last if last else strokes.below_child
        yield from _branches(one.gen_id, children, margin + below, strokes, most)
    if len(own) > most:
        yield f"{margin}{strokes.last}{len(own) - most:,} more"
