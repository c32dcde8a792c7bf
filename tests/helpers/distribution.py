"""The wheel as people install it: built from the sdist, in an environment of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Everything that a build reads.
SOURCES = ("pyproject.toml", "README.md", "LICENSE", "src")


def build(folder):
    """Build the sdist, and the wheel from it; return their paths."""
    tree = folder / "tree"
    for name in SOURCES:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(
                path, tree / name, ignore=shutil.ignore_patterns("*.egg-info", "__pycache__", "__marimo__")
            )
        else:
            tree.mkdir(exist_ok=True)
            shutil.copy(path, tree)
    # Build with the tools of this environment, so that nothing is downloaded.
    build = [sys.executable, "-m", "uv", "build", "--offline", "--no-build-isolation", "--python", sys.executable]
    subprocess.run([*build, "--out-dir", folder / "dist", tree], check=True, capture_output=True)
    (sdist,), (wheel,) = (list((folder / "dist").glob(pattern)) for pattern in ("*.tar.gz", "*.whl"))
    return sdist, wheel


def install(wheel, folder):
    """Install a wheel in a new environment that shares the dependencies of this one; return its ``bin``.

    The editable genaudit of this environment is out of reach: Python reads ``.pth`` files of its own folder only.
    """
    subprocess.run([sys.executable, "-m", "uv", "venv", "--offline", "--python", sys.executable, folder], check=True)
    python = folder / "bin" / "python"
    command = [sys.executable, "-m", "uv", "pip", "install", "--offline", "--no-deps", "--python", python, wheel]
    subprocess.run(command, check=True, capture_output=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return folder / "bin"
