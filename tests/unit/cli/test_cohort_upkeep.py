import json

import pytest

from genaudit.sample import SampleOptions, write_sample
from helpers.membership import MEMBERS, member, write_membership_csv
from helpers.stores import DRAFT, DRAFT_RECORD, write_generation
from helpers.trees import contents, fingerprint

COMMANDS = ("backfill-manifest", "slim")
# The forms in which the sample writes its cohorts.
FORMS = {
    "field-notes-2025-09": "wide",
    "paired-models-2025-08": "slim",
    "pilot-2025-06": "wide",
    "second-look-2025-10": "slim",
    "wide-scan-2025-07": "two_column",
}


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """A sample store, not to be changed."""
    path = tmp_path_factory.mktemp("sample") / "store"
    write_sample(path, SampleOptions(drafts=12, seed=1))
    return path


@pytest.fixture
def store(tmp_path):
    """A sample store of its own."""
    write_sample(tmp_path / "store", SampleOptions(drafts=12, seed=1))
    return tmp_path / "store"


def report(run, command, store, *options):
    code, out, _ = run("cohort", command, *options, "--data-root", store, "--format", "json")
    return code, json.loads(out)


def actions(found):
    return {each["cohort_id"]: each["action"] for each in found["cohorts"]}


def entries(store):
    return {
        path.parent.name: json.loads(path.read_bytes())["entries"]
        for path in store.glob("cohorts/*/stage_manifest.json")
    }


def shown(run, store):
    """Return the output of the other commands for every cohort."""
    outputs = {}
    for name in FORMS:
        code, outputs[name], _ = run("cohort", "show", name, "--data-root", store)
        assert code == 0
    return outputs


def test_the_sample_needs_no_backfill(run, sample):
    before = fingerprint(sample)
    code, found = report(run, "backfill-manifest", sample, "--apply")
    assert (code, actions(found)) == (0, dict.fromkeys(FORMS, "kept"))
    assert (found["combos"], found["drafts_without_combo"], found["applied"]) == ([], [], True)
    assert fingerprint(sample) == before


def test_lost_manifests_are_made_again(run, store):
    rows, kept = shown(run, store), entries(store)
    for path in store.glob("cohorts/*/stage_manifest.json"):
        path.unlink()
    before = fingerprint(store)
    code, found = report(run, "backfill-manifest", store)
    assert (code, actions(found), found["applied"]) == (0, dict.fromkeys(FORMS, "write"), False)
    assert fingerprint(store) == before
    code, out, err = run("cohort", "backfill-manifest", "--apply", "--data-root", store)
    assert code == 0
    assert [line.split()[:2] for line in out.splitlines()[1:]] == [[name, "write"] for name in FORMS]
    assert "dry run" not in err
    assert entries(store) == kept
    assert shown(run, store) == rows
    code, _, _ = run("audit", "--only", "cohorts", "--dry-run", "--data-root", store)
    assert code == 0


def test_wide_cohorts_become_slim_and_the_rest_is_left_alone(run, store):
    rows, before = shown(run, store), contents(store)
    planned = report(run, "slim", store)
    expected = {"wide": "rewrite", "slim": "already_slim", "two_column": "two_column"}
    assert planned[0] == 0
    assert actions(planned[1]) == {name: expected[form] for name, form in FORMS.items()}
    assert contents(store) == before
    code, out, _ = run("cohort", "slim", "--apply", "--data-root", store)
    assert code == 0
    assert "two columns" in out
    after = contents(store)
    wide = [name for name, form in FORMS.items() if form == "wide"]
    assert after.keys() - before.keys() == {f"cohorts/{name}/membership.wide.csv" for name in wide}
    for name in wide:
        assert after[f"cohorts/{name}/membership.wide.csv"] == before[f"cohorts/{name}/membership.csv"]
        assert after[f"cohorts/{name}/membership.csv"].startswith(b"stage,gen_id,cohort_id\n")
    assert shown(run, store) == rows
    again = report(run, "slim", store, "--apply")
    assert again[0] == 0
    assert set(actions(again[1]).values()) == {"already_slim", "two_column"}
    assert contents(store) == after


