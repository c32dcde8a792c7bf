import json

import pytest

from genaudit.baseline.entries import Baseline, BaselineEntry, baseline_of, parse_baseline, read_baseline
from genaudit.errors import DDError, Err
from genaudit.fingerprints import FindingSubject

DRAFT = BaselineEntry(
    FindingSubject("FIELD_TYPE", "draft", "d_1", "mode", "gens/draft/d_1/metadata.json"), "old data", "ana"
)
TABLE = BaselineEntry(
    FindingSubject("CATALOG_ROW_MALFORMED", path="1_raw/x.csv", value="7", occurrence=2), "kept", until="2026-05-01"
)
WHOLE = {"version": 1, "accepted": [DRAFT.to_dict()]}


def test_a_file_is_sorted_and_read_back():
    baseline = baseline_of([DRAFT, TABLE])
    assert [entry.subject.code for entry in baseline.entries] == ["CATALOG_ROW_MALFORMED", "FIELD_TYPE"]
    assert parse_baseline(baseline.to_bytes(), "b.json") == baseline
    assert parse_baseline(Baseline().to_bytes(), "b.json") == Baseline()


def test_a_file_has_one_line_for_each_value():
    lines = baseline_of([TABLE]).to_bytes().decode().splitlines()
    assert [line.strip() for line in lines] == [
        "{",
        '"version": 1,',
        '"accepted": [',
        "{",
        '"code": "CATALOG_ROW_MALFORMED",',
        '"path": "1_raw/x.csv",',
        '"value": "7",',
        '"occurrence": 2,',
        '"reason": "kept",',
        '"until": "2026-05-01",',
        f'"fingerprint": "{TABLE.subject.fingerprint}"',
        "}",
        "]",
        "}",
    ]


def test_the_last_day_is_still_accepted():
    assert [TABLE.is_expired(day) for day in ("2026-04-30", "2026-05-01", "2026-05-02")] == [False, False, True]
    assert not DRAFT.is_expired("9999-12-31")


def changed(**changes):
    entry = {**DRAFT.to_dict(), **changes}
    return {"version": 1, "accepted": [{name: value for name, value in entry.items() if value != "GONE"}]}


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"accepted": []}, "version"),
        ({"version": True, "accepted": []}, "version"),
        ({"version": 2, "accepted": []}, "version"),
        ({"version": 1}, "accepted"),
        ({"version": 1, "accepted": {}}, "accepted"),
        ({"version": 1, "accepted": [], "note": 1}, "note"),
        ({"version": 1, "accepted": [7]}, None),
        (changed(reason="GONE"), "reason"),
        (changed(reason=" "), "reason"),
        (changed(reason=None), "reason"),
        (changed(code="GONE"), "code"),
        (changed(stage=7), "stage"),
        (changed(by=""), "by"),
        (changed(until="2026-5-1"), "until"),
        (changed(until="20260501"), "until"),
        (changed(until=None), "until"),
        (changed(occurrence=0), "occurrence"),
        (changed(occurrence=True), "occurrence"),
        (changed(because="x"), "because"),
        (changed(gen_id="d_2"), "fingerprint"),
        (changed(fingerprint="GONE"), "fingerprint"),
        ({"version": 1, "accepted": [DRAFT.to_dict(), DRAFT.to_dict()]}, "fingerprint"),
    ],
)
def test_a_malformed_file_is_refused_by_field(content, field):
    with pytest.raises(DDError) as caught:
        parse_baseline(json.dumps(content).encode(), "b.json")
    assert (caught.value.code, caught.value.ctx["reason"]) == (Err.INVALID_CONFIG, "baseline_damaged")
    assert caught.value.ctx["path"] == "b.json"
    assert [problem.get("field") for problem in caught.value.ctx["problems"]] == [field]


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b'{"version": 1, "version": 1, "accepted": []}', b"\xff"])
def test_a_file_that_is_no_json_object_is_refused(data):
    with pytest.raises(DDError) as caught:
        parse_baseline(data, "b.json")
    assert caught.value.ctx["reason"] == "baseline_damaged"


def test_a_missing_file_and_a_link_have_their_reasons(tmp_path):
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    (tmp_path / "real.json").write_bytes(Baseline().to_bytes())
    for name, reason in (("none.json", "baseline_missing"), ("link.json", "baseline_unreadable")):
        with pytest.raises(DDError) as caught:
            read_baseline(tmp_path / name)
        assert caught.value.ctx["reason"] == reason
    assert read_baseline(tmp_path / "real.json") == Baseline()
