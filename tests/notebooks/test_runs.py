"""Every notebook from its first cell to its last, on stores of all kinds, compared with the package's results."""

from __future__ import annotations

import ast
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import orjson
import pandas as pd
import pytest

from genaudit.audits.content.audit import content
from genaudit.audits.finding_kinds import condensed
from genaudit.audits.parents import repairs
from genaudit.audits.rebuild import RebuildRequest, rebuild
from genaudit.audits.references import references
from genaudit.audits.run import AuditRun, run_audits
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.reports import reports_of
from genaudit.scores import aggregate_scores
from genaudit.snapshots.folder import save
from genaudit.snapshots.taking import take
from genaudit.store.snapshot import scan
from genaudit.workbench.listings import MOST_ROWS
from genaudit.workbench.notebook_args import notebooks
from helpers.notebooks import FOLDER, NAMES, PRESSED, listed, selected, value
from helpers.stores import make_stages, write_generation
from helpers.trees import fingerprint

MARKUP = "<img src=x onerror=alert(1)>"
READABLE = ("sample", "clean", "empty", "broken")
MARIMO = [sys.executable, "-m", "marimo"]


# The three charts of scores have a row for each judge, bar or pair of writer and judge: 60,000 of it.
LARGEST_PAGE = 150_000
# A plan is no report, and the changes are reported since a snapshot.
REPORTING = [name for name in NAMES if name not in {"changes", "migration"}]


def keys(rows):
    return list(zip(rows["stage"], rows["gen_id"], strict=True))


def worst_first(findings):
    parts = [findings[findings["severity"] == severity] for severity in ("error", "warning", "info")]
    return pd.concat(parts)


def holds_workbench(defs, run):
    expected = worst_first(run.findings)
    assert keys(defs["found"]) == keys(expected)
    assert defs["table"].data["code"].tolist() == condensed(expected, run.snapshot.rows)["code"].tolist()
    assert set(defs["checked"]["audit"]) == {*run.results}


def holds_inventory(defs, run):
    own = run.snapshot.generations[run.snapshot.generations["stage"] == "evaluation"]
    assert listed(defs["table"]) == keys(own)
    by_bar = run.results["inventory"].frame.query("stage == 'evaluation'").groupby("length")["count"].sum()
    lengths = defs["rows"]["length"].value_counts()
    assert {length: count for length, count in lengths.items() if length.isdigit()} == {
        str(length): count for length, count in by_bar.items() if 11 < length <= 18
    }


def holds_metadata(defs, run):
    expected = condensed(worst_first(run.results["metadata"].findings), run.snapshot.rows)
    assert listed(defs["table"]) == keys(expected.fillna(""))


def holds_parents(defs, run):
    table = run.results["parents"].frame
    assert defs["rows"]["status"].tolist() == table["status"].tolist()
    assert listed(defs["repair_table"]) == keys(repairs(table))


def holds_identity(defs, run):
    table = run.results["recompute"].frame
    assert defs["table"].data["class"].tolist() == table["class"].tolist()
    assert defs["table"].data["id after migration"].tolist() == table["migrated_id"].fillna("").tolist()


def holds_cohorts(defs, run):
    assert keys(defs["rows"]) == keys(run.snapshot.generations)
    scores = aggregate_scores(run.snapshot)
    assert defs["scored"]["score"].sum() == scores["score"].sum()
    assert len(defs["score_table"].data) == len(scores)
    assert defs["summary"]["scores"].sum() == scores["score"].notna().sum()
    assert defs["summary"]["without"].sum() == scores["score"].isna().sum()


def holds_rebuild(defs, run):
    audited = run.results["rebuild"]
    assert defs["result"].comparison.equals(audited.comparison)
    planned = audited.frame[["mode", "stage", "gen_id"]].drop_duplicates()
    assert len(planned) == audited.comparison["planned"].sum()
    assert defs["table"].data[["mode", "stage", "id"]].to_numpy().tolist() == planned.to_numpy().tolist()
    matrix = {(row["mode"], row["stage"]): row["call"] for row in matrix_cells(defs)}
    counts = audited.comparison.set_index(["mode", "stage"])["call"]
    assert matrix == counts.to_dict()


