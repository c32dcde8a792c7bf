"""Comparison of two rules for new replicates: after the highest stored one, or from the first free id.

By the documented rule, new replicates continue after the highest stored one of a signature, whatever the form of its
id. Code that probes deterministic ids for the first free replicate sees no legacy id, and can run from a gap into
taken ids: it would give a stored signature a second generation, or overwrite a stored one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from genaudit.audits.rebuild.modes import ModePlan
from genaudit.audits.result import Findings
from genaudit.cohorts.generations import Generation, Key, StoredStage, key_of
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.cohorts.registry import InMemoryGenerationRegistry
from genaudit.layout import metadata_path


class Parting(NamedTuple):
    """A signature without replicate for which the two rules give different replicates.

    :param highest: the stored generation with the highest replicate.
    :param documented: the replicates of the plan.
    :param first_free: the replicates found by probing.
    :param taken: those of the latter that are already stored, whatever the form of their id.
    """

    stage: str
    highest: str
    documented: tuple[int, ...]
    first_free: tuple[int, ...]
    taken: tuple[int, ...]


def partings(tried: ModePlan, stored: Mapping[str, StoredStage]) -> list[Parting]:
    """Compare the two rules for the new generations of a plan, signature by signature."""
    wanted: dict[tuple[str, tuple[str, ...]], list[tuple[Key, Generation]]] = defaultdict(list)
    for member in tried.each():
        if not member.stored:
            generation = Generation(
                member.combo_id, member.parent_gen_id, member.template_id, member.llm_model_id, member.replicate
            )
            key = key_of(member.stage, generation)
            if key.base in stored[member.stage].highest:
                wanted[member.stage, key.base].append((key, generation))
    first_free = _first_free({at: asked[0][1] for at, asked in wanted.items()}, stored)
    found: list[Parting] = []
    for (stage, base), asked in wanted.items():
        documented = tuple(sorted(key.replicate for key, _ in asked))
        first = first_free[stage, base]
        probed = tuple(range(first, first + len(documented)))
        if probed != documented:
            replicates = {stored[stage].keys[name].replicate: name for name in stored[stage].by_base[base]}
            taken = tuple(number for number in probed if number in replicates)
            found.append(Parting(stage, replicates[stored[stage].highest[base]], documented, probed, taken))
    return found


def _first_free(
    bases: Mapping[tuple[str, tuple[str, ...]], Generation], stored: Mapping[str, StoredStage]
) -> dict[tuple[str, tuple[str, ...]], int]:
    """Probe deterministic ids, replicate by replicate, until one is free in the store.

    :param bases: a generation for each stage and signature without replicate.
    """
    prober = InMemoryGenerationRegistry("", stored, IdScheme())
    free: dict[tuple[str, tuple[str, ...]], int] = {}
    replicate = 1
    while waiting := [at for at in bases if at not in free]:
        for stage in stored:
            asked = [at for at in waiting if at[0] == stage]
            for at, name in zip(
                asked, prober.names(stage, [bases[at]._replace(replicate=replicate) for at in asked]), strict=True
            ):
                if not stored[stage].holds(name):
                    free[at] = replicate
        replicate += 1
    return free


def report_partings(partings: Iterable[tuple[str, Parting]], findings: Findings) -> None:
    """Report each signature once, with the modes in which the rules differ.

    :param partings: differences, with their mode.
    """
    modes: dict[Parting, list[str]] = defaultdict(list)
    for mode, parting in partings:
        modes[parting].append(mode)
    for parting, named in modes.items():
        detail = f"in mode {', '.join(named)}"
        if parting.taken:
            detail += f"; already stored: {_listed(parting.taken)}"
        findings.add(
            "REPLICATE_RULES_DIFFER",
            stage=parting.stage,
            gen_id=parting.highest,
            field="replicate",
            expected=_listed(parting.documented),
            actual=_listed(parting.first_free),
            path=metadata_path(parting.stage, parting.highest),
            detail=detail,
        )


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))