def test_only_the_cohorts_that_are_named(run, store):
    code, found = report(run, "slim", store, "pilot-2025-06", "--apply")
    assert (code, actions(found)) == (0, {"pilot-2025-06": "rewrite"})
    assert [path.parent.name for path in store.glob("cohorts/*/membership.wide.csv")] == ["pilot-2025-06"]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["pilot"], (3, ["'pilot-2025-06'"])),
        (["pilot-2025-06", "feild-notes-2025-09", "x"], (3, ["'field-notes-2025-09'", "cohort_id 'x'"])),
        (["../pilot-2025-06"], (2, [])),
    ],
)
def test_a_cohort_that_is_not_there_stops_everything(run, sample, command, names, expected):
    before = fingerprint(sample)
    code, out, err = run("cohort", command, *names, "--apply", "--data-root", sample)
    exit_code, lines = expected
    assert (code, out) == (exit_code, "")
    problems = err.splitlines()[1:]
    assert [text in line for text, line in zip(lines, problems, strict=True)] == [True] * len(lines)
    assert fingerprint(sample) == before


@pytest.mark.parametrize("command", COMMANDS)
def test_no_store_there(run, tmp_path, command):
    code, out, _ = run("cohort", command, "--data-root", tmp_path)
    assert (code, out) == (3, "")


def test_unknown_or_contradicted_fields_have_a_line_and_an_exit_code(run, root):
    for number in range(12):
        record = {**DRAFT_RECORD, "replicate": number + 1, "mode": "llm"}
        write_generation(root, "draft", f"d_c{number:02}", {**record, "template_id": "other"})
    write_generation(root, "draft", "d_odd", {**DRAFT_RECORD, "mode": "Dream"})
    write_generation(root, "draft", DRAFT, {**DRAFT_RECORD, "combo_id": None})
    contradicted = [member("draft", f"d_c{number:02}", template_id="t", replicate=number + 1) for number in range(12)]
    write_membership_csv(root, "contradicted", contradicted, form="wide", manifest=False)
    write_membership_csv(root, "lacking", [member("draft", DRAFT), member("draft", "d_odd")], manifest=False)
    write_membership_csv(root, "names", MEMBERS[:1], form="wide", manifest=False)
    (write_membership_csv(root, "torn", manifest=False) / "membership.csv").write_text("stage,gen_id\nouch,d_1\n")
    before = fingerprint(root)
    code, out, err = run("cohort", "backfill-manifest", "--apply", "--data-root", root)
    assert code == 1
    lines = out.splitlines()
    assert [line.split()[:2] for line in lines[1:5]] == [
        ["contradicted", "blocked"],
        ["lacking", "blocked"],
        ["names", "write"],
        ["torn", "failed"],
    ]
    assert sum(line.startswith("contradicted: draft d_c") for line in lines) == 10
    assert any(line.startswith("contradicted: and 2 more") for line in lines)
    assert any(f"lacking: draft {DRAFT}: combo_id" in line for line in lines)
    assert any("lacking: draft d_odd: mode" in line and "Dream" in line for line in lines)
    assert any(line.startswith("torn: ") and "ouch" in line for line in lines)
    [proposal] = [line.split() for line in lines if line.startswith(DRAFT)]
    assert proposal == [DRAFT, DRAFT_RECORD["combo_id"], "names", "yes", "no"]
    assert "--partial" in err
    after = fingerprint(root)
    assert after.keys() - before.keys() == {"cohorts/names/stage_manifest.json"}
    code, found = report(run, "backfill-manifest", root, "--apply", "--partial", "lacking", "contradicted")
    assert (code, actions(found)) == (0, {"contradicted": "write", "lacking": "write"})
    assert len(found["cohorts"][0]["conflicts"]) == 12
    assert found["unread"] == ["torn"]


def test_every_refusal_has_its_line_and_an_exit_code(run, root):
    write_membership_csv(root, "bare", form="wide", manifest=False)
    code, out, _ = run("cohort", "slim", "--apply", "--data-root", root)
    assert code == 1
    lines = out.splitlines()
    assert lines[1].split() == ["bare", "refused", "3"]
    assert sum(line.startswith("bare: record missing: ") for line in lines) == 3
    assert "bare: no manifest: manifest absent" in lines
    code, found = report(run, "slim", root)
    assert code == 1
    assert [each["reason"] for each in found["cohorts"][0]["reasons"]] == ["no_manifest", *["record_missing"] * 3]


def test_a_store_without_cohorts_is_no_trouble(run, root):
    for command in COMMANDS:
        code, found = report(run, command, root)
        assert (code, found["cohorts"]) == (0, [])
        assert run("cohort", command, "--data-root", root)[0] == 0
