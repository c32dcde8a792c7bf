"""Start of a notebook: store, output folder, and the choice of a shared link."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import urlencode

from genaudit.audits.registry import AUDITS
from genaudit.errors import DDError, Reason
from genaudit.stages import STAGES, StageTable

_DATA_ROOT: Final = "data"
_OUTPUT: Final = "reports"
_ADVICE: Final[Mapping[Reason | None, str]] = {
    Reason.NO_SUCH_ROOT: "There is no folder {path}.",
    Reason.ROOT_IS_NO_FOLDER: "{path} is not a folder.",
    Reason.NO_STORE: "{path} has no folder gens/ in it, so it is no store.",
    Reason.GENS_IS_NO_FOLDER: "gens in {path} is not a folder; a link in its place is not followed.",
    Reason.ROOT_NOT_ALLOWED: (
        "{path} is not below the data root, the working directory or a folder that the workbench was started with:"
        " start it with --allow FOLDER."
    ),
    Reason.NOT_READABLE: "{path} cannot be read: {error}.",
}
_SAMPLE_ADVICE: Final = (
    "Write the path of another one into the field above, or make a sample to try things on:"
    " genaudit sample data/sample --faults all, and the path data/sample"
)

Chosen = tuple[str | None, str | None]


class Notebook(NamedTuple):
    """A notebook of the workbench.

    :param question: the question that it answers.
    :param audits: names of the audits it shows; the overview, the changes and the migration have none.
    """

    title: str
    question: str
    audits: tuple[str, ...] = ()


def notebooks() -> dict[str, Notebook]:
    """List the notebooks by file name, in reading order: the overview, those that audits name, the others."""
    found = {
        "workbench": Notebook("Overview", "What state is the store in, what is wrong with it, and what comes next?")
    }
    for name, audit in AUDITS.items():
        if audit.notebook:
            before = found.get(audit.notebook, Notebook(audit.title, audit.question))
            found[audit.notebook] = before._replace(audits=(*before.audits, name))
    return found | {
        "changes": Notebook(
            "Changes",
            "What came, went, was renamed or changed since a saved snapshot, and which findings are new?",
        ),
        "migration": Notebook(
            "Migration", "What would a migration rename, what would it leave alone, and how is it done and undone?"
        ),
    }


class Arguments(NamedTuple):
    """The arguments that a notebook was started with.

    :param data_root: the data root.
    :param output: the output folder of reports.
    :param write: whether a script writes its report.
    """

    data_root: str
    output: str
    write: bool = False


def arguments(argv: Sequence[str]) -> Arguments:
    """Parse the arguments of a notebook, which are those of a command; unknown arguments are ignored.

    :param argv: arguments without the program's name.
    """
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--data-root", default=os.environ.get("DAYDREAMING_DATA_ROOT") or _DATA_ROOT)
    parser.add_argument("--output", default=_OUTPUT)
    parser.add_argument("--write", action="store_true")
    # Python, unlike marimo, keeps the dashes that separate the notebook's arguments.
    known, _ = parser.parse_known_args([word for word in argv if word != "--"])
    return Arguments(known.data_root, known.output, known.write)


def refusal(error: DDError) -> str:
    """Describe why a store cannot be read, and the next step."""
    advice = _ADVICE.get(error.reason)
    sentence = advice.format_map(error.ctx) if advice else f"{error}."
    return f"{sentence} {_SAMPLE_ADVICE}"


def one(value: str | list[str] | None) -> str | None:
    """Return a link parameter, which may be repeated or missing."""
    return (value[-1] if value else None) if isinstance(value, list) else value or None


def chosen_by(query: Mapping[str, str | list[str]], stages: StageTable = STAGES) -> Chosen:
    """Read from a link which stage, and which generation of it, to look at; an id alone is looked up.

    :param stages: the store's table of stages.
    """
    stage, gen_id = one(query.get("stage")), one(query.get("id"))
    return (stage, gen_id) if stage in stages else (None, gen_id)


def link(notebook: str, root: str, chosen: Chosen = (None, None)) -> str:
    """Return the link to a notebook of the same server, for the same store and generation.

    >>> link("parents", "data/sample", ("essay", "e_1"))
    '?file=parents.py&root=data%2Fsample&stage=essay&id=e_1'
    """
    named = {"file": f"{notebook}.py", "root": root, "stage": chosen[0], "id": chosen[1]}
    return "?" + urlencode({name: value for name, value in named.items() if value})
