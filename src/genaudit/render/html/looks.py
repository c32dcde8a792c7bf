"""Details of the generations that a page names, for the closer look behind each id.

A page is bounded, so it has the details of the first generations that its tables name; for the others, the closer
look has the command that shows them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from shlex import quote
from typing import Any, Final

from genaudit.audits.run import AuditRun
from genaudit.legible import legible
from genaudit.page_model import Table
from genaudit.stages import PARENT
from genaudit.store.links import follow
from genaudit.store.relatives import Relatives
from genaudit.store.snapshot import Snapshot

MOST_LOOKS: Final = 300
MOST_CHILDREN: Final = 6
MOST_CODES: Final = 8


def command(root: str | None = None) -> str:
    """Return the command that shows a generation, up to its id.

    :param root: the data root, if the page has it.
    """
    return "genaudit show" if root is None else f"genaudit show --data-root {quote(legible(root))}"


def no_looks() -> dict[str, Any]:
    """Return the data of a page without a run: ids lead to the command alone."""
    return {"command": command(), "stages": [], "classes": [], "ids": {}}


def looks_of(run: AuditRun, tables: Iterable[Table]) -> dict[str, Any]:
    """Collect the details of the generations that tables name.

    :param tables: as the page shows them, the most important first; columns of kind ``id`` name generations.
    :returns: ``ids``, by id one entry for each stage that has it: place of the stage and of the class, id after a
        migration if it differs, ancestors (nearest first), children, number of children, number of descendants,
        finding codes, and the id above all of them that is not in the store.
    """
    snapshot = run.snapshot
    rows = _rows(snapshot, _named(tables))
    relatives = Relatives(follow(snapshot))
    mapping = run.results["recompute"].frame.iloc[rows] if "recompute" in run.results else None
    codes = _codes(run, rows)
    classes = [] if mapping is None else [str(name) for name in mapping["class"].cat.categories]
    ids: dict[str, list[list[Any]]] = defaultdict(list)
    names, stages = snapshot.values("gen_id"), [*snapshot.stages]
    kinds = [-1] * len(rows) if mapping is None else mapping["class"].cat.codes.tolist()
    migrated = [None] * len(rows) if mapping is None else mapping["migrated_id"].tolist()
    for row, kind, new in zip(rows, kinds, migrated, strict=True):
        stage = snapshot.values("stage")[row]
        above, below = relatives.above(row), relatives.below(row)
        children = [one for one in relatives.children(row) if one not in above]
        ids[legible(names[row])].append(
            [
                stages.index(stage),
                kind,
                new if isinstance(new, str) and new != names[row] else "",
                [legible(names[one]) for one in above],
                [legible(names[one]) for one in children[:MOST_CHILDREN]],
                len(children),
                len(below),
                codes.get((stage, names[row]), []),
                _absent(snapshot, relatives, above[-1] if above else row),
            ]
        )
    return {"command": command(snapshot.name), "stages": stages, "classes": classes, "ids": ids}


def _named(tables: Iterable[Table]) -> Iterator[str]:
    for table in tables:
        places = [place for place, column in enumerate(table.columns) if column.kind == "id"]
        for cells in table.cells:
            yield from (str(cells[place]) for place in places if cells[place])


def _rows(snapshot: Snapshot, names: Iterable[str]) -> list[int]:
    """List the rows of the first generations with the given ids."""
    found: dict[int, None] = {}
    for name in names:
        if len(found) >= MOST_LOOKS:
            break
        found.update({known[name]: None for known in snapshot.rows.values() if name in known})
    return list(found)


def _absent(snapshot: Snapshot, relatives: Relatives, top: int) -> str:
    """Return the parent that the top of a chain names, if the store does not have it."""
    named = snapshot.values(PARENT)[top]
    return legible(named) if named and not relatives.above(top) else ""


def _codes(run: AuditRun, rows: Sequence[int]) -> Mapping[tuple[str, str], list[str]]:
    stages, names = run.snapshot.values("stage"), run.snapshot.values("gen_id")
    wanted: dict[tuple[str, str], list[str]] = {(stages[row], names[row]): [] for row in rows}
    found = run.findings
    found = found[found["gen_id"].isin({name for _, name in wanted})]
    for stage, name, code in zip(found["stage"], found["gen_id"], found["code"], strict=True):
        codes = wanted.get((stage, name))
        if codes is not None and str(code) not in codes and len(codes) < MOST_CODES:
            codes.append(str(code))
    return wanted
