"""The files of a generation's folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from genaudit.layout import GENS, METADATA, PARSED, PARSED_METADATA, PROMPT, RAW, RAW_METADATA
from genaudit.sample.catalogs import MODEL_BY_ID, TEMPLATE_BY_ID
from genaudit.sample.generation import Done
from genaudit.sample.prose import cut_off, texts
from genaudit.sample.seeds import seeded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from genaudit.sample.generation import Generation

# What English text comes to with the tokenizers of the day.
_CHARACTERS_A_TOKEN: Final = 4.3
_SPEED: Final = 60.0


def record_bytes(record: Mapping[str, Any]) -> bytes:
    """Write a record as the pipeline does."""
    return orjson.dumps(record, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def files(generation: Generation, seed: int, *, light: bool = False) -> dict[str, bytes]:
    """Make every file of a generation, by name, as far as the generation got.

    :param light: only the record.
    """
    made = {METADATA: record_bytes(generation.record())}
    if light or generation.done is Done.PLANNED:
        return made
    written = texts(generation, seed)
    if written.prompt is not None:
        made[PROMPT] = written.prompt.encode()
    is_whole = generation.done is Done.PARSED
    raw = written.raw if is_whole else cut_off(written.raw)
    made[RAW] = raw.encode()
    made[RAW_METADATA] = record_bytes(raw_metadata(generation, written.prompt, raw, seed))
    made[PARSED_METADATA] = record_bytes(parsed_metadata(generation))
    if is_whole:
        made[PARSED] = written.parsed.encode()
    return made


def copied_from(generation: Generation) -> str | None:
    """The file that a copy repeats, relative to the data root; ``None`` for an answer of a model."""
    if generation.mode != "copy" or generation.parent is None:
        return None
    return f"{GENS}/{generation.parent.stage}/{generation.parent.gen_id}/{PARSED}"


def input_mode(generation: Generation) -> str:
    """What the answer was made from: a prompt, or a copy."""
    return "copy" if generation.mode == "copy" else "prompt"


def raw_metadata(generation: Generation, prompt: str | None, raw: str, seed: int) -> dict[str, Any]:
    """Say what an answer cost and how it ended."""
    common = {"input_mode": input_mode(generation), "copied_from": copied_from(generation)}
    if prompt is None:
        usage = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
        return {"finish_reason": "copy", "duration_s": 0.0, "usage": usage, **common}
    asked, answered = (round(len(text) / _CHARACTERS_A_TOKEN) for text in (prompt, raw))
    rng = seeded(seed, "cost", generation.gen_id)
    model = MODEL_BY_ID.get(generation.model)
    speed = model.speed if model else _SPEED
    duration = 0.8 + answered / speed * rng.uniform(0.8, 1.3)
    return {
        "finish_reason": "stop" if generation.done is Done.PARSED else "length",
        "duration_s": round(duration, 2),
        "usage": {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered},
        **common,
    }


def parsed_metadata(generation: Generation) -> dict[str, Any]:
    """Say how an answer was parsed."""
    known = TEMPLATE_BY_ID.get(generation.template)
    report: dict[str, Any] = {"parser_name": (known.parser if known else "") or "identity"}
    if generation.done is Done.PARSED:
        return {**report, "success": True}
    return {**report, "success": False, "error": "the answer ends before its end mark"}
