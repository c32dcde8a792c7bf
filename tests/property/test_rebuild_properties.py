"""A rebuild of any small store, with faults of every kind, ends with a result or an error with a reason."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genaudit.audits.rebuild import RebuildRequest, rebuild
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.errors import DDError
from genaudit.store.snapshot import scan
from helpers.rebuilds import write_catalogs
from oracle import stores

CATALOGS = {
    "combo_mappings": [f"{combo},v1,x,sentence,1,now" for combo in ("c", "k", "c|t")],
    "draft_templates": ["t,llm,True", "u,llm,True", "t|u,llm,False"],
    "essay_templates": ["t,llm,True", "u,copy,True", "t|u,llm,True"],
    "evaluation_templates": ["t,llm,True", "u,llm,False"],
    "llm_models": ["m,true,true", "n,true,false", "u|m,true,true"],
    "selected_combo_mappings": ["c"],
}


def check(result):
    """Check the properties of every result."""
    columns = ["mode", "stage", "gen_id"]
    members = result.frame.drop_duplicates(columns)
    counts = Counter(zip(members["mode"], members["stage"], members["decision"], strict=True))
    for row in result.comparison.to_dict("records"):
        for decision in ("reuse", "parse", "copy", "call"):
            assert counts[row["mode"], row["stage"], decision] == row[decision]
    changed = {(row.mode, row.stage, row.gen_id) for row in members.itertuples() if row.decision != "reuse"}
    for row in result.frame.astype(object).where(result.frame.notna(), None).to_dict("records"):
        if row["decision"] == "reuse":
            assert (row["causes"], row["root"], row["would_reuse_if"]) == (None, None, None)
            continue
        assert json.loads(row["causes"])
        if row["root"] != "own":
            stage, _, gen_id = row["root"].partition(":")
            assert (row["mode"], stage, gen_id) in changed


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(stores.stores(), st.sampled_from(["off", "draft", "draft,essay", "all"]), st.booleans())
def test_a_rebuild_of_any_store_ends_well(plan, flag, force):
    with tempfile.TemporaryDirectory() as folder:
        # The catalogs are sound here; a broken one is a plan that cannot be made.
        root = stores.write(Path(folder), {path: what for path, what in plan.items() if path.startswith("gens")})
        write_catalogs(root, **CATALOGS)
        snapshot = scan(root)
        scheme = IdScheme.parse(flag)
        check(rebuild(snapshot, RebuildRequest(sample=5, modes=("all", "cartesian"), scheme=scheme, force=force)))
        names = snapshot.generations["gen_id"].tolist()[:6]
        for stage in ("essay", "draft"):
            try:
                check(rebuild(snapshot, RebuildRequest(ids=tuple(names), stage=stage, scheme=scheme)))
            except DDError as error:
                assert error.ctx["reason"]  # noqa: PT017 (either end is fine)
