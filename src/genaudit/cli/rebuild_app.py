"""The command of the rebuild audit, with its options."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from genaudit.cli.completion import complete_id
from genaudit.cli.options import AuditRequest, MaxMembers
from genaudit.limits import MAX_MEMBERS

REBUILD_EXITS: Final = (
    "Exit codes: 0 no finding at or above --fail-on; 1 there is one; 2 wrong usage or configuration, or a selection"
    " that cannot be planned; 3 no store there, or it cannot be read."
)


class SelectedStage(StrEnum):
    """The stages of ids in a selection."""

    ESSAY = "essay"
    DRAFT = "draft"


def rebuild(
    request: AuditRequest,
    *,
    select: Annotated[Path | None, typer.Option(help="Try the modes on the ids of this selection file.")] = None,
    ids: Annotated[
        list[str] | None,
        typer.Option(
            help="Try the modes on these ids, with commas between them; repeat for more.", autocompletion=complete_id
        ),
    ] = None,
    legacy: Annotated[bool, typer.Option("--legacy", help="Try the modes on all essays with a legacy id.")] = False,
    sample: Annotated[
        int | None,
        typer.Option(help="Try the modes on this many essays, drawn at random; with --legacy, from the legacy ones."),
    ] = None,
    seed: Annotated[int, typer.Option(help="The seed of the random sample; the reports name it.")] = 0,
    stage: Annotated[
        SelectedStage | None,
        typer.Option(help="The stage of the ids in --select and --ids.", show_default="essay, or by the file's name"),
    ] = None,
    modes: Annotated[
        list[str] | None,
        typer.Option(
            help="The modes to try, with commas between them: regenerate, reuse-drafts, reuse-essays,"
            " reuse-essays+skip-existing, reuse-drafts+reuse-existing, all of these, reuse-essays+reuse-existing,"
            " cartesian, or spec:COHORT.",
            show_default="all",
        ),
    ] = None,
    cohort: Annotated[str, typer.Option(help="The cohort whose name goes into legacy ids.")] = "rebuild-audit",
    deterministic_ids: Annotated[
        str | None,
        typer.Option(
            help="The stages that get deterministic ids: off, draft, draft,essay or all.",
            show_default="DD_DETERMINISTIC_GEN_IDS if it is set, else all",
        ),
    ] = None,
    prices: Annotated[
        Path | None, typer.Option(help="A CSV with model, prompt_per_million, completion_per_million.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Plan a run that reuses nothing.")] = False,
    remake_drifted: Annotated[
        bool,
        typer.Option(
            "--remake-drifted",
            help="Ask again for generations whose prompt differs from today's rendering, as if prompt.txt were gone.",
        ),
    ] = False,
    max_members: MaxMembers = MAX_MEMBERS,
) -> None:
    """Compare what each mode of a selection would reuse, parse, copy or pay for again, with the reasons.

    Without --select, --ids, --legacy or --sample the selection is 2_tasks/selected_essays.txt or
    2_tasks/selected_drafts.txt; if there is neither, all essays with a legacy id. Plans are made in memory: no model
    is called, and only reports are written.
    """
    from genaudit.cli import rebuild_commands  # noqa: PLC0415 (help and usage errors are fast)

    options = {
        "select": select,
        "ids": ids or (),
        "legacy": legacy,
        "sample": sample,
        "seed": seed,
        "stage": stage.value if stage else None,
        "modes": modes or (),
        "cohort_id": cohort,
        "remake_drifted": remake_drifted,
        "max_members": max_members,
    }
    code = rebuild_commands.rebuild(request, options, deterministic_ids=deterministic_ids, prices=prices, force=force)
    raise typer.Exit(code)
