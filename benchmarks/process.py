"""Running the timed scripts."""

from __future__ import annotations

import subprocess
import sys


def run(command: list[str]) -> str:
    """Run a command and return its output; stop the harness if the command fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return done.stdout
