from __future__ import annotations

from collections import Counter

from genaudit.subjects import COHORTS, MIGRATION, OVERVIEW, SUBJECTS

from genaudit.codes import AUDITS


def test_every_audit_has_one_subject():
    assert Counter(name for subject in SUBJECTS.values() for name in subject.audits) == Counter(AUDITS)


def test_only_the_overview_and_the_migration_name_no_audits():
    assert [key for key, subject in SUBJECTS.items() if not subject.audits] == [OVERVIEW, MIGRATION]
    assert COHORTS in SUBJECTS
    assert all(key == subject.key for key, subject in SUBJECTS.items())
