"""Every odd value in every field of a record, one generation each: the audits and the brute-force check agree."""

from __future__ import annotations

import itertools
import json

import pytest

from genaudit.audits.run import run_audits
from genaudit.codes import CODES
from genaudit.store.snapshot import scan
from oracle import stores
from oracle.compare import check
from oracle.look import look

ABSENT = object()
VALUES = [
    *(ABSENT, None, True, False, 0, 1, 2, -1, 2**31 - 1, 2**31, 2**63 - 1, 2**63, 2**64, 10**30),
    *(0.0, -0.0, 1.0, 2.0, 1.5, -1.0, 2.0**31, 1e300, 1e-300),
    *(
        "",
        " ",
        "\t\n",
        "\u00a0",
        "\u200b",
        "0",
        "1",
        " 2 ",
        "007",
        "0" * 30 + "2",
        "-1",
        "+1",
        "1.0",
        "1e0",
        "\u00b2",
        "\u0662",
    ),
    *(
        "2147483647",
        "2147483648",
        "9" * 25,
        "nan",
        "None",
        "null",
        "<NA>",
        "t",
        " T\n",
        "t|u",
        "|",
        "d_1",
        "D_1",
        "e_1",
    ),
    *(
        "llm",
        "copy",
        " copy ",
        "LLM",
        "draft",
        " essay ",
        "evaluation",
        "stranger",
        "\u00e9",
        "\u0130",
        "a\u0000b",
        "a\nb",
        "x3",
    ),
    *([], [1], {}, {"a": None}, [[[]]]),
]
RIGHT = {
    "draft": {"combo_id": "c", "template_id": "t", "llm_model_id": "m", "replicate": 1},
    "essay": {"parent_gen_id": "d_1", "template_id": "t", "replicate": 1},
    "evaluation": {"parent_gen_id": "e_1", "template_id": "t", "llm_model_id": "m", "replicate": 1},
}
# Names of other stages' templates, and names that nobody knows, are left alone.
HARMLESS = {
    stage: ["note", *(f"{other}_template" for other in ("draft", "essay", "evaluation") if other != stage)]
    for stage in ("draft", "essay", "evaluation")
}
FIELDS = [
    *("stage", "gen_id", "origin_cohort_id", "mode", "template_id", "combo_id", "parent_gen_id", "llm_model_id"),
    *("replicate", "draft_template", "essay_template", "evaluation_template", "note"),
]


