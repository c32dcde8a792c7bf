"""The sample's cohorts: a membership for each, in all the forms that exist on disk, and a spec for one."""

from __future__ import annotations

import csv
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final, Self

from genaudit.layout import is_safe_name
from genaudit.sample.catalogs import GENERATORS, JUDGES, TEMPLATES
from genaudit.sample.plan import COHORTS, SECOND_LOOK

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from genaudit.layout import Layout
    from genaudit.sample.combos import Combo
    from genaudit.sample.generation import Generation

_TWO_COLUMNS: Final = ("stage", "gen_id")
_SLIM: Final = (*_TWO_COLUMNS, "cohort_id")
_WIDE: Final = (*_SLIM, "parent_gen_id", "combo_id", "template_id", "llm_model_id")
# The oldest form first; what is not listed is slim.
_FORMS: Final = dict(zip(COHORTS, (_WIDE, _TWO_COLUMNS, _SLIM, (*_WIDE, "replicate")), strict=True))


class Memberships:
    """Writes each generation into the membership of its origin cohort, as it comes along."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._open = ExitStack()
        self._rows: dict[str, Callable[[Sequence[object]], object]] = {}

    def __enter__(self) -> Self:
        """Open nothing yet: a cohort's file appears with its first generation."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every membership."""
        self._open.close()

    def add(self, generation: Generation) -> None:
        """Write a generation's row; one whose name can't be an id has none."""
        if not is_safe_name(generation.gen_id):
            return
        columns = _FORMS.get(generation.cohort, _SLIM)
        if generation.cohort not in self._rows:
            self._rows[generation.cohort] = self._start(generation.cohort, columns)
        record = generation.record()
        record["cohort_id"] = generation.cohort
        self._rows[generation.cohort]([record.get(column, "") for column in columns])

    def _start(self, cohort: str, columns: Sequence[str]) -> Callable[[Sequence[object]], object]:
        path = self._layout.cohort(cohort) / "membership.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        file = self._open.enter_context(path.open("w", encoding="utf-8", newline=""))
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        return writer.writerow


def write_spec(layout: Layout, combos: Sequence[Combo]) -> None:
    """Write the spec of the latest cohort: a small design with a subset and a pair.

    :param combos: what the combo axis lists.
    """
    drafts, essays, evaluations = (
        [template.template_id for template in TEMPLATES[stage] if template.active] for stage in TEMPLATES
    )
    pairs = [[draft, essay] for draft in drafts for essay in essays]
    text = f"""# What the cohort was asked to be: two judges on three combinations, one generation model.
axes:
  combo_id: {_listed([combo.combo_id for combo in combos])}
  draft_template: {_listed(drafts)}
  draft_llm: {_listed(GENERATORS)}
  essay_template: {_listed(essays)}
  evaluation_template: {_listed(evaluations)}
  evaluation_llm: {_listed(JUDGES)}
  evaluation_replicate: [1, 2]
rules:
  subsets:
    draft_llm: {_listed(GENERATORS[:1])}
  pairs:
    draft_essay:
      left: draft_template
      right: essay_template
      allowed: [{", ".join(_listed(pair) for pair in pairs[:-1])}]
output:
  field_order:
    - combo_id
    - draft_template
    - draft_llm
    - essay_template
    - evaluation_template
    - evaluation_llm
    - evaluation_replicate
"""
    path = layout.cohort(SECOND_LOOK) / "spec" / "config.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")


def _listed(values: Sequence[str]) -> str:
    return f"[{', '.join(values)}]"