def matrix_cells(defs):
    """Return the drawn charts, with any wrapper of marimo."""
    chart = defs["matrix"]._chart.to_dict()
    return [row for rows in chart["datasets"].values() for row in rows]


def holds_references(defs, run):
    # Reading every byte is left to whoever asks for it.
    assert "result" not in defs
    assert "references" not in run.results


def holds_content(defs, run):
    # So is reading every text.
    assert "result" not in defs
    assert "content" not in run.results


def holds_changes(defs, _):
    # There is no snapshot to compare with.
    assert "diff" not in defs


def holds_migration(defs, _):
    # A plan is left to whoever asks for one.
    assert "plan" not in defs
    assert defs["state"].tone == "good"
    assert defs["state"].commands == ()


def test_the_gallery_has_these_notebooks():
    assert sorted(notebooks()) == NAMES


# A session is kept for the last stores read: one after the other, each is read once.
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("store", READABLE)
def test_a_notebook_shows_the_results_of_the_package(stores, run, audits, name, store):
    text, defs = run(name, stores[store])
    audited = audits(store)
    assert defs["session"].root == stores[store]
    assert len(defs["session"].findings) == len(audited.findings)
    assert (len(audited.findings) > 0) is (store in {"sample", "broken"})
    globals()[f"holds_{name}"](defs, audited)
    assert "Traceback" not in text
    assert defs["page"].written == ()
    # Tables come a page at a time, and charts as counts.
    assert len(text) < LARGEST_PAGE


@pytest.mark.parametrize("store", ["no gens", "nowhere"])
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_without_a_store_shows_the_next_step(stores, run, name, store):
    text, defs = run(name, stores[store])
    assert "session" not in defs
    assert str(stores[store]) in text
    assert "genaudit sample" in text
    assert "Traceback" not in text


@pytest.mark.parametrize("name", NAMES)
def test_parameters_can_be_replaced(stores, run, name):
    # A replacement has every name that its cell defines.
    seen = {store: run(name, stores[store])[1] for store in ("clean", "empty")}
    for store, defs in seen.items():
        assert defs["data_root"] == str(stores[store])
        assert defs["root_field"].value == str(stores[store])
    assert len({len(defs["session"].generations) for defs in seen.values()}) == 2
    tree = ast.parse((FOLDER / f"{name}.py").read_text())
    cells = {cell.name: cell for cell in tree.body if isinstance(cell, ast.FunctionDef)}
    returned = cells["arguments"].body[-1].value
    assert [element.id for element in returned.elts] == ["data_root", "output"]


def test_the_arguments_decide_without_a_replacement(stores, run, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["marimo", "--port", "1", "--data-root", str(stores["clean"])])
    _, defs = run("inventory", stores["empty"], data_root=sys.argv[-1])
    assert defs["page"].started.data_root == str(stores["clean"])
    assert defs["session"].root == stores["clean"]


def test_a_brush_over_lengths_narrows_the_table(stores, run, audits):
    picked = {"kind": value(None), "stage": value("draft"), "lengths": selected(length=["16", "17"])}
    _, defs = run("inventory", stores["sample"], **picked)
    drafts = audits("sample").results["inventory"].frame.query("stage == 'draft'")
    expected = drafts[drafts["length"].isin([16, 17])]["count"].sum()
    assert 0 < len(defs["rows"]) == expected < drafts["count"].sum()
    assert set(defs["table"].data["length"]) == {"16", "17"}


def test_a_code_of_most_of_a_stage_is_one_row_until_it_is_chosen(tmp_path, run):
    make_stages(tmp_path)
    for number in range(3):
        write_generation(tmp_path, "draft", f"d_{number}", b"{")
    text, defs = run("metadata", tmp_path)
    assert listed(defs["table"]) == [("draft", "")]
    assert defs["table"].data["detail"].tolist() == ["3 of 3: all drafts, the first d_0"]
    assert "1 line" in text
    assert len(defs["found"]) == 3
    others = {name: value(None) for name in ("severity", "stage", "field")}
    _, defs = run("metadata", tmp_path, code=value("METADATA_NOT_JSON"), **others)
    assert listed(defs["table"]) == [("draft", f"d_{number}") for number in range(3)]


