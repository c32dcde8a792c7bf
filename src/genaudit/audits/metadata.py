"""Metadata audit: validates every record against the stage table, its folder and the catalogs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import pandas as pd

from genaudit.audits.catalog_checks import report_catalogs
from genaudit.audits.duplicates import report_duplicates
from genaudit.audits.result import AuditResult, Coverage, Findings, shown_value
from genaudit.ids import MAX_REPLICATE, SEPARATOR, normal_replicate
from genaudit.layout import metadata_path
from genaudit.legible import difference_of_twins, twins
from genaudit.schemas import FIELDS, STATE_CODES, RecordState, from_rows, rows
from genaudit.stages import MODES, REPLICATE
from genaudit.store.scan import shown
from genaudit.store.snapshot import Snapshot

_FOLDER_STATES: Final = (RecordState.FOLDER_EMPTY, RecordState.FOLDER_UNREADABLE, RecordState.VANISHED)


@dataclass(frozen=True, slots=True)
class MetadataSummary:
    """Numbers of the metadata audit.

    :param states: number of records by stage and state.
    :param findings: number of findings by code.
    :param unknown_fields: records by field, as ``stage.field``, for fields outside the stage table.
    """

    records: int
    states: dict[str, dict[RecordState, int]]
    findings: dict[str, int]
    generations_with_findings: int
    unknown_fields: dict[str, int]


MetadataResult = AuditResult[MetadataSummary]


def metadata(snapshot: Snapshot) -> MetadataResult:
    """Check every record against the stage table and the catalogs.

    The frame has the columns of :data:`genaudit.schemas.FIELDS`: the number of records and of findings for each stage
    and field.

    :returns: findings ``METADATA_*``, ``FIELD_*``, ``*_UNKNOWN``, ``CATALOG_*``, ``REPLICATION_INVALID`` and
        ``SIGNATURE_DUPLICATE``.
    """
    findings = Findings(snapshot.stages)
    _report_states(snapshot, findings)
    for row in snapshot.irregular:
        _report_record(snapshot, row, findings)
    _report_separators(snapshot, findings)
    _report_unknown(snapshot, findings)
    report_duplicates(snapshot, findings)
    checked = report_catalogs(snapshot.layout, findings)
    found = findings.frame()
    table = _field_table(snapshot, found)
    return AuditResult(
        "metadata", _summary(snapshot, found), table, found, _coverage(snapshot, checked), stages=snapshot.stages
    )


class _Reporter:
    """Collector of the findings about one generation."""

    def __init__(self, findings: Findings, stage: str, gen_id: str) -> None:
        self.findings = findings
        self.where = {"stage": stage, "gen_id": gen_id, "path": metadata_path(stage, gen_id)}

    def __call__(
        self,
        code: str,
        field: str | None = None,
        expected: str | None = None,
        actual: str | None = None,
        detail: str | None = None,
    ) -> None:
        self.findings.add(code, field=field, expected=expected, actual=actual, detail=detail, **self.where)


def _report_states(snapshot: Snapshot, findings: Findings) -> None:
    bad = snapshot.generations[snapshot.generations["state"] != RecordState.OK]
    for row in rows(bad[~bad["state"].isin(_FOLDER_STATES)]):
        path = metadata_path(row.stage, row.gen_id)
        code = STATE_CODES[RecordState(row.state)]
        findings.add(code, stage=row.stage, gen_id=row.gen_id, path=path, detail=row.state_detail)


def _report_record(snapshot: Snapshot, row: int, findings: Findings) -> None:
    """Report the errors of a stored record that is not in normal form, field by field."""
    folder = {field: snapshot.values(field)[row] for field in ("stage", "gen_id")}
    stage, stored = snapshot.stages[folder["stage"]], snapshot.irregular[row]
    report = _Reporter(findings, stage.name, folder["gen_id"])
    old = stage.old_template_field
    has_old = bool(old) and stored.get(old) is not None
    template = old if has_old and stored.get("template_id") is None else "template_id"
    if has_old:
        report("FIELD_OLD_NAME", old, "template_id", shown_value(stored[old]))
    for field in snapshot.stages.record_fields:
        name = template if field == "template_id" else field
        value = stored.get(name)
        if field in stage.extraneous:
            if value is not None:
                report("FIELD_EXTRANEOUS", name, "no such field", shown_value(value))
        elif value is None:
            if field in stage.required:
                report("FIELD_MISSING", name, "a value", "null" if name in stored else "no such field")
        elif problem := _field_problem(field, value):
            report(problem[0], name, problem[1], shown_value(value))
        elif field in folder and folder[field] not in {shown(value), shown(value.strip())}:
            report("FIELD_CONTRADICTS_FOLDER", name, folder[field], shown_value(value))


def _field_problem(field: str, value: object) -> tuple[str, str] | None:
    """Return the error of a field's value by itself, as a code and the expected value."""
    if isinstance(value, str) and not value.strip():
        return "FIELD_BLANK", "a value"
    if field != REPLICATE:
        if not isinstance(value, str):
            return "FIELD_TYPE", "text"
        return ("FIELD_OUT_OF_DOMAIN", " or ".join(MODES)) if field == "mode" and value.strip() not in MODES else None
    if normal_replicate(value) is not None:
        return None if type(value) is int else ("FIELD_LOOSE_TYPE", "a whole number")
    if _is_whole(value):
        return "FIELD_OUT_OF_DOMAIN", f"1 to {MAX_REPLICATE}"
    return "FIELD_TYPE", "a whole number"


