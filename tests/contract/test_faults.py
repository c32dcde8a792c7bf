"""The contract between the sample and the audits: every planted fault is found, and nothing else."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from genaudit.audits.registry import AUDITS
from genaudit.audits.run import run_audits
from genaudit.codes import CODES
from genaudit.sample import FAULTS, UNPLANTABLE, InjectedFault, SampleOptions, parse_faults, write_sample
from genaudit.schemas import FINDINGS
from genaudit.store.snapshot import scan

_NOBODY = 65534
_SMALL = 12
_FEW = 4


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that every user may enter, unlike pytest's own, with no store in it yet."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder / "store"
    for path in folder.glob("store/gens/*/*"):
        path.chmod(0o755)
    shutil.rmtree(folder)


@contextmanager
def _without_root() -> Iterator[None]:
    """Drop root's right to read everything, which would hide faults of permissions."""
    if os.geteuid():
        yield
        return
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def _found(root: Path) -> pd.DataFrame:
    # Once as root as well: Python may load modules on first use that only root may read.
    scan(root)
    with _without_root():
        snapshot = scan(root)
    return run_audits(snapshot, tuple(AUDITS)).findings


def _subjects(findings: pd.DataFrame) -> Counter[tuple[str | None, ...]]:
    """Count the findings by their subject."""
    about = findings[["code", "stage", "gen_id", "path"]]
    rows = about.astype(object).where(about.notna(), None)
    return Counter(rows.itertuples(index=False, name=None))


def _due(planted: tuple[InjectedFault, ...]) -> Counter[tuple[str | None, ...]]:
    return Counter((fault.code, fault.stage, fault.gen_id, fault.path) for fault in planted)


def test_every_code_has_a_fault_or_a_reason_why_not():
    assert set(FAULTS) | set(UNPLANTABLE) == set(CODES)
    assert not set(FAULTS) & set(UNPLANTABLE)
    assert {companion for fault in FAULTS.values() for companion in fault.companions} <= set(CODES)


@pytest.mark.parametrize("code", FAULTS)
def test_a_fault_gives_its_own_finding(place: Path, code: str):
    summary = write_sample(place, SampleOptions(drafts=_FEW, faults=(code,), light=True))
    findings = _found(place)
    assert set(findings["code"]) == {code, *FAULTS[code].companions}
    assert _subjects(findings) == _due(summary.planted)


@pytest.mark.parametrize("light", [False, True])
def test_all_faults_give_all_their_findings(place: Path, *, light: bool):
    codes = parse_faults("all")
    summary = write_sample(place, SampleOptions(drafts=_SMALL, faults=codes, light=light))
    findings = _found(place)
    assert set(findings["code"]) == set(codes)
    assert _subjects(findings) == _due(summary.planted)


def test_a_finding_names_the_field_and_the_rest_of_the_group(place: Path):
    summary = write_sample(place, SampleOptions(drafts=_SMALL, faults=parse_faults("all")))
    findings = _found(place).set_index(["code", "path"])
    for planted in summary.planted:
        found = findings.loc[(planted.code, planted.path)]
        if planted.field:
            assert found["field"] == planted.field
        for other in planted.others:
            assert other in found["detail"]


@pytest.mark.parametrize("code", [code for code, fault in FAULTS.items() if not fault.seen_by_root])
def test_faults_hidden_from_root_are_marked(place: Path, code: str):
    if os.geteuid():
        pytest.skip("takes root, who reads everything")
    write_sample(place, SampleOptions(drafts=_SMALL, faults=(code,)))
    assert run_audits(scan(place)).findings.empty


@pytest.mark.parametrize("faults", ["none", "all"])
def test_faults_are_found_in_a_store_without_anything_else(place: Path, faults: str):
    summary = write_sample(place, SampleOptions(drafts=0, faults=parse_faults(faults)))
    assert _subjects(_found(place)) == _due(summary.planted)


@pytest.mark.parametrize("share", [0.0, 0.15, 0.6, 1.0])
@pytest.mark.parametrize("seed", [0, 1, 77])
def test_a_clean_store_has_no_findings(place: Path, seed: int, share: float):
    write_sample(place, SampleOptions(drafts=_SMALL, seed=seed, legacy_share=share))
    findings = _found(place)
    assert findings.empty
    assert list(findings.columns) == list(FINDINGS)


def test_a_clean_store_of_real_size_has_no_findings(place: Path):
    write_sample(place, SampleOptions(light=True))
    assert _found(place).empty