def test_clicks_and_lists_narrow_the_findings_together(stores, run, audits):
    points = [{"code": "PARENT_MISSING"}, {"code": "ID_MISMATCH"}]
    kinds = selected(vlPoint={"or": points}, code=["PARENT_MISSING", "ID_MISMATCH"])
    chosen = {"code": value(None), "severity": value("error"), "stage": value("essay")}
    _, defs = run("workbench", stores["sample"], kinds=kinds, **chosen)
    assert set(keys(defs["found"])) == {
        (row.stage, row.gen_id)
        for row in audits("sample").findings.itertuples()
        if row.code in {"PARENT_MISSING", "ID_MISMATCH"} and row.stage == "essay"
    }
    assert set(defs["found"]["code"]) == {"PARENT_MISSING"}


def test_a_clicked_class_narrows_the_mapping(stores, run, audits):
    point = {"stage": "essay", "class": "legacy"}
    classes = selected(vlPoint={"or": [point]}, **{name: [one] for name, one in point.items()})
    _, defs = run("identity", stores["sample"], classes=classes)
    summary = audits("sample").results["recompute"].summary
    assert len(defs["rows"]) == summary.stages["essay"].classes["legacy"] > 0
    assert set(defs["rows"]["stage"]) == {"essay"}


def test_a_brush_over_scores_narrows_the_evaluations(stores, run):
    _, defs = run("cohorts", stores["clean"], spread=selected(bar=["7", "8"]))
    scores = aggregate_scores(scan(stores["clean"]))["score"]
    assert 0 < len(defs["chosen_scores"]) == ((scores >= 7) & (scores < 9)).sum() < len(scores)


def test_a_cohort_keeps_its_members_and_their_scores(stores, run, audits):
    cohorts = audits("clean").results["cohorts"].frame
    largest = cohorts.loc[cohorts["evaluation"].idxmax()]
    _, defs = run("cohorts", stores["clean"], cohort=value(largest["cohort_id"]), stage=value(None))
    assert len(defs["rows"]) == largest["draft"] + largest["essay"] + largest["evaluation"]
    assert len(defs["scored"]) == largest["evaluation"]


def test_an_unreadable_cohort_is_reported(stores, run):
    text, defs = run("cohorts", stores["broken"], cohort=value("odd"), stage=value(None))
    assert "Its membership cannot be read" in text
    assert "belonging" not in defs


def test_a_code_narrows_the_findings_of_cohorts(stores, run, audits):
    _, defs = run("cohorts", stores["sample"], code=value("MANIFEST_STALE"))
    codes = audits("sample").results["cohorts"].findings["code"]
    assert len(defs["found"]) == (codes == "MANIFEST_STALE").sum() > 0


def test_a_score_narrows_the_evaluations_by_keyboard_too(stores, run):
    _, defs = run("cohorts", stores["clean"], bar=value("7"))
    scores = aggregate_scores(scan(stores["clean"]))["score"]
    assert 0 < len(defs["chosen_scores"]) == ((scores >= 7) & (scores < 8)).sum() < len(scores)


def asks(way, *, stage="essay", ids="", size=1, seed=0):
    """The controls of the rebuild form, each with a choice."""
    named, sized = {"named": value(stage), "ids": value(ids)}, {"size": value(size), "seed": value(seed)}
    return {"way": value(way), **named, **sized}


def test_a_cell_and_lists_filter_the_plan(stores, run, audits):
    points = [{"mode": "reuse-drafts", "stage": "essay"}, {"mode": "regenerate", "stage": "draft"}]
    cells = selected(vlPoint={"or": points}, mode=["reuse-drafts", "regenerate"], stage=["essay", "draft"])
    _, defs = run("rebuild", stores["sample"], matrix=cells)
    counts = audits("sample").results["rebuild"].comparison
    counts = counts.set_index(["mode", "stage"])["planned"]
    assert len(defs["rows"]) == counts["reuse-drafts", "essay"] + counts["regenerate", "draft"] > 0
    assert set(zip(defs["rows"]["mode"], defs["rows"]["stage"], strict=True)) == {
        ("reuse-drafts", "essay"),
        ("regenerate", "draft"),
    }


