"""Report of a command that changes something: a JSON file of what was or would be done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genaudit.cli.terminal import log
from genaudit.errors import DDError, Err
from genaudit.reports import to_json
from genaudit.store.write import write_atomic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write_outcome(output: Path, name: str, facts: Mapping[str, Any], *, dry_run: bool) -> None:
    """Write the report of a command; a dry run writes none.

    :param name: file name without suffix.
    :raises DDError: ``IO_ERROR``, reason ``not_writable``.
    """
    path = output / f"{name}.json"
    if not dry_run:
        write_atomic(path, to_json(facts))
    log.info("%s %s", "would write" if dry_run else "wrote", path)


def check_outside(output: Path, data_root: Path) -> None:
    """Check that a report which quotes ids would not become a file of the store.

    :raises DDError: ``INVALID_CONFIG``, reason ``output_inside_store``.
    """
    if output.resolve().is_relative_to(data_root.resolve()):
        ctx = {"reason": "output_inside_store", "option": "--output", "value": str(output)}
        raise DDError(Err.INVALID_CONFIG, ctx)
