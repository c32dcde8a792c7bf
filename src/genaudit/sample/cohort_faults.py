"""Faults of cohorts, in memberships and manifests. Each has its own cohort."""

from __future__ import annotations

from typing import Final

from genaudit.sample.cohorts import MANIFEST, MEMBERSHIP, WIDE, ManifestContent, write_cohort
from genaudit.sample.fault import Fault
from genaudit.sample.fault_context import FaultContext
from genaudit.stages import PARENT

_TORN: Final = "torn-list-2025-12"
_LOST: Final = "lost-draft-2025-12"
_EDITED: Final = "edited-record-2025-12"
_BORROWED: Final = "borrowed-draft-2025-12"
_GARBLED: Final = "garbled-manifest-2025-12"
_APPENDED: Final = "appended-row-2025-12"
_REWRITTEN: Final = "two-columns-2025-12"
_UNSTAGED: Final = "no-manifest-2025-12"


def _path(cohort: str, file: str) -> str:
    return f"cohorts/{cohort}/{file}"


def _membership_invalid(context: FaultContext) -> None:
    victim = context.write(context.imagine("draft", cohort=_TORN), listed=False)
    write_cohort(context.layout, _TORN, [victim])
    with (context.layout.cohort(_TORN) / MEMBERSHIP).open("a", encoding="utf-8") as file:
        file.write(f"outline,o_1,{_TORN}\n")
    context.expect_path(_path(_TORN, MEMBERSHIP))


def _member_not_in_store(context: FaultContext) -> None:
    lost = context.imagine("draft", cohort=_LOST)
    write_cohort(context.layout, _LOST, [lost])
    context.expect(lost, None)


def _membership_contradicts_metadata(context: FaultContext) -> None:
    victim = context.write(context.imagine("draft", cohort=_EDITED), listed=False)
    write_cohort(context.layout, _EDITED, [victim._replace(replicate=victim.replicate + 1)], WIDE)
    context.expect_path(_path(_EDITED, MEMBERSHIP), generation=victim, field="replicate")


def _member_parent_outside_cohort(context: FaultContext) -> None:
    essay = context.write(context.imagine("essay", cohort=_BORROWED), listed=False)
    write_cohort(context.layout, _BORROWED, [essay])
    context.expect_path(_path(_BORROWED, MEMBERSHIP), generation=essay, field=PARENT)


def _generation_in_no_cohort(context: FaultContext) -> None:
    # The other generation ensures that there is a membership at all.
    context.sound("draft")
    context.expect(context.write(context.imagine("draft"), listed=False))


def _manifest_invalid(context: FaultContext) -> None:
    victim = context.write(context.imagine("draft", cohort=_GARBLED), listed=False)
    write_cohort(context.layout, _GARBLED, [victim])
    manifest = context.layout.cohort(_GARBLED) / MANIFEST
    manifest.write_bytes(manifest.read_bytes().replace(victim.template.encode(), b"edited-by-hand"))
    context.expect_path(_path(_GARBLED, MANIFEST))


def _manifest_stale(context: FaultContext) -> None:
    first, second = (context.write(context.imagine("draft", cohort=_APPENDED), listed=False) for _ in range(2))
    write_cohort(context.layout, _APPENDED, [first])
    with (context.layout.cohort(_APPENDED) / MEMBERSHIP).open("a", encoding="utf-8") as file:
        file.write(f"draft,{second.gen_id},{_APPENDED}\n")
    context.expect_path(_path(_APPENDED, MANIFEST))


def _manifest_rewritten(context: FaultContext) -> None:
    member = context.write(context.imagine("draft", cohort=_REWRITTEN), listed=False)
    write_cohort(context.layout, _REWRITTEN, [member])
    (context.layout.cohort(_REWRITTEN) / MEMBERSHIP).write_text(
        f"stage,gen_id\ndraft,{member.gen_id}\n", encoding="utf-8"
    )
    context.expect_path(_path(_REWRITTEN, MANIFEST))


def _manifest_missing(context: FaultContext) -> None:
    victim = context.write(context.imagine("draft", cohort=_UNSTAGED), listed=False)
    write_cohort(context.layout, _UNSTAGED, [victim], content=ManifestContent.NOTHING)
    context.expect_path(_path(_UNSTAGED, MANIFEST))


COHORT_FAULTS: Final = (
    Fault("MEMBERSHIP_INVALID", "a membership has a row of a stage that there is not", _membership_invalid),
    Fault("MEMBER_NOT_IN_STORE", "a membership lists a draft that is not there", _member_not_in_store),
    Fault(
        "MEMBERSHIP_CONTRADICTS_METADATA",
        "a wide membership gives a draft another replicate than its record",
        _membership_contradicts_metadata,
    ),
    Fault(
        "MEMBER_PARENT_OUTSIDE_COHORT",
        "a membership lists an essay, and not the draft that it was made from",
        _member_parent_outside_cohort,
    ),
    Fault("GENERATION_IN_NO_COHORT", "no membership lists a draft", _generation_in_no_cohort),
    Fault("MANIFEST_INVALID", "a manifest was edited after it was written", _manifest_invalid),
    Fault("MANIFEST_STALE", "a membership got a row more than its manifest", _manifest_stale),
    Fault("MANIFEST_REWRITTEN", "a membership was rewritten with two columns", _manifest_rewritten),
    Fault("MANIFEST_MISSING", "a membership has no manifest beside it", _manifest_missing),
)
