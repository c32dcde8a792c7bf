"""The audit of cohorts and the brute-force check agree on any cohorts of any small store."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genaudit.audits.run import run_audits
from genaudit.codes import CODES
from genaudit.store.snapshot import scan
from helpers.membership import HEADERS, member, write_membership_csv
from oracle.compare import check
from oracle.look import look

GENERATIONS = [("draft", "d1"), ("draft", "d2"), ("essay", "e1"), ("essay", "e2"), ("essay", "d1")]
GENERATIONS += [("evaluation", "v1"), ("evaluation", "v2"), ("evaluation", "v3")]
PARENTS = {"essay": ["d1", "d2", "gone"], "evaluation": ["e1", "e2", "d1", "gone"]}
NAMES = ["x", "y", "X"]

# The first is no member of any cohort there can be, the second one that the manifest does not know.
APPENDED = {"membership": "outline,o1", "edited": "evaluation,v9"}

mostly = st.sampled_from([True] * 4 + [False])


@st.composite
def records(draw, stage):
    fields = {"template_id": draw(st.sampled_from(NAMES)), "replicate": draw(st.sampled_from([1, 2, "2", None]))}
    fields["llm_model_id"] = draw(st.sampled_from([*NAMES, None]))
    if stage == "draft":
        fields["combo_id"] = draw(st.sampled_from(NAMES))
    else:
        fields["parent_gen_id"] = draw(st.sampled_from(PARENTS[stage]))
    if draw(mostly):
        fields["origin_cohort_id"] = draw(st.sampled_from(["c1", "c1", "c2"]))
        fields["mode"] = draw(st.sampled_from(["llm", "copy"]))
    return fields


@st.composite
def cohorts(draw, store):
    """A cohort to write: its members, its form, and the states of manifest and file."""
    members = []
    for stage, gen_id in GENERATIONS:
        if not draw(mostly):
            continue
        record = store.get((stage, gen_id))
        fields = dict(record) if isinstance(record, dict) else {}
        if not draw(mostly):
            fields |= draw(records(stage))
        known = {name: value for name, value in fields.items() if value is not None}
        members.append(member(stage, gen_id, **{"mode": "llm", **known}))
    damage = draw(st.sampled_from([None, "none", "rewritten", None, "membership", "manifest", "edited", "none"]))
    return members, draw(st.sampled_from(sorted(HEADERS))), damage


@st.composite
def plans(draw):
    store = {}
    for stage, gen_id in GENERATIONS:
        kind = draw(st.sampled_from(["record"] * 8 + ["absent", "absent", "empty", "torn", "file"]))
        if kind != "absent":
            store[stage, gen_id] = draw(records(stage)) if kind == "record" else kind
    stage = draw(st.sampled_from([*[None] * 9, "evaluation"]))
    store = {key: record for key, record in store.items() if key[0] != stage}
    return store, draw(st.dictionaries(st.sampled_from(["c1", "c2", "c3"]), cohorts(store), max_size=3)), stage


def write(root, store, listed, missing):
    for stage in {"draft", "essay", "evaluation"} - {missing}:
        (root / "gens" / stage).mkdir(parents=True)
    for (stage, gen_id), record in store.items():
        folder = root / "gens" / stage / gen_id
        if record == "file":
            folder.write_text("x")
            continue
        folder.mkdir()
        if record != "empty":
            (folder / "metadata.json").write_text("{" if record == "torn" else json.dumps(record))
    for cohort, (members, form, damage) in listed.items():
        folder = write_membership_csv(root, cohort, members, form=form, manifest=damage != "none")
        if damage == "manifest":
            (folder / "stage_manifest.json").write_bytes((folder / "stage_manifest.json").read_bytes()[:-9])
        elif damage == "rewritten":
            lines = ["stage,gen_id", *(f"{each['stage']},{each['gen_id']}" for each in members)]
            (folder / "membership.csv").write_text("\n".join(lines) + "\n")
        elif damage in APPENDED:
            with (folder / "membership.csv").open("a") as file:
                file.write(APPENDED[damage] + "," * (len(HEADERS[form]) - 2) + "\n")
    return root


def test_the_audit_of_cohorts_agrees_with_the_oracle():
    met = Counter()

    @given(plans())
    @settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    def agree(plan):
        with tempfile.TemporaryDirectory() as folder:
            root = write(Path(folder), *plan)
            seen, results = look(root), run_audits(scan(root)).results
        check(seen, results)
        met.update({code for audit, code, *_ in seen.findings if audit == "cohorts"})

    agree()
    assert set(met) == {code.name for code in CODES.values() if code.audit == "cohorts"}
