"""Files that people keep beside a store: a curated selection, selected combinations, and notes that reference ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from genaudit.layout import Layout
from genaudit.sample.catalogs import csv_text
from genaudit.sample.combos import COMBO_COLUMNS, Combo
from genaudit.sample.generation import SampleGeneration

_SELECTED: Final = 8


def write_combos(layout: Layout, combos: Sequence[Combo]) -> None:
    """Write ``combo_mappings.csv``, the catalog of all combinations."""
    rows = [row for combo in combos for row in combo.rows()]
    layout.combo_mappings.write_text(csv_text(COMBO_COLUMNS, rows), encoding="utf-8")


def append_combos(layout: Layout, combos: Sequence[Combo]) -> None:
    """Append combinations to ``combo_mappings.csv``."""
    with layout.combo_mappings.open("a", encoding="utf-8", newline="") as file:
        file.write(csv_text((), [row for combo in combos for row in combo.rows()]))


def write_selection(
    layout: Layout, essays: Sequence[SampleGeneration], combos: Sequence[Combo], more: Sequence[SampleGeneration] = ()
) -> None:
    """Write ``2_tasks/``: some essays with evaluations to complete, and some combinations for further drafts.

    :param essays: essays to select a few from.
    :param more: further essays, all selected.
    """
    layout.tasks.mkdir()
    rows = [row for combo in combos for row in combo.rows()]
    (layout.tasks / "selected_combo_mappings.csv").write_text(csv_text(COMBO_COLUMNS, rows), encoding="utf-8")
    if selected := [*(picked(essays) if essays else ()), *more]:
        lines = [
            "# mode: reuse-essays",
            "# skip-existing-evaluations",
            "# Essays that every judge should have read.",
            "",
        ]
        lines += [essay.gen_id for essay in selected]
        (layout.tasks / "selected_essays.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def picked(generations: Sequence[SampleGeneration]) -> list[SampleGeneration]:
    """Return the first two and then some at even distances, the same few wherever few are referenced."""
    step = max(1, len(generations) // _SELECTED)
    return [*generations[:2], *generations[2::step]][:_SELECTED]


def write_notes(layout: Layout, drafts: Sequence[SampleGeneration], essays: Sequence[SampleGeneration]) -> None:
    """Write notes that reference ids in prose, in paths, in JSON and in addresses."""
    folder = layout.root / "notes"
    folder.mkdir()
    text = "# Reading log\n\nNothing was read yet.\n"
    if essays:
        first, second, *_ = [*picked(essays)] * 2
        draft = picked(drafts)[0]
        text = f"""# Reading log

The two essays to compare are {first.gen_id} and {second.gen_id}; the second argues better.
Both were written in the summer. The draft behind the first ({draft.gen_id}) already has its best sentence.

- read again: `gens/essay/{first.gen_id}/parsed.txt`
- prompt to keep: gens/draft/{draft.gen_id}/prompt.txt
- in the viewer: https://viewer.example.org/essays/{second.gen_id}?tab=scores#last

```json
{{"keep": ["{first.gen_id}", "{second.gen_id}"], "because": {{"{draft.gen_id}": "a title worth stealing"}}}}
```
"""
    (folder / "reading_log.md").write_text(text, encoding="utf-8")
