"""Texts of single generations."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

from genaudit.cohorts.safe_paths import open_below
from genaudit.errors import DDError
from genaudit.layout import GENS, TEXTS, Layout, is_safe_name
from genaudit.legible import legible
from genaudit.store.records import UnreadableError
from genaudit.store.texts import read_text

# The number of characters of a text that a page shows.
MOST_TEXT: Final = 20_000


@dataclass(frozen=True, slots=True)
class Text:
    """One text file of a generation.

    :param file: its name, such as ``prompt.txt``.
    :param content: the whole text; ``None`` if it is missing or cannot be read.
    :param problem: the reason why it cannot be read.
    """

    file: str
    content: str | None = None
    problem: str | None = None


def read_texts(layout: Layout, stage: str, gen_id: str, files: tuple[str, ...] = TEXTS) -> tuple[Text, ...]:
    """Read texts of a generation, following no link and leaving access times unchanged.

    :param files: names of the files.
    :returns: one text for each file, in the given order.
    """
    if not is_safe_name(gen_id):
        return tuple(Text(name, problem="the folder's name is no id") for name in files)
    try:
        with open_below(layout.root, GENS, stage, gen_id) as handle:
            return tuple(_read(handle, name) for name in files)
    except FileNotFoundError:
        return tuple(Text(name) for name in files)
    except (DDError, OSError) as error:
        problem = str(error) if isinstance(error, DDError) else os.strerror(error.errno or 0)
        return tuple(Text(name, problem=problem) for name in files)


def excerpt(text: Text) -> str | None:
    """Return the beginning of a text, at most :data:`MOST_TEXT` characters, with invisible characters escaped."""
    if text.content is None:
        return None
    return "\n".join(legible(line, MOST_TEXT) for line in text.content[:MOST_TEXT].split("\n"))


def _read(handle: int, name: str) -> Text:
    try:
        return Text(name, read_text(handle, (name,)))
    except FileNotFoundError:
        return Text(name)
    except UnreadableError as error:
        return Text(name, problem=error.detail or error.state.replace("_", " "))
