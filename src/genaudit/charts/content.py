"""Chart of stored prompts beside today's renderings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import altair as alt

from genaudit.charts.counts import grouped
from genaudit.charts.style import BLUE, GREEN, GREY, OCHRE, RED, VIOLET
from genaudit.humanize import counted

# By state, its name and colour.
_STATES: Final = {
    "same": ("as today", BLUE),
    "line_ends": ("as today but for line ends", GREEN),
    "differs": ("differs", RED),
    "not_rendered": ("cannot be rendered", OCHRE),
    "unusable": ("no text", VIOLET),
    "none": ("no prompt", GREY),
}


def prompt_states(prompts: Mapping[str, Mapping[str, int]]) -> alt.LayerChart:
    """Draw how many stored prompts are what today's inputs render, by stage and state.

    :param prompts: by stage, the number of generations in each state; states without any are left out.
    """
    states = {state: _STATES[state] for state in _STATES if any(one.get(state) for one in prompts.values())}
    bars = {
        (stage, name): (one.get(state, 0), f"{name} {one.get(state, 0):,}")
        for stage, one in prompts.items()
        for state, (name, _) in states.items()
    }
    differing = sum(one.get("differs", 0) for one in prompts.values())
    verb = "differs" if differing == 1 else "differ"
    title = f"{counted(differing, 'stored prompt')} {verb} from what today's inputs render"
    return grouped(bars, ("prompt", dict(states.values())), "generations (number)", title)
