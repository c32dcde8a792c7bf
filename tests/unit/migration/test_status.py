"""The status of a data root before, during and after a migration."""

from __future__ import annotations

import pytest

from genaudit.errors import DDError
from genaudit.migration.apply import apply
from genaudit.migration.files import Files
from genaudit.migration.status import Status, check_uninterrupted, status
from helpers.migrations import CrashError, FailingFiles, applied, migratable, plan_of, rolled_back


def status_of(root):
    with Files(root) as files:
        return status(files)


def test_before_during_and_after(tmp_path):
    root = migratable(tmp_path)
    assert status_of(root) == Status([])
    made = plan_of(root)
    with FailingFiles(root) as files:
        apply(files, made)
        first = next(at for at, each in enumerate(files.done) if each[0] == "replace")
    rolled_back(root)
    # The state folder is there by now: three effects fewer, so that three files are exchanged.
    with FailingFiles(root, first) as files, pytest.raises(CrashError):
        apply(files, made)
    found = status_of(root)
    assert (found.digest, found.is_interrupted, found.rolling_back) == (made.digest, True, False)
    assert found.done + found.open == len(made.renames) + len(made.edits) == 11
    assert 0 < found.done < 11
    assert found.journal == ["begin", "edit"]
    with Files(root) as files, pytest.raises(DDError) as caught:
        check_uninterrupted(files)
    assert caught.value.ctx["reason"] == "migration_interrupted"
    applied(root, made)
    after = status_of(root)
    assert (after.in_force, after.done, after.open, after.foreign) == ([made.digest], 11, 0, 0)
    assert not after.is_interrupted
    assert after.journal[-1] == "done"
    with Files(root) as files:
        check_uninterrupted(files)
    rolled_back(root)
    assert status_of(root) == Status([])
