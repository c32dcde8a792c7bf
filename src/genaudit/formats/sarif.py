"""SARIF 2.1.0 (OASIS standard) of a run of audits."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from genaudit import __version__
from genaudit.audits.acceptance import findings_frame
from genaudit.audits.run import AuditRun
from genaudit.baseline.entries import BaselineEntry
from genaudit.codes import CODES, Code, Severity
from genaudit.fingerprints import FindingSubject, subjects
from genaudit.formats.messages import message
from genaudit.reports import to_json
from genaudit.schemas import rows

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT: Final = "genaudit/v1"

_BASE: Final = "DATA_ROOT"
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render_sarif(run: AuditRun) -> bytes:
    """Render a run as a SARIF log.

    Every finding is a result. With a baseline, results have a ``baselineState``, accepted ones a suppression, and
    entries without a finding are results in the state ``absent``. Paths are relative to the data root.
    """
    return to_json({"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(run)]})


def _run(run: AuditRun) -> dict[str, Any]:
    codes = [code for code in CODES.values() if code.audit in run.results]
    # An entry of the baseline may name a code that this version no longer has.
    places = {code.name: number for number, code in enumerate(codes)}
    driver = {
        "name": "genaudit",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(code) for code in codes],
    }
    return {
        "tool": {"driver": driver},
        "invocations": [_invocation(run)],
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_BASE: {"description": {"text": "The data root: the folder that has gens/ in it."}}},
        "results": [*_results(run, places), *_absent(run, places)],
    }


def _rule(code: Code) -> dict[str, Any]:
    return {
        "id": code.name,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": f"{code.title}."},
        "help": {"text": code.fix},
        "defaultConfiguration": {"level": _LEVELS[code.severity]},
        "properties": {"audit": code.audit},
    }


def _invocation(run: AuditRun) -> dict[str, Any]:
    notes = [
        {"level": "error", "message": {"text": f"The audit {name} could not run. {result.not_run.sentence}"}}
        for name, result in run.results.items()
        if result.not_run
    ]
    return {"executionSuccessful": not notes, "toolExecutionNotifications": notes}


def _results(run: AuditRun, places: dict[str, int]) -> list[dict[str, Any]]:
    table = findings_frame(run)
    match = run.baseline
    entries = match.entries if match else (None,) * len(table)
    results = []
    for row, subject, entry in zip(rows(table), subjects(run.findings), entries, strict=True):
        result = _result(subject, _LEVELS[Severity(row.severity)], message(row), places)
        result["properties"] = {"fix": row.fix}
        if match:
            result["baselineState"] = "unchanged" if entry else "new"
            result["suppressions"] = [_suppression(entry)] if entry and row.accepted == "yes" else []
        results.append(result)
    return results


def _absent(run: AuditRun, places: dict[str, int]) -> list[dict[str, Any]]:
    entries = run.baseline.unmatched if run.baseline else ()
    text = "In the baseline, and no longer found"
    results = []
    for entry in entries:
        code = CODES.get(entry.subject.code)
        level = _LEVELS[code.severity] if code else "none"
        result = _result(entry.subject, level, f"{text}: {entry.subject.code}", places)
        results.append({**result, "baselineState": "absent", "suppressions": [_suppression(entry)]})
    return results


def _result(subject: FindingSubject, level: str, text: str, places: dict[str, int]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": subject.code,
        **({"ruleIndex": places[subject.code]} if subject.code in places else {}),
        "level": level,
        "message": {"text": text},
        "partialFingerprints": {FINGERPRINT: subject.fingerprint},
    }
    location: dict[str, Any] = {}
    if subject.path:
        location["physicalLocation"] = {"artifactLocation": {"uri": quote(subject.path), "uriBaseId": _BASE}}
    if subject.gen_id:
        name = "/".join(filter(None, (subject.stage, subject.gen_id, subject.field)))
        location["logicalLocations"] = [{"name": subject.gen_id, "fullyQualifiedName": name, "kind": "object"}]
    return {**result, "locations": [location]} if location else result


def _suppression(entry: BaselineEntry) -> dict[str, Any]:
    terms = {"by": entry.by, "until": entry.until}
    known = {name: value for name, value in terms.items() if value is not None}
    suppression = {"kind": "external", "status": "accepted", "justification": entry.reason}
    return {**suppression, **({"properties": known} if known else {})}
