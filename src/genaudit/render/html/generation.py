"""Page of one generation."""

from __future__ import annotations

from typing import Any

import pandas as pd

from genaudit.lookup.facts import GenerationFacts
from genaudit.lookup.generation import Lookup
from genaudit.lookup.sections import generation_sections, generation_summary
from genaudit.lookup.texts import MOST_TEXT, excerpt
from genaudit.render.html.bundles import BUNDLES
from genaudit.render.html.looks import looks_of
from genaudit.render.html.templating import fill, inline_rows


def render_generation(lookup: Lookup, facts: GenerationFacts, references: pd.DataFrame | None, *, date: str) -> bytes:
    """Render the page of a generation: HTML in UTF-8, the same bytes for the same store.

    :param references: as :func:`genaudit.lookup.sections.generation_sections` takes it.
    :param date: the date in the page's name.
    """
    sections = generation_sections(lookup, facts, references)
    tables = [inline_rows(table) for section in sections for table in section.tables]
    context = {
        "title": f"{facts.stage} {facts.gen_id}",
        "date": date,
        "root": f"{lookup.run.snapshot.name}/{facts.path}",
        "file_of": str,
        "facts": generation_summary(facts),
        "sections": sections,
        "texts": _texts(lookup, facts),
        "remedies": {},
        "looks": looks_of(lookup.run, tables),
        "pages": (),
    }
    return fill("generation.html.j2", context, bundles=[*BUNDLES], beside=False)


def _texts(lookup: Lookup, facts: GenerationFacts) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "shown": excerpt(text),
            "problem": text.problem,
            "most": MOST_TEXT,
            "total": len(text.content or ""),
        }
        for name, text in lookup.titled_texts(facts.stage, facts.gen_id)
    ]
