"""The sample's cohorts: memberships in all the forms that exist on disk, with their manifests, and a spec for one."""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import orjson

from genaudit.layout import is_safe_name
from genaudit.sample.catalogs import GENERATORS, JUDGES, TEMPLATES, csv_text
from genaudit.sample.plan import COHORTS, REAL, SECOND_LOOK
from genaudit.stages import RECORD_FIELDS, STAGE_NAMES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from genaudit.layout import Layout
    from genaudit.sample.combos import Combo
    from genaudit.sample.generation import Generation

MEMBERSHIP: Final = "membership.csv"
MANIFEST: Final = "stage_manifest.json"

_TWO_COLUMNS: Final = ("stage", "gen_id")
SLIM: Final = (*_TWO_COLUMNS, "cohort_id")
_OLDEST: Final = (*SLIM, "parent_gen_id", "combo_id", "template_id", "llm_model_id")
WIDE: Final = (*_OLDEST, "replicate")
# The oldest form first; what is not listed is slim.
_FORMS: Final = dict(zip(COHORTS, (_OLDEST, _TWO_COLUMNS, SLIM, WIDE), strict=True))


class Told(StrEnum):
    """What a cohort's manifest says of each member: all of its record, no more than its key, or there is none."""

    ALL = "all"
    KEYS = "keys"
    NOTHING = "nothing"


class Memberships:
    """Gathers the members of each cohort as they come along, and writes the files of all at the end."""

    def __init__(self) -> None:
        self._members: dict[str, dict[tuple[str, str], Generation]] = defaultdict(dict)

    def add(self, generation: Generation, *, with_chain: bool = False) -> None:
        """Take a generation into its origin cohort, once; one whose name can't be an id is no member.

        :param with_chain: together with the generations that it hangs on, whatever cohort they come from.
        """
        members = self._members[generation.cohort]
        above: Generation | None = generation
        while above:
            if is_safe_name(above.gen_id):
                members.setdefault((above.stage, above.gen_id), above)
            above = above.parent if with_chain else None

    def write(self, layout: Layout, told: Mapping[str, Told]) -> None:
        """Write every cohort that has members.

        :param told: by cohort, what its manifest says where that is not all.
        """
        for cohort, members in self._members.items():
            columns = _FORMS.get(cohort, SLIM)
            write_cohort(layout, cohort, members.values(), columns, told.get(cohort, Told.ALL))


def write_cohort(
    layout: Layout,
    cohort: str,
    members: Iterable[Generation],
    columns: Sequence[str] = SLIM,
    told: Told = Told.ALL,
) -> None:
    """Write a membership, and the manifest that belongs to it.

    :param columns: the form of the membership.
    """
    ordered = sorted(members, key=lambda member: STAGE_NAMES.index(member.stage))
    records = [{**member.record(), "cohort_id": cohort} for member in ordered]
    membership = csv_text(columns, [[record.get(column, "") for column in columns] for record in records]).encode()
    folder = layout.cohort(cohort)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MEMBERSHIP).write_bytes(membership)
    if told is not Told.NOTHING:
        (folder / MANIFEST).write_bytes(_manifest(cohort, records, membership, told))


def _manifest(cohort: str, records: Iterable[Mapping[str, Any]], membership: bytes, told: Told) -> bytes:
    """Write down what members are made of, bound to the very bytes of their membership."""
    entries: dict[str, dict[str, dict[str, Any]]] = {stage: {} for stage in STAGE_NAMES}
    for record in records:
        known = [name for name in RECORD_FIELDS if name in record and name not in _TWO_COLUMNS]
        if record["origin_cohort_id"] == cohort:
            known.remove("origin_cohort_id")
        entry = {name: record[name] for name in known} if told is Told.ALL else {}
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

    :param combos: what the combo axis lists.
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
