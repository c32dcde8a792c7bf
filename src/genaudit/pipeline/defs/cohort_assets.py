"""Assets of a cohort: its id, its membership, and the partitions of its generations."""

import os
from typing import Final

import dagster as dg

from genaudit.errors import DDError, Err, Reason
from genaudit.layout import is_safe_name
from genaudit.pipeline.boundary import as_json, failures
from genaudit.pipeline.labels import OWNERS, TABLE_KINDS
from genaudit.pipeline.partitions import add_partitions, partitions_name, prune_partitions
from genaudit.pipeline.resources import MembershipResource
from genaudit.stages import STAGE_NAMES

COHORT_VARIABLE: Final = "DD_COHORT"
GROUP: Final = "cohort"


class CohortConfig(dg.Config):
    """The cohort to build; without an id, ``DD_COHORT`` names it."""

    cohort_id: str | None = None


@dg.asset(group_name=GROUP, code_version="1", kinds={"python"}, owners=OWNERS)
def cohort_id(config: CohortConfig) -> dg.MaterializeResult[str]:
    """The id of the cohort to build."""
    with failures():
        chosen = config.cohort_id or os.environ.get(COHORT_VARIABLE, "")
        if not is_safe_name(chosen):
            reason = Reason.UNSAFE_ID if chosen else Reason.COHORT_NOT_GIVEN
            ctx = {"reason": reason, "value": chosen, "variable": COHORT_VARIABLE, "option": "cohort_id"}
            raise DDError(Err.INVALID_CONFIG, ctx)
    return dg.MaterializeResult(value=chosen, metadata={"cohort_id": chosen}, data_version=dg.DataVersion(chosen))


@dg.asset(group_name=GROUP, code_version="1", kinds={*TABLE_KINDS}, owners=OWNERS)
def cohort_membership(cohort_id: str, membership: MembershipResource) -> dg.MaterializeResult[None]:
    """The cohort's membership on disk, with its manifest and the records of its new generations."""
    with failures():
        facts = membership.builder().build(cohort_id).metadata
    counts = {f"rows_{name}": count for name, count in {**facts["rows_by_stage"], **facts["rows_by_origin"]}.items()}
    filled = {f"evaluations_{name}": count for name, count in facts["evaluation_fill_up"].items()}
    return dg.MaterializeResult(
        metadata={
            "rows": facts["row_count"],
            **counts,
            **filled,
            "combo_catalog": as_json(facts["combo_catalog"]),
            "warning_count": len(facts["warnings"]),
            "warnings": as_json({"warnings": facts["warnings"]}),
        }
    )


@dg.asset(group_name=GROUP, code_version="1", deps=[cohort_membership], kinds={"python", "dagster"}, owners=OWNERS)
def register_cohort_partitions(
    context: dg.AssetExecutionContext, cohort_id: str, membership: MembershipResource
) -> dg.MaterializeResult[None]:
    """A partition for each generation of the cohort; existing partitions stay."""
    with failures():
        service = membership.service()
        ids = {stage: service.stage_gen_ids(stage, cohort_id) for stage in STAGE_NAMES}
    added = {stage: add_partitions(context.instance, stage, gen_ids) for stage, gen_ids in ids.items()}
    return dg.MaterializeResult(metadata={f"added_{stage}": count for stage, count in added.items()})


@dg.asset(
    group_name="maintenance",
    code_version="1",
    deps=[register_cohort_partitions],
    kinds={"python", "dagster"},
    owners=OWNERS,
)
def prune_dynamic_partitions(
    context: dg.AssetExecutionContext, membership: MembershipResource
) -> dg.MaterializeResult[None]:
    """Partitions without those that no cohort lists any more."""
    keys = {stage: context.instance.get_dynamic_partitions(partitions_name(stage)) for stage in STAGE_NAMES}
    with failures():
        service = membership.service()
        listed = {stage: service.stage_gen_ids(stage) for stage in STAGE_NAMES}
    gone = {stage: prune_partitions(context.instance, stage, keys[stage], listed[stage]) for stage in STAGE_NAMES}
    counts = {f"deleted_{stage}": len(deleted) for stage, deleted in gone.items()}
    return dg.MaterializeResult(metadata={**counts, "deleted": as_json(gone)})
