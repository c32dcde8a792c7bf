"""Lookup of templates, models and combos along the chain from an evaluation up to its draft.

A record wins over the manifest or the wide membership that lists its generation; these fill what the record lacks. So
a cohort's scores do not depend on the form of its membership.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from genaudit.ids import normal_text
from genaudit.layout import GENS, PARSED, is_safe_name
from genaudit.stages import PARENT

if TYPE_CHECKING:
    from collections.abc import Iterable

    from genaudit.store.snapshot import Snapshot

PIVOT_INDEX: Final = ("combo_id", "draft_template", "generation_template", "generation_model", PARENT)
GENERATION_PATH: Final = "generation_response_path"

# What copies have in place of a model: the word is written by the pipeline and names none.
_NO_MODEL: Final = "none"
_FIELDS: Final = ("template_id", "llm_model_id", "combo_id", PARENT, "origin_cohort_id")
# Old records repeat the templates above them, each under one of these names.
_REPEATED: Final = {
    "draft_template": ("draft_template",),
    "generation_template": ("essay_template_id", "essay_template", "generation_template"),
}


def facts(snapshot: Snapshot, members: pd.DataFrame | None, stage: str) -> pd.DataFrame:
    """Collect the fields of every generation of a stage that the store or the membership lists.

    :param members: columns of :data:`genaudit.cohorts.membership.MEMBERSHIP`.
    :returns: ``template_id``, ``llm_model_id``, ``combo_id``, ``parent_gen_id``, ``origin_cohort_id``, and the
        repeated ``draft_template`` and ``generation_template`` of old records; index ``gen_id``. Text is stripped and
        lower-cased, and missing where unknown; a model ``None`` is no model.
    """
    span = snapshot.spans[stage]
    stored = snapshot.generations.iloc[span.start : span.stop].set_index("gen_id")[[*_FIELDS]]
    for name, old_names in _REPEATED.items():
        stored[name] = _old_values(snapshot, span, old_names)
    own = {"draft": "draft_template", "essay": "generation_template"}.get(stage)
    if own:
        stored["template_id"] = stored["template_id"].fillna(stored[own])
    if members is not None:
        listed = members[members["stage"] == stage].set_index("gen_id")[[*_FIELDS]]
        listed = listed.reindex(columns=stored.columns)
        ids = stored.index.union(listed.index, sort=False)
        stored, listed = _without_no_model(stored).reindex(ids), _without_no_model(listed).reindex(ids)
        return stored.fillna(listed)
    return _without_no_model(stored)


def essay_facts(snapshot: Snapshot, members: pd.DataFrame | None, essays: Iterable[str | None]) -> pd.DataFrame:
    """Trace essays up to their drafts.

    :param essays: ids; one that neither the store nor the membership lists has a row of missing values.
    :returns: the columns of :data:`PIVOT_INDEX` without the last, and ``generation_response_path`` relative to the
        data root; index ``gen_id``. ``generation_model`` is the essay's, else its draft's.
    """
    ids = pd.Series(list(essays), dtype="str", name="gen_id").dropna().unique()
    own = facts(snapshot, members, "essay").reindex(ids)
    above = facts(snapshot, members, "draft").reindex(own[PARENT]).set_axis(own.index)
    return pd.DataFrame(
        {
            "combo_id": above["combo_id"].fillna(own["combo_id"]),
            "draft_template": above["template_id"].fillna(own["draft_template"]),
            "generation_template": own["template_id"],
            "generation_model": own["llm_model_id"].fillna(above["llm_model_id"]),
            GENERATION_PATH: pd.Series([parsed_path("essay", name) for name in own.index], own.index, dtype="str"),
        }
    )


def listed_essays(snapshot: Snapshot, members: pd.DataFrame | None = None) -> pd.DataFrame:
    """List the essays of a cohort, or of the whole store, whether or not they were evaluated.

    :param members: a membership, as for :func:`facts`; ``None`` for all essays of the store.
    :returns: the columns of :data:`PIVOT_INDEX`, and ``generation_response_path``.
    """
    if members is None:
        ids = list(snapshot.rows["essay"])
    else:
        ids = members.loc[members["stage"] == "essay", "gen_id"].tolist()
    found = essay_facts(snapshot, members, ids).rename_axis(PARENT).reset_index()
    return found[[*PIVOT_INDEX, GENERATION_PATH]]


def parsed_path(stage: str, gen_id: str | None) -> str | None:
    """Return the path of a generation's ``parsed.txt`` relative to the data root, ``None`` for an unsafe id."""
    return f"{GENS}/{stage}/{gen_id}/{PARSED}" if isinstance(gen_id, str) and is_safe_name(gen_id) else None


def _old_values(snapshot: Snapshot, span: range, names: tuple[str, ...]) -> pd.Series[str]:
    """Take an old field from the records that have one; a record in today's form has none."""
    gen_ids, found = snapshot.values("gen_id"), {}
    for row, record in snapshot.irregular.items():
        if row in span:
            found[gen_ids[row]] = next(filter(None, (normal_text(record.get(name)) for name in names)), None)
    return pd.Series(found, dtype="str")


def _without_no_model(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(llm_model_id=table["llm_model_id"].mask(table["llm_model_id"].str.lower() == _NO_MODEL))
