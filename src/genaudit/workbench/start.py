"""Where a notebook starts: which store, which output folder, and what a shared link points at."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlencode

from genaudit.audits.registry import AUDITS
from genaudit.stages import STAGE_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from genaudit.errors import DDError

SAMPLE: Final = Path("data", "sample")
_ADVICE: Final = {
    "no_such_root": "There is no folder {path}.",
    "root_is_no_folder": "{path} is not a folder.",
    "no_store": "{path} has no folder gens/ in it, so it is no store.",
    "gens_is_no_folder": "gens in {path} is not a folder; a link in its place is not followed.",
    "not_readable": "{path} cannot be read: {error}.",
}
_SAMPLE_ADVICE: Final = (
    "Write the path of another one into the field above, or make a sample to try things on:"
    " genaudit sample data/sample --faults all"
)

Chosen = tuple[str | None, str | None]


class Notebook(NamedTuple):
    """A notebook of the workbench.

    :param audits: names of the audits it shows; the overview, the changes and the migration have none.
    """

    title: str
    audits: tuple[str, ...] = ()


def notebooks() -> dict[str, Notebook]:
    """List the notebooks by file name, in reading order: the overview, those that audits name, the others."""
    found = {"workbench": Notebook("Overview")}
    for name, audit in AUDITS.items():
        if audit.notebook:
            title, audits = found.get(audit.notebook, Notebook(audit.title))
            found[audit.notebook] = Notebook(title, (*audits, name))
    return found | {"changes": Notebook("Changes"), "migration": Notebook("Migration")}


class Arguments(NamedTuple):
    """What a notebook was started with.

    :param data_root: the store.
    :param output: the folder that reports are written into.
    :param write: whether a script writes its report.
    """

    data_root: str
    output: str
    write: bool = False


def arguments(argv: Sequence[str], home: Path) -> Arguments:
    """Read the arguments of a notebook; those that are not its own are left to whoever started it.

    :param argv: without the program's name.
    :param home: the project's folder, which has the sample store and the reports.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    # A short path where there is one: it is shown, and stands in shared links.
    home = Path() if home == Path.cwd() else home
    default = os.environ.get("DAYDREAMING_DATA_ROOT") or str(home / SAMPLE)
    parser.add_argument("--data-root", default=default)
    parser.add_argument("--output", default=str(home / "reports"))
    parser.add_argument("--write", action="store_true")
    # Python, unlike marimo, leaves the dashes in that set the notebook's arguments apart.
    known, _ = parser.parse_known_args([word for word in argv if word != "--"])
    return Arguments(known.data_root, known.output, known.write)


def refusal(error: DDError) -> str:
    """Say why a store cannot be looked at, and what to do."""
    reason = str(error.ctx.get("reason"))
    said = _ADVICE[reason].format_map(error.ctx) if reason in _ADVICE else f"{error}."
    return f"{said} {_SAMPLE_ADVICE}"


def one(value: str | list[str] | None) -> str | None:
    """Take a parameter of a link, which may be given more than once or not at all."""
    return (value[-1] if value else None) if isinstance(value, list) else value or None


def chosen_by(query: Mapping[str, str | list[str]]) -> Chosen:
    """Read from a link which stage, and which generation of it, to look at."""
    stage, gen_id = one(query.get("stage")), one(query.get("id"))
    return (stage, gen_id) if stage in STAGE_NAMES else (None, None)


def link(notebook: str, root: str, chosen: Chosen = (None, None)) -> str:
    """Write the link to a notebook of the same server, about the same store and generation.

    >>> link("parents", "data/sample", ("essay", "e_1"))
    '?file=parents.py&root=data%2Fsample&stage=essay&id=e_1'
    """
    named = {"file": f"{notebook}.py", "root": root, "stage": chosen[0], "id": chosen[1]}
    return "?" + urlencode({name: value for name, value in named.items() if value})
