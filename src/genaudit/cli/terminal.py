"""Output on stderr: messages, and progress of long tasks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.highlighter import NullHighlighter
from rich.logging import RichHandler
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from genaudit.errors import DDError, Reason

log = logging.getLogger("genaudit")
errors = Console(stderr=True, highlight=False)

_OTHER_ROOT: Final = (
    "pass --data-root or set DAYDREAMING_DATA_ROOT to the folder that has gens/ in it;"
    " to try things out: genaudit sample data"
)
_NEXT_STEPS: Final = {
    Reason.NO_SUCH_ROOT: _OTHER_ROOT,
    Reason.NO_STORE: _OTHER_ROOT,
    Reason.ROOT_IS_NO_FOLDER: _OTHER_ROOT,
    Reason.GENERATION_NOT_FOUND: "genaudit inventory counts the generations that the store has",
    Reason.SPEC_NOT_FOUND: "write the spec first: docs/cohorts.md has examples",
}


def set_up_logging() -> None:
    """Send the package's messages to stderr, so that stdout holds only results; whole lines in a pipe."""
    handler: logging.Handler = logging.StreamHandler()
    if errors.is_terminal:
        handler = RichHandler(
            console=errors, show_time=False, show_path=False, markup=False, highlighter=NullHighlighter()
        )
    else:
        handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    log.handlers = [handler]
    log.setLevel(logging.INFO)


def log_error(error: DDError) -> None:
    """Log an error: one line, and one for each of several problems; empty lists, as of closest ids, are left out."""
    problems = error.ctx.get("problems", [])
    ctx = {name: value for name, value in error.ctx.items() if name != "problems" and value not in ([], ())}
    log.error("%s", DDError(error.code, ctx))
    for problem in problems:
        log.error("  %s", ", ".join(f"{name} {value!r}" for name, value in problem.items() if value is not None))
    if error.reason in _NEXT_STEPS:
        log.error("  %s", _NEXT_STEPS[error.reason])


@contextmanager
def progress_bar(task: str) -> Iterator[Callable[[int, int], None] | None]:
    """Show the progress of a long task: a bar on a terminal, nothing in a pipe."""
    if not errors.is_terminal or not log.isEnabledFor(logging.INFO):
        yield None
        return
    columns = (TextColumn(task), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        bar = progress.add_task(task, total=None)
        yield lambda done, total: progress.update(bar, completed=done, total=total)
