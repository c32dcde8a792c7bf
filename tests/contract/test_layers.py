"""Imports point down. The table below is the whole truth: a module that is not in it fails the test."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

import genaudit
from genaudit import charts
from genaudit.audits.registry import AUDITS

PACKAGE = "genaudit"
SOURCE = Path(genaudit.__file__).parent
MAX_LINES = 330

# Every top-level module of the package, with the modules that it may import. Stated, not derived from numbers,
# so that a new dependency is a decision that shows up here.
GROUND = {
    "encoded",
    "series",
    "stages",
    "stage_file",
    "ids",
    "errors",
    "layout",
    "codes",
    "schemas",
    "decisions",
    "limits",
}
STORE = GROUND | {"store"}
# How results are laid out, whoever renders them.
MODEL = {"page_model", "humanize", "legible", "csv_cells"}
CONTENT = STORE | MODEL | {"cohorts", "charts", "generating", "scores"}
ANALYSIS = CONTENT | {"audits"}
ALLOWED = {
    "__init__": {"api", "audits", "cohorts", "errors", "migration", "store"},
    "api": CONTENT | {"audits", "migration"},
    "errors": set(),
    "codes": set(),
    "stages": set(),
    "limits": set(),
    "humanize": set(),
    "legible": set(),
    "csv_cells": set(),
    "page_model": set(),
    "layout": {"errors", "stages"},
    "decisions": {"errors", "layout"},
    "encoded": set(),
    "series": {"encoded"},
    "schemas": {"codes", "decisions", "encoded", "series", "stages"},
    "ids": {"errors", "stages"},
    "stage_file": {"errors", "layout", "limits", "schemas", "stages"},
    "store": GROUND | {"humanize", "legible"},
    "cohorts": STORE,
    "scores": STORE | {"cohorts"},
    "generating": STORE | {"cohorts", "scores"},
    "sample": STORE | {"generating"},
    "charts": STORE | {"humanize", "legible", "scores"},
    "scores_section": MODEL | {"charts", "errors", "scores"},
    "fingerprints": {"layout", "schemas", "stages"},
    "baseline": STORE | MODEL | {"fingerprints"},
    "audits": CONTENT | {"baseline"},
    "lookup": ANALYSIS,
    "formats": ANALYSIS | {"baseline", "fingerprints", "reports", "__init__"},
    "report_pages": {"audits"},
    "migration": STORE | MODEL | {"cohorts", "audits", "charts"},
    "render": ANALYSIS | {"diff", "lookup", "scores_section", "migration", "report_pages"},
    "snapshots": ANALYSIS | {"__init__"},
    "diff": ANALYSIS | {"fingerprints", "snapshots"},
    "reports": ANALYSIS | {"diff", "baseline", "render", "__init__"},
    "workbench": ANALYSIS
    | {"lookup", "diff", "snapshots", "sample", "migration", "render", "reports", "scores_section", "__init__"},
    "cli": ANALYSIS
    | {
        "baseline",
        "diff",
        "formats",
        "sample",
        "snapshots",
        "lookup",
        "migration",
        "render",
        "report_pages",
        "reports",
        "__init__",
    },
    "pipeline": ANALYSIS,
    "__main__": {"cli"},
}
# Distributions that only these modules may need.
RESERVED = {
    "dagster": {"pipeline"},
    "click": {"cli"},
    "rich_click": {"cli"},
    "rich": {"cli", "render"},
    "altair": {"charts"},
    "jinja2": {"render", "generating"},
    "openai": {"generating"},
    "itables": {"render"},
    "marimo": {"workbench"},
}
# Modules that import others by name, and the beginning of these names.
BY_NAME = {
    "__init__": "genaudit.",
    "audits.registry": "genaudit.audits.",
    "charts": "genaudit.charts.",
    "cli.extras": "genaudit.",
}


def parsed(source):
    """Every module of a tree: its dotted name inside the package, whether it is a package, and its syntax tree."""
    for path in sorted(source.rglob("*.py")):
        parts = path.relative_to(source).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        yield parts[:-1] if is_package and len(parts) > 1 else parts, is_package, ast.parse(path.read_text())


def imported(parts, is_package, tree):
    """Every absolute dotted name that a module imports, those inside functions and under TYPE_CHECKING too."""
    home = (PACKAGE, *parts) if is_package else (PACKAGE, *parts[:-1])
    if parts == ("__init__",):
        home = (PACKAGE,)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = list(home[: len(home) - node.level + 1]) if node.level else []
            base += node.module.split(".") if node.module else []
            yield from (".".join([*base, alias.name]) for alias in node.names)


def violations(source, allowed=ALLOWED, reserved=RESERVED):
    found = []
    for parts, is_package, tree in parsed(source):
        module, top = ".".join(parts), parts[0]
        if top not in allowed:
            found.append(f"{module}: not in the table")
            continue
        for name in imported(parts, is_package, tree):
            first, *rest = name.split(".")
            if first != PACKAGE:
                if top not in reserved.get(first, {top}):
                    found.append(f"{module}: imports {first}")
                continue
            target = rest[0] if rest and rest[0] in allowed else "__init__"
            if rest and rest[0] not in allowed and (source / rest[0]).with_suffix(".py").exists():
                target = rest[0]
            if target != top and target not in allowed[top]:
                found.append(f"{module}: imports {name}")
    return found


def cycles(source):
    """Modules that import one another in a circle."""
    trees = {".".join(parts): (parts, is_package, tree) for parts, is_package, tree in parsed(source)}
    graph = {}
    for name, (parts, is_package, tree) in trees.items():
        graph[name] = {
            target
            for full in imported(parts, is_package, tree)
            if full.startswith(f"{PACKAGE}.")
            # `from genaudit.ids import x` needs genaudit.ids; `from genaudit.store import scan` needs the module.
            for dotted in [full[len(PACKAGE) + 1 :]]
            for target in [dotted if dotted in trees else dotted.rpartition(".")[0]]
            if target in trees and target != name
        }
    return sorted(name for name in graph if name in reached(graph, name))


def reached(graph, start):
    seen, todo = set(), list(graph[start])
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo.extend(graph[name])
    return seen


def test_imports_point_down():
    assert violations(SOURCE) == []


def test_only_one_module_reaches_the_pipeline_from_outside_and_by_name():
    # A name in a text is no import: such a way around the table has to be found as well.
    by_name = [
        ".".join(parts)
        for parts, _, tree in parsed(SOURCE)
        for node in ast.walk(tree)
        if parts[0] != "pipeline" and isinstance(node, ast.Call) and "import_module" in ast.unparse(node.func)
    ]
    assert by_name == [*BY_NAME]
    names = {"audits.registry": [row.descriptor.partition(":")[0] for row in AUDITS.rows.values()]}
    names["charts"] = [f"genaudit.charts.{name}" for name in charts.MODULES.values()]
    for module, listed in names.items():
        assert listed
        assert all(name.startswith(BY_NAME[module]) for name in listed)


def test_names_in_the_registries_lead_somewhere():
    assert all(audit.name == name for name, audit in AUDITS.items())
    assert all(getattr(charts, name) is not None for name in charts.MODULES)


def test_no_import_cycles():
    assert cycles(SOURCE) == []


def test_the_table_itself_points_down():
    for module, below in ALLOWED.items():
        assert module not in below
        assert module not in reached(ALLOWED, module)
    assert "pipeline" not in ALLOWED["cli"]
    assert "cli" not in ALLOWED["pipeline"]


@pytest.mark.parametrize(
    ("path", "line", "complaint"),
    [
        ("ids.py", "from genaudit.store.scan import scan_shard", "ids: imports genaudit.store.scan.scan_shard"),
        ("ids.py", "from genaudit import store", "ids: imports genaudit.store"),
        ("ids.py", "import genaudit.store", "ids: imports genaudit.store"),
        ("page_model.py", "from genaudit.legible import x", "page_model: imports genaudit.legible.x"),
        ("charts/counts.py", "from genaudit.audits import x", "charts.counts: imports genaudit.audits.x"),
        ("audits/parents.py", "from genaudit.render import x", "audits.parents: imports genaudit.render.x"),
        ("render/page.py", "from genaudit.cli import x", "render.page: imports genaudit.cli.x"),
        ("audits/parents.py", "import rich", "audits.parents: imports rich"),
        ("store/scan.py", "from genaudit import audits", "store.scan: imports genaudit.audits"),
        ("store/scan.py", "from ..audits import inventory", "store.scan: imports genaudit.audits.inventory"),
        ("store/__init__.py", "from .. import audits", "store: imports genaudit.audits"),
        ("store/scan.py", "def f():\n    from genaudit.cli import main", "store.scan: imports genaudit.cli.main"),
        ("store/scan.py", "if TYPE_CHECKING:\n    import genaudit.cli", "store.scan: imports genaudit.cli"),
        ("scores.py", "from genaudit.audits import parents", "scores: imports genaudit.audits.parents"),
        ("cli.py", "import genaudit.pipeline.assets", "cli: imports genaudit.pipeline.assets"),
        ("pipeline/assets.py", "from genaudit.cli import main", "pipeline.assets: imports genaudit.cli.main"),
        ("store/scan.py", "import dagster as dg", "store.scan: imports dagster"),
        ("cli.py", "from dagster import asset", "cli: imports dagster"),
        ("utils.py", "", "utils: not in the table"),
        ("helpers/things.py", "", "helpers.things: not in the table"),
    ],
)
def test_a_planted_violation_is_caught(tmp_path, path, line, complaint):
    for module in ("ids.py", "store/__init__.py", "audits/__init__.py", "pipeline/assets.py"):
        (tmp_path / module).parent.mkdir(exist_ok=True)
        (tmp_path / module).write_text("from __future__ import annotations\n")
    assert violations(tmp_path) == []
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text(f"{line}\n")
    assert violations(tmp_path) == [complaint]


def test_allowed_imports_are_not_reported(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store/__init__.py").write_text("from .scan import x\nimport json\n")
    (tmp_path / "store/scan.py").write_text(
        "from genaudit.ids import y\nfrom .records import z\nfrom . import records\n"
    )
    (tmp_path / "store/records.py").write_text("from genaudit import ids\n")
    (tmp_path / "ids.py").write_text("import genaudit.errors\n")
    (tmp_path / "cli.py").write_text("import rich_click\nfrom genaudit import __version__\n")
    assert violations(tmp_path) == []
    assert cycles(tmp_path) == []


def test_a_planted_cycle_is_caught(tmp_path):
    (tmp_path / "ids.py").write_text("def f():\n    from genaudit.stages import y\n")
    (tmp_path / "stages.py").write_text("from genaudit import ids\n")
    (tmp_path / "errors.py").write_text("from genaudit.stages import y\n")
    assert cycles(tmp_path) == ["ids", "stages"]
    (tmp_path / "stages.py").write_text("if TYPE_CHECKING:\n    from genaudit import ids\n")
    assert cycles(tmp_path) == ["ids", "stages"]


def test_files_stay_small():
    long = {
        path.relative_to(SOURCE).as_posix(): lines
        for path in SOURCE.rglob("*.py")
        # codes.py and the like are tables, a line for each word of a row.
        if (lines := len(path.read_text().splitlines())) > MAX_LINES and path.name != "codes.py"
    }
    assert long == {}


def test_a_public_class_has_a_name_of_its_own():
    places = defaultdict(list)
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(path.relative_to(SOURCE).as_posix())
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


def opens_generations(tree):
    """The lines on which a module names a file of a generation itself, or lists folders."""
    files = {"metadata.json", "prompt.txt", "raw.txt", "parsed.txt", "raw_metadata.json", "parsed_metadata.json"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value in files:
            yield node.lineno


@pytest.mark.parametrize("module", sorted(path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py")))
def test_names_of_artifacts_are_spelt_in_one_place(module):
    lines = list(opens_generations(ast.parse((SOURCE / module).read_text())))
    assert (lines == []) is (module != "layout.py")
