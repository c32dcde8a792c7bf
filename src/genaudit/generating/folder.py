"""A generation's folder, opened for reading or locked for work."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import orjson

from genaudit.cohorts.safe_paths import hold_alone, no_migration, open_below
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import ARTIFACTS, METADATA, PARSED_METADATA, RAW_METADATA, REPORTS, Layout
from genaudit.stages import RECORD_FIELDS, STAGES
from genaudit.store.folders import kind_of, read_file
from genaudit.store.records import UnreadableError, decode, normal_field
from genaudit.store.texts import MAX_TEXT_BYTES, read_report, read_text
from genaudit.store.write import clear_leftovers, write_atomic
from genaudit.store.written import record_written

_UNREADABLE: Final = {
    RAW_METADATA: Reason.RAW_METADATA_UNREADABLE,
    PARSED_METADATA: Reason.PARSED_METADATA_UNREADABLE,
}


@dataclass(frozen=True, slots=True)
class GenerationFolder:
    """An open folder of a generation.

    :param handle: its descriptor.
    """

    stage: str
    gen_id: str
    path: Path
    handle: int

    @property
    def where(self) -> dict[str, Any]:
        """The generation, for the context of an error."""
        return {"stage": self.stage, "gen_id": self.gen_id}

    @property
    def root(self) -> Path:
        """The data root."""
        return self.path.parents[2]

    def has(self, name: str) -> bool:
        """Return whether a file exists.

        :raises DDError: ``INVALID_CONFIG``, reason ``unsafe_path``: the path exists and is not a file.
        """
        kind = kind_of(name, self.handle)
        if kind not in ("file", "gone"):
            ctx = {"reason": Reason.UNSAFE_PATH, **self.where, "path": str(self.path / name), "kind": kind}
            raise DDError(Err.INVALID_CONFIG, ctx)
        return kind == "file"

    def record(self) -> Mapping[str, Any]:
        """Read the fields of the generation's record, normalised; a missing or malformed field is ``None``.

        Old field names are not read, as in the pipeline: only ``template_id`` names the template.

        :raises DDError: ``DATA_MISSING``, reason ``metadata_missing`` or ``metadata_unreadable`` (``state``,
            ``detail``).
        """
        ctx: dict[str, Any] = {**self.where, "path": str(self.path / METADATA)}
        try:
            stored = decode(read_file(METADATA, self.handle))
        except FileNotFoundError:
            raise DDError(Err.DATA_MISSING, {"reason": Reason.METADATA_MISSING, **ctx}) from None
        except UnreadableError as error:
            problem = {"reason": Reason.METADATA_UNREADABLE, **ctx, "state": str(error.state), "detail": error.detail}
            raise DDError(Err.DATA_MISSING, problem) from error
        return {field: normal_field(field, stored.get(field)) for field in RECORD_FIELDS}

    def text(self, name: str) -> str:
        """Read a text file.

        :raises FileNotFoundError: it is missing.
        :raises DDError: ``IO_ERROR``, reason ``not_readable``.
        """
        try:
            return read_text(self.handle, (name,))
        except UnreadableError as error:
            ctx = {"reason": Reason.NOT_READABLE, "path": str(self.path / name), "error": error.detail}
            raise DDError(Err.IO_ERROR, ctx) from error

    def digest(self, name: str) -> str | None:
        """Return the SHA-256 of a file; ``None`` if it is missing or unreadable."""
        try:
            return sha256(read_file(name, self.handle, MAX_TEXT_BYTES)).hexdigest()
        except (FileNotFoundError, UnreadableError):
            return None

    def report(self, name: str) -> Mapping[str, Any]:
        """Read a JSON report.

        :raises FileNotFoundError: it is missing.
        :raises DDError: ``DATA_MISSING``, reason ``raw_metadata_unreadable`` or ``parsed_metadata_unreadable``: it is
            not a JSON object with ``stage`` and ``gen_id``.
        """
        problem = {"reason": _UNREADABLE[name], **self.where, "path": str(self.path / name)}
        try:
            report = read_report(self.handle, (name,))
        except UnreadableError as error:
            raise DDError(Err.DATA_MISSING, {**problem, "detail": error.detail}) from error
        if missing := [key for key in ("stage", "gen_id") if report.get(key) is None]:
            raise DDError(Err.DATA_MISSING, {**problem, "fields": missing})
        return report

    def write(self, name: str, content: str | Mapping[str, Any]) -> None:
        """Write a text, or plain values as JSON, atomically.

        :raises DDError: ``IO_ERROR``, reason ``generation_vanished`` (the folder was moved or replaced) or
            ``not_writable``.
        """
        self._check_exists()
        if isinstance(content, str):
            # Halves of a surrogate pair cannot be encoded, and no reader needs them.
            data = content.encode(errors="replace")
        else:
            data = orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
        if name in REPORTS:
            record_written(self.root, {self.path / name: data})
        write_atomic(self.path / name, data)

    def _check_exists(self) -> None:
        """Raise an error if the path no longer leads to the open folder."""
        try:
            there = os.path.samestat(os.fstat(self.handle), self.path.lstat())
        except OSError:
            there = False
        if not there:
            ctx = {"reason": Reason.GENERATION_VANISHED, **self.where, "path": str(self.path)}
            raise DDError(Err.IO_ERROR, ctx)


@contextmanager
def open_generation(layout: Layout, stage: str, gen_id: str, *, alone: bool = False) -> Iterator[GenerationFolder]:
    """Open a generation's folder.

    :param alone: whether to lock it for work; leftovers of a killed writer are then deleted.
    :raises DDError: ``DATA_MISSING``, reason ``generation_missing`` or ``no_such_root``; ``INVALID_CONFIG``, reason
        ``unsafe_id``, ``unsafe_path`` or ``unknown_stage``; ``IO_ERROR``, reason ``generation_busy`` (another run
        works on it), ``not_readable`` or ``not_writable``; if ``alone``, as
        :func:`~genaudit.cohorts.safe_paths.no_migration` does too.
    """
    if stage not in STAGES:
        raise DDError(Err.INVALID_CONFIG, {"reason": Reason.UNKNOWN_STAGE, "stage": stage, "known": list(STAGES)})
    path = layout.generation(stage, gen_id)
    with ExitStack() as stack:
        if alone:
            stack.enter_context(no_migration(layout.root))
        try:
            handle = stack.enter_context(open_below(layout.root, *path.relative_to(layout.root).parts))
        except FileNotFoundError:
            ctx = {"reason": Reason.GENERATION_MISSING, "stage": stage, "gen_id": gen_id, "path": str(path)}
            raise DDError(Err.DATA_MISSING, ctx) from None
        if alone:
            hold_alone(handle, path, Reason.GENERATION_BUSY)
            _clear(handle, path)
        yield GenerationFolder(stage, gen_id, path, handle)


def _clear(handle: int, path: Path) -> None:
    try:
        clear_leftovers(handle, ARTIFACTS)
    except OSError as error:
        ctx = {"reason": Reason.NOT_WRITABLE, "path": str(path), "error": error.strerror}
        raise DDError(Err.IO_ERROR, ctx) from error
