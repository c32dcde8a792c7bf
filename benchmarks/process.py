"""Running the timed scripts."""

from __future__ import annotations

import subprocess
import sys


def run(command: list[str]) -> str:
    """Run a command to its end and return what it printed; when it fails, so does the harness."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return done.stdout
