"""One row per evaluation: its score, and the essay and draft behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from genaudit.cohorts.pipeline_stages import check_pipeline_stages
from genaudit.cohorts.safe_paths import open_below
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import GENS, PARSED, RAW_METADATA, is_safe_name
from genaudit.schemas import SCORES, frame
from genaudit.scores.lineage import GENERATION_PATH, PIVOT_INDEX, essay_facts, facts, parsed_path
from genaudit.scores.reading import ScoreError, read_score
from genaudit.stages import PARENT
from genaudit.store.records import UnreadableError
from genaudit.store.snapshot import Snapshot
from genaudit.store.texts import read_report

JUDGE: Final = ("evaluation_llm_model", "evaluation_template")

# Fields of a draft or an essay that old evaluations repeat.
_REPEATED: Final = ("combo_id", "draft_template", "generation_template")
_INPUT: Final = ("input_mode", "copied_from")


def aggregate_scores(snapshot: Snapshot, members: pd.DataFrame | None = None) -> pd.DataFrame:
    """Collect the score of every evaluation, with the fields of its essay and draft.

    Templates, models and combos are stripped and lower-cased, the form in which ids are compared.
    ``generation_template`` is the essay's, and so is ``generation_model``, or its draft's if the essay names none.
    ``input_mode`` and ``copied_from`` come from the *essay's* ``raw_metadata.json``: they give the source of the
    scored text, since an evaluation is always a model's answer to a prompt.

    :param members: a membership, columns of :data:`genaudit.cohorts.membership.MEMBERSHIP`: its evaluations are
        scored, in its order, and those missing from the store have a row as well. ``None``: all evaluations of the
        store, sorted by id.
    :returns: columns of :data:`genaudit.schemas.SCORES`, paths relative to the data root. ``score`` is a number from
        0 to 9. ``error``, one of :class:`ScoreError`, gives the reason if there is no score; beside a score it is
        ``chain_incomplete``: a template, model or combo is unknown between the evaluation and its draft.
    :raises DDError: the store changed since the scan: ``DATA_MISSING``, reason ``no_such_root`` or ``no_store``;
        ``INVALID_CONFIG``, reason ``unsafe_path``; ``IO_ERROR``, reason ``not_readable``; as
        :func:`genaudit.cohorts.pipeline_stages.check_pipeline_stages`.
    """
    check_pipeline_stages(snapshot.stages)
    if members is None:
        ids = list(snapshot.rows["evaluation"])
    else:
        ids = members.loc[members["stage"] == "evaluation", "gen_id"].tolist()
    own = facts(snapshot, members, "evaluation").reindex(pd.Index(ids, dtype="str", name="gen_id"))
    essays = essay_facts(snapshot, members, own[PARENT])
    # An essay has one row in the pivot, so all its evaluations share the fields that any of them repeats.
    repeated = own.sort_index().groupby(PARENT)[[*_REPEATED]].first()
    essays[[*_REPEATED]] = essays[[*_REPEATED]].fillna(repeated)
    above = essays.reindex(own[PARENT]).set_axis(own.index)
    above[[*_REPEATED]] = above[[*_REPEATED]].fillna(own[[*_REPEATED]])
    try:
        with open_below(snapshot.root, GENS) as gens:
            inputs = _inputs(snapshot, gens, essays.index.tolist())
            known = snapshot.rows["evaluation"]
            found = [
                read_score(gens, name) if name in known else ScoreError.NOT_IN_STORE
                for batch in snapshot.batches("evaluation", ids, (PARSED,))
                for name in batch
            ]
    except FileNotFoundError as error:
        ctx = {"reason": Reason.NO_STORE, "path": str(snapshot.root), "expected": GENS}
        raise DDError(Err.DATA_MISSING, ctx) from error
    above[[*_INPUT]] = inputs.reindex(own[PARENT]).set_axis(own.index)
    return _table(ids, own, above, found)


def _table(
    ids: Sequence[str], own: pd.DataFrame, above: pd.DataFrame, found: Sequence[float | ScoreError]
) -> pd.DataFrame:
    """Join evaluations with their essays and drafts, in the order of ``ids``.

    :param own: the evaluations' own fields.
    :param above: the fields of their essays and drafts, and the essays' inputs.
    :param found: scores, or the errors in their place.
    """
    columns: dict[str, Any] = {
        "gen_id": ids,
        PARENT: own[PARENT].array,
        "evaluation_template": own["template_id"].array,
        "evaluation_llm_model": own["llm_model_id"].array,
        "origin_cohort_id": own["origin_cohort_id"].array,
        "evaluation_response_path": [parsed_path("evaluation", name) for name in ids],
        **{name: above[name].array for name in (*PIVOT_INDEX[:-1], GENERATION_PATH, *_INPUT)},
        "score": [None if isinstance(one, ScoreError) else one for one in found],
        "error": [one.value if isinstance(one, ScoreError) else None for one in found],
    }
    table = frame(SCORES, columns)
    is_incomplete = table[[*PIVOT_INDEX, *JUDGE]].isna().any(axis=1) & table["error"].isna()
    table["error"] = table["error"].mask(is_incomplete, ScoreError.CHAIN_INCOMPLETE.value)
    return table


def _inputs(snapshot: Snapshot, gens: int, essays: Sequence[str]) -> pd.DataFrame:
    """Read the input of essays; missing if the report cannot be read, which is an inventory finding."""
    known = snapshot.rows["essay"]
    reports = [
        _raw_report(gens, name) if name in known else {}
        for batch in snapshot.batches("essay", essays, (RAW_METADATA,))
        for name in batch
    ]
    columns = {name: [_text(each.get(name)) for each in reports] for name in _INPUT}
    return pd.DataFrame(columns, index=pd.Series(essays, dtype="str"), dtype="str")


def _raw_report(gens: int, essay_id: str) -> dict[str, Any]:
    try:
        return read_report(gens, ("essay", essay_id, RAW_METADATA)) if is_safe_name(essay_id) else {}
    except (FileNotFoundError, UnreadableError):
        return {}


def _text(value: object) -> str | None:
    return (value.strip() or None) if isinstance(value, str) else None
