"""Faults in the contents of a store: folders, files and links."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Final

from genaudit.layout import GENS, METADATA, PARSED_METADATA, PROMPT, RAW, RAW_METADATA
from genaudit.sample.fault import Fault
from genaudit.sample.fault_context import FaultContext
from genaudit.sample.generation import Done
from genaudit.sample.stock import used_templates

# The leftover of a killed writer.
_LEFTOVER: Final = ".parsed.txt.k3v9.tmp"
_TORN: Final = b'{"finish_reason": "stop", "usage": {"prompt_tok'
_DS_STORE: Final = ".DS_Store"
_UNKNOWN_STAGE: Final = "outline"


def _stage_folder_missing(context: FaultContext) -> None:
    shutil.rmtree(context.layout.stage("evaluation"))
    context.expect_path(f"{GENS}/evaluation", stage="evaluation")


def _stage_unknown(context: FaultContext) -> None:
    (context.layout.gens / _UNKNOWN_STAGE / "o_1").mkdir(parents=True)
    context.expect_path(f"{GENS}/{_UNKNOWN_STAGE}")


def _stray_file(context: FaultContext) -> None:
    victim = context.sound("draft")
    (context.folder(victim) / _LEFTOVER).write_bytes(b"Half a sent")
    context.expect(victim, _LEFTOVER)


def _system_leftover(context: FaultContext) -> None:
    first = context.sound("draft")
    second = context.sound("draft")
    for one in (first, second):
        (context.folder(one) / _DS_STORE).write_bytes(b"\0\0\0\1Bud1")
    context.expect_path(f"{GENS}/draft/{min(first.gen_id, second.gen_id)}/{_DS_STORE}", stage="draft")


def _symlink(context: FaultContext) -> None:
    # Only planned: an answer without a prompt would be another fault.
    victim = context.write(context.imagine("draft")._replace(done=Done.PLANNED))
    (context.folder(victim) / PROMPT).symlink_to(METADATA)
    context.expect(victim, PROMPT)


def _folder_empty(context: FaultContext) -> None:
    victim = context.sound("draft")
    for file in context.folder(victim).iterdir():
        file.unlink()
    context.expect(victim, None)


def _folder_unreadable(context: FaultContext) -> None:
    victim = context.sound("draft")
    context.folder(victim).chmod(0)
    context.expect(victim, None)


def _name_not_an_id(context: FaultContext) -> None:
    victim = context.imagine("draft")
    victim = context.write(victim._replace(gen_id=f"{victim.gen_id} (copy)"))
    context.expect(victim, None)


def _name_case_clash(context: FaultContext) -> None:
    lower = context.sound("draft")
    upper = context.write(context.imagine("draft")._replace(gen_id=lower.gen_id.upper()))
    context.expect(lower, None)
    context.expect(upper, None)


def _text_empty(context: FaultContext) -> None:
    victim = context.sound("draft", full=True)
    (context.folder(victim) / PROMPT).write_bytes(b"")
    context.expect(victim, PROMPT)


def _missing(*names: str) -> Callable[[FaultContext], None]:
    def plant(context: FaultContext) -> None:
        victim = context.sound("essay", full=True)
        for name in names:
            (context.folder(victim) / name).unlink()
        context.expect(victim, names[0])

    return plant


def _copy_prompt_missing(context: FaultContext) -> None:
    template = next(one.template_id for one in used_templates("essay") if one.generator == "copy")
    victim = context.write(context.imagine("essay", template=template)._replace(mode="copy"), full=True)
    (context.folder(victim) / PROMPT).unlink()
    context.expect(victim, PROMPT)


def _torn(report: str) -> Callable[[FaultContext], None]:
    def plant(context: FaultContext) -> None:
        victim = context.sound("essay", full=True)
        (context.folder(victim) / report).write_bytes(_TORN)
        context.expect(victim, report)

    return plant


INVENTORY_FAULTS: Final = (
    Fault(
        "STAGE_FOLDER_MISSING",
        "gens/evaluation is removed, and every evaluation with it",
        _stage_folder_missing,
        exclusive=True,
    ),
    Fault("STAGE_UNKNOWN", f"gens/{_UNKNOWN_STAGE}/ appears", _stage_unknown),
    Fault("STRAY_FILE", "a draft's folder keeps the temporary file of an interrupted write", _stray_file),
    Fault("SYSTEM_LEFTOVER", "a file manager leaves its .DS_Store in the folders of two drafts", _system_leftover),
    Fault("SYMLINK", "the prompt.txt of a planned draft is a link to its metadata.json", _symlink),
    Fault("FOLDER_EMPTY", "a draft's folder is emptied", _folder_empty),
    Fault("FOLDER_UNREADABLE", "nobody may enter a draft's folder", _folder_unreadable, seen_by_root=False),
    Fault("NAME_NOT_AN_ID", "a draft's folder is named like a file manager's copy", _name_not_an_id),
    Fault("NAME_CASE_CLASH", "a draft's name is another one's in capitals", _name_case_clash),
    Fault("TEXT_EMPTY", "a draft's prompt.txt has no bytes", _text_empty),
    Fault("PROMPT_MISSING", "an essay's prompt.txt is deleted; its answer is left", _missing(PROMPT)),
    Fault("COPY_PROMPT_MISSING", "the prompt.txt of a copied essay is deleted", _copy_prompt_missing),
    Fault("RAW_MISSING", "an essay's raw.txt and its report are deleted", _missing(RAW, RAW_METADATA)),
    Fault("RAW_METADATA_MISSING", "an essay's raw_metadata.json is deleted", _missing(RAW_METADATA)),
    Fault("RAW_METADATA_INVALID", "an essay's raw_metadata.json ends in the middle", _torn(RAW_METADATA)),
    Fault("PARSED_METADATA_MISSING", "an essay's parsed_metadata.json is deleted", _missing(PARSED_METADATA)),
    Fault("PARSED_METADATA_INVALID", "an essay's parsed_metadata.json ends in the middle", _torn(PARSED_METADATA)),
)
