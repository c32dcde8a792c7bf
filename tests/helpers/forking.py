"""Programs run in a fork of the tests: processes of their own that need not import everything again.

For tests of a program's output, files and exit code. What is about the start of Python (imports, hash seeds, signals)
needs a new one.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import tempfile
import traceback
import warnings
from pathlib import Path
from typing import NamedTuple

PATIENCE = 120


class Ended(NamedTuple):
    """The end of a program."""

    returncode: int
    stdout: str
    stderr: str


def forked(program, *arguments, cwd=None):
    """Run a script by its path, or a module by its name, as ``python`` does.

    :param program: a path, or a module's name.
    :param cwd: its working directory.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if not pid:
            _become(program, [*map(str, arguments)], cwd, out.fileno(), err.fileno())
        _, status = os.waitpid(pid, 0)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode())
    return Ended(os.waitstatus_to_exitcode(status), *texts)


def _become(program, arguments, cwd, out, err):
    """Run the program, and end this process with its exit code."""
    code = 1
    try:
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(PATIENCE)
        os.dup2(out, 1)
        os.dup2(err, 2)
        sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8") for number in (1, 2))
        warnings.resetwarnings()
        warnings.simplefilter("ignore", DeprecationWarning)
        if cwd:
            os.chdir(cwd)
        sys.argv = [str(program), *arguments]
        if isinstance(program, Path):
            runpy.run_path(str(program), run_name="__main__")
        else:
            runpy.run_module(program, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as stop:
        if stop.code is not None and not isinstance(stop.code, int):
            sys.stderr.write(f"{stop.code}\n")
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:  # noqa: BLE001 (as Python ends a program)
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
