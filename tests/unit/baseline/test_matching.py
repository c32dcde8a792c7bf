import pytest

from genaudit.audits.run import run_audits
from genaudit.baseline.accepting import Terms, accept, check_terms, prune
from genaudit.baseline.entries import Baseline, BaselineEntry, baseline_of
from genaudit.errors import DDError
from genaudit.fingerprints import FindingSubject
from genaudit.store.snapshot import scan
from helpers.findings import GONE_PARENT, orphaned
from helpers.migrations import LEGACY_DRAFT, NEW_DRAFT, applied, migratable, plan_of, rolled_back
from helpers.stores import ESSAY

DAY = "2026-01-02"
ORPHAN = FindingSubject("PARENT_MISSING", "essay", ESSAY, "parent_gen_id", GONE_PARENT)


def audited(root, *entries, day=DAY, only=None):
    return run_audits(scan(root), only).against(baseline_of(entries), "b.json", day)


def test_an_accepted_finding_is_not_active(tmp_path):
    run = audited(orphaned(tmp_path), BaselineEntry(ORPHAN, "known"))
    assert run.findings["code"].tolist() == ["STRAY_FILE", "PARENT_MISSING"]
    assert run.active["code"].tolist() == ["STRAY_FILE"]
    assert run.baseline.accepted == (False, True)


def test_an_expired_entry_is_active_again(tmp_path):
    root = orphaned(tmp_path)
    entry = BaselineEntry(ORPHAN, "known", until=DAY)
    assert audited(root, entry).active["code"].tolist() == ["STRAY_FILE"]
    late = audited(root, entry, day="2026-01-03")
    assert late.active["code"].tolist() == ["STRAY_FILE", "PARENT_MISSING"]
    assert late.baseline.expired == (False, True)


def test_an_entry_without_a_finding_is_unmatched_unless_its_audit_did_not_run(tmp_path):
    root = orphaned(tmp_path)
    gone = BaselineEntry(ORPHAN._replace(gen_id="e_gone"), "known")
    unknown = BaselineEntry(FindingSubject("NO_SUCH_CODE", path="x"), "known")
    match = audited(root, gone, unknown).baseline
    assert (match.unmatched, match.unchecked) == ((unknown, gone), ())
    match = audited(root, gone, unknown, only=["inventory"]).baseline
    assert (match.unmatched, match.unchecked) == ((unknown,), (gone,))


def test_accepting_replaces_the_terms_and_leaves_the_rest(tmp_path):
    kept = BaselineEntry(FindingSubject("NO_SUCH_CODE", path="x"), "kept")
    old = BaselineEntry(ORPHAN, "old", until="2025-01-01")
    run = audited(orphaned(tmp_path), kept, old)
    change = accept(run.baseline, baseline_of([kept, old]), ["PARENT_MISSING"], Terms(" new ", "ana", "2027-01-01"))
    assert change.baseline.entries == (kept, BaselineEntry(ORPHAN, "new", "ana", "2027-01-01"))


@pytest.mark.parametrize("chosen", ["PARENT_MISSING", ESSAY, ORPHAN.fingerprint])
def test_findings_are_chosen_by_code_id_or_fingerprint(tmp_path, chosen):
    run = audited(orphaned(tmp_path))
    assert accept(run.baseline, Baseline(), [chosen], Terms("known")).changed == (BaselineEntry(ORPHAN, "known"),)


def test_a_word_that_matches_no_finding_is_refused_with_the_closest(tmp_path):
    run = audited(orphaned(tmp_path))
    with pytest.raises(DDError) as caught:
        accept(run.baseline, Baseline(), ["STRAY_FILE", "PARENT_MISING"], Terms("known"))
    ctx = caught.value.ctx
    assert (ctx["reason"], ctx["value"], ctx["closest"]) == ("nothing_to_accept", "PARENT_MISING", "PARENT_MISSING")


@pytest.mark.parametrize(
    ("terms", "reason"),
    [
        (Terms(" "), "reason_blank"),
        (Terms("x", until="tomorrow"), "invalid_date"),
        (Terms("x", until="2026-01-01"), "end_has_passed"),
    ],
)
def test_terms_are_checked(terms, reason):
    with pytest.raises(DDError) as caught:
        check_terms(terms, DAY)
    assert caught.value.ctx["reason"] == reason


def test_pruning_removes_entries_without_a_match(tmp_path):
    gone, kept = BaselineEntry(ORPHAN._replace(gen_id="e_gone"), "known"), BaselineEntry(ORPHAN, "known")
    run = audited(orphaned(tmp_path), gone, kept)
    change = prune(run.baseline, baseline_of([gone, kept]))
    assert (change.baseline.entries, change.changed) == ((kept,), (gone,))


def test_entries_hold_after_a_migration_and_after_its_rollback(tmp_path):
    root = migratable(tmp_path)
    # A stray file in a generation that the migration renames.
    (root / "gens" / "draft" / LEGACY_DRAFT / "notes.bak").write_text("x")
    run = audited(root)
    baseline = accept(run.baseline, Baseline(), ["STRAY_FILE"], Terms("known")).baseline
    assert [entry.subject.gen_id for entry in baseline.entries] == [LEGACY_DRAFT]
    applied(root, plan_of(root))
    after = audited(root, *baseline.entries)
    found = after.findings[after.findings["code"] == "STRAY_FILE"]
    assert found["path"].tolist() == [f"gens/draft/{NEW_DRAFT}/notes.bak"]
    assert sum(after.baseline.accepted) == 1
    assert after.baseline.unmatched == ()
    # Accepting again writes the present name, once.
    again = accept(after.baseline, baseline, ["STRAY_FILE"], Terms("known")).baseline
    assert [entry.subject.gen_id for entry in again.entries] == [NEW_DRAFT]
    rolled_back(root)
    for entries in (baseline.entries, again.entries):
        before = audited(root, *entries)
        assert sum(before.baseline.accepted) == 1
        assert before.baseline.unmatched == ()
