"""Sections of a migration plan: new ids, kept names, changed files and files left to a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from genaudit import charts
from genaudit.humanize import counted
from genaudit.layout import GENS, METADATA
from genaudit.migration.edits import Edit, EditKind
from genaudit.migration.mapping import KeepReason
from genaudit.migration.plan import Plan
from genaudit.migration.remedies import LEFT, LEFT_OTHERWISE, REMEDIES
from genaudit.page_model import Card, Column, Figure, Section, Table, first_of_each, number_table
from genaudit.schemas import RenameCause
from genaudit.stages import partitions_of

_BEFORE_AFTER: Final = "An id holds if it is the one that its record gives. Names kept are below under Names kept."
_CAUSES: Final = {RenameCause.OWN.value: "by its own record", RenameCause.CASCADE.value: "its parent gets a new id"}
_KINDS: Final = (
    "records",
    "reports beside answers",
    "stage manifests",
    "files of cohorts",
    "other files",
)
_LONGEST_REASON: Final = 60


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """The summary at the top of a plan's page.

    :param first: the next steps, with their commands.
    """

    tone: str
    headline: str
    verdict: str
    cards: tuple[Card, ...]
    first: tuple[dict[str, str], ...]


def plan_summary(plan: Plan, source: str) -> PlanSummary:
    """Build the summary of a plan's page.

    :param source: the name of the plan's file.
    """
    renamed, edited = len(plan.renames), len(plan.edits)
    files = Counter(file_kind(edit.path, edit.kind) for edit in plan.edits)
    kept = Counter(each.reason for each in plan.excluded)
    left = Counter(each.reason for each in plan.left)
    headline = f"{counted(renamed, 'generation')} would get a new id" if renamed else "Nothing to rename"
    verdict = (
        f"{counted(edited, 'file')} would change with them, {counted(len(plan.excluded), 'generation')} would keep a"
        f" name that could change, and {counted(len(plan.left), 'file')} need manual review."
        f" Names that hold already: {sum(plan.unchanged.values()):,}. Nothing has been changed yet."
    )
    cards = (
        Card("New ids", renamed, plan.counts()),
        Card("Files that change", edited, {kind: files[kind] for kind in _KINDS if files[kind]}),
        Card("Names kept", len(plan.excluded), _by_words(kept)),
        Card("For manual review", len(plan.left), _by_words(left)),
    )
    tone = "empty" if not renamed else "attention" if plan.excluded or plan.left else "good"
    return PlanSummary(tone, headline, verdict, cards, tuple(_next(plan, source)))


def _next(plan: Plan, source: str) -> list[dict[str, str]]:
    if not plan.renames:
        return [{"what": "Nothing: no generation gets another name by this plan.", "command": ""}]
    steps = [{"what": "Read below which names are kept, and why.", "command": ""}] if plan.excluded else []
    return [
        *steps,
        {"what": "Try it on a copy of the store.", "command": f"genaudit migrate simulate {source} --into COPY"},
        {"what": "Apply it, with nothing else at work.", "command": f"genaudit migrate apply {source} --yes"},
        {"what": "If need be, take it back, to the byte.", "command": "genaudit migrate rollback --yes"},
    ]


def _by_words(counts: Counter[str]) -> dict[str, int]:
    return {_in_words(reason): counts[reason] for reason in sorted(counts)}


def _in_words(reason: str) -> str:
    return reason.replace("_", " ")[:_LONGEST_REASON]


def file_kind(path: str, kind: str) -> str:
    """Describe the kind of file that an edit changes."""
    records, reports, manifests, cohorts, others = _KINDS
    if kind == EditKind.MANIFEST:
        return manifests
    if path.startswith(f"{GENS}/"):
        return records if path.endswith(f"/{METADATA}") else reports
    return cohorts if path.startswith("cohorts/") else others


def plan_sections(plan: Plan, source: str) -> list[Section]:
    """Build the sections of a plan."""
    writers = (_renames, _kept, _files, _left, _keys)
    return [section for write in writers if (section := write(plan, source))]


def _renames(plan: Plan, source: str) -> Section | None:
    causes = Counter((each.stage, each.cause) for each in plan.renames)
    kept = Counter(each.stage for each in plan.excluded)
    columns = (
        Column("stage", "Stage"),
        *(Column(cause, f"New: {label}", "number") for cause, label in _CAUSES.items()),
        Column("kept", "Name kept", "number"),
        Column("unchanged", "Name holds", "number"),
    )
    cells = [
        [stage, *(causes[stage, cause] for cause in _CAUSES), kept[stage], plan.unchanged.get(stage, 0)]
        for stage in plan.stages
    ]
    listed = (
        Column("stage", "Stage", choose=True),
        Column("old", "Id today", "id"),
        Column("new", "Id after migration", "code"),
        Column("cause", "Why", choose=True),
    )
    shown = [plan.renames[place] for place in first_of_each([(each.stage, each.cause) for each in plan.renames])]
    examples = [[each.stage, each.old, each.new, _CAUSES.get(each.cause, each.cause)] for each in shown]
    kinds = ("stage", "cause")
    return _section(
        "renames",
        "New ids",
        "Which generations get which new ids, and why?",
        ["A new id is the one that the generation's record gives. Where a parent gets one, its children's follow."],
        [
            number_table("renames-counts", "Generations by stage", columns, cells),
            Table("renames-all", "Old and new ids", listed, examples, len(plan.renames), source, each=kinds),
        ],
        [Figure("before-after", _BEFORE_AFTER, lambda: charts.before_and_after(_holding(plan)))],
    )


def _holding(plan: Plan) -> dict[str, tuple[int, int, int]]:
    """Count by stage the ids that hold today, those that get a new one, and those that keep a name."""
    renamed, kept = plan.counts(), Counter(each.stage for each in plan.excluded)
    return {stage: (plan.unchanged.get(stage, 0), renamed.get(stage, 0), kept[stage]) for stage in plan.stages}


def _kept(plan: Plan, source: str) -> Section | None:
    return _by_reason(
        "kept",
        "Names kept",
        "Which generations keep a name that could change, why, and how is that resolved?",
        (
            Column("stage", "Stage", choose=True),
            Column("gen_id", "Generation", "id"),
            Column("other", "In its way", "id"),
        ),
        [(each.reason, [each.stage, each.gen_id, each.other]) for each in plan.excluded],
        lambda reason: REMEDIES[KeepReason(reason)],
        source,
    )


def _left(plan: Plan, source: str) -> Section | None:
    return _by_reason(
        "left",
        "For manual review",
        "Which files may contain ids that change, and are left as they are?",
        (Column("path", "Path", "path"),),
        [(each.reason, [each.path]) for each in plan.left],
        lambda reason: LEFT.get(reason, LEFT_OTHERWISE),
        source,
    )


def _by_reason(  # noqa: PLR0917 (two sections of one form)
    key: str,
    title: str,
    question: str,
    columns: tuple[Column, ...],
    found: Sequence[tuple[str, list[Any]]],
    explained: Callable[[str], tuple[str, str]],
    source: str,
) -> Section | None:
    if not found:
        return None
    counts = Counter(reason for reason, _ in found)
    summary = (
        Column("reason", "Reason"),
        Column("count", "How many", "number"),
        Column("means", "What it means"),
        Column("do", "What to do"),
    )
    cells: list[list[Any]] = [[_in_words(reason), counts[reason], *explained(reason)] for reason in sorted(counts)]
    listed = (Column("reason", "Reason", choose=True), *columns)
    shown = [found[place] for place in first_of_each([reason for reason, _ in found])]
    rows = [[_in_words(reason), *row] for reason, row in shown]
    return _section(
        key,
        title,
        question,
        [],
        [
            number_table(f"{key}-counts", f"{title}: by reason", summary, cells),
            Table(f"{key}-all", f"{title}: one by one", listed, rows, len(found), source, each=("reason",)),
        ],
    )


def _files(plan: Plan, source: str) -> Section | None:
    if not plan.edits:
        return None
    kinds = [file_kind(edit.path, edit.kind) for edit in plan.edits]
    files = Counter(kinds)
    places: Counter[str] = Counter()
    for edit, kind in zip(plan.edits, kinds, strict=True):
        places[kind] += len(edit.spans)
    summary = (
        Column("kind", "Kind of file"),
        Column("files", "Files", "number"),
        Column("places", "Ids exchanged", "number"),
    )
    listed = (
        Column("kind", "Kind of file", choose=True),
        Column("path", "Path today", "path"),
        Column("places", "Ids exchanged", "number"),
        Column("example", "The first of them", "code"),
    )
    rows = [
        [kinds[place], edit.path, len(edit.spans) or "", _example(edit)]
        for place in first_of_each(kinds)
        for edit in [plan.edits[place]]
    ]
    return _section(
        "files",
        "Files that change",
        "Which files change with the names, and how?",
        ["Ids are replaced in place, every other byte stays; stage manifests are rewritten."],
        [
            number_table("files-counts", "By kind", summary, [[k, files[k], places[k]] for k in _KINDS if files[k]]),
            Table("files-all", "One by one", listed, rows, len(plan.edits), source, each=("kind",)),
        ],
    )


def _example(edit: Edit) -> str | None:
    return f"{edit.spans[0].old} → {edit.spans[0].new}" if edit.spans else None


def _keys(plan: Plan, source: str) -> Section | None:
    del source
    changing = [[partitions_of(stage), count] for stage, count in plan.counts().items() if count]
    if not changing:
        return None
    columns = (Column("definition", "Definition", "code"), Column("count", "Keys that may change", "number"))
    return _section(
        "partitions",
        "Partition keys",
        "Which keys of a pipeline follow?",
        ["Those that are registered; with --dagster-home they follow the store, forwards and back."],
        [number_table("partitions-counts", "By definition", columns, changing)],
    )


def _section(  # noqa: PLR0917 (the parts of a section, in order)
    key: str, title: str, question: str, sentences: list[str], tables: list[Table], figures: Sequence[Figure] = ()
) -> Section:
    return Section(key, title, question, tuple(sentences), tables=tuple(tables), figures=tuple(figures))
