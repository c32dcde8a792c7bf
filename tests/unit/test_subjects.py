from __future__ import annotations

from collections import Counter

from genaudit.codes import AUDITS
from genaudit.subjects import COHORTS, OVERVIEW, SUBJECTS


def test_every_audit_has_one_subject():
    assert Counter(name for subject in SUBJECTS.values() for name in subject.audits) == Counter(AUDITS)


def test_only_the_overview_tells_of_all():
    assert [key for key, subject in SUBJECTS.items() if not subject.audits] == [OVERVIEW]
    assert COHORTS in SUBJECTS
    assert all(key == subject.key for key, subject in SUBJECTS.items())