@pytest.mark.parametrize(
    ("way", "request_made"),
    [
        (asks("legacy"), RebuildRequest(legacy=True)),
        (asks("sample", size=3, seed=5), RebuildRequest(sample=3, seed=5)),
        (asks("legacy-sample", size=2, seed=1), RebuildRequest(legacy=True, sample=2, seed=1)),
    ],
)
def test_another_selection_is_tried_as_the_command_tries_it(stores, run, way, request_made):
    _, defs = run("rebuild", stores["sample"], **way, write=PRESSED)
    snapshot = defs["session"].snapshot
    expected = rebuild(snapshot, request_made)
    assert defs["result"].frame.equals(expected.frame)
    day = defs["session"].day
    reports = reports_of(AuditRun(snapshot, {"rebuild": expected}), day, page=False)
    contents = {f"{report.name}_{day}.{report.suffix}": report.content() for report in reports}
    assert {path.name: path.read_bytes() for path in defs["page"].written} == contents


def test_ids_modes_and_scheme_are_tried(stores, run):
    snapshot = scan(stores["clean"])
    essay = next(iter(snapshot.rows["essay"]))
    chosen = {"modes": value(["regenerate", "cartesian"]), "scheme": value("draft")}
    _, defs = run("rebuild", stores["clean"], **asks("ids", ids=f" {essay}\n"), **chosen)
    request_made = RebuildRequest(
        ids=(essay,), stage="essay", modes=("regenerate", "cartesian"), scheme=IdScheme.parse("draft")
    )
    assert defs["result"].frame.equals(rebuild(snapshot, request_made).frame)
    assert set(defs["table"].data["mode"]) == {"regenerate", "cartesian"}


def test_errors_of_a_selection_are_listed(stores, run):
    text, defs = run("rebuild", stores["clean"], **asks("ids", ids=f"e_gone, {MARKUP}"))
    assert "result" not in defs
    assert "e_gone" in text
    assert "Nothing could be planned" in text
    assert "<img" not in text
    text, defs = run("rebuild", stores["clean"], **asks("ids", ids=" "))
    assert "result" not in defs
    assert "Write down ids" in text


def test_a_planned_generation_shows_its_causes(stores, run, audits):
    planned = audits("sample").results["rebuild"].frame
    new = planned[(planned["mode"] == "regenerate") & (planned["stage"] == "essay")].iloc[0]
    chosen = {"get_chosen": lambda: ("essay", new["gen_id"]), "set_chosen": [].append}
    text, defs = run("rebuild", stores["sample"], **chosen)
    causes = [why["cause"].replace("_", " ") for why in orjson.loads(new["causes"])]
    assert defs["reasons"]["cause"].drop_duplicates().tolist() == list(dict.fromkeys(causes))
    assert defs["page"].seen is None
    assert f"The store has no essay {new['gen_id']}." in text


@pytest.mark.parametrize("store", READABLE)
def test_references_are_those_that_the_audit_finds(stores, run, tmp_path, store):
    text, defs = run("references", stores[store], search=PRESSED)
    audited = references(scan(stores[store]), left_out=[tmp_path / "reports"])
    places = ["path", "line", "column", "gen_id", "treatment"]
    shown, expected = (
        table[places].astype("str").sort_values(places).to_numpy().tolist() for table in (defs["rows"], audited.frame)
    )
    assert shown == expected
    assert len(defs["table"].data) == min(len(audited.frame), MOST_ROWS)
    assert set(defs["gone"]["gen_id"]) == {*audited.summary.dangling}
    assert defs["gone"]["references"].sum() == audited.summary.treatments["dangling"]
    assert len(defs["unsearched"]) == sum(audited.summary.files["unscanned"].values())
    assert "Traceback" not in text
    assert len(text) < LARGEST_PAGE


@pytest.mark.parametrize("store", READABLE)
def test_texts_are_those_that_the_audit_checks(stores, run, store):
    text, defs = run("content", stores[store], search=PRESSED)
    audited = content(scan(stores[store]))
    assert defs["result"].frame.equals(audited.frame)
    assert defs["inputs"]["generations"].tolist() == [one["generations"] for one in audited.summary.drift]
    assert defs["inputs"]["descendants"].tolist() == [one["descendants"] for one in audited.summary.drift]
    assert len(defs["problems"]) + len(defs["inputs"]) == len(audited.findings)
    wrong = {*audited.drifted} | {*keys(audited.frame[audited.frame["texts"].notna()])}
    assert {*listed(defs["table"])} == wrong
    assert "Traceback" not in text
    assert len(text) < LARGEST_PAGE
    assert run("content", stores[store])[1]["result"] is defs["result"]


