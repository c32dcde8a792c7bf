"""Faults of prompts and answers: texts that today's inputs would not give, and files that are no texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from genaudit.layout import GENS, PARSED, PARSED_METADATA, PROMPT, RAW, RAW_METADATA
from genaudit.sample.artifacts import parsed_metadata, raw_metadata, record_bytes
from genaudit.sample.fault import Fault
from genaudit.sample.fault_context import FaultContext
from genaudit.sample.generation import Done, SampleGeneration
from genaudit.sample.stock import used_templates

_EARLIER: Final = "Mind the word limit.\n"
_POINTER: Final = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 2048\n"
)
_OTHER_MODEL: Final = "elsewhere/heron-0"
_OTHER_SCORE: Final = ("9.0\n", "1.0\n")


def _prompt_drifted(context: FaultContext) -> None:
    victim = context.sound("draft", full=True)
    path = context.folder(victim) / PROMPT
    path.write_text(_EARLIER + path.read_text(encoding="utf-8"), encoding="utf-8")
    template = context.layout.template("draft", victim.template).relative_to(context.layout.root).as_posix()
    context.expect_path(template, generation=victim, field="template_id")


def _model_drifted(context: FaultContext) -> None:
    victim = context.sound("draft", full=True)
    _change_report(context, RAW_METADATA, victim, model=_OTHER_MODEL)
    catalog = context.layout.llm_models.relative_to(context.layout.root).as_posix()
    context.expect_path(catalog, generation=victim, field="llm_model_id")


def _text(name: str, data: bytes) -> Callable[[FaultContext], None]:
    """Plant an essay with other bytes in a text."""

    def plant(context: FaultContext) -> None:
        victim = context.sound("essay", full=True)
        (context.folder(victim) / name).write_bytes(data)
        context.expect(victim, name)

    return plant


def _report(name: str, **changes: object) -> Callable[[FaultContext], None]:
    """Plant an evaluation with other values in a report."""

    def plant(context: FaultContext) -> None:
        parent = context.sound("essay", context.sound("draft", full=True), full=True)
        victim = context.sound("evaluation", parent, full=True)
        _change_report(context, name, victim, **changes)
        context.expect(victim, name, field=next(iter(changes)))

    return plant


def _change_report(context: FaultContext, name: str, victim: SampleGeneration, **changes: object) -> None:
    folder = context.folder(victim)
    prompt, raw = ((folder / one).read_text(encoding="utf-8") for one in (PROMPT, RAW))
    made = raw_metadata(victim, prompt, raw, 0) if name == RAW_METADATA else parsed_metadata(victim)
    (folder / name).write_bytes(record_bytes({**made, **changes}))


def _parsed_differs(context: FaultContext) -> None:
    parent = context.sound("essay", context.sound("draft", full=True), full=True)
    victim = context.sound("evaluation", parent, full=True)
    path = context.folder(victim) / PARSED
    best, worst = _OTHER_SCORE
    path.write_text(worst if path.read_text(encoding="utf-8") == best else best, encoding="utf-8")
    context.expect(victim, PARSED)


def _copy_source_missing(context: FaultContext) -> None:
    template = next(one.template_id for one in used_templates("essay") if one.generator == "copy")
    draft = context.sound("draft", full=True)
    planned = context.write(context.imagine("draft")._replace(done=Done.PLANNED))
    victim = context.write(context.imagine("essay", draft, template=template)._replace(mode="copy"), full=True)
    source = f"/home/somebody/data/{GENS}/draft/{planned.gen_id}/{PARSED}"
    _change_report(context, RAW_METADATA, victim, copied_from=source)
    context.expect(victim, RAW_METADATA, field="copied_from")


CONTENT_FAULTS: Final = (
    Fault(
        "PROMPT_DRIFTED", "a draft's prompt.txt begins with a line that its template no longer has", _prompt_drifted
    ),
    Fault("MODEL_DRIFTED", "a draft was answered by a model that the catalog names otherwise", _model_drifted),
    Fault("TEXT_BLANK", "an essay's prompt.txt has nothing but white space", _text(PROMPT, b" \n\t\n")),
    Fault("TEXT_POINTER", "an essay's raw.txt is a pointer of git-lfs", _text(RAW, _POINTER)),
    Fault("TEXT_NOT_UTF8", "an essay's raw.txt is in Latin-1", _text(RAW, "Zoé says so.\n".encode("latin-1"))),
    Fault("TEXT_HAS_NUL", "an essay's raw.txt ends in NUL bytes", _text(RAW, b"Half an essay" + bytes(64))),
    Fault(
        "ANSWER_TRUNCATED",
        "an evaluation's report gives the token limit as the end",
        _report(RAW_METADATA, finish_reason="length", truncated=True),
    ),
    Fault(
        "ANSWER_FILTERED",
        "an evaluation's report gives a filter as the end",
        _report(RAW_METADATA, finish_reason="content_filter"),
    ),
    Fault(
        "PARSE_FAILED",
        "an evaluation's report has a failed parse",
        _report(PARSED_METADATA, success=False, error="score_missing"),
    ),
    Fault("PARSED_DIFFERS", "an evaluation's parsed.txt has another score than its answer", _parsed_differs),
    Fault("COPY_SOURCE_MISSING", "a copied essay names a text that was never written", _copy_source_missing),
)
