"""Context of faults: a finished store, and new sound generations in it to damage."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final, NamedTuple, TypedDict, Unpack

from genaudit.layout import GENS, METADATA, Layout
from genaudit.sample.artifacts import files, record_bytes
from genaudit.sample.combos import Combo, ComboMaker
from genaudit.sample.generation import Done, SampleGeneration
from genaudit.sample.seeds import seeded
from genaudit.sample.stock import GENERATORS, JUDGES, used_templates
from genaudit.stages import STAGES

COHORT: Final = "repairs-2025-11"


class InjectedFault(NamedTuple):
    """A finding that was planted in the store.

    :param fault: the fault that causes it.
    :param code: the fault's own code, or that of a companion.
    :param stage: ``None`` for a finding without a stage.
    :param gen_id: the folder's name; for a finding about a group, the first in sort order.
    :param path: the damaged path, relative to the data root.
    :param field: the damaged field of the record, if there is one.
    :param others: the rest of the group.
    """

    fault: str
    code: str
    stage: str | None
    gen_id: str | None
    path: str
    field: str | None
    others: tuple[str, ...]


class Traits(TypedDict, total=False):
    """Traits that a caller can give to a generation of the context."""

    template: str
    model: str
    combo: Combo
    replicate: int
    cohort: str


class FaultContext:
    """A store under construction, with its planted findings.

    Its generations are members of their own cohort, :data:`COHORT`, which is written last; those to be rebuilt are in
    the curated selection.

    :param layout: the store, complete except for faults and cohorts.
    :param combos: the combinations drawn so far; the context draws its own.
    :param light: whether the store's generations have only a record.
    """

    def __init__(self, layout: Layout, combos: ComboMaker, *, seed: int, light: bool) -> None:
        self.layout = layout
        self.planted: list[InjectedFault] = []
        self.written: list[SampleGeneration] = []
        self.members: list[SampleGeneration] = []
        self.selected: list[SampleGeneration] = []
        self.new_combos: list[Combo] = []
        self._combos = combos
        self._seed = seed
        self._light = light
        self._fault = ""
        self._combo: Combo | None = None
        self._replicates: Iterator[int] = count(1)

    def begin(self, fault: str) -> None:
        """Start the next fault, whose generations have their own combination."""
        self._fault = fault
        self._combo = None
        self._replicates = count(1)

    @property
    def combo(self) -> Combo:
        """The combination of the fault's generations; the catalog lists it."""
        if self._combo is None:
            self._combo = self._combos.draw(seeded(self._seed, self._fault))
            self.new_combos.append(self._combo)
        return self._combo

    def imagine(
        self, stage: str, parent: SampleGeneration | None = None, **traits: Unpack[Traits]
    ) -> SampleGeneration:
        """Create a sound generation without writing it.

        :param parent: its parent; by default a new one, which is written.
        :param traits: its unusual traits, which determine its name.
        """
        above = STAGES[stage].parent
        if above and parent is None:
            parent = self.sound(above)
        generation = SampleGeneration(
            stage=stage,
            gen_id="",
            cohort=COHORT,
            mode="llm",
            template=used_templates(stage)[0].template_id,
            combo=parent.combo if parent else self.combo,
            parent=parent,
            model=JUDGES[0] if stage == "evaluation" else GENERATORS[0],
            names_model=True,
            replicate=1 if parent else next(self._replicates),
            done=Done.PARSED,
        )
        return generation._replace(**traits).named()

    def sound(
        self, stage: str, parent: SampleGeneration | None = None, *, full: bool = False, **traits: Unpack[Traits]
    ) -> SampleGeneration:
        """Create a sound generation and write it."""
        return self.write(self.imagine(stage, parent, **traits), full=full)

    def write(self, generation: SampleGeneration, *, full: bool = False, listed: bool = True) -> SampleGeneration:
        """Write a generation.

        :param full: write its texts, even in a light store.
        :param listed: whether the context's cohort lists it.
        """
        folder = self.folder(generation)
        folder.mkdir()
        for name, data in files(generation, self._seed, light=self._light and not full).items():
            (folder / name).write_bytes(data)
        self.written.append(generation)
        if listed:
            self.members.append(generation)
        return generation

    def folder(self, generation: SampleGeneration) -> Path:
        """Return a generation's folder; its name need not be a safe one."""
        return self.layout.stage(generation.stage) / generation.gen_id

    def rewrite(self, generation: SampleGeneration, **changes: object) -> None:
        """Change fields of a generation's record; ``None`` removes one."""
        record = generation.record() | changes
        record = {field: value for field, value in record.items() if value is not None}
        (self.folder(generation) / METADATA).write_bytes(record_bytes(record))

    def expect(
        self,
        generation: SampleGeneration,
        file: str | None = METADATA,
        *,
        code: str | None = None,
        field: str | None = None,
        others: tuple[str, ...] = (),
    ) -> None:
        """Expect a finding about a generation.

        :param file: the damaged file in its folder, or ``None`` for the folder itself.
        :param code: its code; by default the fault's own.
        """
        path = "/".join(filter(None, (GENS, generation.stage, generation.gen_id, file)))
        code = code or self._fault
        self.planted.append(
            InjectedFault(self._fault, code, generation.stage, generation.gen_id, path, field, others)
        )

    def expect_path(
        self,
        path: str,
        stage: str | None = None,
        *,
        generation: SampleGeneration | None = None,
        field: str | None = None,
    ) -> None:
        """Expect a finding about a path outside of generation folders.

        :param generation: the generation that it is about, if any.
        """
        stage, gen_id = (generation.stage, generation.gen_id) if generation else (stage, None)
        self.planted.append(InjectedFault(self._fault, self._fault, stage, gen_id, path, field, ()))
