import json
from collections import Counter
from pathlib import Path

import jsonschema
import pytest

from genaudit.codes import CODES
from genaudit.fingerprints import subjects
from genaudit.formats.sarif import FINGERPRINT, render_sarif

SCHEMA = json.loads((Path(__file__).parents[2] / "data/schemas/sarif-schema-2.1.0.json").read_text())


def log(run):
    content = json.loads(render_sarif(run))
    jsonschema.Draft7Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(content)
    return content["runs"][0]


def test_the_schema_refuses_other_logs():
    # Otherwise the validation above would show nothing.
    validator = jsonschema.Draft7Validator(SCHEMA)
    assert not validator.is_valid({"version": "2.1.0"})
    assert not validator.is_valid({"version": "2.1.0", "runs": [{"tool": {"driver": {}}}]})


def test_every_finding_is_a_result(faulty):
    run = log(faulty)
    assert Counter(result["ruleId"] for result in run["results"]) == Counter(faulty.findings["code"])
    assert [result["partialFingerprints"][FINGERPRINT] for result in run["results"]] == [
        subject.fingerprint for subject in subjects(faulty.findings)
    ]
    levels = {"error": "error", "warning": "warning", "info": "note"}
    for result in run["results"]:
        rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert result["level"] == rule["defaultConfiguration"]["level"] == levels[CODES[result["ruleId"]].severity]
        assert "baselineState" not in result


def test_a_baseline_gives_states_and_suppressions(accepted):
    run = log(accepted)
    states = Counter(result["baselineState"] for result in run["results"])
    parents = sum(code.startswith("PARENT_") for code in accepted.findings["code"])
    assert states == {"unchanged": parents, "new": len(accepted.findings) - parents, "absent": 1}
    suppressed = [result for result in run["results"] if result["suppressions"]]
    assert Counter(result["baselineState"] for result in suppressed) == {"unchanged": parents - 1, "absent": 1}
    one = next(result for result in suppressed if result["baselineState"] == "unchanged")
    assert one["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "known to the team",
            "properties": {"by": "ana", "until": "2026-06-30"},
        }
    ]


def test_paths_are_relative_uris(faulty):
    uris = [
        location["physicalLocation"]["artifactLocation"]["uri"]
        for result in log(faulty)["results"]
        for location in result.get("locations", [])
        if "physicalLocation" in location
    ]
    assert any("%20" in uri for uri in uris)
    assert not [uri for uri in uris if uri.startswith("/") or ":" in uri or " " in uri]


@pytest.mark.parametrize("name", ["faulty", "accepted"])
def test_the_same_run_gives_the_same_bytes(request, name):
    run = request.getfixturevalue(name)
    assert render_sarif(run) == render_sarif(run)
