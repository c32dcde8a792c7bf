"""Files of a generation's folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from genaudit.layout import GENS, METADATA, PARSED, PARSED_METADATA, PROMPT, RAW, RAW_METADATA
from genaudit.sample.generation import Done, SampleGeneration
from genaudit.sample.prose import cut_off, parser_of, texts
from genaudit.sample.seeds import seeded
from genaudit.sample.stock import MODEL_BY_ID

# Typical number of characters per token of English text.
_CHARACTERS_A_TOKEN: Final = 4.3
_SPEED: Final = 60.0


def record_bytes(record: Mapping[str, Any]) -> bytes:
    """Write a record as the pipeline does."""
    return orjson.dumps(record, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def files(generation: SampleGeneration, seed: int, *, light: bool = False) -> dict[str, bytes]:
    """Return every file of a generation by name, up to the step that it reached.

    :param light: whether to return only the record.
    """
    made = {METADATA: record_bytes(generation.record())}
    if light or generation.done is Done.PLANNED:
        return made
    written = texts(generation, seed)
    is_whole = generation.done is Done.PARSED
    raw = written.raw if is_whole else cut_off(written.raw)
    made[PROMPT] = written.prompt.encode()
    made[RAW] = raw.encode()
    made[RAW_METADATA] = record_bytes(raw_metadata(generation, written.prompt, raw, seed))
    if is_whole:
        made[PARSED_METADATA] = record_bytes(parsed_metadata(generation))
        made[PARSED] = written.parsed.encode()
    return made


def input_mode(generation: SampleGeneration) -> str:
    """Return the source of the answer: a prompt, or a copy."""
    return "copy" if generation.mode == "copy" else "prompt"


def raw_metadata(generation: SampleGeneration, prompt: str, raw: str, seed: int) -> dict[str, Any]:
    """Build the report on an answer, its cost and its end, with the fields that the pipeline writes."""
    is_copy = generation.mode == "copy"
    asked, answered = (0 if is_copy else round(len(text) / _CHARACTERS_A_TOKEN) for text in (prompt, raw))
    rng = seeded(seed, "cost", generation.gen_id)
    model = MODEL_BY_ID.get(generation.model)
    duration = 0.8 + answered / (model.speed if model else _SPEED) * rng.uniform(0.8, 1.3)
    truncated = generation.done is not Done.PARSED
    reason = "copy" if is_copy else "length" if truncated else "stop"
    return {
        **_head(generation, "raw"),
        "mode": generation.mode,
        "llm_model_id": None if is_copy else generation.model,
        "duration_s": 0.0 if is_copy else round(duration, 2),
        "finish_reason": reason,
        "truncated": truncated,
        "usage": {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered},
        "input_mode": input_mode(generation),
        "raw_length": len(raw),
        "raw_lines": len(raw.splitlines()),
        "raw_path": _path(generation, RAW),
        "raw_metadata_path": _path(generation, RAW_METADATA),
        "run_id": _run_id(generation),
    }


def parsed_metadata(generation: SampleGeneration) -> dict[str, Any]:
    """Build the report on parsing an answer, with the fields that the pipeline writes."""
    return {
        **_head(generation, "parsed"),
        "parser_name": str(parser_of(generation)),
        "success": True,
        "error": None,
        "input_mode": input_mode(generation),
        "parsed_path": _path(generation, PARSED),
        "parsed_metadata_path": _path(generation, PARSED_METADATA),
        "run_id": _run_id(generation),
    }


def _head(generation: SampleGeneration, step: str) -> dict[str, Any]:
    stage = generation.stage
    return {"stage": stage, "gen_id": generation.gen_id, "function": f"{stage}_{step}"}


def _path(generation: SampleGeneration, name: str) -> str:
    return f"{GENS}/{generation.stage}/{generation.gen_id}/{name}"


def _run_id(generation: SampleGeneration) -> str:
    """Return the run id of a generation: a sample has one run for each cohort and stage."""
    return f"run-{generation.cohort}-{generation.stage}"
