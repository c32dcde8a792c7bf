from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from genaudit.audits.result import NotRun
from genaudit.audits.run import AuditRun
from genaudit.codes import CODES, Severity
from genaudit.formats.junit import render_junit

SCHEMA = xmlschema.XMLSchema(str(Path(__file__).parents[2] / "data/schemas/junit-10.xsd"))


def suites(run, fail_on=Severity.ERROR):
    data = render_junit(run, fail_on)
    SCHEMA.validate(data.decode())
    return ET.fromstring(data)  # noqa: S314 (our own output)


def case(root, code):
    (found,) = root.findall(f"testsuite/testcase[@name='{code}']")
    return found


def test_the_schema_refuses_other_documents():
    assert not SCHEMA.is_valid("<testsuites><testcase/></testsuites>")


@pytest.mark.parametrize("fail_on", [Severity.ERROR, Severity.WARNING, Severity.INFO, None])
def test_codes_with_findings_at_the_limit_fail(faulty, fail_on):
    root = suites(faulty, fail_on)
    failing = {one.get("name") for one in root.findall("testsuite/testcase") if one.find("failure") is not None}
    worse = {Severity.ERROR: ("error",), Severity.WARNING: ("error", "warning"), Severity.INFO: tuple(Severity)}
    limit = worse.get(fail_on, ())
    assert failing == {code for code in faulty.findings["code"] if CODES[code].severity in limit}
    assert int(root.get("failures")) == len(failing)


def test_there_is_a_case_for_each_code_and_every_finding_is_listed(faulty):
    root = suites(faulty)
    assert {one.get("name") for one in root.findall("testsuite/testcase")} == set(CODES)
    for code, count in faulty.findings["code"].value_counts().items():
        assert "".join(case(root, code).itertext()).count(CODES[code].title) == count


def test_accepted_findings_are_skipped_and_listed(accepted):
    root = suites(accepted)
    skipped = [one for one in root.findall("testsuite/testcase") if one.find("skipped") is not None]
    assert skipped
    for one in skipped:
        assert "known to the team" in one.findtext("system-out")
    (expired,) = [entry for entry in accepted.baseline.entries if entry and entry.reason == "was late"]
    assert case(root, expired.subject.code).find("failure") is not None


def test_an_audit_that_could_not_run_is_an_error(faulty):
    result = faulty.results["rebuild"]
    broken = replace(result, not_run=NotRun("x", "It broke\x00."))
    root = suites(AuditRun(faulty.snapshot, {**faulty.results, "rebuild": broken}))
    assert root.get("errors") == "1"
    assert root.findtext("testsuite/testcase/error") == "It broke\\x00."
