"""A cohort planned, written, read back and audited, in a store of its own: `way_cohort.py ROOT COMBOS`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from measure import phase, report

from genaudit.audits.run import run_audits
from genaudit.cohorts import IdScheme, create_cohort_membership_builder
from genaudit.cohorts.artifacts import MembershipFileStore
from genaudit.cohorts.membership import read_membership
from genaudit.layout import Layout
from genaudit.store.snapshot import scan

COHORT = "benchmark"
COMBO_HEADER = "combo_id,version,concept_id,description_level,k_max,created_at"


class TimedStore:
    """The package's store of memberships, under a clock of its own."""

    def __init__(self, root: Path) -> None:
        self._store = MembershipFileStore(root, slim=True)

    def persist_membership(self, cohort_id: str, frame: pd.DataFrame, metadata: Mapping[str, Any]) -> dict[str, Any]:
        with phase("write"):
            return self._store.persist_membership(cohort_id, frame, metadata)


def write_catalogs(root: Path, combos: int) -> None:
    """Write the inputs of a Cartesian plan of so many combos, and an empty store."""
    mappings = [f"combo_v1_{number:012x},v1,x,sentence,2,now" for number in range(combos)]
    files = {
        "combo_mappings.csv": [COMBO_HEADER, *mappings],
        "2_tasks/selected_combo_mappings.csv": [COMBO_HEADER, *mappings],
        "1_raw/draft_templates.csv": ["template_id", "field-walk-v3"],
        "1_raw/essay_templates.csv": ["template_id", "plain-argument-v1"],
        "1_raw/evaluation_templates.csv": ["template_id", "fresh-link-v2", "sound-reasoning-v1"],
        "1_raw/llm_models.csv": ["id,for_generation,for_evaluation", "harbor,true,false", "alder,false,true"],
        "1_raw/replication_config.csv": ["stage,replicates", "draft,1", "essay,1", "evaluation,4"],
    }
    for name, lines in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("\n".join([*lines, ""]))
    for stage in ("draft", "essay", "evaluation"):
        (root / "gens" / stage).mkdir(parents=True)


def work(root: Path) -> tuple[int, int]:
    builder = create_cohort_membership_builder(root, ids=IdScheme(), artifact_store=TimedStore(root))
    with phase("build"):
        builder.build(COHORT)
    with phase("read"):
        table = read_membership(Layout(root), COHORT)
    with phase("scan"):
        snapshot = scan(root)
    with phase("audit"):
        run = run_audits(snapshot, ["cohorts"])
    if not run.findings.empty or table.manifest is None:
        sys.exit(f"the cohort differs from the plan: {run.findings['code'].value_counts().to_dict()}")
    return sum(run.cohorts.summary.listed.values()), int(table.frame["template_id"].str.len().sum())


where, combos = Path(sys.argv[1]), int(sys.argv[2])
write_catalogs(where, combos)
report(lambda: work(where))
