"""Cohorts of the sample: memberships in all existing forms, with their manifests, and a spec for one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

import orjson

from genaudit.layout import Layout, is_safe_name
from genaudit.sample.catalogs import csv_text
from genaudit.sample.combos import Combo
from genaudit.sample.generation import NO_MODEL, REAL, SampleGeneration
from genaudit.sample.stock import GENERATORS, JUDGES, TEMPLATES
from genaudit.stages import RECORD_FIELDS, STAGE_NAMES

COHORTS: Final = ("pilot-2025-06", "wide-scan-2025-07", "paired-models-2025-08", "field-notes-2025-09")
# A later cohort judged older essays once more.
SECOND_LOOK: Final = "second-look-2025-10"

MEMBERSHIP: Final = "membership.csv"
MANIFEST: Final = "stage_manifest.json"

_TWO_COLUMNS: Final = ("stage", "gen_id")
SLIM: Final = (*_TWO_COLUMNS, "cohort_id")
_OLDEST: Final = (*SLIM, "parent_gen_id", "combo_id", "template_id", "llm_model_id")
WIDE: Final = (*_OLDEST, "replicate")
# The oldest form first; other cohorts are slim.
_FORMS: Final = dict(zip(COHORTS, (_OLDEST, _TWO_COLUMNS, SLIM, WIDE), strict=True))


class ManifestContent(StrEnum):
    """The contents of a cohort's manifest: all fields of each member, only keys, or no manifest."""

    ALL = "all"
    KEYS = "keys"
    NOTHING = "nothing"


class Memberships:
    """Collector of the members of each cohort, which writes all files at the end."""

    def __init__(self) -> None:
        self._members: dict[str, dict[tuple[str, str], SampleGeneration]] = defaultdict(dict)

    def add(self, generation: SampleGeneration, *, with_chain: bool = False) -> None:
        """Add a generation to its origin cohort, once; one whose name cannot be an id is not a member.

        :param with_chain: also add its ancestors, whatever their cohorts.
        """
        members = self._members[generation.cohort]
        above: SampleGeneration | None = generation
        while above:
            if is_safe_name(above.gen_id):
                members.setdefault((above.stage, above.gen_id), above)
            above = above.parent if with_chain else None

    def write(self, layout: Layout, contents: Mapping[str, ManifestContent]) -> None:
        """Write every cohort that has members.

        :param contents: contents of manifests, by cohort, if not all.
        """
        for cohort, members in self._members.items():
            columns = _FORMS.get(cohort, SLIM)
            write_cohort(layout, cohort, members.values(), columns, contents.get(cohort, ManifestContent.ALL))


def write_cohort(
    layout: Layout,
    cohort: str,
    members: Iterable[SampleGeneration],
    columns: Sequence[str] = SLIM,
    content: ManifestContent = ManifestContent.ALL,
) -> None:
    """Write a membership and its manifest.

    :param columns: the form of the membership.
    """
    ordered = sorted(members, key=lambda member: STAGE_NAMES.index(member.stage))
    records = [_entry(member) | {"cohort_id": cohort} for member in ordered]
    membership = csv_text(columns, [[record.get(column, "") for column in columns] for record in records]).encode()
    folder = layout.cohort(cohort)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MEMBERSHIP).write_bytes(membership)
    if content is not ManifestContent.NOTHING:
        (folder / MANIFEST).write_bytes(_manifest(cohort, records, membership, content))


def _entry(member: SampleGeneration) -> dict[str, Any]:
    """Return a member's fields; a copy has no model, although its record has the word ``None``."""
    return {name: value for name, value in member.record().items() if value != NO_MODEL}


def _manifest(
    cohort: str, records: Iterable[Mapping[str, Any]], membership: bytes, content: ManifestContent
) -> bytes:
    """Render a manifest bound to the exact bytes of its membership."""
    entries: dict[str, dict[str, dict[str, Any]]] = {stage: {} for stage in STAGE_NAMES}
    for record in records:
        known = [name for name in RECORD_FIELDS if name in record and name not in _TWO_COLUMNS]
        if record["origin_cohort_id"] == cohort:
            known.remove("origin_cohort_id")
        entry = {name: record[name] for name in known} if content is ManifestContent.ALL else {}
        entries[record["stage"]][record["gen_id"]] = entry
    document = {
        "schema": "genaudit/stage-manifest",
        "version": 1,
        "cohort_id": cohort,
        "membership_sha256": sha256(membership).hexdigest(),
        "metadata": {},
        "entries": entries,
    }
    checksum = sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return orjson.dumps({**document, "checksum": checksum}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def write_spec(layout: Layout, combos: Sequence[Combo]) -> None:
    """Write the spec of the latest cohort: a small design with a subset and a pair.

    :param combos: levels of the combo axis.
    """
    drafts, essays, evaluations = (
        [template.template_id for template in TEMPLATES[stage] if template.active] for stage in REAL
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
