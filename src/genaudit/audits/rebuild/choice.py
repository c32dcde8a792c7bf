"""Which generations a rebuild starts from: a selection file, ids, all legacy essays, or a random sample of essays."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, Final

from genaudit.cohorts.selection import FILES, MAX_SELECTION_BYTES, CuratedMode, read_lines
from genaudit.errors import DDError, Err
from genaudit.schemas import IdClass
from genaudit.stages import PARENT
from genaudit.store.folders import read_file
from genaudit.store.records import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from genaudit.cohorts.generations import StoredStage
    from genaudit.layout import Layout

CHOSEN_FROM: Final = "essay"


@dataclass(frozen=True, slots=True)
class Choice:
    """The generations that every mode is tried on.

    :param stage: what the ids are: ``essay`` or ``draft``.
    :param ids: in order, no one twice.
    :param how: ``file``, ``ids``, ``legacy``, ``sample`` or ``nothing``.
    :param source: the file, or what errors call the choice.
    :param mode: what the file asks for; ``None`` where no file does.
    :param repeated: ids that were given more than once.
    :param population: how many generations the choice was made from, where the audit made it.
    :param seed: what a random sample was drawn with.
    :param left_out: why generations were not eligible, with their number.
    :param problems: what is wrong with the text of a file or with ids, ready for an error.
    :param reuse: the stages that the file's ``# reuse:`` names.
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
    """Take the ids and the directives of a selection's text."""
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

    :param stage: what its ids are; by default what the file's name says, and essays where it says nothing.
    :param source: what errors call it, the path by default.
    :raises DDError: ``DATA_MISSING``, reason ``selection_missing``; ``IO_ERROR``, reason ``selection_unreadable``.
    """
    source = source or str(path)
    stage = stage or next((stage for stage, name in FILES.items() if path.name == name), CHOSEN_FROM)
    try:
        text = read_file(str(path), limit=MAX_SELECTION_BYTES).decode("utf-8-sig")
    except FileNotFoundError:
        raise DDError(Err.DATA_MISSING, {"reason": "selection_missing", "path": source}) from None
    except UnreadableError as error:
        ctx = {"reason": "selection_unreadable", "path": source, "error": error.detail}
        raise DDError(Err.IO_ERROR, ctx) from None
    except UnicodeDecodeError as error:
        ctx = {"reason": "selection_unreadable", "path": source, "error": f"no UTF-8 at offset {error.start}"}
        raise DDError(Err.IO_ERROR, ctx) from None
    return choice_of_text(stage, text, source)


def choice_of_ids(stage: str, ids: Iterable[str]) -> Choice:
    """Take ids that were given one by one; they ask for no mode."""
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
    """Choose essays of the store: the legacy ones or all, and perhaps a random sample of them.

    Only essays whose own signature and draft are known are eligible: the others cannot be planned for.

    :param identities: columns of :data:`genaudit.schemas.MAPPING`.
    :param size: of the sample; ``None`` takes all that are eligible.
    :raises DDError: ``INVALID_CONFIG``, reason ``invalid_sample_size``.
    """
    if size is not None and size < 1:
        raise DDError(Err.INVALID_CONFIG, {"reason": "invalid_sample_size", "option": "--sample", "value": size})
    rows = identities[identities["stage"] == CHOSEN_FROM]
    names: list[str] = (rows[rows["class"] == IdClass.LEGACY] if legacy else rows)["gen_id"].tolist()
    known = [name for name in names if name in stored[CHOSEN_FROM].found]
    eligible = [name for name in known if getattr(stored[CHOSEN_FROM].found[name], PARENT) in stored["draft"].found]
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
    """Choose what a data root asks for itself: its selection file, else all legacy essays, else nothing.

    :raises DDError: ``INVALID_CONFIG``, reason ``multiple_curated_inputs`` (``paths``), or as :func:`choice_of_file`.
    """
    paths = {stage: layout.tasks / name for stage, name in FILES.items()}
    there = {stage: path for stage, path in paths.items() if path.exists() or path.is_symlink()}
    sources = [path.relative_to(layout.root).as_posix() for path in there.values()]
    if len(there) > 1:
        raise DDError(Err.INVALID_CONFIG, {"reason": "multiple_curated_inputs", "paths": sources})
    for (stage, path), source in zip(there.items(), sources, strict=True):
        return choice_of_file(path, stage, source)
    legacy = choice_of_store(stored, identities, legacy=True)
    return legacy if legacy.ids else Choice(CHOSEN_FROM, (), "nothing", legacy.source, left_out=legacy.left_out)


def selected_ids(text: Sequence[str]) -> list[str]:
    """Take ids apart that were given with commas between them."""
    return [part.strip() for one in text for part in one.split(",") if part.strip()]
