"""Paths of a data root and of a report folder.

Names from a store are untrusted: :func:`is_safe_name` decides which of them may become part of a path.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from genaudit.errors import DDError, Err, Reason
from genaudit.stages import STAGES, StageTable

METADATA: Final = "metadata.json"
PROMPT: Final = "prompt.txt"
RAW: Final = "raw.txt"
PARSED: Final = "parsed.txt"
RAW_METADATA: Final = "raw_metadata.json"
PARSED_METADATA: Final = "parsed_metadata.json"
TEXTS: Final = (PROMPT, RAW, PARSED)
REPORTS: Final = (RAW_METADATA, PARSED_METADATA)
ARTIFACTS: Final = (METADATA, *TEXTS, *REPORTS)
# Inside a generation's folder: numbered folders of earlier answers, and files on their way there.
REPLACED: Final = "replaced"
MOVING: Final = ".replacing"
GENS: Final = "gens"
# The state of migrations, which is no part of the store.
STATE: Final = ".genaudit"
# A store's own settings, at the data root.
SETTINGS: Final = "genaudit.toml"
# The folders of a data root that hold the store itself.
OWN_FOLDERS: Final = (GENS, "cohorts", "1_raw", "2_tasks", "7_cross_experiment", STATE)
AGGREGATED_SCORES: Final = "aggregated_scores.csv"
MIGRATION_PLAN: Final = "migration_plan.json"
BASELINE: Final = "genaudit-baseline.json"
SCORES_PIVOT: Final = "generation_scores.csv"

# One path component that every file system accepts: no separator, no leading dot or dash, and short.
_NAME: Final = "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_SAFE_NAME: Final = re.compile(_NAME)
_SAFE_NAMES: Final = re.compile(f"{_NAME}(?:/{_NAME})*+")


def is_safe_name(name: str) -> bool:
    """Return whether a name is a valid id, and so one safe component of a path."""
    return _SAFE_NAME.fullmatch(name) is not None


def are_safe_names(names: Sequence[str]) -> bool:
    """Return whether many names are all valid ids, by one check of their joined text."""
    joined = "/".join(names)
    # No safe name has a slash, so with slashes as separators none can pass as two.
    return not names or (joined.count("/") == len(names) - 1 and _SAFE_NAMES.fullmatch(joined) is not None)


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths below one data root.

    :param stages: the store's table of stages.
    """

    root: Path
    stages: StageTable = STAGES

    @property
    def gens(self) -> Path:
        """The folder with the stages' folders."""
        return self.root / GENS

    def stage(self, stage: str) -> Path:
        """Return the folder of a stage's generations."""
        return self.gens / stage

    def generation(self, stage: str, gen_id: str) -> Path:
        """Return the folder of one generation.

        :raises DDError: ``INVALID_CONFIG``, reason ``unsafe_id``: the id is no plain path component.
        """
        if not is_safe_name(gen_id):
            raise DDError(Err.INVALID_CONFIG, {"reason": Reason.UNSAFE_ID, "stage": stage, "gen_id": gen_id})
        return self.stage(stage) / gen_id

    @property
    def catalogs(self) -> Path:
        """The folder of the template, model and concept catalogs."""
        return self.root / "1_raw"

    def template(self, stage: str, template_id: str) -> Path:
        """Return the file of a prompt template.

        :raises DDError: ``INVALID_CONFIG``, reason ``unsafe_id``: the id is no plain path component.
        """
        if not is_safe_name(template_id):
            raise DDError(
                Err.INVALID_CONFIG, {"reason": Reason.UNSAFE_ID, "stage": stage, "template_id": template_id}
            )
        return self.catalogs / "templates" / stage / f"{template_id}.txt"

    @property
    def llm_models(self) -> Path:
        """The catalog of models."""
        return self.catalogs / "llm_models.csv"

    @property
    def concepts(self) -> Path:
        """The catalog of concepts."""
        return self.catalogs / "concepts_metadata.csv"

    @property
    def replication(self) -> Path:
        """The number of replicates of each stage."""
        return self.catalogs / "replication_config.csv"

    @property
    def combo_mappings(self) -> Path:
        """The append-only catalog of concept combinations."""
        return self.root / "combo_mappings.csv"

    @property
    def cohorts(self) -> Path:
        """The folder of the cohorts."""
        return self.root / "cohorts"

    def cohort(self, cohort_id: str) -> Path:
        """Return the folder of one cohort.

        :raises DDError: ``INVALID_CONFIG``, reason ``unsafe_id``: the id is no plain path component.
        """
        if not is_safe_name(cohort_id):
            raise DDError(Err.INVALID_CONFIG, {"reason": Reason.UNSAFE_ID, "cohort_id": cohort_id})
        return self.cohorts / cohort_id

    def cohort_scores(self, cohort_id: str) -> Path:
        """Return the file of a cohort's scores.

        :raises DDError: ``INVALID_CONFIG``, reason ``unsafe_id``: the id is no plain path component.
        """
        return self.cohort(cohort_id) / "reports" / "parsing" / AGGREGATED_SCORES

    def cohort_scores_pivot(self, cohort_id: str) -> Path:
        """Return the file of the pivot of a cohort's scores.

        :raises DDError: ``INVALID_CONFIG``, reason ``unsafe_id``: the id is no plain path component.
        """
        return self.cohort(cohort_id) / "reports" / "summary" / SCORES_PIVOT

    @property
    def tasks(self) -> Path:
        """The folder of the curated selections."""
        return self.root / "2_tasks"

    @property
    def cross_experiment(self) -> Path:
        """The folder of the tables that span cohorts."""
        return self.root / "7_cross_experiment"

    @property
    def store_scores(self) -> Path:
        """The table of all scores of the store."""
        return self.cross_experiment / AGGREGATED_SCORES


def metadata_path(stage: str, gen_id: str) -> str:
    """Return the path of a generation's record relative to the data root, with forward slashes."""
    return f"{GENS}/{stage}/{gen_id}/{METADATA}"


def report_path(output: Path, name: str, date: str, suffix: str) -> Path:
    """Return the path of a report: ``{output}/{name}_{date}.{suffix}``."""
    return output / f"{name}_{date}.{suffix}"