def _is_whole(value: object) -> bool:
    """Return whether a replicate is a whole number in any spelling, even if out of range."""
    if isinstance(value, str):
        return value.strip().isascii() and value.strip().isdigit()
    return isinstance(value, (int, float)) and not isinstance(value, bool) and float(value).is_integer()


def _rows_with(snapshot: Snapshot, stage: str, field: str, odd: Callable[[str], bool]) -> Iterator[tuple[int, str]]:
    """Yield the rows of a stage whose normalised value is odd; each distinct value is checked once."""
    span = snapshot.spans[stage]
    values = snapshot.values(field)[span.start : span.stop]
    if found := {value for value in set(values) if value is not None and odd(value)}:
        yield from ((row, value) for row, value in enumerate(values, span.start) if value in found)


def _report_separators(snapshot: Snapshot, findings: Findings) -> None:
    names = snapshot.values("gen_id")
    for stage in snapshot.stages.values():
        for field in stage.signature:
            for row, value in _rows_with(snapshot, stage.name, field, lambda value: SEPARATOR in value):
                report = _Reporter(findings, stage.name, names[row])
                report("FIELD_SEPARATOR", field, f"no {SEPARATOR!r}", shown_value(value))


def _report_unknown(snapshot: Snapshot, findings: Findings) -> None:
    names, catalogs = snapshot.values("gen_id"), snapshot.catalogs
    for stage in snapshot.stages.values():
        checks = (
            ("TEMPLATE_UNKNOWN", "template_id", catalogs.templates[stage.name], stage.template_catalog),
            ("MODEL_UNKNOWN", "llm_model_id", catalogs.models, "llm_models.csv"),
            ("COMBO_UNKNOWN", "combo_id", catalogs.combos, "combo_mappings.csv"),
        )
        for code, field, known, catalog in checks:
            if known is None or field in stage.extraneous:
                continue
            unknown = [*_rows_with(snapshot, stage.name, field, partial(_is_not_in, known))]
            alike = twins({*known, *(value for _, value in unknown)}) if unknown else {}
            for row, value in unknown:
                detail = difference_of_twins(value, alike[value]) if value in alike else None
                report = _Reporter(findings, stage.name, names[row])
                report(code, field, f"an id in {catalog}", shown_value(value), detail)


def _is_not_in(known: frozenset[str], value: str) -> bool:
    return value not in known


def _field_table(snapshot: Snapshot, found: pd.DataFrame) -> pd.DataFrame:
    """Count the records that have each field and the findings that name it, by stage."""
    readable = snapshot.generations[snapshot.generations["state"] == RecordState.OK]
    irregular = readable.index.isin(list(snapshot.irregular))
    flagged = found.groupby(["stage", "field"]).size()
    counts = []
    for stage in snapshot.stages.values():
        own = readable["stage"] == stage.name
        records = [snapshot.irregular[row] for row in readable.index[own & irregular]]
        regular = readable[own & ~irregular]
        for field in snapshot.stages.record_fields:
            stored = sum(record.get(field) is not None for record in records)
            present = int(regular[field].notna().sum()) + stored
            counts.append(
                {
                    "stage": stage.name,
                    "field": field,
                    "required": field in stage.required,
                    "present": present,
                    "absent": int(own.sum()) - present,
                    "flagged": int(flagged.get((stage.name, field), 0)),
                }
            )
    return from_rows(FIELDS, counts, snapshot.stages)


def _summary(snapshot: Snapshot, found: pd.DataFrame) -> MetadataSummary:
    by_code = found["code"].value_counts().sort_index()
    states = snapshot.generations.groupby("stage", observed=False)["state"].value_counts()
    unknown: Counter[str] = Counter()
    for row, record in snapshot.irregular.items():
        stage = snapshot.stages[snapshot.values("stage")[row]]
        known = {*snapshot.stages.record_fields, stage.old_template_field}
        unknown.update(f"{stage.name}.{field}" for field in record if field not in known)
    return MetadataSummary(
        records=len(snapshot.generations),
        states={
            stage: {state: int(states[stage, state]) for state in RecordState if states[stage, state]}
            for stage in snapshot.stages
        },
        findings={str(code): int(count) for code, count in by_code.items()},
        generations_with_findings=len(found.dropna(subset="gen_id")[["stage", "gen_id"]].drop_duplicates()),
        unknown_fields=dict(sorted(unknown.items())),
    )


def _coverage(snapshot: Snapshot, catalog_files: int) -> Coverage:
    states = snapshot.generations["state"].value_counts()
    catalogs = snapshot.catalogs
    sizes = {stage: len(span) for stage, span in snapshot.spans.items()}
    stages = snapshot.stages.values()
    named = [stage.name for stage in stages if stage.template_catalog]
    lists = [(f"{stage} templates", catalogs.templates[stage], sizes[stage]) for stage in named]
    lists.append(("models", catalogs.models, sum(sizes.values())))
    if combined := [sizes[stage.name] for stage in stages if "combo_id" in stage.required]:
        lists.append(("combos", catalogs.combos, sum(combined)))
    return Coverage(
        checked={"records": int(states[RecordState.OK]), "catalogs": catalog_files},
        skipped={f"{name}: no usable catalog": count for name, ids, count in lists if ids is None},
        unverified={
            f"record {state.replace('_', ' ')}": int(states[state])
            for state in RecordState
            if state != RecordState.OK and states[state]
        },
    )
