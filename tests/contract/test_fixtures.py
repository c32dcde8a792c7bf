"""The regression fixtures equal a fresh materialization."""

import importlib.util
import json
from pathlib import Path

FIXTURES = Path(__file__).parents[1] / "fixtures"


def script():
    spec = importlib.util.spec_from_file_location("regenerate", FIXTURES / "regenerate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def leaves(value, path=""):
    """Return every value of a document by its path."""
    if isinstance(value, dict) and value:
        pairs = value.items()
    elif isinstance(value, list) and value:
        pairs = enumerate(value)
    else:
        return {path: value}
    found = {}
    for key, inner in pairs:
        found |= leaves(inner, f"{path} > {key}" if path else str(key))
    return found


def differences(folder, expected):
    """Return the differences between two folders, a line each."""
    lines = []
    names = {path.relative_to(each).as_posix() for each in (folder, expected) for path in each.rglob("*.json")}
    for name in sorted(names):
        sides = [each / name for each in (folder, expected)]
        if not all(side.exists() for side in sides):
            lines.append(f"{name}: only in {'the fixtures' if sides[1].exists() else 'what was made'}")
            continue
        made, kept = (leaves(json.loads(side.read_text())) for side in sides)
        other = sorted(path for path in made.keys() | kept.keys() if made.get(path) != kept.get(path))
        lines += [f"{name}: {path}: now {made.get(path)!r}, in the fixture {kept.get(path)!r}" for path in other]
    return lines


def test_the_fixtures_equal_a_fresh_materialization(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "yes")
    written = script().regenerate(tmp_path)
    found = differences(tmp_path, FIXTURES / "pipeline")
    assert not found, "\n".join(["run `make fixtures` if this is meant:", *found[:40]])
    assert len(written) == 8
    for path in written:
        assert path.read_bytes() == (FIXTURES / "pipeline" / path.relative_to(tmp_path)).read_bytes()


def test_a_difference_names_cohort_generation_and_file(tmp_path):
    for folder, digest in (("a", "11"), ("b", "22")):
        path = tmp_path / folder / "none" / "c.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({"generations": {"draft/d_1": {"raw.txt": digest}}}))
    (tmp_path / "b" / "none" / "d.json").write_text("{}")
    assert differences(tmp_path / "a", tmp_path / "b") == [
        "none/c.json: generations > draft/d_1 > raw.txt: now '11', in the fixture '22'",
        "none/d.json: only in the fixtures",
    ]


def test_fixtures_show_the_effect_of_the_flag():
    def ids(flag, stage):
        members = json.loads((FIXTURES / "pipeline" / flag / "designed-1.json").read_text())["members"]
        return [member for member in members if member.startswith(f"{stage}/")]

    flags = ("none", "draft", "draft-essay", "draft-essay-evaluation")
    for place, stage in enumerate(("draft", "essay", "evaluation"), start=1):
        new = [flag for flag in flags if all("_" in member.partition("/")[2] for member in ids(flag, stage))]
        assert new == list(flags[place:])