def test_a_changed_input_and_a_problem_narrow_the_generations(stores, run):
    _, defs = run("content", stores["sample"], search=PRESSED)
    found, nothing = defs["found"], {"stage": value(None), "changed": value(None), "code": value(None)}
    first = defs["inputs"]["changed"].iloc[0]
    _, defs = run("content", stores["sample"], **{**nothing, "changed": value(first)}, found=found)
    assert 0 < len(defs["rows"]) == defs["inputs"]["generations"].iloc[0] < len(found)
    _, defs = run("content", stores["sample"], **{**nothing, "code": value("TEXT_BLANK")}, found=found)
    assert 0 < len(defs["rows"]) == (defs["problems"]["code"] == "TEXT_BLANK").sum()


def test_a_search_is_shared_by_the_pages_of_a_store(stores, run):
    assert "result" not in run("references", stores["clean"])[1]
    found = run("references", stores["clean"], search=PRESSED)[1]["result"]
    assert run("references", stores["clean"])[1]["result"] is found


def test_a_clicked_bar_and_an_id_narrow_the_references(stores, run):
    point = {"kind": "record", "treatment": "rewrite"}
    bar = selected(vlPoint={"or": [point]}, **{name: [one] for name, one in point.items()})
    _, defs = run("references", stores["sample"], search=PRESSED, kinds=bar)
    counted = defs["result"].summary.kinds["record"]["rewrite"]
    assert 0 < len(defs["rows"]) == counted < len(defs["found"])
    gen_id = defs["rows"]["gen_id"].iloc[0]
    narrowed = {"only": value(gen_id), "treatment": value("rewrite"), "kind": value(None)}
    _, defs = run("references", stores["sample"], search=PRESSED, **narrowed, found=defs["found"])
    assert set(defs["rows"]["gen_id"]) == {gen_id}
    assert set(defs["rows"]["treatment"]) == {"rewrite"}


def test_a_picked_id_lists_its_references(stores, run):
    draft = next(iter(scan(stores["clean"]).rows["draft"]))
    chosen = {"get_chosen": lambda: ("draft", draft), "set_chosen": [].append}
    _, defs = run("references", stores["clean"], search=PRESSED, **chosen)
    audited = references(scan(stores["clean"])).frame
    assert len(defs["of_one"]) == (audited["gen_id"] == draft).sum() > 0


@pytest.mark.parametrize("name", NAMES)
def test_one_generation_is_looked_at_closely(stores, run, audits, name):
    parents = audits("clean").results["parents"].frame
    draft = parents.loc[parents["descendants"].idxmax()]
    gone = []
    chosen = {"get_chosen": lambda: ("draft", draft["gen_id"]), "set_chosen": gone.append}
    text, defs = run(name, stores["clean"], **chosen)
    assert len(defs["page"].seen.below) == draft["descendants"]
    assert (defs["page"].seen.stage, defs["page"].seen.gen_id) == ("draft", draft["gen_id"])
    assert draft["gen_id"] in text
    assert gone == []


@pytest.mark.parametrize("name", REPORTING)
def test_the_button_writes_the_same_file_as_the_command(stores, run, name, tmp_path):
    _, defs = run(name, stores["sample"], write=PRESSED, search=PRESSED)
    session, audits = defs["session"], notebooks()[name].audits
    left_out = [tmp_path / "reports"]
    everything = run_audits(session.snapshot, *([audits] if audits else []), left_out=left_out)
    expected = {
        f"{report.name}_{session.day}.{report.suffix}": report.content()
        for report in reports_of(everything, session.day, page=not audits)
    }
    assert {path.name: path.read_bytes() for path in defs["page"].written} == expected
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == sorted(expected)


