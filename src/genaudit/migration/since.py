"""Changes of a store since its migration, and their meaning for a rollback."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from genaudit.layout import GENS
from genaudit.migration.edits import Edit, EditScan, Ids, digest
from genaudit.migration.files import Files
from genaudit.migration.ledger import ledger_of
from genaudit.migration.plan import Plan, scan_edits
from genaudit.migration.state_files import Before, Carried, read_state
from genaudit.migration.workspace import JournalStep, KeptMigration, Survey, places
from genaudit.store.ledger import GONE
from genaudit.store.snapshot import scan


@dataclass(frozen=True, slots=True)
class Since:
    """Changes of a store since its migration.

    :param survey: the steps, with the files that genaudit itself has written since.
    :param edits: every edit that puts an old id in the place of a new one.
    :param own: the edits of files that genaudit has written since: a rollback carries them over.
    :param others: the edits of files that others have added since: a rollback asks before it carries them over.
    """

    survey: Survey
    edits: tuple[Edit, ...]
    own: tuple[Edit, ...]
    others: tuple[Edit, ...]


def changed_since(files: Files, kept: KeptMigration) -> Since:
    """Find the changes of a store since its migration. The store is scanned for this."""
    plan, workspace = kept.plan, kept.workspace
    written = _written(files, kept)
    steps = mark_own(files, plan, kept.survey, written)
    touched = {path for number, path in enumerate(places(files, plan)) if steps.edits[number] is not JournalStep.OWN}
    known = {*touched, *read_state(files, workspace.before, Before).quoting}
    found = EditScan(plan.back, fingerprints=False)
    scan_edits(scan(files.root), [found])
    edits = tuple(sorted(found.edits))
    added = [edit for edit in edits if edit.path not in known]
    own = tuple(edit for edit in added if edit.before in written.get(edit.path, ()))
    return Since(steps, edits, own, tuple(edit for edit in added if edit not in own))


def own_steps(files: Files, kept: KeptMigration, steps: Survey) -> Survey:
    """Mark the files that genaudit has written since in a new survey."""
    return mark_own(files, kept.plan, steps, _written(files, kept))


def _written(files: Files, kept: KeptMigration) -> Mapping[str, set[str]]:
    """List the contents that genaudit wrote since, by the path that a file has now or in the old tree."""
    written = ledger_of(files).written_since(kept.plan.digest)
    for path in [*written]:
        written.setdefault(old_path(path, kept.plan.back), set()).update(written[path])
    if files.kind(kept.workspace.carried) != "gone":
        for path, content in read_state(files, kept.workspace.carried, Carried).files.items():
            written.setdefault(path, set()).add(content)
    return written


def old_path(path: str, back: Ids) -> str:
    """Return the path of a file in the old tree.

    :param back: the old ids by stage and new id.
    """
    parts = path.split("/")
    if parts[0] == GENS and len(parts) > 3:  # noqa: PLR2004 (gens, stage, id, file)
        parts[2] = back.get(parts[1], {}).get(parts[2], parts[2])
    return "/".join(parts)


def mark_own(files: Files, plan: Plan, steps: Survey, written: Mapping[str, set[str]]) -> Survey:
    """Mark the files that have a content that genaudit wrote."""
    edits = list(steps.edits)
    for number, path in enumerate(places(files, plan)):
        if edits[number] is JournalStep.FOREIGN:
            known = written.get(path, set()) | written.get(plan.edits[number].path, set())
            if _content(files, path) in known:
                edits[number] = JournalStep.OWN
    return Survey(steps.renames, tuple(edits))


def _content(files: Files, path: str) -> str | None:
    if files.kind(path) == "gone":
        return GONE
    try:
        return digest(files.read(path))
    except OSError:
        return None
