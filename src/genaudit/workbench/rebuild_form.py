"""Rebuilds planned on demand, from a choice on the page or in a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from genaudit.audits.rebuild import RebuildRequest, RebuildResult, rebuild
from genaudit.audits.rebuild.choice import CHOSEN_FROM, selected_ids
from genaudit.audits.rebuild.modes import CARTESIAN, CURATED, SPEC
from genaudit.audits.rebuild.sections import REBUILD
from genaudit.audits.rebuild.summary import RebuildProblem
from genaudit.cohorts.id_scheme import IdScheme
from genaudit.cohorts.repository import FileSpecRepository
from genaudit.errors import DDError, Err
from genaudit.layout import is_safe_name
from genaudit.lookup.outcomes import selected_alone
from genaudit.page_model import Section
from genaudit.stages import STAGE_NAMES
from genaudit.store.gc_pause import without_gc
from genaudit.workbench.notebook_args import Chosen, one
from genaudit.workbench.session import Session

OWN: Final = "own"
LEGACY: Final = "legacy"
SAMPLE: Final = "sample"
LEGACY_SAMPLE: Final = "legacy-sample"
IDS: Final = "ids"
# Ways to choose the generations, as lists and links name them.
WAYS: Final[Mapping[str, str]] = {
    OWN: "the store's selection, or legacy essays",
    LEGACY: "all essays with a legacy id",
    SAMPLE: "a random sample of essays",
    LEGACY_SAMPLE: "a random sample of legacy essays",
    IDS: "the ids below",
}
# Values of the flag for deterministic ids; the first leaves the flag to the environment.
SCHEMES: Final[Mapping[str, str | None]] = {
    "as the environment sets it": None,
    "all deterministic": "all",
    **{
        f"deterministic: {', '.join(STAGE_NAMES[:count])}": ",".join(STAGE_NAMES[:count])
        for count in range(1, len(STAGE_NAMES))
    },
    "all legacy": "off",
}
FIRST_SIZE: Final = 10
# The stages that a selection can name.
SELECTED_STAGES: Final = tuple(CURATED)


class Selected(NamedTuple):
    """A choice of generations to rebuild.

    :param way: one of :data:`WAYS`.
    :param stage: stage of ``ids``.
    :param ids: ids as typed: separated by commas, blanks or line ends.
    :param size: size of a sample.
    :param seed: seed of a sample.
    """

    way: str = OWN
    stage: str = CHOSEN_FROM
    ids: str = ""
    size: int = FIRST_SIZE
    seed: int = 0


def selected_by(query: Mapping[str, str | list[str]], session: Session, chosen: Chosen) -> Selected:
    """Read the choice of generations from a link.

    A link that names only a generation selects this one alone; for an evaluation, its essay.
    """
    way, stage = one(query.get("way")) or "", one(query.get("of")) or ""
    if way in WAYS:
        return Selected(
            way,
            stage if stage in CURATED else CHOSEN_FROM,
            one(query.get("ids")) or "",
            _number(query, "size", FIRST_SIZE, least=1),
            _number(query, "seed", 0),
        )
    alone = selected_alone(session.snapshot, chosen[0] or "", chosen[1] or "")
    return Selected(IDS, *alone) if alone else Selected()


def _number(query: Mapping[str, str | list[str]], name: str, default: int, least: int = 0) -> int:
    text = one(query.get(name)) or ""
    return max(int(text), least) if text.isdecimal() else default


def link_of(selected: Selected, chosen: Chosen) -> dict[str, str | None]:
    """Convert the choice of generations into link parameters, without defaults.

    :param chosen: the generation that the link names: without a way, it would be rebuilt alone.
    """
    typed, drawn = selected.way == IDS, selected.way in {SAMPLE, LEGACY_SAMPLE}
    return {
        "way": selected.way if selected.way != OWN or chosen[1] else None,
        "of": selected.stage if typed else None,
        "ids": ",".join(_ids(selected)) if typed else None,
        "size": str(selected.size) if drawn else None,
        "seed": str(selected.seed) if drawn else None,
    }


def _ids(selected: Selected) -> list[str]:
    return selected_ids(selected.ids.split())


def request_of(selected: Selected, modes: Sequence[str] = (), scheme: str | None = None) -> RebuildRequest | None:
    """Build the request for a rebuild.

    :param modes: empty for every curated mode.
    :param scheme: one of the values of :data:`SCHEMES`.
    :returns: ``None`` if ids have to be typed and none is.
    """
    about: dict[str, Any] = {}
    if selected.way == IDS:
        about = {"ids": tuple(_ids(selected)), "stage": selected.stage}
        if not about["ids"]:
            return None
    if selected.way in {LEGACY, LEGACY_SAMPLE}:
        about["legacy"] = True
    if selected.way in {SAMPLE, LEGACY_SAMPLE}:
        about |= {"sample": selected.size, "seed": selected.seed}
    return RebuildRequest(**about, modes=tuple(modes), scheme=None if scheme is None else IdScheme.parse(scheme))


@without_gc()
def try_modes(session: Session, request: RebuildRequest) -> RebuildResult | DDError:
    """Plan modes in memory, or return the session's own result for the same request.

    :returns: the error, for display, if nothing could be planned.
    """
    by_default = session.run.rebuild
    if request == RebuildRequest() and isinstance(by_default, RebuildResult):
        if not isinstance(by_default.summary, RebuildProblem):
            return by_default
        problem = by_default.summary.problem
        return DDError(Err(problem["code"]), {name: value for name, value in problem.items() if name != "code"})
    try:
        return rebuild(session.snapshot, request, session.run.recompute.frame)
    except DDError as error:
        return error


def modes_of(session: Session) -> list[str]:
    """List the modes that a store offers: curated, Cartesian, and cohorts with a spec."""
    specs = FileSpecRepository(session.snapshot.root)
    cohorts = session.run.cohorts.frame["cohort_id"].tolist()
    with_spec = [f"{SPEC}{cohort}" for cohort in cohorts if is_safe_name(cohort) and specs.paths(cohort)]
    return [*CURATED[CHOSEN_FROM], CARTESIAN, *with_spec]


def section_of(result: RebuildResult) -> Section:
    """Return the section of the report page about a rebuild."""
    return REBUILD.sections(result)[0]
