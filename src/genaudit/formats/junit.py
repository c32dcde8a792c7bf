"""JUnit XML of a run of audits: a suite for each audit, a test case for each finding code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from genaudit.audits.acceptance import findings_frame
from genaudit.audits.result import AuditResult
from genaudit.audits.run import AuditRun
from genaudit.codes import CODES, SEVERITIES, Code, Severity
from genaudit.formats.messages import message
from genaudit.humanize import counted
from genaudit.legible import legible
from genaudit.schemas import rows

_NUMBERS = ("tests", "failures", "errors")


def render_junit(run: AuditRun, fail_on: Severity | None) -> bytes:
    """Render a run as JUnit XML, as Jenkins and GitLab read it.

    A test case fails if its code has active findings of the severity ``fail_on`` or worse. One whose findings are all
    accepted is skipped. Every finding is listed, in the failure or in the output of its test case.

    :param fail_on: ``None`` if no finding fails.
    """
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows(findings_frame(run)):
        found[row.code].append(row)
    root = ET.Element("testsuites", {"name": "genaudit"})
    for name, result in run.results.items():
        root.append(_suite(name, result, found, fail_on))
    for number in _NUMBERS:
        root.set(number, str(sum(int(suite.get(number, 0)) for suite in root)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'.encode()


def _suite(
    name: str, result: AuditResult[Any], found: Mapping[str, Sequence[Any]], fail_on: Severity | None
) -> ET.Element:
    suite = ET.Element("testsuite", {"name": name})
    if result.not_run:
        case = ET.SubElement(suite, "testcase", {"classname": f"genaudit.{name}", "name": "runs"})
        error = ET.SubElement(case, "error", {"type": result.not_run.reason, "message": "The audit could not run"})
        error.text = legible(result.not_run.sentence)
    for code in CODES.values():
        if code.audit == name:
            suite.append(_case(code, found.get(code.name, ()), fail_on))
    counts = {
        "tests": len(suite),
        "failures": len(suite.findall("testcase/failure")),
        "errors": len(suite.findall("testcase/error")),
        "skipped": len(suite.findall("testcase/skipped")),
    }
    for what, count in counts.items():
        suite.set(what, str(count))
    return suite


def _case(code: Code, found: Sequence[Any], fail_on: Severity | None) -> ET.Element:
    case = ET.Element("testcase", {"classname": f"genaudit.{code.audit}", "name": code.name})
    accepted = [row for row in found if getattr(row, "accepted", "no") == "yes"]
    active = [row for row in found if getattr(row, "accepted", "no") != "yes"]
    fails = fail_on is not None and SEVERITIES.index(code.severity) <= SEVERITIES.index(fail_on)
    if active and fails:
        summary = f"{counted(len(active), 'finding')}: {code.title}"
        failure = ET.SubElement(case, "failure", {"type": code.severity, "message": summary})
        failure.text = "\n".join([*map(message, active), code.fix])
    elif accepted and not active:
        ET.SubElement(case, "skipped", {"message": f"{counted(len(accepted), 'finding')} accepted by the baseline"})
    listed = [
        *(f"{code.severity}: {message(row)}" for row in active if not fails),
        *(legible(f"accepted: {message(row)}; reason: {row.reason}") for row in accepted),
    ]
    if listed:
        ET.SubElement(case, "system-out").text = "\n".join(listed)
    return case
