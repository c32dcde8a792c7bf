"""Writer for the catalogs of the sample."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from genaudit.layout import Layout
from genaudit.sample.stock import CONCEPTS, MODELS, RETIRED_CONCEPTS, TEMPLATES, SampleModel
from genaudit.stages import STAGE_NAMES, STAGES

REPLICATES: Final[Mapping[str, int]] = {"draft": 1, "essay": 1, "evaluation": 2}


def csv_text(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Write a table as CSV text; no header row for an empty header."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    if header:
        writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def write_catalogs(layout: Layout, *, active: bool = False) -> None:
    """Write everything below ``1_raw/`` but the texts.

    :param active: whether catalogs have the older columns that retire rows (``active``, ``for_generation``,
        ``for_evaluation``); without them every row counts, and only used rows are listed.
    """
    layout.catalogs.mkdir()
    header = ("template_id", "template_name", "description", "parser", "generator", *(["active"] if active else []))
    for stage in STAGES.values():
        rows = [template[: len(header)] for template in TEMPLATES[stage.name] if active or template.used]
        (layout.catalogs / stage.template_catalog).write_text(csv_text(header, rows), encoding="utf-8")
    listed = [model for model in MODELS if active or model.for_generation or model.for_evaluation]
    columns = [name for name in SampleModel._fields[:-1] if active or not name.startswith("for_")]
    # The real catalog of models writes its booleans in lower case, unlike the others.
    values = [[getattr(model, name) for name in columns] for model in listed]
    models = [[str(value).lower() if isinstance(value, bool) else value for value in row] for row in values]
    layout.llm_models.write_text(csv_text(columns, models), encoding="utf-8")
    concepts = [
        (concept.concept_id, concept.name, concept.concept_id not in RETIRED_CONCEPTS) for concept in CONCEPTS
    ]
    width = 3 if active else 2
    table = csv_text(("concept_id", "name", "active")[:width], [row[:width] for row in concepts])
    layout.concepts.write_text(table, encoding="utf-8")
    replication = [(stage, REPLICATES.get(stage, 1)) for stage in STAGE_NAMES]
    layout.replication.write_text(csv_text(("stage", "replicates"), replication), encoding="utf-8")
