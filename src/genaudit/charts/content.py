"""Chart of stored prompts beside today's renderings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import altair as alt

from genaudit.charts.counts import grouped
from genaudit.charts.style import BLUE, GREEN, GREY, OCHRE, RED, VIOLET
from genaudit.humanize import counted

_COLOURS: Final = {
    "same": BLUE,
    "line_ends": GREEN,
    "differs": RED,
    "not_rendered": OCHRE,
    "unusable": VIOLET,
    "none": GREY,
}
_NAMES: Final = {
    "same": "as today",
    "line_ends": "as today but for line ends",
    "differs": "differs",
    "not_rendered": "cannot be rendered",
    "unusable": "no text",
    "none": "no prompt",
}


def prompt_states(prompts: Mapping[str, Mapping[str, int]]) -> alt.LayerChart:
    """Draw how many stored prompts are what today's inputs render, by stage and state.

    :param prompts: by stage, the number of generations in each state; states without any are left out.
    """
    states = [state for state in _COLOURS if any(one.get(state) for one in prompts.values())]
    bars = {
        (stage, state): (one.get(state, 0), f"{_NAMES[state]} {one.get(state, 0):,}")
        for stage, one in prompts.items()
        for state in states
    }
    differing = sum(one.get("differs", 0) for one in prompts.values())
    verb = "differs" if differing == 1 else "differ"
    title = f"{counted(differing, 'stored prompt')} {verb} from what today's inputs render"
    return grouped(bars, ("prompt", _COLOURS), "generations (number)", title)
