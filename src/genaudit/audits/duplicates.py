"""Generations that share a signature, and the fields outside of it in which they differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from genaudit.audits.result import MAX_NAMED, Findings, others, shown_value
from genaudit.cohorts.safe_paths import open_below
from genaudit.errors import DDError
from genaudit.layout import GENS, PROMPT, RAW_METADATA, is_safe_name, metadata_path
from genaudit.stages import REPLICATE
from genaudit.store.folders import read_file
from genaudit.store.records import UnreadableError
from genaudit.store.snapshot import Snapshot
from genaudit.store.texts import MAX_TEXT_BYTES, read_report

# Fields that name a generation or its run, or describe its answer instead of its request.
_OF_THE_RECORD: Final = frozenset({"stage", "gen_id", "origin_cohort_id", REPLICATE})
_OF_THE_RUN: Final = frozenset(
    {
        *_OF_THE_RECORD,
        "function",
        "duration_s",
        "finish_reason",
        "truncated",
        "usage",
        "raw_length",
        "raw_lines",
        "raw_path",
        "raw_metadata_path",
        "run_id",
        "digests",
    }
)
_ABSENT: Final = "absent"


def report_duplicates(snapshot: Snapshot, findings: Findings) -> None:
    """Report each group of generations of one signature once, with the differences of its members."""
    names = snapshot.values("gen_id")
    for stage, text, group in duplicates(snapshot):
        gen_ids = [names[row] for row in group]
        findings.add(
            "SIGNATURE_DUPLICATE",
            stage=stage,
            gen_id=gen_ids[0],
            field="signature",
            expected="a signature of its own",
            actual=text,
            path=metadata_path(stage, gen_ids[0]),
            detail=f"shared with {others(gen_ids)}; {_difference(snapshot, stage, group)}",
        )


def duplicates(snapshot: Snapshot) -> Iterator[tuple[str, str, list[int]]]:
    """Find the rows that share a signature: the stage, the signature's text and the rows of each group."""
    for stage, span in snapshot.spans.items():
        # Equal signatures give one id, which is the name of one row at most: the others are among the other ids.
        alike: dict[str, list[int]] = defaultdict(list)
        for row, new in snapshot.other_ids.items():
            if new is not None and row in span:
                alike[new].append(row)
        groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for new, rows in alike.items():
            named = snapshot.rows[stage].get(new, rows[0])
            for row in sorted({named, *rows}) if len(rows) > 1 or named != rows[0] else ():
                groups[snapshot.signature(row)].append(row)
        yield from ((stage, snapshot.signature_text(group[0]), group) for group in groups.values() if len(group) > 1)


def _difference(snapshot: Snapshot, stage: str, group: Sequence[int]) -> str:
    """Name the fields in which the first members of a group differ."""
    facts = [_facts(snapshot, stage, row) for row in group[:MAX_NAMED]]
    records, files = zip(*facts, strict=True)
    # A missing field is a difference; a missing file is none.
    differing = [*_differing(records, _ABSENT), *_differing(files, None)]
    return f"they differ in {', '.join(differing)}" if differing else "they differ in nothing else that is stored"


def _differing(facts: Sequence[Mapping[str, str]], absent: str | None) -> Iterator[str]:
    for name in dict.fromkeys(name for one in facts for name in one):
        values = [*filter(None, dict.fromkeys(one.get(name, absent) for one in facts))]
        if len(values) > 1:
            yield name if name == PROMPT else f"{name} ({', '.join(values[:2])})"


def _facts(snapshot: Snapshot, stage: str, row: int) -> tuple[dict[str, str], dict[str, str]]:
    """Collect the inputs of a generation outside its signature, from its record and from other files."""
    kind = snapshot.stages[stage]
    signature = {*kind.signature, kind.old_template_field}
    record = {
        name: shown_value(value)
        for name, value in snapshot.stored(row).items()
        if name not in _OF_THE_RECORD and name not in signature
    }
    gen_id = snapshot.values("gen_id")[row]
    if not is_safe_name(gen_id):
        return record, {}
    try:
        with open_below(snapshot.root, GENS, stage, gen_id) as folder:
            return record, _of_report(folder, record) | _of_prompt(folder)
    except (DDError, FileNotFoundError):
        return record, {}


def _of_report(folder: int, record: Mapping[str, str]) -> dict[str, str]:
    try:
        report = read_report(folder, (RAW_METADATA,))
    except (FileNotFoundError, UnreadableError):
        return {}
    return {
        name: shown_value(value)
        for name, value in report.items()
        if name not in _OF_THE_RUN and name not in record and value is not None
    }


def _of_prompt(folder: int) -> dict[str, str]:
    try:
        return {PROMPT: sha256(read_file(PROMPT, folder, MAX_TEXT_BYTES)).hexdigest()}
    except (FileNotFoundError, UnreadableError):
        return {}
