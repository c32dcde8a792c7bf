"""Reader for plan files, which are untrusted: everything is validated before use."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from genaudit.errors import DDError, Err, Reason
from genaudit.ids import IdForm, parse_id
from genaudit.layout import STATE, is_safe_name
from genaudit.migration.checks import Check, entry, list_of, mapping_of, must, one_of, or_null, sha256, text, whole
from genaudit.migration.edits import Edit, EditKind, Left
from genaudit.migration.mapping import Excluded, KeepReason, Rename
from genaudit.migration.plan import SCHEMA, VERSION, Plan, digest_of
from genaudit.migration.rename_filter import RenameFilter
from genaudit.migration.spans import Span
from genaudit.schemas import RenameCause
from genaudit.stages import STAGES, StageTable
from genaudit.store.folders import read_file
from genaudit.store.records import UnreadableError, decode

_MAX_BYTES: Final = 1 << 32
_MAX_PROBLEMS: Final = 20


def is_path_inside(path: str) -> bool:
    """Return whether a relative path is in normal form and stays inside its root."""
    return "\0" not in path and all(part not in ("", ".", "..") for part in path.split("/"))


def _is_editable(path: object) -> bool:
    return type(path) is str and is_path_inside(path) and path.partition("/")[0] != STATE


def _is_span(value: object) -> bool:
    if type(value) is not list or [*map(type, value)] != [int, str, str]:
        return False
    offset, _, new = value
    return offset >= 0 and is_safe_name(new)


_count: Final = whole(0, 2**53)
_safe_name: Final = must(lambda value: type(value) is str and is_safe_name(value), "is no plain path component")
_editable: Final = must(_is_editable, "does not lead to a file of the store")
_span: Final = must(_is_span, "is no offset with an old and a new id")


def _shape(stages: StageTable) -> Check:
    """Return the check of a whole plan."""
    stage = one_of(stages.names)
    return entry(
        schema=one_of([SCHEMA]),
        version=whole(VERSION, VERSION),
        choice=entry(
            only=or_null(list_of(_safe_name)),
            excepted=list_of(_safe_name),
            stages=or_null(list_of(stage)),
            cohort=or_null(_safe_name),
        ),
        fingerprint=sha256,
        renames=list_of(
            entry(stage=stage, old=_safe_name, new=_safe_name, cause=one_of((RenameCause.OWN, RenameCause.CASCADE)))
        ),
        edits=list_of(
            entry(path=_editable, kind=one_of(EditKind), before=sha256, after=sha256, spans=list_of(_span))
        ),
        partitions=mapping_of(_count),
        excluded=list_of(entry(stage=stage, gen_id=text, reason=one_of(KeepReason), other=or_null(text))),
        left=list_of(entry(path=text, reason=text)),
        unchanged=mapping_of(_count, keys=stage),
        digest=sha256,
    )


def read_plan(path: Path, stages: StageTable = STAGES) -> Plan:
    """Read a plan from a file.

    :param stages: the store's table of stages.
    :raises DDError: ``DATA_MISSING``, reason ``plan_missing``; ``INVALID_CONFIG``, reason ``plan_malformed`` (with
        ``problems``: ``field``, ``value``, ``problem``), ``plan_version`` or ``plan_edited``: its digest does not
        match.
    """
    try:
        return parse_plan(read_file(str(path), limit=_MAX_BYTES), str(path), stages)
    except FileNotFoundError:
        raise DDError(Err.DATA_MISSING, {"reason": Reason.PLAN_MISSING, "path": str(path)}) from None
    except UnreadableError as error:
        ctx = {"reason": Reason.PLAN_MALFORMED, "path": str(path), "error": error.detail}
        raise DDError(Err.INVALID_CONFIG, ctx) from error


def parse_plan(data: bytes, path: str, stages: StageTable = STAGES) -> Plan:
    """Read a plan from bytes.

    :param path: where they come from, as errors name it.
    :param stages: the store's table of stages.
    :raises DDError: as :func:`read_plan` does.
    """
    document = decode(data)
    if document.get("schema") == SCHEMA and document.get("version") != VERSION:
        ctx = {"path": path, "version": document.get("version"), "understood": VERSION}
        raise DDError(Err.INVALID_CONFIG, {"reason": Reason.PLAN_VERSION, **ctx})
    if problems := [
        {"field": found.field, **found.facts} for found in islice(_shape(stages)(document), _MAX_PROBLEMS)
    ]:
        raise _malformed(path, problems)
    if document["digest"] != (expected := digest_of(document)):
        ctx = {"reason": Reason.PLAN_EDITED, "path": path, "digest": document["digest"], "expected": expected}
        raise DDError(Err.INVALID_CONFIG, ctx)
    plan = _plan(document, stages)
    if problems := [*_contradictions(plan)][:_MAX_PROBLEMS]:
        raise _malformed(path, problems)
    return plan


def _malformed(path: str, problems: list[dict[str, Any]]) -> DDError:
    return DDError(Err.INVALID_CONFIG, {"reason": Reason.PLAN_MALFORMED, "path": path, "problems": problems})


def _plan(document: dict[str, Any], stages: StageTable) -> Plan:
    """Make the plan of a document that has its shape."""
    choice: dict[str, Any] = {
        name: tuple(value) if type(value) is list else value for name, value in document["choice"].items()
    }
    return Plan(
        choice=RenameFilter(**choice),
        fingerprint=document["fingerprint"],
        renames=tuple(Rename(**each) for each in document["renames"]),
        edits=tuple(
            Edit(**{**each, "spans": tuple(Span(*span) for span in each["spans"])}) for each in document["edits"]
        ),
        excluded=tuple(Excluded(**each) for each in document["excluded"]),
        left=tuple(Left(**each) for each in document["left"]),
        unchanged=document["unchanged"],
        stages=stages,
    )


def _contradictions(plan: Plan) -> Iterator[dict[str, Any]]:
    """Find contents that no planner writes, or that cannot be carried out safely."""
    order = [(plan.stages.index(rename.stage), rename.old) for rename in plan.renames]
    if order != sorted(set(order)):
        yield {"field": "renames", "problem": "not in stage order, or an id twice"}
    if len({(rename.stage, rename.new) for rename in plan.renames}) < len(plan.renames):
        yield {"field": "renames", "problem": "two generations get one id"}
    for rename in plan.renames:
        if parse_id(rename.stage, rename.new, plan.stages).form is not IdForm.DETERMINISTIC:
            yield {"field": "renames", "value": rename.new, "problem": "is no deterministic id of its stage"}
    paths = [edit.path for edit in plan.edits]
    if paths != sorted(set(paths)):
        yield {"field": "edits", "problem": "not sorted by path, or a path twice"}