# Every kind of file that gives no record, by the state that it leads to.
UNREADABLE = {
    "MISSING": [None],
    "UNREADABLE": [stores.FOLDER, stores.LINK, stores.PIPE],
    "TOO_LARGE": [stores.HUGE],
    "NOT_UTF8": [b"\xff", b'{"template_id": "\xe9"}', '{"a": 1}'.encode("utf-16")],
    "BOM": [b"\xef\xbb\xbf{}", b"\xef\xbb\xbf{"],
    "NOT_JSON": [
        *(b"", b" ", b"{", b"{}{}", b"{'a': 1}", b'{"a": 1,}', b'{"a": "\n"}', b'{"a": 1e999}'),
        *(b'{"a": "\\ud800"}', b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}", b"[" * 5000),
    ],
    "NOT_OBJECT": [b"[]", b"null", b"1", b'"a"', b"[{}]"],
    "DUPLICATE_KEY": [b'{"a": 1, "a": 1}', b'{"a": [{"b": 1, "c": 2, "b": 3}]}', b'{"a": 1, "\\u0061": 2}'],
    "NAN": [b'{"a": NaN}', b'{"a": [-Infinity]}', b'{"replicate": Infinity}'],
}


def joined(record):
    return "|".join(word.strip().lower() for word in record.values())


def audited(root):
    """The codes that the oracle sees in a store, after the audits were held against it."""
    snapshot, seen = scan(root), look(root)
    check(seen, run_audits(snapshot).results)
    return {code for _, code, *_ in seen.findings}


def agree(root, put, stage, changes):
    """Hold the audits against the oracle on a store with a generation for each change of a right record."""
    put("gens/draft/d_1/metadata.json", RIGHT["draft"])
    put("gens/essay/e_1/metadata.json", RIGHT["essay"])
    for name in ("draft", "essay", "evaluation"):
        put(f"1_raw/{name}_templates.csv", "template_id\nt\nold\n")
    put("1_raw/llm_models.csv", "id\nm\n")
    put("combo_mappings.csv", "combo_id\nc\n")
    for number, change in enumerate(changes):
        changed = RIGHT[stage] | {"replicate": number + 2} | change
        record = {name: value for name, value in changed.items() if value is not ABSENT}
        put(f"gens/{stage}/x{number}/metadata.json", json.dumps(record))
    return audited(root)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("stage", RIGHT)
def test_any_value_in_any_field(root, put, stage, field):
    met = agree(root, put, stage, [{field: value} for value in VALUES])
    assert any(code.startswith("FIELD_") for code in met) is (field not in HARMLESS[stage])


@pytest.mark.parametrize("stage", RIGHT)
def test_any_template_beside_any_old_name(root, put, stage):
    values = [ABSENT, None, "", " ", "t", " Old ", "stranger", 5, True, []]
    changes = [{"template_id": new, f"{stage}_template": old} for new, old in itertools.product(values, values)]
    met = agree(root, put, stage, changes)
    assert {"FIELD_OLD_NAME", "FIELD_MISSING", "FIELD_TYPE", "FIELD_BLANK", "TEMPLATE_UNKNOWN"} <= met


@pytest.mark.parametrize("state", UNREADABLE)
@pytest.mark.parametrize("stage", RIGHT)
def test_any_file_in_place_of_a_record(tmp_path, stage, state):
    files = {f"gens/{stage}/x{number}/metadata.json": file for number, file in enumerate(UNREADABLE[state])}
    others = {f"gens/{stage}/x{number}/prompt.txt": b"x" for number in range(len(files))}
    reports = {f"gens/{stage}/y/{name}_metadata.json": UNREADABLE[state][0] for name in ("raw", "parsed")}
    below = {f"gens/essay/{n}/metadata.json": {"parent_gen_id": n, "template_id": "t"} for n in ("x0", "x1")}
    folders = {f"gens/{name}": stores.FOLDER for name in RIGHT}
    root = stores.write(tmp_path, folders | below | files | others | reports)
    assert f"METADATA_{state}" in audited(root)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"combo_id": "c", "template_id": "t|u"}, {"combo_id": "c|t", "template_id": "u"}),
        ({"combo_id": "c", "template_id": "t"}, {"combo_id": " C", "template_id": "T "}),
        ({"combo_id": "c", "template_id": "t"}, {"combo_id": "c", "template_id": "u"}),
    ],
)
@pytest.mark.parametrize("names", [["x", "y"], ["d_1", "d_2"], ["0123456789abcdef", "d_1-2"]])
def test_signatures_that_are_joined_to_one_text(tmp_path, one, other, names):
    plan = {f"gens/{stage}": stores.FOLDER for stage in RIGHT}
    for name, change in zip(names, (one, other), strict=True):
        plan[f"gens/draft/{name}/metadata.json"] = RIGHT["draft"] | change
        plan[f"gens/essay/e_{name}/metadata.json"] = RIGHT["essay"] | {"parent_gen_id": name}
    met = audited(stores.write(tmp_path, plan))
    same = joined(one) == joined(other)
    assert ("SIGNATURE_DUPLICATE" in met) is (same and "|" not in one["template_id"])
    assert ("ID_COLLISION" in met) is (same and names[1] != "d_1-2")


def test_every_state_has_its_files():
    assert {f"METADATA_{state}" for state in UNREADABLE} == {code for code in CODES if code.startswith("METADATA_")}