def test_reports_do_not_land_among_the_generations(stores, run):
    inside = stores["clean"] / "gens" / "reports"
    text, defs = run("inventory", stores["clean"], output=str(inside), write=PRESSED)
    assert defs["page"].written.ctx["reason"] == "output_inside_store"
    assert "Nothing was written" in text
    assert not inside.exists()


@pytest.mark.parametrize("name", NAMES)
def test_a_script_would_run_its_cells(name):
    tree = ast.parse((FOLDER / f"{name}.py").read_text())
    assert ast.unparse(tree.body[-1]) == "if __name__ == '__main__':\n    app.run()"


def test_a_notebook_runs_as_a_script(stores):
    command = [sys.executable, FOLDER / "cohorts.py", "--data-root", stores["clean"]]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr.decode()) == (0, "")


def script(name, root, output, *more):
    """Run a notebook as a script: its exit code, stdout and stderr."""
    command = [sys.executable, FOLDER / f"{name}.py", "--", "--data-root", root, "--output", output, *more]
    done = subprocess.run(command, capture_output=True, check=False, cwd=output.parent)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_changes_since_a_snapshot_are_those_of_the_command(stores, run, tmp_path):
    root, output = tmp_path / "store", tmp_path / "reports"
    shutil.copytree(stores["clean"], root)
    save(take(scan(root), date="2026-01-02", name="first"), output)
    gone = next((root / "gens" / "evaluation").iterdir())
    shutil.rmtree(gone)
    text, defs = run("changes", root, write=PRESSED)
    assert "1 gone" in text
    assert defs["diff"].gone == (("evaluation", gone.name),)
    assert [path.suffix for path in defs["page"].written] == [".json", ".csv", ".html"]
    assert "Traceback" not in text


@pytest.fixture
def script_here(monkeypatch, capsys):
    """Run a notebook as a script in this process, which spares the imports: its stdout and stderr."""

    def ran(name, root, output, *more):
        monkeypatch.setattr(sys, "argv", [name, "--", "--data-root", str(root), "--output", str(output), *more])
        monkeypatch.chdir(output.parent)
        runpy.run_path(str(FOLDER / f"{name}.py"), run_name="__main__")
        return tuple(capsys.readouterr())

    return ran


def written_by(out):
    return [Path(line.removeprefix("wrote ")) for line in out.splitlines()]


@pytest.mark.parametrize("name", ["inventory", "migration"])
def test_a_script_writes_only_if_asked(stores, name, tmp_path):
    output = tmp_path / "out"
    assert script(name, stores["clean"], output) == (0, "", "")
    assert not output.exists()
    code, out, err = script(name, stores["clean"], output, "--write")
    assert (code, err) == (0, "")
    assert sorted(written_by(out)) == sorted(output.iterdir())


@pytest.mark.parametrize("name", [name for name in NAMES if name != "changes"])
def test_a_script_writes_if_asked(stores, name, tmp_path, script_here):
    before = fingerprint(stores["clean"])
    out, err = script_here(name, stores["clean"], tmp_path / "out", "--write")
    assert err == ""
    written = written_by(out)
    assert written
    assert sorted(written) == sorted((tmp_path / "out").iterdir())
    assert all(path.read_bytes() for path in written)
    assert fingerprint(stores["clean"]) == before


def test_a_script_that_cannot_write_fails(stores, tmp_path):
    code, _, err = script("inventory", stores["nowhere"], tmp_path / "out", "--write")
    assert code != 0
    assert str(stores["nowhere"]) in err
    assert "Traceback" not in err
    code, _, err = script("inventory", stores["clean"], stores["clean"] / "gens" / "reports", "--write")
    assert code != 0
    assert "output_inside_store" in err or "output inside store" in err
    assert "Traceback" not in err


def test_marimo_finds_nothing_to_complain_about():
    done = subprocess.run([*MARIMO, "check", "--strict", FOLDER], capture_output=True, check=False)
    assert (done.returncode, done.stdout.decode()) == (0, "")


def test_marimo_exports_it(stores, tmp_path):
    page = tmp_path / "page.html"
    command = [*MARIMO, "export", "html", FOLDER / "workbench.py", "-o", page, "--", "--data-root", stores["sample"]]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert str(stores["sample"]) in page.read_text()
