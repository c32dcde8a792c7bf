"""Write memberships and manifests by hand, from the documented formats and without the package's own writers."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD

EVALUATION = "v_1k3"
DETAILS = ("parent_gen_id", "combo_id", "template_id", "llm_model_id", "replicate")
COLUMNS = ("stage", "gen_id", "origin_cohort_id", *DETAILS)
HEADERS = {
    "wide": ("stage", "gen_id", "cohort_id", *DETAILS),
    "wide_without_replicate": ("stage", "gen_id", "cohort_id", *DETAILS[:-1]),
    "slim": ("stage", "gen_id", "cohort_id"),
    "two_column": ("stage", "gen_id"),
}


def member(stage: str, gen_id: str, **fields: Any) -> dict[str, Any]:
    """Make a member of cohort ``c1``, by default made by a model."""
    return {"stage": stage, "gen_id": gen_id, "origin_cohort_id": "c1", "mode": "llm", **fields}


MEMBERS = (
    member("draft", DRAFT, **DRAFT_RECORD),
    member("essay", ESSAY, **ESSAY_RECORD | {"mode": "copy"}),
    member(
        "evaluation", EVALUATION, parent_gen_id=ESSAY, template_id="novelty", llm_model_id="sonnet-4", replicate=2
    ),
)


def membership_frame(members: Iterable[Mapping[str, Any]], *, mode: bool = True) -> pd.DataFrame:
    """Lay members out as a builder does."""
    names = (*COLUMNS, "mode") if mode else COLUMNS
    columns = {name: [each.get(name) for each in members] for name in names}
    dtypes = {name: "Int32" if name == "replicate" else "str" for name in names}
    return pd.DataFrame({name: pd.Series(values, dtype=dtypes[name]) for name, values in columns.items()})


def plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Convert a frame to a mapping for each row, without missing values."""
    rows = frame.astype(object).to_dict("records")
    return [{name: value for name, value in row.items() if not pd.isna(value)} for row in rows]


def membership_csv(cohort_id: str, members: Iterable[Mapping[str, Any]], form: str = "slim") -> bytes:
    """Render a membership in one of the forms of :data:`HEADERS`."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, HEADERS[form], restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows({**each, "cohort_id": cohort_id} for each in members)
    return text.getvalue().encode()


def manifest_document(cohort_id: str, members: Iterable[Mapping[str, Any]], membership: bytes) -> dict[str, Any]:
    """Make the document of a stage manifest, without its checksum."""
    entries: dict[str, dict[str, Any]] = {"draft": {}, "essay": {}, "evaluation": {}}
    for each in members:
        fields = {name: each[name] for name in (*DETAILS, "mode") if each.get(name) is not None}
        if each.get("origin_cohort_id", cohort_id) != cohort_id:
            fields["origin_cohort_id"] = each["origin_cohort_id"]
        entries[each["stage"]][each["gen_id"]] = fields
    return {
        "schema": "genaudit/stage-manifest",
        "version": 1,
        "cohort_id": cohort_id,
        "membership_sha256": hashlib.sha256(membership).hexdigest(),
        "metadata": {},
        "entries": entries,
    }


def signed(document: Mapping[str, Any]) -> bytes:
    """Render a document with the checksum that its content asks for."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return json.dumps({**document, "checksum": hashlib.sha256(text.encode()).hexdigest()}).encode()


def write_membership_csv(
    root: Path,
    cohort_id: str,
    members: Sequence[Mapping[str, Any]] = MEMBERS,
    *,
    form: str = "slim",
    manifest: bool = True,
) -> Path:
    """Write a cohort's membership, and the manifest that belongs to it.

    :returns: the cohort's folder.
    """
    folder = root / "cohorts" / cohort_id
    folder.mkdir(parents=True, exist_ok=True)
    membership = membership_csv(cohort_id, members, form)
    (folder / "membership.csv").write_bytes(membership)
    if manifest:
        (folder / "stage_manifest.json").write_bytes(signed(manifest_document(cohort_id, members, membership)))
    return folder
