"""Writer of a whole sample, which is prepared beside its target and moved there when it is complete."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from genaudit.errors import DDError, Err, Reason
from genaudit.ids import IdForm, parse_id
from genaudit.layout import Layout
from genaudit.sample.artifacts import files
from genaudit.sample.catalogs import write_catalogs
from genaudit.sample.cohorts import ManifestContent, Memberships, write_spec
from genaudit.sample.fault_context import COHORT, FaultContext, InjectedFault
from genaudit.sample.faults import FAULTS
from genaudit.sample.generation import SampleGeneration
from genaudit.sample.notes import append_combos, write_combos, write_notes, write_selection
from genaudit.sample.options import SampleOptions
from genaudit.sample.plan import SamplePlan
from genaudit.sample.scores import Scores
from genaudit.sample.templates import write_descriptions, write_templates
from genaudit.stages import STAGE_NAMES

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_SHOW_EVERY: Final = 512
_SELECTED_COMBOS: Final = 3


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """Summary of a written sample.

    :param path: the data root.
    :param generations: number of generations by stage, damaged ones included.
    :param legacy: number of legacy ids, by stage.
    :param planted: every finding that an audit must give; there are no others.
    """

    path: Path
    generations: Mapping[str, int]
    legacy: Mapping[str, int]
    planted: tuple[InjectedFault, ...]


def write_sample(
    path: Path, options: SampleOptions, progress: Callable[[int, int], None] | None = None
) -> SampleSummary:
    """Write a data root.

    The path does not exist until everything is written.

    :param path: target that does not exist, or an empty folder.
    :param progress: called from time to time with the generations written so far and their total.
    :raises DDError: ``INVALID_CONFIG``, reason ``target_not_empty`` or ``target_is_no_folder``; ``IO_ERROR``, reason
        ``not_writable``.
    """
    check_target(path)
    try:
        return _write_beside(path, options, progress)
    except OSError as error:
        ctx = {"reason": Reason.NOT_WRITABLE, "path": str(path), "error": os.strerror(error.errno or 0)}
        raise DDError(Err.IO_ERROR, ctx) from error


def check_target(path: Path) -> None:
    """Check that a store can be written there.

    :raises DDError: ``INVALID_CONFIG``, reason ``target_not_empty`` or ``target_is_no_folder``.
    """
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise DDError(Err.INVALID_CONFIG, {"reason": Reason.TARGET_IS_NO_FOLDER, "path": str(path)})
    if path.exists() and any(path.iterdir()):
        raise DDError(Err.INVALID_CONFIG, {"reason": Reason.TARGET_NOT_EMPTY, "path": str(path)})


def _write_beside(path: Path, options: SampleOptions, progress: Callable[[int, int], None] | None) -> SampleSummary:
    target = path.absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    # A folder inside a temporary one: the temporary one is open only to its owner, whatever the umask.
    shelter = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent))
    try:
        layout = Layout(shelter / target.name)
        generations, legacy, planted = _write(layout, options, progress)
        layout.root.replace(target)
    finally:
        _discard(shelter)
    return SampleSummary(path, MappingProxyType(generations), MappingProxyType(legacy), planted)


def _discard(shelter: Path) -> None:
    for folder, names, _ in os.walk(shelter):
        for name in names:
            # A planted folder without access rights could not be emptied.
            Path(folder, name).chmod(0o700)
    shutil.rmtree(shelter)


def _write(
    layout: Layout, options: SampleOptions, progress: Callable[[int, int], None] | None
) -> tuple[dict[str, int], dict[str, int], tuple[InjectedFault, ...]]:
    for stage in STAGE_NAMES:
        layout.stage(stage).mkdir(parents=True)
    plan = SamplePlan(options)
    write_catalogs(layout, active=options.active)
    write_templates(layout)
    write_descriptions(layout)
    write_combos(layout, plan.combos.made)
    scores = Scores(options.seed)
    tally: Counter[tuple[str, IdForm]] = Counter()
    memberships = Memberships()
    for generation in _written(layout, plan, options, progress):
        memberships.add(generation, with_chain=True)
        if not options.light:
            scores.add(generation)
        tally[generation.stage, parse_id(generation.stage, generation.gen_id).form] += 1
    context = _plant(layout, plan, options)
    for generation in context.written:
        tally[generation.stage, parse_id(generation.stage, generation.gen_id).form] += 1
    for generation in context.members:
        memberships.add(generation)
    # A manifest with the fields of undamaged records would contradict the damaged ones, which is a fault of its own.
    memberships.write(layout, {COHORT: ManifestContent.KEYS})
    if not options.light:
        scores.write(layout)
    combos = plan.combos.made[:_SELECTED_COMBOS]
    write_spec(layout, combos)
    write_selection(layout, plan.essays, combos, context.selected)
    write_notes(layout, plan.drafts, plan.essays)
    stages = [stage for stage in STAGE_NAMES if layout.stage(stage).is_dir()]
    generations = {stage: sum(tally[stage, form] for form in IdForm) for stage in stages}
    return generations, {stage: tally[stage, IdForm.LEGACY] for stage in stages}, tuple(context.planted)


def _written(
    layout: Layout, plan: SamplePlan, options: SampleOptions, progress: Callable[[int, int], None] | None
) -> Iterator[SampleGeneration]:
    """Write the plan's generations, and yield each one."""
    total = sum(plan.counts.values())
    with ExitStack() as opened:
        folders = {stage: _open_folder(layout.stage(stage), opened) for stage in STAGE_NAMES}
        for done, generation in enumerate(plan.generations(), start=1):
            made = files(generation, options.seed, light=options.light)
            _write_folder(folders[generation.stage], generation.gen_id, made)
            yield generation
            if progress and (done % _SHOW_EVERY == 0 or done == total):
                progress(done, total)


def _open_folder(path: Path, opened: ExitStack) -> int:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    opened.callback(os.close, handle)
    return handle


def _write_folder(parent: int, name: str, files: Mapping[str, bytes]) -> None:
    """Create a folder with files; nothing is synced, since a sample can be made again."""
    os.mkdir(name, dir_fd=parent)
    for file, data in files.items():
        handle = os.open(f"{name}/{file}", _NEW, 0o666, dir_fd=parent)
        try:
            os.write(handle, data)
        finally:
            os.close(handle)


def _plant(layout: Layout, plan: SamplePlan, options: SampleOptions) -> FaultContext:
    """Plant the requested faults, in the order of the table."""
    context = FaultContext(layout, plan.combos, seed=options.seed, light=options.light)
    for fault in FAULTS.values():
        if fault.code in options.faults:
            context.begin(fault.code)
            fault.plant(context)
    append_combos(layout, context.new_combos)
    return context
