"""Choice of the generations to rebuild: a selection file, ids, all legacy essays, or a random sample of essays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

import pandas as pd

from genaudit.cohorts.generations import StoredStage
from genaudit.cohorts.selection import FILES, MAX_SELECTION_BYTES, CuratedMode, read_lines
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import Layout
from genaudit.schemas import IdClass
from genaudit.stages import PARENT
from genaudit.store.folders import read_file
from genaudit.store.records import UnreadableError

CHOSEN_FROM: Final = "essay"


@dataclass(frozen=True, slots=True)
class Choice:
    """The generations that every mode is planned for.

    :param stage: stage of the ids, ``essay`` or ``draft``.
    :param ids: chosen ids, in order, without duplicates.
    :param how: ``file``, ``ids``, ``legacy``, ``sample`` or ``nothing``.
    :param source: the file, or the name of the choice in errors.
    :param mode: the mode of the file; ``None`` without a file.
    :param repeated: ids that were given more than once.
    :param population: number of generations that the audit chose from.
    :param seed: seed of a random sample.
    :param left_out: number of ineligible generations by reason.
    :param problems: errors of a file or of ids, in the form of an error's context.
    :param reuse: the stages of the file's ``# reuse:``.
    """

    stage: str
    ids: tuple[str, ...]
    how: str
    source: str
    mode: CuratedMode | None = None
    skip_existing: bool = False
    repeated: tuple[str, ...] = ()
    population: int | None = None
    seed: int | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[dict[str, Any], ...] = ()
    reuse: tuple[str, ...] = ()


def choice_of_text(stage: str, text: str, source: str) -> Choice:
    """Parse the ids and the directives of a selection's text."""
    selection, problems = read_lines(stage, text, source)
    return Choice(
        stage=stage,
        ids=selection.ids,
        how="file",
        source=source,
        mode=selection.mode,
        skip_existing=selection.skip_existing,
        repeated=selection.repeated,
        problems=tuple(problems),
        reuse=selection.reuse,
    )


def choice_of_file(path: Path, stage: str | None = None, source: str | None = None) -> Choice:
    """Read a selection file.

    :param stage: stage of its ids; by default from the file's name, else essays.
    :param source: name of the file in errors, its path by default.
    :raises DDError: ``DATA_MISSING``, reason ``selection_missing``; ``IO_ERROR``, reason ``selection_unreadable``.
    """
    source = source or str(path)
    stage = stage or next((stage for stage, name in FILES.items() if path.name == name), CHOSEN_FROM)
    try:
        text = read_file(str(path), limit=MAX_SELECTION_BYTES).decode("utf-8-sig")
    except FileNotFoundError:
        raise DDError(Err.DATA_MISSING, {"reason": Reason.SELECTION_MISSING, "path": source}) from None
    except UnreadableError as error:
        ctx = {"reason": Reason.SELECTION_UNREADABLE, "path": source, "error": error.detail}
        raise DDError(Err.IO_ERROR, ctx) from None
    except UnicodeDecodeError as error:
        ctx = {"reason": Reason.SELECTION_UNREADABLE, "path": source, "error": f"no UTF-8 at offset {error.start}"}
        raise DDError(Err.IO_ERROR, ctx) from None
    return choice_of_text(stage, text, source)


def choice_of_ids(stage: str, ids: Iterable[str]) -> Choice:
    """Return a choice of single ids, without a mode."""
    read = choice_of_text(stage, "\n".join(ids), "--ids")
    return Choice(stage, read.ids, "ids", read.source, repeated=read.repeated, problems=read.problems)


def choice_of_store(
    stored: Mapping[str, StoredStage],
    identities: pd.DataFrame,
    *,
    legacy: bool,
    size: int | None = None,
    seed: int = 0,
) -> Choice:
    """Choose essays of the store: the legacy ones or all, optionally a random sample of them.

    Only essays with a known signature and a known draft are eligible: others cannot be planned.

    :param identities: columns of :data:`genaudit.schemas.MAPPING`.
    :param size: size of the sample; ``None`` takes all eligible essays.
    :raises DDError: ``INVALID_CONFIG``, reason ``invalid_sample_size``.
    """
    if size is not None and size < 1:
        raise DDError(Err.INVALID_CONFIG, {"reason": Reason.INVALID_SAMPLE_SIZE, "option": "--sample", "value": size})
    rows = identities[identities["stage"] == CHOSEN_FROM]
    names: list[str] = (rows[rows["class"] == IdClass.LEGACY] if legacy else rows)["gen_id"].tolist()
    essays, drafts = stored[CHOSEN_FROM], stored["draft"]
    known = [name for name in names if name in essays.rows]
    parents = essays.generations.columns[PARENT].take()
    eligible = [name for name in known if parents[essays.rows[name]] in drafts.rows]
    ids = eligible
    if size is not None and size < len(eligible):
        ids = sorted(Random(seed).sample(eligible, size))  # noqa: S311 (a sample, not a secret)
    left_out = {
        "essays whose signature is not known": len(names) - len(known),
        "essays whose draft is not known": len(known) - len(eligible),
    }
    how = "legacy" if size is None else "sample"
    source = "legacy essays" if legacy else "essays"
    return Choice(
        CHOSEN_FROM,
        tuple(ids),
        how,
        source,
        population=len(eligible),
        seed=None if size is None else seed,
        left_out={reason: count for reason, count in left_out.items() if count},
    )


def default_choice(layout: Layout, stored: Mapping[str, StoredStage], identities: pd.DataFrame) -> Choice:
    """Return a data root's own choice: its selection file, else all legacy essays, else nothing.

    :raises DDError: ``INVALID_CONFIG``, reason ``multiple_curated_inputs`` (``paths``), or as :func:`choice_of_file`.
    """
    paths = {stage: layout.tasks / name for stage, name in FILES.items()}
    there = {stage: path for stage, path in paths.items() if path.exists() or path.is_symlink()}
    sources = [path.relative_to(layout.root).as_posix() for path in there.values()]
    if len(there) > 1:
        raise DDError(Err.INVALID_CONFIG, {"reason": Reason.MULTIPLE_CURATED_INPUTS, "paths": sources})
    for (stage, path), source in zip(there.items(), sources, strict=True):
        return choice_of_file(path, stage, source)
    legacy = choice_of_store(stored, identities, legacy=True)
    return legacy if legacy.ids else Choice(CHOSEN_FROM, (), "nothing", legacy.source, left_out=legacy.left_out)


def selected_ids(text: Sequence[str]) -> list[str]:
    """Split ids that are separated by commas."""
    return [part.strip() for one in text for part in one.split(",") if part.strip()]
