"""Tables below ``7_cross_experiment/``, which reference the ids of scored generations."""

from __future__ import annotations

from collections import defaultdict
from statistics import fmean
from typing import Final

from genaudit.layout import GENS, PARSED, Layout
from genaudit.sample.artifacts import input_mode
from genaudit.sample.catalogs import csv_text
from genaudit.sample.generation import Done, SampleGeneration
from genaudit.sample.prose import score
from genaudit.sample.stock import JUDGES, used_templates

_SUM: Final = "allowlisted_template_score_sum"
_COLUMNS: Final = (
    "gen_id",
    "parent_gen_id",
    "evaluation_template",
    "evaluation_llm_model",
    "score",
    "error",
    "evaluation_response_path",
    "combo_id",
    "draft_template",
    "generation_template",
    "generation_model",
    "origin_cohort_id",
    "generation_response_path",
    "input_mode",
    "copied_from",
)


class Scores:
    """Collector of the score of each evaluation."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._rows: list[tuple[object, ...]] = []
        self._of_essay: dict[SampleGeneration, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))

    def add(self, generation: SampleGeneration) -> None:
        """Add a generation; only evaluations of an essay of a draft have a row."""
        essay = generation.parent
        if generation.stage != "evaluation" or essay is None or essay.parent is None:
            return
        points = score(generation, self._seed) if generation.done is Done.PARSED else None
        if points is not None:
            self._of_essay[essay][f"{generation.model}_{generation.template}"].append(points)
        row = (
            generation.gen_id,
            essay.gen_id,
            generation.template,
            generation.model,
            points,
            None if points is not None else "no parsed.txt",
            f"{GENS}/evaluation/{generation.gen_id}/{PARSED}",
            generation.combo.combo_id,
            essay.parent.template,
            essay.template,
            essay.model,
            generation.cohort,
            f"{GENS}/essay/{essay.gen_id}/{PARSED}",
            input_mode(essay),
            None,
        )
        self._rows.append(row)

    def write(self, layout: Layout) -> None:
        """Write the table of scores, and the means of each essay."""
        layout.cross_experiment.mkdir(exist_ok=True)
        table = csv_text(_COLUMNS, self._rows)
        layout.store_scores.write_text(table, encoding="utf-8")
        judged = [f"{judge}_{template.template_id}" for judge in JUDGES for template in used_templates("evaluation")]
        header = ("essay_gen_id", "draft_gen_id", "combo_id", "generation_template", *judged, _SUM)
        rows = []
        for essay, points in self._of_essay.items():
            means = [round(fmean(points[column]), 2) if points[column] else None for column in judged]
            draft = essay.parent.gen_id if essay.parent else None
            total = round(sum(mean for mean in means if mean is not None), 2)
            rows.append((essay.gen_id, draft, essay.combo.combo_id, essay.template, *means, total))
        (layout.cross_experiment / "essay_scores_pivot.csv").write_text(csv_text(header, rows), encoding="utf-8")
