"""Time `make audit` on a fresh clone, step by step, and count the installed packages."""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from machine import describe

HERE: Final = Path(__file__).parent
STEPS: Final = {
    "setup": "environment and packages",
    "data/sample": "sample store of 60 drafts",
    "audit": "audits and reports",
}
MEGA: Final = 1_000_000
NOTE: Final = """
A clone of the last commit without `.venv`, and one `make` for each step. Packages come through pip as this machine
configures it, so the wall time of the first step depends on the network and on pip's cache; CPU time does not.
*Without extras* is a second environment with `pip install .`, as users of the package get it.
"""


def main() -> None:
    """Measure, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=HERE / "first_minute.md", help="the file that is written")
    output = parser.parse_args().output
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "genaudit"
        _run(["git", "clone", "--quiet", HERE.parent, clone], Path(folder))
        lines = ["| step | wall s | CPU s |", "|---|--:|--:|"]
        total = (0.0, 0.0)
        for target, label in STEPS.items():
            wall, cpu = _run(["make", "--silent", target], clone)
            total = (total[0] + wall, total[1] + cpu)
            lines.append(f"| {label} | {wall:.1f} | {cpu:.1f} |")
        lines.append(f"| all | {total[0]:.1f} | {total[1]:.1f} |")
        plain = Path(folder) / "plain"
        _run([sys.executable, "-m", "venv", plain], clone)
        _run([plain / "bin" / "python", "-m", "pip", "install", "-qq", "--no-compile", "."], clone)
        lines += ["", "| environment | packages | MB |", "|---|--:|--:|"]
        lines += [_size("`make audit`", clone / ".venv"), _size("without extras", plain)]
        head = ["# The first minute", "", *describe(Path(folder), "not pinned to a core"), *NOTE.splitlines(), ""]
    text = "\n".join([*head, *lines, ""])
    output.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


def _run(command: list[str | Path], folder: Path) -> tuple[float, float]:
    """Run a command; return its wall and CPU seconds, those of its children included."""
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "PYTHONPATH")}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, env=environment, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return time.perf_counter() - start, cpu


def _size(label: str, environment: Path) -> str:
    """Describe the installed packages, without pip and its like, which every environment has."""
    packages = next(environment.glob("lib/python*/site-packages"))
    names = {path.name.split("-")[0] for path in packages.glob("*.dist-info")} - {"pip", "setuptools"}
    own = (
        path for path in packages.rglob("*") if not path.relative_to(packages).parts[0].startswith(("pip", "setup"))
    )
    size = sum(path.lstat().st_size for path in own if path.is_file() and path.suffix != ".pyc")
    return f"| {label} | {len(names)} | {size / MEGA:.0f} |"


if __name__ == "__main__":
    main()
