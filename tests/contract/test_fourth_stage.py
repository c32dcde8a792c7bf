"""A further stage is a row of the table: the package is copied, the row added, and every command run on a sample."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import genaudit
from genaudit.stages import STAGES

SOURCE = Path(genaudit.__file__).parent
ROW = """Stage(
    name="critique",
    prefix="c_",
    parent="evaluation",
    required=(PARENT, "template_id", "llm_model_id", REPLICATE),
    extraneous=("combo_id",),
    signature=(PARENT, "template_id", "llm_model_id"),
    old_template_field="critique_template",
    template_catalog="critique_templates.csv",
),
"""
# Runs all commands in one process, and prints the exit code of each.
PROGRAM = """
import json, sys
from genaudit.cli import main
codes = []
for command in json.loads(sys.argv[1]):
    sys.argv = ["genaudit", *command]
    try:
        main()
    except SystemExit as stop:
        codes.append(stop.code or 0)
with open("codes.json", "w") as file:
    json.dump(codes, file)
"""
STORE = ("--data-root", "store")
AUDITS = ("inventory", "metadata", "parents", "recompute", "cohorts", "references", "rebuild")
COMMANDS = {
    "sample": (["sample", "store", "--drafts", "6", "--faults", "all"], 0),
    "audit": (["audit", *STORE, "--fail-on", "never"], 0),
    **{name: ([name, *STORE, "--fail-on", "never"], 0) for name in AUDITS},
    "report": (["report", *STORE, "--output", "pages"], 0),
    "scores": (["scores", *STORE], 0),
    "show": (["cohort", "show", "pilot-2025-06", *STORE], 0),
    "build": (["cohort", "build", "new", *STORE], 0),
    "backfill": (["cohort", "backfill-manifest", *STORE], 1),
    "slim": (["cohort", "slim", *STORE], 1),
    "plan": (["migrate", "plan", *STORE, "--output", "plan"], 0),
    "simulate": (["migrate", "simulate", "plan/migration_plan.json", *STORE, "--into", "copy"], 0),
    "apply": (["migrate", "apply", "plan/migration_plan.json", *STORE, "--yes"], 0),
    "status": (["migrate", "status", *STORE], 0),
    "rollback": (["migrate", "rollback", *STORE, "--yes"], 0),
}
# Modules that may not name a stage; planning, generating, curated modes, scores and the sample's prose may.
UNBOUND = ("store", "audits", "migration", "charts", "render", "workbench", "cli")
BOUND = ("audits/rebuild/", "workbench/rebuild_form.py", "cli/rebuild_app.py")


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fourth")
    # With what is compiled: Python takes it for every file whose date and size stay.
    shutil.copytree(SOURCE, folder / "genaudit")
    path = folder / "genaudit/stages.py"
    text = path.read_text()
    tree = next(
        node.value
        for node in ast.parse(text).body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == "STAGES"
    )
    end = tree.args[0].elts[-1].end_lineno
    lines = text.splitlines(keepends=True)
    path.write_text("".join([*lines[:end], ROW, *lines[end:]]))
    environment = {**os.environ, "PYTHONPATH": str(folder), "NO_COLOR": "1"}
    commands = json.dumps([command for command, _ in COMMANDS.values()])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, commands],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    codes = dict(zip(COMMANDS, json.loads((folder / "codes.json").read_bytes()), strict=True))
    return folder, codes


def test_every_command_runs(ran):
    _, codes = ran
    assert codes == {name: code for name, (_, code) in COMMANDS.items()}


def test_the_sample_has_generations_of_it_and_every_audit_counts_them(ran):
    folder, _ = ran
    (inventory,) = (folder / "reports").glob("gen_id_inventory_*.json")
    stages = json.loads(inventory.read_bytes())["stages"]
    assert [*stages] == [*STAGES, "critique"]
    assert stages["critique"]["classes"]["deterministic"] == stages["critique"]["total"] > 0
    (chains,) = (folder / "reports").glob("parent_chains_*.json")
    assert json.loads(chains.read_bytes())["stages"]["critique"]["total"] == stages["critique"]["total"]
    plan = json.loads((folder / "plan/migration_plan.json").read_bytes())
    assert plan["partitions"]["critique_gens"] > 0
    assert "critique" in (folder / "pages/inventory.html").read_text()


def named(tree):
    """The texts of a module, but for docstrings and examples."""
    words = {*STAGES, *(stage.template_catalog for stage in STAGES.values()), *(s.prefix for s in STAGES.values())}
    return [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.value in words]


@pytest.mark.parametrize("package", UNBOUND)
def test_no_module_outside_of_the_table_names_a_stage(package):
    modules = [
        path.relative_to(SOURCE).as_posix()
        for path in sorted((SOURCE / package).rglob("*.py"))
        if not path.relative_to(SOURCE).as_posix().startswith(BOUND)
    ]
    found = {module: lines for module in modules if (lines := named(ast.parse((SOURCE / module).read_text())))}
    assert found == {}
