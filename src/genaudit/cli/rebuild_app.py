"""The command of the rebuild audit, with its options."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import rich_click as click

from genaudit.cli.command_group import options_of
from genaudit.cli.completion import complete_id
from genaudit.cli.options import MEMBER_LIMIT, PATH, AuditRequest, switch
from genaudit.errors import ExitCode

REBUILD_EXITS: Final = (
    "Exit codes: 0 no finding at or above --fail-on; 1 there is one; 2 wrong usage or configuration, or a selection"
    " that cannot be planned; 3 no store there, or it cannot be read."
)


@options_of(AuditRequest)
@click.option("--select", type=PATH, help="Try the modes on the ids of this selection file.")
@click.option(
    "--ids",
    multiple=True,
    help="Try the modes on these ids, with commas between them; repeat for more.",
    shell_complete=complete_id,
)
@switch("--legacy", help="Try the modes on all essays with a legacy id.")
@click.option(
    "--sample",
    type=int,
    help="Try the modes on this many essays, drawn at random; with --legacy, from the legacy ones.",
)
@click.option("--seed", default=0, help="The seed of the random sample; the reports name it.")
@click.option(
    "--stage",
    type=click.Choice(["essay", "draft"]),
    help="The stage of the ids in --select and --ids.",
    show_default="essay, or by the file's name",
)
@click.option(
    "--modes",
    multiple=True,
    help="The modes to try, with commas between them: regenerate, reuse-drafts, reuse-essays,"
    " reuse-essays+skip-existing, reuse-drafts+reuse-existing, all of these, reuse-essays+reuse-existing,"
    " cartesian, or spec:COHORT.",
    show_default="all",
)
@click.option("--cohort", "cohort_id", default="rebuild-audit", help="The cohort whose name goes into legacy ids.")
@click.option(
    "--deterministic-ids",
    help="The stages that get deterministic ids: off, draft, draft,essay or all.",
    show_default="DD_DETERMINISTIC_GEN_IDS if it is set, else all",
)
@click.option("--prices", type=PATH, help="A CSV with model, prompt_per_million, completion_per_million.")
@switch("--force", help="Plan a run that reuses nothing.")
@switch(
    "--remake-drifted",
    help="Ask again for generations whose prompt differs from today's rendering, as if prompt.txt were gone.",
)
@MEMBER_LIMIT
def rebuild(
    request: AuditRequest,
    deterministic_ids: str | None,
    prices: Path | None,
    *,
    force: bool,
    **options: Any,  # noqa: ANN401 (the options above)
) -> ExitCode:
    """Compare what each mode of a selection would reuse, parse, copy or pay for again, with the reasons.

    Without --select, --ids, --legacy or --sample the selection is 2_tasks/selected_essays.txt or
    2_tasks/selected_drafts.txt; if there is neither, all essays with a legacy id. Plans are made in memory: no model
    is called, and only reports are written.
    """
    from genaudit.cli import rebuild_commands  # noqa: PLC0415 (help and usage errors are fast)

    return rebuild_commands.rebuild(request, options, deterministic_ids=deterministic_ids, prices=prices, force=force)
