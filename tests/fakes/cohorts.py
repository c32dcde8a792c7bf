"""In-memory fakes for the collaborators of a cohort builder; each records its calls."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

from genaudit.errors import DDError, Err


class FakeSpecRepository:
    """Has the specs that it is given, by cohort."""

    def __init__(self, specs):
        self.specs = specs
        self.asked = []

    def get(self, cohort_id):
        self.asked.append(cohort_id)
        if cohort_id not in self.specs:
            raise DDError(Err.DATA_MISSING, {"reason": "spec_not_found", "cohort_id": cohort_id})
        return self.specs[cohort_id]


class FakeCatalogLoader:
    """Hands out the frames that it is given."""

    def __init__(self, frames, metadata=None):
        self.frames = frames
        self.metadata = metadata or {}
        self.asked = []

    def load_for_spec(self, spec):
        self.asked.append(spec)
        return self.frames, self.metadata


class FakeArtifactStore:
    """Persists in memory."""

    def __init__(self, error=None):
        self.error = error
        self.persisted = []

    def persist_membership(self, cohort_id, frame, metadata):
        if self.error:
            raise self.error
        self.persisted.append((cohort_id, frame.copy(), dict(metadata)))
        return {"membership": f"memory://{cohort_id}"}


class FakeRegistryFactory:
    """Hands out one registry."""

    def __init__(self, registry):
        self.registry = registry
        self.asked = []

    def create_registry(self, spec, frames):
        self.asked.append((spec, tuple(frames)))
        return self.registry


class FakeClock:
    """Always the same time."""

    def __init__(self, time=None):
        self.time = time or datetime(2025, 9, 1, 12, 30, tzinfo=UTC)

    def __call__(self):
        return self.time


def frames(**changes):
    """The catalogs of the small store; a slice that is ``None`` is left out, lists are rows below the same header."""
    found = {
        "combo_mappings": table(
            "combo_id,version,concept_id,description_level,k_max,created_at",
            "combo_v1_85128e4e5ef3,v1,default-mode-network,sentence,2,2025-06-02",
            "combo_v1_85128e4e5ef3,v1,dearth-ai-discoveries,sentence,2,2025-06-02",
            "combo_v1_13c725cf02fa,v2,default-mode-network,article,1,2025-06-03",
        ),
        "draft_templates": table(
            "template_id,generator,active", "creative-synthesis-v10,llm,True", "creative-synthesis-v7,llm,False"
        ),
        "essay_templates": table(
            "template_id,generator,active",
            "creative-synthesis-v10,llm,True",
            "parsed-from-links-v1,copy,True",
            "creative-synthesis-v9,llm,False",
        ),
        "evaluation_templates": table(
            "template_id,generator,active", "novelty,llm,True", "style-coherence,llm,False"
        ),
        "llm_models": table(
            "id,for_generation,for_evaluation",
            "gemini_25_pro,true,false",
            "deepseek_r1_p,false,false",
            "sonnet-4,false,true",
        ),
        "replication_config": table("stage,replicates", "draft,2", "essay,1", "evaluation,2"),
        "selected_combo_mappings": table("combo_id", "combo_v1_13c725cf02fa"),
    }
    for name, change in changes.items():
        found[name] = table(",".join(found[name].columns), *change) if isinstance(change, list) else change
    return {name: frame for name, frame in found.items() if frame is not None}


def table(header, *lines):
    names = header.split(",")
    return pd.DataFrame([line.split(",") for line in lines], columns=names, dtype="str")
