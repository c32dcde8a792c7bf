"""A data root on which a small pipeline runs: catalogs, template texts, and a spec of seven generations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from genaudit.generating.generator import Answer
from genaudit.generating.offline import OfflineGenerator

COHORT = "trial-1"
COMBO = "combo_v1_85128e4e5ef3"
COUNTS = {"draft": 1, "essay": 2, "evaluation": 4}

FILES = {
    "1_raw/draft_templates.csv": "template_id,parser,generator,active\nlinks-v1,essay_block,llm,True\n",
    "1_raw/essay_templates.csv": "template_id,parser,generator,active\nbraid-v1,,llm,True\nas-is-v1,,copy,True\n",
    "1_raw/evaluation_templates.csv": "template_id,parser,generator,active\nnovelty,in_last_line,llm,True\n",
    "1_raw/llm_models.csv": (
        "id,model,for_generation,for_evaluation\nwriter,house/writer-1,true,false\njudge,house/judge-1,false,true\n"
    ),
    "1_raw/concepts_metadata.csv": "concept_id,name\ntide,The Tide\nclock,The Clock\n",
    "1_raw/replication_config.csv": "stage,replicates\ndraft,1\nessay,1\nevaluation,2\n",
    "combo_mappings.csv": (
        "combo_id,version,concept_id,description_level,k_max,created_at\n"
        f"{COMBO},v1,tide,sentence,2,2025-06-02\n{COMBO},v1,clock,paragraph,2,2025-06-02\n"
    ),
    "1_raw/concepts/descriptions-sentence/tide.txt": "  It comes and goes.\n",
    "1_raw/concepts/descriptions-sentence/clock.txt": "It ticks.",
    "1_raw/templates/draft/links-v1.txt": (
        "Connect:{% for each in concepts %} {{ each.name }} ({{ each.content }}){% endfor %}\n"
    ),
    "1_raw/templates/essay/braid-v1.txt": "Write it out.\n\n{{ draft_block }}",
    "1_raw/templates/evaluation/novelty.txt": "Judge it.\n\n{{ response }}",
}
SPEC = {
    "axes": {
        "combo_id": [COMBO],
        "draft_template": ["links-v1"],
        "draft_llm": ["writer"],
        "essay_template": ["braid-v1", "as-is-v1"],
        "evaluation_template": ["novelty"],
        "evaluation_llm": ["judge"],
        "evaluation_replicate": [1, 2],
    },
    "output": {
        "field_order": [
            "combo_id",
            "draft_template",
            "draft_llm",
            "essay_template",
            "evaluation_template",
            "evaluation_llm",
            "evaluation_replicate",
        ]
    },
}
# A cohort of one draft, one essay and one evaluation.
SHORT_SPEC = {**SPEC, "axes": {**SPEC["axes"], "essay_template": ["as-is-v1"], "evaluation_replicate": [1]}}
RECORDS: dict[str, dict[str, Any]] = {
    "draft": {"combo_id": COMBO, "template_id": "links-v1", "llm_model_id": "writer"},
    "essay": {"parent_gen_id": "d_1", "template_id": "braid-v1", "llm_model_id": "writer"},
    "evaluation": {"parent_gen_id": "e_1", "template_id": "novelty", "llm_model_id": "judge"},
}


def make_workshop(root: Path, cohort: str = COHORT, spec: dict[str, Any] | None = None) -> Path:
    """Write the data root, with the spec of a cohort and no generation."""
    for stage in COUNTS:
        (root / "gens" / stage).mkdir(parents=True, exist_ok=True)
    for path, text in FILES.items():
        write(root / path, text)
    write(root / "cohorts" / cohort / "spec" / "config.json", json.dumps(spec or SPEC))
    return root


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def put(root: Path, stage: str, gen_id: str, texts: dict[str, str] | None = None, **changes: Any) -> Path:
    """Write a generation with a sound record, and texts by the names of their files."""
    record = {"stage": stage, "gen_id": gen_id, "mode": "llm", "replicate": 1, **RECORDS[stage], **changes}
    folder = root / "gens" / stage / gen_id
    write(folder / "metadata.json", json.dumps({key: value for key, value in record.items() if value is not None}))
    for name, text in (texts or {}).items():
        write(folder / name, text)
    return folder


def reports(stage: str, gen_id: str) -> dict[str, str]:
    """The two reports of a sound generation, by their file names."""
    head = {"stage": stage, "gen_id": gen_id}
    return {
        "raw_metadata.json": json.dumps({**head, "finish_reason": "stop", "truncated": False}),
        "parsed_metadata.json": json.dumps({**head, "success": True}),
    }


class Recorder:
    """A generator that records its requests, and answers like the offline one or with a prepared answer."""

    name = "recorder"

    def __init__(self, answer: Answer | Exception | None = None) -> None:
        self.asked: list[Any] = []
        self.answer = answer

    def generate(self, request: Any) -> Answer:
        self.asked.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer or OfflineGenerator().generate(request)
