"""Mutated records: every audit ends with findings, not with an error."""

from __future__ import annotations

import random
from pathlib import Path

from genaudit.audits.run import run_audits
from genaudit.store.snapshot import scan
from helpers.stores import DRAFT, DRAFT_RECORD, ESSAY, ESSAY_RECORD, evaluation, make_stages, write_generation
from torture.part import Part, mutated

_BATCH = 6_000


def mutated_records(base: Path, chosen: random.Random, records: int) -> Part:
    """Mutate records of every stage, in batches that are audited together."""
    part = Part("mutated records")
    root = make_stages(base / "records")
    stages = (("draft", "d", DRAFT_RECORD), ("essay", "e", ESSAY_RECORD), ("evaluation", "v", evaluation(ESSAY)))
    write_generation(root, "draft", DRAFT, DRAFT_RECORD)
    write_generation(root, "essay", ESSAY, ESSAY_RECORD)
    places = []
    for number in range(min(_BATCH, records)):
        stage, prefix, record = stages[number % len(stages)]
        path = write_generation(root, stage, f"{prefix}_{number}", record) / "metadata.json"
        places.append((path, path.read_bytes()))
    while part.cases < records:
        contents = {path: mutated(sound, chosen) for path, sound in places[: records - part.cases]}
        part.cases += len(contents)
        for path, content in contents.items():
            path.write_bytes(content)
        if error := _raised(root):
            part.failures.append(f"records up to {part.cases}: {error}: {_culprit(root, dict(places), contents)!r}")
    return part


def _raised(root: Path) -> str | None:
    try:
        run_audits(scan(root))
    except Exception as error:  # noqa: BLE001 (whatever it is, it is a failure)
        return f"{type(error).__name__}: {error}"
    return None


def _culprit(root: Path, sound: dict[Path, bytes], contents: dict[Path, bytes]) -> list[bytes]:
    """Return the contents that make the audits fail: one, or several that only fail together."""
    wrong = [*contents]
    while len(wrong) > 1:
        half = len(wrong) // 2
        for part in (wrong[:half], wrong[half:]):
            for path, content in sound.items():
                path.write_bytes(contents[path] if path in part else content)
            if _raised(root):
                wrong = part
                break
        else:
            break
    return [contents[path] for path in wrong[:5]]
