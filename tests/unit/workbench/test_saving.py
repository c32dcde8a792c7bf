from __future__ import annotations

from genaudit.errors import Err
from genaudit.workbench.saving import write_results


def test_one_audit_writes_its_own(session, tmp_path):
    written = write_results(session, {"parents": session.run.parents}, tmp_path / "out")
    assert [path.name for path in written] == [
        f"parent_chains_2026-01-02.{suffix}" for suffix in ("json", "csv", "md")
    ]
    assert all(path.read_bytes() for path in written)


def test_all_audits_write_the_page_too(session, tmp_path):
    names = {path.name for path in write_results(session, session.run.results, tmp_path / "out")}
    assert {"audit_2026-01-02.html", "findings_2026-01-02.csv"} <= names


def test_why_nothing_was_written_comes_back(session, tmp_path):
    (tmp_path / "file").write_text("")
    assert write_results(session, {"parents": session.run.parents}, tmp_path / "file" / "out").code is Err.IO_ERROR
    refused = write_results(session, {"parents": session.run.parents}, session.root / "gens" / "draft")
    assert refused.ctx["reason"] == "output_inside_store"
