"""Writing a whole sample: beside its place first, and moved there when it is complete."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from genaudit.errors import DDError, Err
from genaudit.ids import IdForm, parse_id
from genaudit.layout import Layout
from genaudit.sample.artifacts import files
from genaudit.sample.catalogs import write_catalogs
from genaudit.sample.cohorts import Memberships, Told, write_spec
from genaudit.sample.faults import FAULTS
from genaudit.sample.notes import append_combos, write_combos, write_notes, write_selection
from genaudit.sample.plan import Plan
from genaudit.sample.scores import Scores
from genaudit.sample.site import COHORT, Site
from genaudit.sample.templates import write_descriptions, write_templates
from genaudit.stages import STAGE_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from genaudit.sample.generation import Generation
    from genaudit.sample.options import SampleOptions
    from genaudit.sample.site import Planted

_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_SHOW_EVERY: Final = 512
_SELECTED_COMBOS: Final = 3


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """What was written.

    :param path: the data root.
    :param generations: their number by stage, damaged ones included.
    :param legacy: how many of them have a legacy id, by stage.
    :param planted: every finding that an audit has to give, and no others.
    """

    path: Path
    generations: Mapping[str, int]
    legacy: Mapping[str, int]
    planted: tuple[Planted, ...]


def write_sample(
    path: Path, options: SampleOptions, progress: Callable[[int, int], None] | None = None
) -> SampleSummary:
    """Write a data root.

    Nothing stands at the path until everything does.

    :param path: must not exist, or be an empty folder.
    :param progress: called now and then with the generations written so far and their total.
    :raises DDError: ``INVALID_CONFIG``, reason ``target_not_empty`` or ``target_is_no_folder``; ``IO_ERROR``, reason
        ``not_writable``.
    """
    check_target(path)
    try:
        return _write_beside(path, options, progress)
    except OSError as error:
        ctx = {"reason": "not_writable", "path": str(path), "error": os.strerror(error.errno or 0)}
        raise DDError(Err.IO_ERROR, ctx) from error


def check_target(path: Path) -> None:
    """Check that a store can be written there.

    :raises DDError: ``INVALID_CONFIG``, reason ``target_not_empty`` or ``target_is_no_folder``.
    """
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise DDError(Err.INVALID_CONFIG, {"reason": "target_is_no_folder", "path": str(path)})
    if path.exists() and any(path.iterdir()):
        raise DDError(Err.INVALID_CONFIG, {"reason": "target_not_empty", "path": str(path)})


def _write_beside(path: Path, options: SampleOptions, progress: Callable[[int, int], None] | None) -> SampleSummary:
    target = path.absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    # A folder inside a temporary one: the latter is open to its owner only, whatever the umask says.
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
            # A planted folder that nobody may enter could not be emptied.
            Path(folder, name).chmod(0o700)
    shutil.rmtree(shelter)


def _write(
    layout: Layout, options: SampleOptions, progress: Callable[[int, int], None] | None
) -> tuple[dict[str, int], dict[str, int], tuple[Planted, ...]]:
    for stage in STAGE_NAMES:
        layout.stage(stage).mkdir(parents=True)
    plan = Plan(options)
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
    site = _plant(layout, plan, options)
    for generation in site.written:
        tally[generation.stage, parse_id(generation.stage, generation.gen_id).form] += 1
    for generation in site.members:
        memberships.add(generation)
    # A manifest that knew what the damaged records said before would contradict them: that is a fault of its own.
    memberships.write(layout, {COHORT: Told.KEYS})
    if not options.light:
        scores.write(layout)
    combos = plan.combos.made[:_SELECTED_COMBOS]
    write_spec(layout, combos)
    write_selection(layout, plan.essays, combos, site.selected)
    write_notes(layout, plan.drafts, plan.essays)
    stages = [stage for stage in STAGE_NAMES if layout.stage(stage).is_dir()]
    generations = {stage: sum(tally[stage, form] for form in IdForm) for stage in stages}
    return generations, {stage: tally[stage, IdForm.LEGACY] for stage in stages}, tuple(site.planted)


def _written(
    layout: Layout, plan: Plan, options: SampleOptions, progress: Callable[[int, int], None] | None
) -> Iterator[Generation]:
    """Write the plan's generations, and hand each one on."""
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
    """Make a folder with files in it; nothing is synced, since a sample can be made again."""
    os.mkdir(name, dir_fd=parent)
    for file, data in files.items():
        handle = os.open(f"{name}/{file}", _NEW, 0o666, dir_fd=parent)
        try:
            os.write(handle, data)
        finally:
            os.close(handle)


def _plant(layout: Layout, plan: Plan, options: SampleOptions) -> Site:
    """Plant the faults that are asked for, in the order of the table."""
    site = Site(layout, plan.combos, seed=options.seed, light=options.light)
    for fault in FAULTS.values():
        if fault.code in options.faults:
            site.begin(fault.code)
            fault.plant(site)
    append_combos(layout, site.new_combos)
    return site
