"""The content audit for a notebook: run on demand, kept with the session, and listed as rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, cast

import pandas as pd

from genaudit.audits.content.audit import ContentResult, content
from genaudit.audits.content.sections import CONTENT
from genaudit.audits.content.sections import changed_inputs as content_inputs
from genaudit.audits.content.tables import ParsedState, PromptState
from genaudit.page_model import Section
from genaudit.store.gc_pause import without_gc
from genaudit.workbench.session import Session

COLUMNS: Final = ("stage", "gen_id", "template_id", "prompt", "changed", "removed", "added", "texts", "parsed")


@without_gc()
def check_texts(session: Session, progress: Callable[[int, int], None] | None = None) -> ContentResult:
    """Compare prompts and check texts, as the command does, and keep the result.

    :param progress: called from time to time with the number of generations read so far and their total.
    """
    found = content(session.snapshot, progress)
    session.on_demand[CONTENT.name] = found
    return found


def checked_texts(session: Session) -> ContentResult | None:
    """Return the result of an earlier check since the store was read, or ``None``."""
    return cast("ContentResult | None", session.on_demand.get(CONTENT.name))


def section_of(result: ContentResult) -> Section:
    """Return the section of the report page about texts."""
    return CONTENT.sections(result)[0]


def changed_inputs(result: ContentResult) -> pd.DataFrame:
    """List the inputs that changed as the report page does, with lines side by side."""
    return content_inputs(result, " / ").rename(columns={"field": "input", "lines": "removed and added lines"})


def affected(result: ContentResult) -> pd.DataFrame:
    """List the generations with a prompt that differs, a text problem, or a text that parses otherwise today."""
    table = result.frame
    is_affected = (
        (table["prompt"] == PromptState.DIFFERS) | table["texts"].notna() | (table["parsed"] == ParsedState.DIFFERS)
    )
    return table[is_affected.to_numpy()]


def with_word(table: pd.DataFrame, column: str, word: str | None) -> pd.DataFrame:
    """Keep the rows whose cell, a list joined with blanks, contains a word; ``None`` keeps all."""
    if word is None:
        return table
    return table[[word in str(cell).split(" ") for cell in table[column]]]


def words_of(table: pd.DataFrame, column: str) -> list[str]:
    """List the words of a column of lists joined with blanks."""
    return sorted({word for cell in table[column].dropna() for word in str(cell).split(" ")})
