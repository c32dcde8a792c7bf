"""Lookup of the facts about single generations of an audited store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any

import pandas as pd

from genaudit.audits.cohorts import cohorts
from genaudit.audits.memberships import Cohorts, read_cohorts
from genaudit.audits.parents import repairs
from genaudit.audits.rebuild import RebuildRequest, RebuildResult, rebuild
from genaudit.audits.run import AuditRun, run_audits
from genaudit.errors import DDError, Err, Reason
from genaudit.layout import ARTIFACTS, GENS, PARSED
from genaudit.lookup.facts import GenerationFacts, Identity, Outcomes, ParentLink, Relative
from genaudit.lookup.finding import SearchResult, find
from genaudit.lookup.lineage import Lineage
from genaudit.lookup.outcomes import rebuild_outcomes, selected_alone
from genaudit.lookup.texts import Text, read_texts
from genaudit.schemas import ArtifactState, IdClass, ParentStatus, RecordState, rows
from genaudit.store.ledger import Ledger, read_ledger
from genaudit.store.snapshot import Snapshot


class Lookup:
    """Lookup of single generations in one audited store; indexes are built on first use.

    :param run: an audit run that includes ``recompute`` and ``parents``. ``findings`` of a generation are those of
        all audits of the run.
    :param memberships: all memberships of the store, if they were read already.
    """

    def __init__(self, run: AuditRun, memberships: Cohorts | None = None) -> None:
        self.run = run
        self._read = memberships

    @classmethod
    def audited(
        cls,
        snapshot: Snapshot,
        only: Iterable[str] | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> Lookup:
        """Audit a store, to look up its generations; memberships are read once for both.

        :param only: as for :func:`genaudit.audits.run.run_audits`, like ``progress``.
        """
        memberships = read_cohorts(snapshot.layout)
        known = {"cohorts": cohorts(snapshot, memberships)}
        return cls(run_audits(snapshot, only, progress=progress, known=known), memberships)

    @cached_property
    def lineage(self) -> Lineage:
        """The lookup of relatives."""
        return Lineage(self.run)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of the store.

        :raises DDError: as :func:`genaudit.store.ledger.read_ledger`.
        """
        return read_ledger(self.run.snapshot.root)

    @cached_property
    def cohorts(self) -> Cohorts:
        """All memberships of the store."""
        return self._read or read_cohorts(self.run.snapshot.layout)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """All findings of the run."""
        return self.run.findings

    @cached_property
    def _classes(self) -> list[str]:
        classes: list[str] = self.run.recompute.frame["class"].tolist()
        return classes

    @cached_property
    def _statuses(self) -> list[str]:
        statuses: list[str] = self.run.parents.frame["status"].tolist()
        return statuses

    @cached_property
    def _repairs(self) -> Mapping[tuple[str, str], Any]:
        return {
            (row.stage, row.gen_id): row for row in rows(repairs(self.run.parents.frame, self.run.snapshot.stages))
        }

    def prepare(self) -> None:
        """Build all indexes, so that the first lookup is as fast as the others.

        A ledger that cannot be read is an error of the lookup that needs it.
        """
        _ = self.lineage, self.cohorts, self.findings, self._classes, self._statuses, self._repairs
        with suppress(DDError):
            _ = self.ledger

    def find(self, gen_id: str) -> SearchResult:
        """Find the generations that an id leads to; takes milliseconds.

        :raises DDError: as :attr:`ledger`.
        """
        return find(self.run, self.ledger, gen_id)

    def facts(self, stage: str, gen_id: str) -> GenerationFacts | None:
        """Collect the facts about a generation; reads the memberships on first use, and no other file.

        :returns: ``None`` if the store has no such generation.
        :raises DDError: as :attr:`ledger`.
        """
        snapshot = self.run.snapshot
        row = snapshot.rows.get(stage, {}).get(gen_id)
        if row is None:
            return None
        listed, unread = self._memberships(stage, gen_id)
        found = self.findings
        return GenerationFacts(
            stage=stage,
            gen_id=gen_id,
            path=f"{GENS}/{stage}/{gen_id}",
            state=RecordState(snapshot.values("state")[row]),
            record=snapshot.stored(row),
            files=self._files(row),
            identity=self._identity(row),
            link=self._link(row),
            above=tuple(map(self._relative, self.lineage.above(row))),
            below=tuple(map(self._relative, self.lineage.below(row))),
            cohorts=listed,
            unread_cohorts=unread,
            names=next((one.names for one in self.ledger.named(stage, gen_id) if one.current == gen_id), ()),
            findings=found[(found["stage"] == stage) & (found["gen_id"] == gen_id)].reset_index(drop=True),
        )

    def texts(self, stage: str, gen_id: str) -> tuple[Text, ...]:
        """Read the prompt, the answer and the parsed text of a generation."""
        return read_texts(self.run.snapshot.layout, stage, gen_id)

    def parent_text(self, stage: str, gen_id: str) -> Text | None:
        """Read the parsed text of a generation's parent; ``None`` if there is no such parent."""
        snapshot = self.run.snapshot
        for row in self.lineage.above(snapshot.rows[stage][gen_id])[:1]:
            parent = str(snapshot.values("stage")[row]), snapshot.values("gen_id")[row]
            return read_texts(snapshot.layout, *parent, (PARSED,))[0]
        return None

    def titled_texts(self, stage: str, gen_id: str) -> list[tuple[str, Text]]:
        """Read the texts of a generation and the parsed text of its parent, each with its title."""
        found = [(text.file, text) for text in self.texts(stage, gen_id)]
        if parent := self.parent_text(stage, gen_id):
            found.append((f"{parent.file} of its parent", parent))
        return found

    def outcomes(self, stage: str, gen_id: str) -> Outcomes:
        """Plan a rebuild of one generation alone in every mode, in memory.

        :raises DDError: ``DATA_MISSING``, reason ``generation_not_found``: the store lacks it, or it is an evaluation
            without a parent; as :func:`genaudit.audits.rebuild.rebuild`.
        """
        snapshot = self.run.snapshot
        selected = selected_alone(snapshot, stage, gen_id)
        if selected is None:
            ctx = {"reason": Reason.GENERATION_NOT_FOUND, "stage": stage, "gen_id": gen_id}
            raise DDError(Err.DATA_MISSING, ctx)
        request = RebuildRequest(ids=(selected[1],), stage=selected[0])
        planned = rebuild(snapshot, request, self.run.recompute.frame)
        table = self.rebuild_outcomes(planned, stage, gen_id)
        return Outcomes(selected, pd.DataFrame() if table is None else table)

    def rebuild_outcomes(self, result: RebuildResult, stage: str, gen_id: str) -> pd.DataFrame | None:
        """List the outcomes of a generation, as :func:`~genaudit.lookup.outcomes.rebuild_outcomes`."""
        return rebuild_outcomes(self.run.snapshot, self.lineage, result, stage, gen_id)

    def class_of(self, row: int) -> IdClass:
        """Return the class of a row's id."""
        return IdClass(self._classes[row])

    def _files(self, row: int) -> dict[str, bool]:
        snapshot = self.run.snapshot
        states = (
            snapshot.values("state")[row] == RecordState.OK,
            *(bool(snapshot.values(name)[row]) for name in ("has_prompt", "has_raw", "has_parsed")),
            *(snapshot.values(name)[row] == ArtifactState.OK for name in ("raw_metadata", "parsed_metadata")),
        )
        return dict(zip(ARTIFACTS, states, strict=True))

    def _identity(self, row: int) -> Identity:
        known = next(rows(self.run.recompute.frame.iloc[[row]].rename(columns={"class": "id_class"})))
        return Identity(
            id_class=IdClass(known.id_class),
            form=known.form,
            collision_index=int(known.collision_index),
            recomputed_id=known.recomputed_id,
            migrated_id=known.migrated_id,
            cause=str(known.cause),
            problem=known.problem,
        )

    def _link(self, row: int) -> ParentLink:
        known = next(rows(self.run.parents.frame.iloc[[row]]))
        repair = self._repairs.get((known.stage, known.gen_id))
        return ParentLink(
            status=ParentStatus(known.status),
            stage=known.parent_stage,
            gen_id=known.parent_gen_id,
            reaches_root=bool(known.reaches_root),
            found_stage=repair.found_stage if repair else None,
            near_miss=repair.near_miss if repair else None,
        )

    def _relative(self, row: int) -> Relative:
        snapshot = self.run.snapshot
        names = ("stage", "gen_id", "parent_gen_id", "template_id", "llm_model_id")
        return Relative(
            **{name: snapshot.values(name)[row] for name in names},
            id_class=self.class_of(row),
            status=ParentStatus(self._statuses[row]),
        )

    def _memberships(self, stage: str, gen_id: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        listed = [
            cohort.cohort_id
            for cohort in self.cohorts.found
            if cohort.members is not None
            and ((cohort.members["gen_id"] == gen_id) & (cohort.members["stage"] == stage)).any()
        ]
        unread = [cohort.cohort_id for cohort in self.cohorts.found if cohort.members is None]
        return tuple(listed), tuple(unread)
