import pytest

from genaudit.audits.registry import AUDITS
from genaudit.audits.run import run_audits
from genaudit.baseline.entries import BaselineEntry, baseline_of
from genaudit.fingerprints import FindingSubject, subjects
from genaudit.sample import SampleOptions, parse_faults, write_sample
from genaudit.store.snapshot import scan

DAY = "2026-01-02"


@pytest.fixture(scope="session")
def faulty(tmp_path_factory):
    """All audits of a sample with every fault."""
    root = tmp_path_factory.mktemp("faulty") / "store"
    write_sample(root, SampleOptions(drafts=24, faults=parse_faults("all")))
    return run_audits(scan(root), tuple(AUDITS))


@pytest.fixture(scope="session")
def accepted(faulty):
    """The same with a baseline: the errors about parents, one of them expired, and an entry without a finding."""
    chosen = [one for one in subjects(faulty.findings) if one.code.startswith("PARENT_")]
    entries = [BaselineEntry(one, "known to the team", "ana", "2026-06-30") for one in chosen[1:]]
    entries += [BaselineEntry(chosen[0], "was late", until="2025-12-31")]
    entries += [BaselineEntry(FindingSubject("STRAY_FILE", "draft", path="gens/draft/gone.txt"), "was there")]
    return faulty.against(baseline_of(entries), "genaudit-baseline.json", DAY)
