"""The audits and the brute-force check agree on any store."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, given, settings

from genaudit.audits.run import run_audits
from genaudit.codes import CODES
from genaudit.store.snapshot import scan
from oracle import stores
from oracle.compare import CATALOGS, check
from oracle.identity import deterministic_id
from oracle.look import look


def test_audits_agree_with_the_oracle():
    met = Counter()

    @given(stores.stores())
    @settings(
        max_examples=2 * settings.default.max_examples,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    def agree(plan):
        with tempfile.TemporaryDirectory() as folder:
            root = stores.write(Path(folder), plan)
            results = run_audits(scan(root)).results
            seen = look(root)
        check(seen, results)
        met.update({code for _, code, *_ in seen.findings})
        met["nothing"] += not seen.findings

    agree()
    # Agreement on codes that never occur would be worth nothing; the codes left out have tests of their own.
    elsewhere = ("cohorts", "rebuild", "content", "references")
    due = {
        code.name
        for code in CODES.values()
        if code.audit not in elsewhere and not code.name.startswith(("METADATA_", *CATALOGS))
    }
    assert {code for code in due if not met[code]} <= {
        "COPY_PROMPT_MISSING",
        "FOLDER_UNREADABLE",
        "SYSTEM_LEFTOVER",
        "VANISHED",
    }
    assert met["nothing"]


def test_the_oracle_makes_the_published_ids():
    draft = ("combo_v1_85128e4e5ef3", "creative-synthesis-v10", "gemini_25_pro", 1)
    assert deterministic_id("draft", draft) == "d_5ezrffv9uf3lr37d"
    assert deterministic_id("essay", ("d_5ezrffv9uf3lr37d", "creative-synthesis-v10", 1)) == "e_sq5klak2lljyyom"
