"""Implementation of the migration commands."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from genaudit.cli.options import Format, WriteRequest
from genaudit.cli.outcome import check_outside, write_outcome
from genaudit.cli.partition_commands import keys_of, sandbox_of
from genaudit.cli.stopped_migration import naming_state
from genaudit.cli.terminal import log, progress_bar
from genaudit.errors import DDError, Err, ExitCode, Reason
from genaudit.layout import MIGRATION_PLAN
from genaudit.migration.apply import apply as apply_plan
from genaudit.migration.files import Files
from genaudit.migration.plan import Plan, make_plan
from genaudit.migration.plan_file import read_plan
from genaudit.migration.rename_filter import choose, ids_given
from genaudit.migration.rollback import rollback as roll_back
from genaudit.migration.simulate import check_target
from genaudit.migration.simulate import simulate as simulate_plan
from genaudit.migration.staging import check_fresh
from genaudit.migration.status import Status, check_uninterrupted
from genaudit.migration.status import status as status_of
from genaudit.render.html import render_plan
from genaudit.render.terminal import print_lines, print_rows, wrapped
from genaudit.reports import to_json
from genaudit.store.ledger import read_ledger
from genaudit.store.names import generation_names
from genaudit.store.near_misses import near_ids
from genaudit.store.settings import read_settings
from genaudit.store.snapshot import scan
from genaudit.store.write import write_atomic

_EXAMPLES = 3
_PAGE = ".html"
_DIGITS = 16


def plan(root: Path, output: Path | None, chosen: Mapping[str, Any], shown: Format) -> None:
    """Plan a migration, write the plan and show it.

    :param output: the folder for the plan; ``None`` to write none.
    :raises DDError: as :func:`genaudit.migration.plan.make_plan`.
    """
    choice = choose(
        only=ids_given(chosen["only"]) if chosen["only"] else None,
        excepted=ids_given(chosen["excepted"]),
        stages=chosen["stages"] or None,
        cohort=chosen["cohort"],
        table=read_settings(root).stages,
    )
    if output:
        check_outside(output, root)
    with progress_bar("reading the store") as progress:
        snapshot = scan(root, progress)
    with Files(root) as files:
        check_uninterrupted(files)
    made = make_plan(snapshot, choice)
    if output:
        path = output / MIGRATION_PLAN
        page = render_plan(made, path.name)
        for target, data in ((path, made.to_bytes()), (path.with_suffix(_PAGE), page)):
            write_atomic(target, data)
            log.info("wrote %s", target)
    _show(_facts(made), shown, lambda: _print_plan(made))


def _facts(made: Plan) -> dict[str, Any]:
    return {
        "digest": made.digest,
        "renamed": made.counts(),
        "unchanged": dict(made.unchanged),
        "excluded": _reasons(made),
        "edited": len(made.edits),
        "partitions": made.document["partitions"],
        "left": [left._asdict() for left in made.left],
    }


def _reasons(made: Plan) -> dict[str, int]:
    return dict(sorted(Counter(excluded.reason for excluded in made.excluded).items()))


def _print_plan(made: Plan) -> None:
    excluded = Counter(each.stage for each in made.excluded)
    causes = Counter((rename.stage, rename.cause) for rename in made.renames)
    heading = f"Plan {made.digest[:16]}: {len(made.renames):,} generations renamed, {len(made.edits):,} files edited"
    print_lines(wrapped(heading))
    print_rows(
        ["stage", "renamed for their own record", "for their parent's new id", "excluded", "unchanged"],
        (
            [one, causes[one, "own"], causes[one, "cascade"], excluded[one], made.unchanged[one]]
            for one in made.stages
        ),
    )
    print_lines(part for line in _examples(made) for part in wrapped(line))


def _examples(made: Plan) -> Iterator[str]:
    for stage in made.stages:
        for rename in [each for each in made.renames if each.stage == stage][:_EXAMPLES]:
            yield f"{stage}: {rename.old} -> {rename.new} ({rename.cause})"
    for reason in _reasons(made):
        named = [each for each in made.excluded if each.reason == reason]
        ids = [f"{each.gen_id} ({each.other})" if each.other else each.gen_id for each in named[:_EXAMPLES]]
        yield f"excluded, {reason.replace('_', ' ')}: {len(named):,}, such as {', '.join(ids)}"
    keys = ", ".join(f"{name} {count:,}" for name, count in made.document["partitions"].items() if count)
    if keys:
        yield f"partition keys that change, for the pipeline to follow: {keys}"
    for left in made.left[:_EXAMPLES]:
        yield f"left as it is: {left.path} ({left.reason.replace('_', ' ')})"
    if len(made.left) > _EXAMPLES:
        yield f"and {len(made.left) - _EXAMPLES:,} more files left as they are"


def simulate(request: WriteRequest, plan_file: Path, into: Path, home: Path | None, *, hard_links: bool) -> ExitCode:
    """Simulate a plan on a copy and show the checks.

    :param into: the folder of the copy.
    :param home: the Dagster instance whose keys are tried, in a sandbox.
    :raises DDError: as :func:`genaudit.migration.simulate.simulate`.
    """
    root = request.data_root
    check_outside(request.output, root)
    made = read_plan(plan_file, read_settings(root).stages)
    with Files(root) as files:
        check_uninterrupted(files)
        if request.dry_run:
            check_target(root, into)
            check_fresh(files, made)
            _show({**_facts(made), "into": str(into)}, request.shown, lambda: _print_plan(made))
            _report(request, "simulation", made.digest, {})
            return ExitCode.CLEAN
    if hard_links:
        log.warning("%s shares files with the store: an edit in place of one changes both", into)
    with sandbox_of(root, home) as keys, progress_bar("applying to the copy") as progress:
        done = simulate_plan(root, made, into, keys, progress, hard_links=hard_links)

    edits = f"{done.edited:,} files edited; {done.linked:,} files shared with the store, {done.copied:,} copied"
    lines = [f"{into}: {done.renamed:,} generations renamed, {edits}"]
    for check in done.checks:
        lines.append(f"{'no' if check.problems else 'ok'}: {check.name} ({check.checked:,} checked)")
        lines += [f"    {problem}" for problem in check.problems]
    facts = {**asdict(done), "holds": done.holds, "into": str(into)}
    _show(facts, request.shown, lambda: print_lines(lines))
    _report(request, "simulation", made.digest, facts)
    return ExitCode.CLEAN if done.holds else ExitCode.FINDINGS


def apply(request: WriteRequest, plan_file: Path, home: Path | None) -> None:
    """Apply a plan, or describe the effect in a dry run.

    :param home: the Dagster instance whose keys follow.
    :raises DDError: as :func:`genaudit.cli.partition_commands.keys_of` and :func:`genaudit.migration.apply.apply`.
    """
    root = request.data_root
    check_outside(request.output, root)
    made = read_plan(plan_file, read_settings(root).stages)
    if not request.changes:
        _show(_facts(made), request.shown, lambda: _print_plan(made))
        _report(request, "apply", made.digest, {"applied": False, **_facts(made)})
        log.info("nothing was changed; --yes applies")
        return
    with Files(root) as files, naming_state(files), keys_of(home) as keys, progress_bar("applying") as progress:
        done = apply_plan(files, made, keys, progress)

    begun = "resumed and applied" if done.resumed else "applied"
    effect = f"{begun}: {done.renamed:,} generations renamed, {done.edited:,} files edited"
    if done.was_complete:
        effect = "is applied already, or renames nothing: nothing to do"
    _show(done.facts(), request.shown, lambda: print_lines([f"{done.digest[:16]} {effect}"]))
    _report(request, "apply", made.digest, {"applied": True, **done.facts()})


def rollback(request: WriteRequest, home: Path | None, *, carry_over: bool) -> None:
    """Undo the latest migration, or describe the effect in a dry run.

    :param home: the Dagster instance whose keys follow.
    :raises DDError: as :func:`genaudit.cli.partition_commands.keys_of` and
        :func:`genaudit.migration.rollback.rollback`.
    """
    root = request.data_root
    check_outside(request.output, root)
    if not request.changes:
        with Files(root) as files:
            facts = _status_facts(status_of(files))
        _show(facts, request.shown, lambda: print_lines(_pairs(facts)))
        _report(request, "rollback", facts["digest"], {"applied": False, **facts})
        log.info("nothing was changed; --yes rolls back")
        return
    with Files(root) as files, naming_state(files), keys_of(home) as keys, progress_bar("rolling back") as progress:
        done = roll_back(files, keys, progress, carry_over=carry_over)

    lines = ["no migration to undo"]
    if done:
        effect = f"{done.renamed:,} generations renamed back, {done.restored:,} files restored"
        lines = [f"{done.digest[:16]} undone: {effect}", *(f"carried over: {path}" for path in done.carried)]
    undone = asdict(done) if done else {}
    _show(undone or None, request.shown, lambda: print_lines(lines))
    _report(request, "rollback", done.digest if done else None, {"applied": done is not None, **undone})
    if done and done.partitions_left:
        log.warning("partition keys followed the apply, and some still have the new ids")


def show_status(root: Path, shown: Format) -> ExitCode:
    """Show the state of the migrations.

    :raises DDError: as :func:`genaudit.migration.status.status`.
    """
    with Files(root) as files:
        found = status_of(files)
    facts = _status_facts(found)
    _show(facts, shown, lambda: print_lines(_pairs(facts)))
    return ExitCode.INTERRUPTED if found.is_interrupted else ExitCode.CLEAN


def _status_facts(found: Status) -> dict[str, Any]:
    if found.rolling_back:
        advice = "genaudit migrate rollback --carry-over --yes finishes the rollback"
    elif found.is_interrupted:
        advice = "genaudit migrate apply PLAN --yes goes on, genaudit migrate rollback --yes undoes it"
    elif found.refused:
        problems = [
            problem["path"] for problem in found.refused.get("problems", [found.refused]) if "path" in problem
        ]
        reason = str(found.refused["reason"]).replace("_", " ")
        advice = f"a rollback is refused, {reason}: {', '.join(problems)}"
    elif found.added_since:
        advice = "nothing to do; genaudit migrate rollback --carry-over --yes would undo the latest"
    elif found.digest:
        advice = "nothing to do; genaudit migrate rollback --yes would undo the latest"
    else:
        advice = "nothing to do: no migration can be undone"
    return {**asdict(found), "next": advice}


def resolve(root: Path, gen_id: str, shown: Format) -> None:
    """Show every name of a generation.

    :raises DDError: ``DATA_MISSING``, reason ``generation_not_found``, with ``nearest``; as
        :func:`genaudit.store.ledger.read_ledger`.
    """
    found = read_ledger(root).resolve(gen_id)
    names = generation_names(root)
    stages = [stage for stage, known in names.items() if gen_id in known]
    if not found and not stages:
        near = near_ids(gen_id, [name for known in names.values() for name in known])
        ctx = {"reason": Reason.GENERATION_NOT_FOUND, "path": str(root), "gen_id": gen_id, "nearest": list(near)}
        raise DDError(Err.DATA_MISSING, ctx)
    facts = [{"stage": each.stage, "current": each.current, "names": each.names} for each in found]
    lines = [f"{each.stage}: {' -> '.join(each.names)}" for each in found]
    lines = lines or [f"{', '.join(stages)} {gen_id}: no migration renamed it"]
    _show(facts, shown, lambda: print_lines(lines))


def _report(request: WriteRequest, command: str, digest: str | None, facts: Mapping[str, Any]) -> None:
    """Write the report of a migration command, named after the plan, so that reports of other plans are kept."""
    name = f"migration_{command}_{(digest or 'none')[:_DIGITS]}"
    write_outcome(request.output, name, facts, dry_run=request.dry_run)


def _pairs(facts: Mapping[str, Any]) -> Iterator[str]:
    """List what is there: a name without a value, or one that does not hold, is left out."""
    for name, value in facts.items():
        if value:
            text = ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else value
            yield from wrapped("yes" if value is True else str(text), f"{name.replace('_', ' ')}: ")


def _show(facts: object, shown: Format, text: Callable[[], None]) -> None:
    if shown is Format.JSON:
        sys.stdout.write(to_json(facts).decode())
    else:
        text()
