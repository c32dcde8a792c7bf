"""Reader for plan files, which are untrusted: everything is validated before use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo

from genaudit.errors import DDError, Err, Reason
from genaudit.ids import IdForm, parse_id
from genaudit.layout import STATE, is_safe_name
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


def _safe_name(name: str) -> str:
    if not is_safe_name(name):
        raise ValueError("is no plain path component")
    return name


def _inside(path: str) -> str:
    parts = path.split("/")
    if not is_path_inside(path) or parts[0] == STATE:
        raise ValueError("does not lead to a file of the store")
    return path


def is_path_inside(path: str) -> bool:
    """Return whether a relative path is in normal form and stays inside its root."""
    return "\0" not in path and all(part not in ("", ".", "..") for part in path.split("/"))


def _stage(value: str, info: ValidationInfo[dict[str, StageTable]]) -> str:
    return _one_of(value, info.context["stages"].names)


_Stage: TypeAlias = Annotated[str, AfterValidator(_stage)]
_SafeName: TypeAlias = Annotated[str, AfterValidator(_safe_name)]
_Inside: TypeAlias = Annotated[str, AfterValidator(_inside)]
_Sha: TypeAlias = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Count: TypeAlias = Annotated[int, Field(ge=0, le=2**53)]


def _one_of(value: str, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(f"is none of {', '.join(known)}")
    return value


class _Entry(BaseModel):
    """A mapping of the file with exactly these keys, without type conversion."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class _Choice(_Entry):
    only: list[_SafeName] | None
    excepted: list[_SafeName]
    stages: list[_Stage] | None
    cohort: _SafeName | None


class _Rename(_Entry):
    stage: _Stage
    old: _SafeName
    new: _SafeName
    cause: Annotated[str, AfterValidator(lambda cause: _one_of(cause, (RenameCause.OWN, RenameCause.CASCADE)))]


class _Edit(_Entry):
    path: _Inside
    kind: Annotated[str, AfterValidator(lambda kind: _one_of(kind, tuple(EditKind)))]
    before: _Sha
    after: _Sha
    spans: list[Annotated[list[Any], Field(min_length=3, max_length=3)]]


class _Excluded(_Entry):
    stage: _Stage
    gen_id: str
    reason: Annotated[str, AfterValidator(lambda reason: _one_of(reason, tuple(KeepReason)))]
    other: str | None


class _Left(_Entry):
    path: str
    reason: str


class _Document(_Entry):
    schema_: Annotated[Literal["genaudit/migration-plan"], Field(alias="schema")]
    version: int
    choice: _Choice
    fingerprint: _Sha
    renames: list[_Rename]
    edits: list[_Edit]
    partitions: dict[str, _Count]
    excluded: list[_Excluded]
    left: list[_Left]
    unchanged: dict[_Stage, _Count]
    digest: _Sha


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
    try:
        read = _Document.model_validate(document, context={"stages": stages})
    except ValidationError as error:
        raise _malformed(path, [*_problems(error)][:_MAX_PROBLEMS]) from error
    try:
        expected = digest_of(document)
    except TypeError as error:
        raise _malformed(path, [{"problem": str(error)}]) from error
    if read.digest != expected:
        ctx = {"reason": Reason.PLAN_EDITED, "path": path, "digest": read.digest, "expected": expected}
        raise DDError(Err.INVALID_CONFIG, ctx)
    plan = _plan(read, stages)
    if problems := [*_contradictions(plan)][:_MAX_PROBLEMS]:
        raise _malformed(path, problems)
    return plan


def _malformed(path: str, problems: list[dict[str, Any]]) -> DDError:
    return DDError(Err.INVALID_CONFIG, {"reason": Reason.PLAN_MALFORMED, "path": path, "problems": problems})


def _problems(error: ValidationError) -> Iterator[dict[str, Any]]:
    for details in error.errors(include_url=False, include_context=False):
        value = details["input"]
        plain = value if isinstance(value, (str, int, float, type(None))) else type(value).__name__
        yield {"field": ".".join(map(str, details["loc"])), "value": plain, "problem": details["msg"]}


def _plan(read: _Document, stages: StageTable) -> Plan:
    chosen = read.choice
    return Plan(
        choice=RenameFilter(
            None if chosen.only is None else tuple(chosen.only),
            tuple(chosen.excepted),
            None if chosen.stages is None else tuple(chosen.stages),
            chosen.cohort,
        ),
        fingerprint=read.fingerprint,
        renames=tuple(Rename(each.stage, each.old, each.new, each.cause) for each in read.renames),
        edits=tuple(
            Edit(each.path, each.kind, each.before, each.after, tuple(Span(*span) for span in each.spans))
            for each in read.edits
        ),
        excluded=tuple(Excluded(each.stage, each.gen_id, each.reason, each.other) for each in read.excluded),
        left=tuple(Left(each.path, each.reason) for each in read.left),
        unchanged=dict(read.unchanged),
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
    for edit in plan.edits:
        for offset, old, new in edit.spans:
            if type(offset) is not int or offset < 0 or type(old) is not str or not is_safe_name(str(new)):
                yield {"field": f"edits.{edit.path}", "value": str(new), "problem": "no place and two ids"}
