"""The recorded notebooks: a changed result makes the replay fail, and the failure shows the change."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks" / "jupyter"
WALKS = sorted(FOLDER.glob("*.ipynb"))
SUBJECTS = {"inventory", "metadata", "parents", "identity", "cohorts", "rebuild", "content", "references"}
TABLE = re.compile(r"(?<='draft': )\d+")
BAR = re.compile(r"""(?<=['"]value['"]: )\d+""")


def replay(path):
    """Replay a notebook as ``make test`` does."""
    (line,) = re.findall(r"^\t.*pytest (.*--nbval.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    options = [path if option == "notebooks/jupyter" else option for option in line.split()]
    command = [sys.executable, "-m", "pytest", *options, "--color=no", f"--rootdir={path.parent}"]
    # If CI is set, pytest repeats every failure in its summary.
    env = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(command, capture_output=True, check=False, cwd=ROOT, env=env)
    return done.returncode, done.stdout.decode()


def code_cells(path):
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


def cut_after(path, cells):
    """Take a notebook that ends with its first so many cells of code."""
    notebook = json.loads(path.read_text())
    code = [place for place, cell in enumerate(notebook["cells"]) if cell["cell_type"] == "code"]
    notebook["cells"] = notebook["cells"][: code[cells - 1] + 1]
    return notebook


def changed(notebook, value):
    """Change one value in the last recorded output; return the old and the new value."""
    (output,) = notebook["cells"][-1]["outputs"]
    text = json.dumps(output["data"])
    was = value.search(text)[0]
    now = str(int(was) + 1)
    output["data"] = json.loads(value.sub(now, text, count=1))
    return was, now


def test_every_audit_has_a_walk():
    assert {path.stem for path in WALKS} == SUBJECTS | {"first_audit"}


@pytest.mark.parametrize("path", WALKS, ids=lambda path: path.stem)
def test_everything_that_is_recorded_would_be_compared(path):
    cells = code_cells(path)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert all(cell["outputs"] for cell in cells)
    assert not any("nbval" in json.dumps(cell["metadata"]) or "NBVAL" in "".join(cell["source"]) for cell in cells)
    kinds = {kind for cell in cells for output in cell["outputs"] for kind in output.get("data", {})}
    assert "application/vnd.vegalite.v6+json" in kinds
    assert "image/png" not in kinds


@pytest.mark.parametrize(("cells", "value"), [(2, TABLE), (4, BAR)], ids=["a table", "a chart"])
def test_one_changed_value_fails_the_replay_and_is_named(tmp_path, cells, value):
    notebook, copy = cut_after(FOLDER / "identity.ipynb", cells), tmp_path / "copy.ipynb"
    was, now = changed(notebook, value)
    copy.write_text(json.dumps(notebook))
    code, output = replay(copy)
    assert code == 1
    assert re.findall(r"\d+ (?:failed|passed)", output.splitlines()[-1]) == (["1 failed", f"{cells - 1} passed"])
    assert f"Cell {cells - 1}: Cell outputs differ" in output
    # The line with the value is shown as the replay gave it, and as it was recorded; hardly any other line is.
    changes = [line.strip() for line in output.splitlines() if re.match(r" +[-+] ", line)]
    assert [line[0] for line in changes] == ["-", "+"]
    assert [value.search(line)[0] for line in changes] == [was, now]


def test_a_recording_is_the_same_each_time(tmp_path):
    copy = tmp_path / "copy.ipynb"
    copy.write_bytes((FOLDER / "parents.ipynb").read_bytes())
    (line,) = re.findall(r"^\t\S*jupyter (nbconvert .*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    options = [copy if option.endswith(".ipynb") else option for option in line.split()]
    done = subprocess.run([sys.executable, "-m", "jupyter", *options], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(copy.read_text())["cells"] == json.loads((FOLDER / "parents.ipynb").read_text())["cells"]
